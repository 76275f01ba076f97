"""A page that does what no page should, to see what becomes of it."""

from app.core.registry import Page
from tests.core.oddities import routes

page = Page(key="oddities", blueprint=routes.blueprint, area="customers")
