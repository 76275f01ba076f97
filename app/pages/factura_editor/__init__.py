"""The page on which quotes, invoices and the like are written."""

from app.core.registry import Page
from app.pages.factura_editor import routes

page = Page(key="factura_editor", blueprint=routes.blueprint, area="factura")
