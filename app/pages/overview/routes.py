from __future__ import annotations

from flask import Blueprint, Response
from flask_login import current_user

from app.core import responses
from app.core.registry import Panel, registry
from app.domain.customers import queries
from app.domain.settings import rules
from app.shared.preferences import team

blueprint = Blueprint("overview", __name__)


@blueprint.get("/customers/<int:customer_id>")
def show(customer_id: int) -> Response:
    """Header and all visible panels, in the order the user or the team chose."""
    shown = [(panel, responses.render_panel(panel, customer_id)) for panel in _visible()]
    columns = {
        "rail": [html for panel, html in shown if panel.place == "rail"],
        "main": [html for panel, html in shown if panel.place == "main"],
    }
    if responses.is_fragment():
        return responses.show("overview/panels.html", **columns)
    return responses.show(
        "overview/overview.html",
        customer_id=customer_id,
        header=responses.render_header(customer_id),
        title=queries.header(customer_id).name,
        **columns,
    )


def _visible() -> list[Panel]:
    known = {panel.key: panel for panel in registry().on_overview()}
    chosen = current_user.panels if current_user.panels is not None else team().panels
    return [known[key] for key, visible in rules.arranged(known, chosen) if visible]
