"""Letters: written from a template or freely, looked at as they will be printed, and kept."""

from app.core.i18n import _l
from app.core.registry import Action, Panel
from app.partials.letters import routes

panel = Panel(
    key="letters",
    title=_l("Letter"),
    blueprint=routes.blueprint,
    area="messages",
    order=51,
    actions=(
        Action(
            label=_l("Letter"),
            endpoint="letters.new",
            icon="printer",
            order=17,
            shortcut="l",
        ),
    ),
)
