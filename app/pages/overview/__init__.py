"""The overview of a customer: every visible panel in one answer."""

from app.core.registry import Page
from app.pages.overview import routes

page = Page(key="overview", blueprint=routes.blueprint, area="customers")
