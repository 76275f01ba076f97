"""Hint banners of a customer: why does one hang there?"""

from app.core.registry import Page
from app.partials.banners import routes

page = Page(key="banners", blueprint=routes.blueprint, area="factura")
