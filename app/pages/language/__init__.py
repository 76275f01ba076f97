"""The choice of a language, before and after the login."""

from app.core.registry import Page
from app.pages.language import routes

page = Page(key="language", blueprint=routes.blueprint, area="public")
