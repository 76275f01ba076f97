from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, request, url_for

from app.core import responses
from app.core.dialogs import edit
from app.core.i18n import _
from app.domain.banking import queries, rules, services
from app.domain.banking.labels import labels
from app.pages.team_account.form import AccountForm

blueprint = Blueprint("team_account", __name__)


@blueprint.route("/settings/bank", methods=["GET", "POST"])
def show() -> Response:
    """The account the team is paid to, and its SEPA creditor identifier."""

    def save(values: dict[str, Any]) -> Response:
        services.save_team_account(values)
        return responses.moved(url_for(".show"), _("Bank account saved"))

    stored = queries.editable_team_account()
    form = AccountForm.of(stored.values)
    if request.method == "GET":
        form.tell(rules.check_team_account(stored.values))
    return edit("team_account/account.html", form, save, stored=stored, labels=labels)
