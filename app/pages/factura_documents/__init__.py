"""All quotes, invoices and the like of the house; the other pages of Factura are tabs beside it."""

from app.core.i18n import _l
from app.core.registry import Page
from app.pages.factura_documents import routes

page = Page(
    key="factura_documents",
    blueprint=routes.blueprint,
    area="factura",
    label=_l("Factura"),
    section=_l("Documents"),
    icon="receipt-text",
    order=35,
)
