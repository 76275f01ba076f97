"""Which panels the overview shows, and in which order, unless a colleague chose otherwise."""

from app.core.i18n import _l
from app.core.registry import Page
from app.pages.team_overview import routes

page = Page(
    key="team_overview",
    blueprint=routes.blueprint,
    area="settings",
    section=_l("Overview"),
    order=91,
)
