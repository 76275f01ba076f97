"""Many customers put into a group or taken out of it, from the list."""

from app.core.i18n import _l
from app.core.registry import BulkAction, Page
from app.pages.group_members import routes

page = Page(
    key="group_members",
    blueprint=routes.blueprint,
    area="groups",
    bulk_actions=(
        BulkAction(
            label=_l("Add to group"), endpoint="group_members.add", icon="folder-plus", order=10
        ),
        BulkAction(
            label=_l("Remove from group"),
            endpoint="group_members.remove",
            icon="user-minus",
            order=20,
        ),
    ),
)
