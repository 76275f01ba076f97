"""Hint banners: what the team wants to see of a customer at a glance."""

from app.core.i18n import _l
from app.core.registry import Page
from app.pages.banner_settings import routes

page = Page(
    key="banner_settings",
    blueprint=routes.blueprint,
    area="settings",
    section=_l("Banners"),
    order=97,
)
