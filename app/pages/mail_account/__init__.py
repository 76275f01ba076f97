"""The mail server the team sends by, whom mails come from, and whether it works."""

from app.core.i18n import _l
from app.core.registry import Page
from app.pages.mail_account import routes

page = Page(
    key="mail_account",
    blueprint=routes.blueprint,
    area="settings",
    section=_l("E-mail"),
    order=92,
)
