from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, url_for
from flask_login import current_user

from app.core import auth, responses
from app.core.dialogs import edit as edit_dialog
from app.core.forms import Editable
from app.core.i18n import LANGUAGES, _
from app.core.problems import Invalid, Problem, Refused
from app.domain.team import links, queries, rules, services
from app.domain.team.labels import labels, roles
from app.domain.team.models import User
from app.pages.users.form import UserForm
from app.shared.preferences import team

blueprint = Blueprint("users", __name__)


@blueprint.get("/users")
def show() -> Response:
    """Everybody who may sign in, or might once."""
    return responses.show("users/page.html", users=_users())


@blueprint.route("/users/new", methods=["GET", "POST"])
def new() -> Response:
    """Invite a colleague; the answer shows the one-time link, this once."""

    def save(values: dict[str, Any]) -> Response:
        return _show_link(services.create_user(**values))

    form = UserForm.of({"language": team().language, "role": "staff"})
    return edit_dialog("users/dialog.html", form, save, user=None)


@blueprint.route("/users/<int:user_id>/edit", methods=["GET", "POST"])
def edit(user_id: int) -> Response:
    """The form of a colleague."""

    def save(values: dict[str, Any]) -> Response:
        try:
            services.change_user(user_id, values)
        except Refused as refusal:
            raise Invalid([Problem("role", "last_admin", refusal.message)]) from refusal
        return responses.moved(_next_page(), _("%(name)s saved", name=values["name"]))

    user = queries.user(user_id)
    values = {name: getattr(user, name) for name in services.EDITED}
    stored = Editable(values, str(user.version))
    return edit_dialog(
        "users/dialog.html", UserForm.of(values), save, stored=stored, labels=labels, user=user
    )


@blueprint.post("/users/<int:user_id>/deactivation")
def deactivate(user_id: int) -> Response:
    """Keep a colleague out; the toast takes it back."""
    services.deactivate_user(user_id)
    return responses.moved(
        url_for(".show"),
        _("%(name)s deactivated", name=queries.user(user_id).name),
        undo_url=url_for(".reactivate", user_id=user_id),
    )


@blueprint.post("/users/<int:user_id>/reactivation")
def reactivate(user_id: int) -> Response:
    """Let a colleague in again."""
    services.reactivate_user(user_id)
    text = _("%(name)s may sign in again", name=queries.user(user_id).name)
    return responses.moved(url_for(".show"), text)


@blueprint.post("/users/<int:user_id>/link")
def link(user_id: int) -> Response:
    """A new one-time link for who lost the password or the invitation, shown this once."""
    return _show_link(services.renew_link(user_id))


def _show_link(user: User) -> Response:
    link = links.access_link(user)
    return responses.show("users/link.html", user=user, link=link, users=_users())


def _next_page() -> str:
    """Back to the list, unless one has just given up the right to see it."""
    return url_for(".show") if auth.may("users.view") else "/"


def _users() -> list[dict[str, Any]]:
    last_admin = queries.last_admin()
    return [
        dict(row._mapping)
        | {
            "role": roles[row.role],
            "language": dict(LANGUAGES)[row.language],
            "hindrance": rules.hindrance_to_deactivate(row.id, last_admin, current_user.id),
            "is_me": row.id == current_user.id,
        }
        for row in queries.users()
    ]
