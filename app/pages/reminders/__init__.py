"""Reminders: invoices that are due for one, to look through before anything is sent."""

from app.core.i18n import _l
from app.core.registry import Page
from app.pages.reminders import routes

page = Page(
    key="reminders",
    blueprint=routes.blueprint,
    area="factura",
    section=_l("Reminders"),
    order=38,
)
