"""Master data and address: who the customer is and how to reach them, contact persons included."""

from app.core.i18n import _l
from app.core.registry import Action, Panel
from app.partials.master import routes, views

panel = Panel(
    key="master",
    title=_l("Master data"),
    blueprint=routes.blueprint,
    area="customers",
    order=10,
    place="rail",
    load=views.panel,
    detail=views.detail,
    stale_on=frozenset({"customer.changed", "contact_person.changed"}),
    actions=(
        Action(label=_l("Edit"), endpoint="master.edit", icon="pencil", order=10, shortcut="e"),
    ),
)
