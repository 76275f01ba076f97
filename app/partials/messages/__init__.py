"""Messages: what was said between the team and the customer, over whatever channel."""

from app.core.i18n import _l
from app.core.registry import Action, Panel
from app.partials.messages import routes, views

panel = Panel(
    key="messages",
    title=_l("Messages"),
    blueprint=routes.blueprint,
    order=50,
    place="main",
    load=views.panel,
    detail=views.detail,
    stale_on=frozenset({"message.changed", "document.changed", "mail_draft.changed"}),
    actions=(
        Action(
            label=_l("Record contact"),
            endpoint="messages.new",
            icon="phone",
            order=45,
        ),
    ),
)
