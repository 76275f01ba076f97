"""Quick search, from anywhere: type, press Enter, be there."""

from app.core.registry import Page
from app.pages.quick import routes

page = Page(key="quick", blueprint=routes.blueprint, area="customers")
