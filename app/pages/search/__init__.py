"""The customer list: search as you type, sort, open."""

from app.core.i18n import _l
from app.core.registry import Page
from app.pages.search import routes

page = Page(
    key="search",
    blueprint=routes.blueprint,
    area="customers",
    label=_l("Customers"),
    icon="users",
    order=10,
)
