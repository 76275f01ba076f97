"""The address `/`: where the day begins."""

from app.core.registry import Page
from app.pages.start import routes

page = Page(key="start", blueprint=routes.blueprint, area="own")
