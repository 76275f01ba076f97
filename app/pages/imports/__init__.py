"""Files of customers: looked at, brought in, taken back."""

from app.core.i18n import _l
from app.core.registry import Page
from app.pages.imports import routes

page = Page(
    key="imports",
    blueprint=routes.blueprint,
    area="transfer",
    label=_l("Import"),
    icon="file-up",
    order=60,
)
