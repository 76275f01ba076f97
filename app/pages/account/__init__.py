"""What everybody decides for themselves: language, keys, password."""

from app.core.registry import Page
from app.pages.account import routes

page = Page(key="account", blueprint=routes.blueprint, area="own")
