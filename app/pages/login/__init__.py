"""Signing in, the one-time link to a password, and the first run."""

from app.core.registry import Page
from app.pages.login import routes

page = Page(key="login", blueprint=routes.blueprint, area="public")
