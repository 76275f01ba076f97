"""How the team reminds of unpaid invoices: three levels with days, term, fee and texts."""

from app.core.i18n import _l
from app.core.registry import Page
from app.pages.reminder_settings import routes

page = Page(
    key="reminder_settings",
    blueprint=routes.blueprint,
    area="settings",
    section=_l("Reminders"),
    order=95,
)
