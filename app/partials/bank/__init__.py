"""Bank information: how the customer pays, the account and the SEPA mandate, with their history."""

from app.core.i18n import _l
from app.core.registry import Action, Panel
from app.partials.bank import routes, views

panel = Panel(
    key="bank",
    title=_l("Bank information"),
    blueprint=routes.blueprint,
    order=30,
    place="rail",
    load=views.panel,
    detail=views.detail,
    stale_on=frozenset({"bank.changed", "customer.changed"}),
    actions=(
        Action(label=_l("Bank information"), endpoint="bank.edit", icon="landmark", order=30),
    ),
)
