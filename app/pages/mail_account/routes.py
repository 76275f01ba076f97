from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, request, url_for
from flask_login import current_user
from werkzeug.exceptions import NotFound

from app.core import responses
from app.core.dialogs import edit
from app.core.i18n import _
from app.core.templating import render
from app.domain.mailing import queries, services
from app.domain.mailing.labels import labels
from app.pages.mail_account import views
from app.pages.mail_account.form import AGAIN, AccountForm

blueprint = Blueprint("mail_account", __name__)


@blueprint.route("/settings/mail", methods=["GET", "POST"])
def show() -> Response:
    """The server, the login, and whom mails come from."""

    def save(values: dict[str, Any]) -> Response:
        services.save_account(values)
        return responses.moved(url_for(".show"), _("Mail server saved"))

    account = queries.account()
    stored = queries.editable(account)
    form = AccountForm.of(stored.values)
    if request.form.get("password"):
        form.tell([AGAIN])
    shown = {"labels": labels} | views.shown(account)
    return edit("mail_account/account.html", form, save, stored=stored, **shown)


@blueprint.post("/settings/mail/tests")
def start_test() -> Response:
    """Have a mail sent to oneself."""
    test_id = services.send_test(current_user.email)
    state = render("mail_account/state.html", test=views.test(test_id))
    to = url_for(".show_test", test_id=test_id)
    return responses.saved(None, None, to=to, fresh={"mail-test": state})


@blueprint.get("/settings/mail/tests/<int:test_id>")
def show_test(test_id: int) -> Response:
    """How far it got."""
    test = views.test(test_id)
    if responses.is_fragment():
        return responses.show("mail_account/state.html", test=test)
    account = queries.account()
    form = AccountForm.of(queries.editable(account).values)
    form.version.data = queries.editable(account).version
    shown = views.shown(account, test)
    return responses.show("mail_account/account.html", form=form, conflict=None, **shown)


@blueprint.route("/settings/mail/removal", methods=["GET", "POST"])
def remove() -> Response:
    """Forget the account; its password cannot be brought back."""
    account = queries.account()
    if account is None:
        raise NotFound
    if request.method == "GET":
        shown = {"host": account.host, "waiting": views.waiting()}
        return responses.show("mail_account/removal.html", **shown)
    services.remove_account()
    return responses.moved(url_for(".show"), _("Mail server removed"))
