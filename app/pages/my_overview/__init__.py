"""One's own choice of panels on the overview."""

from app.core.i18n import _l
from app.core.registry import Page
from app.pages.my_overview import routes

page = Page(
    key="my_overview", blueprint=routes.blueprint, area="own", section=_l("Overview"), order=91
)
