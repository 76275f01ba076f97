"""What everybody decides for themselves: language, keys, password."""

from app.core.i18n import _l
from app.core.registry import Page
from app.pages.account import routes

page = Page(key="account", blueprint=routes.blueprint, area="own", section=_l("Account"), order=90)
