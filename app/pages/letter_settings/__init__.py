"""How the team's letters look: window, lines beside and below the address, foot."""

from app.core.i18n import _l
from app.core.registry import Page
from app.pages.letter_settings import routes

page = Page(
    key="letter_settings",
    blueprint=routes.blueprint,
    area="settings",
    section=_l("Letters"),
    order=93,
)
