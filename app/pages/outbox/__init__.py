"""The outbox: what is to leave the house, what has left it and what could not."""

from app.core.i18n import _l
from app.core.registry import Page
from app.pages.outbox import routes

page = Page(
    key="outbox",
    blueprint=routes.blueprint,
    area="messages",
    label=_l("Outbox"),
    icon="send",
    order=55,
)
