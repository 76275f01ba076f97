"""Serials: a template for many customers, as mails or as letters."""

from app.core.i18n import _l
from app.core.registry import BulkAction, Page
from app.pages.serials import routes

page = Page(
    key="serials",
    blueprint=routes.blueprint,
    area="serials",
    label=_l("Serials"),
    icon="mails",
    order=50,
    bulk_actions=(
        BulkAction(label=_l("E-mail"), endpoint="serials.new_mails", icon="mails", order=30),
        BulkAction(label=_l("Letter"), endpoint="serials.new_letters", icon="file-text", order=40),
    ),
)
