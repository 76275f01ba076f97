"""The trash: customers who were deleted and can still be brought back."""

from app.core.registry import Page
from app.pages.trash import routes

page = Page(key="trash", blueprint=routes.blueprint, area="customers")
