"""The colleagues: invited, edited, kept out and let in again."""

from app.core.i18n import _l
from app.core.registry import Page
from app.pages.users import routes

page = Page(
    key="users",
    blueprint=routes.blueprint,
    area="users",
    label=_l("Users"),
    icon="shield-check",
    order=80,
)
