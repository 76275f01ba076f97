"""The groups of the team: their tree, created, renamed, moved and deleted."""

from app.core.i18n import _l
from app.core.registry import Page
from app.pages.group_tree import routes

page = Page(
    key="group_tree",
    blueprint=routes.blueprint,
    area="groups",
    label=_l("Groups"),
    icon="folder-tree",
    order=20,
)
