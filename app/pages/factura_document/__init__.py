"""One quote, invoice or the like: what it says, how it stands, and what can be done with it."""

from app.core.registry import Page
from app.pages.factura_document import routes

page = Page(key="factura_document", blueprint=routes.blueprint, area="factura")
