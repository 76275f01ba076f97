"""Whether the worker runs and how the last night went, for admins."""

from app.core.i18n import _l
from app.core.registry import Page
from app.pages.operation import routes

page = Page(
    key="operation",
    blueprint=routes.blueprint,
    area="settings",
    section=_l("Operation"),
    order=99,
)
