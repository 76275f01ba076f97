"""Factura documents: quotes, invoices and the like, each with its status of today."""

from app.core.i18n import _l
from app.core.registry import Panel
from app.partials.factura import routes, views

panel = Panel(
    key="factura",
    title=_l("Factura documents"),
    blueprint=routes.blueprint,
    order=60,
    place="main",
    load=views.panel,
    detail=views.detail,
    stale_on=frozenset({"factura_document.changed"}),
)
