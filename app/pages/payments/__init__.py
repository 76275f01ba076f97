"""Payments of everybody: found, added up, taken back; and the dialog that records one."""

from app.core.i18n import _l
from app.core.registry import Page
from app.pages.payments import routes

page = Page(
    key="payments",
    blueprint=routes.blueprint,
    area="factura",
    section=_l("Payments"),
    order=37,
)
