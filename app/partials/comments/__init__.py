"""Comments: what the team notes about a customer. Nothing here is ever sent."""

from app.core.i18n import _l
from app.core.registry import Action, Panel
from app.partials.comments import routes, views

panel = Panel(
    key="comments",
    title=_l("Comments"),
    blueprint=routes.blueprint,
    order=40,
    place="main",
    load=views.panel,
    detail=views.detail,
    stale_on=frozenset({"comment.changed"}),
    actions=(
        Action(
            label=_l("Comment"),
            endpoint="comments.new",
            icon="sticky-note",
            order=40,
            shortcut="n",
        ),
    ),
)
