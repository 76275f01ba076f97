"""The header of a customer: who it is, what can be done, where the pages are."""

from flask import Blueprint

from app.core.registry import Panel
from app.partials.header import views

panel = Panel(
    key="header",
    title="",
    blueprint=Blueprint("header", __name__),
    area="customers",
    order=0,
    place="header",
    load=views.panel,
    stale_on=frozenset({"customer.changed", "marks.changed"}),
)
