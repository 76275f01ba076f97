"""The address `/`: what is to be followed up today."""

from app.core.i18n import _l
from app.core.registry import Page
from app.pages.start import routes

page = Page(
    key="start",
    blueprint=routes.blueprint,
    area="own",
    label=_l("Today"),
    icon="list-todo",
    order=5,
)
