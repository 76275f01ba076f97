"""History: who changed what of a customer, when, from which value to which."""

from app.core.i18n import _l
from app.core.registry import Panel
from app.partials.history import routes, views

panel = Panel(
    key="history",
    title=_l("History"),
    blueprint=routes.blueprint,
    order=90,
    detail=views.detail,
    stale_on=frozenset({"history.written"}),
)
