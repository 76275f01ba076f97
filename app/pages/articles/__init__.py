"""What the team sells: listed, written, copied, set inactive, deleted."""

from app.core.i18n import _l
from app.core.registry import Page
from app.pages.articles import routes

page = Page(
    key="articles",
    blueprint=routes.blueprint,
    area="factura",
    section=_l("Articles"),
    order=36,
)
