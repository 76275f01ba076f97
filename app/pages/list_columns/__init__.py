"""One's own choice of columns for the customer list."""

from app.core.registry import Page
from app.pages.list_columns import routes

page = Page(key="list_columns", blueprint=routes.blueprint, area="own")
