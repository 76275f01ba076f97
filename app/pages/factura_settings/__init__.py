"""What holds for new documents: defaults, number ranges, text blocks."""

from app.core.i18n import _l
from app.core.registry import Page
from app.pages.factura_settings import routes

page = Page(
    key="factura_settings",
    blueprint=routes.blueprint,
    area="settings",
    section=_l("Factura"),
    order=94,
)
