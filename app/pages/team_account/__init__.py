"""The account the team is paid to, and its SEPA creditor identifier."""

from app.core.i18n import _l
from app.core.registry import Page
from app.pages.team_account import routes

page = Page(
    key="team_account",
    blueprint=routes.blueprint,
    area="settings",
    section=_l("Bank account"),
    order=94,
)
