"""Documents: the files of a customer, taken in and handed out, never shown."""

from app.core.i18n import _l
from app.core.registry import Action, Panel
from app.partials.documents import routes, views

panel = Panel(
    key="documents",
    title=_l("Documents"),
    blueprint=routes.blueprint,
    order=70,
    place="main",
    load=views.panel,
    detail=views.detail,
    stale_on=frozenset({"document.changed"}),
    actions=(Action(label=_l("Upload"), endpoint="documents.new", icon="upload", order=60),),
)
