"""The team's logo, for every page, also before the login."""

from app.core.registry import Page
from app.pages.logo import routes

page = Page(key="logo", blueprint=routes.blueprint, area="public")
