"""Templates for mails and letters: listed, written with a live preview, sorted into categories."""

from app.core.i18n import _l
from app.core.registry import Page
from app.pages.templates import routes

page = Page(
    key="templates",
    blueprint=routes.blueprint,
    area="templates",
    label=_l("Templates"),
    icon="file-text",
    order=50,
)
