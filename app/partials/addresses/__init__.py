"""Additional addresses: where else goods and invoices go, to whom."""

from app.core.i18n import _l
from app.core.registry import Action, Panel
from app.partials.addresses import routes, views

panel = Panel(
    key="addresses",
    title=_l("Additional addresses"),
    blueprint=routes.blueprint,
    order=20,
    place="rail",
    load=views.panel,
    detail=views.detail,
    stale_on=frozenset({"address.changed"}),
    actions=(
        Action(
            label=_l("Additional addresses"),
            endpoint="addresses.listing",
            icon="map-pin",
            order=20,
        ),
    ),
)
