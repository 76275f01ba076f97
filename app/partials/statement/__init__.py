"""Statement of account: what was asked for, what came in, and what that leaves."""

from app.core.i18n import _l
from app.core.registry import Panel
from app.partials.statement import routes, views

panel = Panel(
    key="statement",
    title=_l("Statement of account"),
    blueprint=routes.blueprint,
    area="factura",
    order=62,
    detail=views.detail,
    stale_on=frozenset({"factura_document.changed", "payment.changed"}),
)
