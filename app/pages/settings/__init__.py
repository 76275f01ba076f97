"""What the team decides about itself: name, logo, address, formats, numbers."""

from app.core.i18n import _l
from app.core.registry import Page
from app.pages.settings import routes

page = Page(
    key="settings",
    blueprint=routes.blueprint,
    area="settings",
    label=_l("Settings"),
    section=_l("Team"),
    icon="settings",
    order=90,
)
