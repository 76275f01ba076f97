"""Groups: which ones a customer is in, and whether they still get information."""

from app.core.i18n import _l
from app.core.registry import Action, Panel
from app.partials.groups import routes, views

panel = Panel(
    key="groups",
    title=_l("Groups"),
    blueprint=routes.blueprint,
    order=75,
    place="rail",
    load=views.panel,
    detail=views.detail,
    stale_on=frozenset({"group.members_changed"}),
    actions=(Action(label=_l("Groups"), endpoint="groups.edit", icon="folder-tree", order=35),),
)
