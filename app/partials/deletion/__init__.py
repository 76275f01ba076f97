"""Deleting a customer: into the trash and back, or why not and what else can be done."""

from app.core.i18n import _l
from app.core.registry import Action, Panel
from app.domain.customers.queries import hindrance_to_delete
from app.partials.deletion import routes

panel = Panel(
    key="deletion",
    title=_l("Delete"),
    blueprint=routes.blueprint,
    area="customers",
    order=90,
    actions=(
        Action(
            label=_l("Delete"),
            endpoint="deletion.confirm",
            icon="trash-2",
            order=90,
            hindrance=hindrance_to_delete,
            way_out=_l("What can be done instead"),
        ),
    ),
)
