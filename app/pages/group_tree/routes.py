from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, abort, request, url_for

from app.core import responses
from app.core.dialogs import edit as edit_dialog
from app.core.forms import Editable
from app.core.i18n import _, count
from app.core.panels import positive
from app.core.templating import render
from app.domain.groups import queries, services
from app.domain.groups.labels import labels
from app.pages.group_tree import views
from app.pages.group_tree.form import GroupForm, places

blueprint = Blueprint("group_tree", __name__)

DIALOG = "group_tree/dialog.html"


@blueprint.get("/groups")
def show() -> Response:
    """All groups."""
    return responses.show("group_tree/page.html", lines=views.lines())


@blueprint.route("/groups/new", methods=["GET", "POST"])
def new() -> Response:
    """The form of a new group; `below` proposes where it lies."""

    def save(values: dict[str, Any]) -> Response:
        services.create_group(_stored(values))
        return _saved(_("Group %(name)s created", name=values["name"]))

    below = positive(request.args, "below")
    form = GroupForm.of({"parent_id": str(below or "")})
    return edit_dialog(DIALOG, form, save, group=None, places=places())


@blueprint.route("/groups/<int:group_id>/edit", methods=["GET", "POST"])
def edit(group_id: int) -> Response:
    """The form of a group: its name, its place, whether its customers get information."""

    def save(values: dict[str, Any]) -> Response:
        services.change_group(group_id, _stored(values))
        return _saved(_("Group %(name)s saved", name=values["name"]))

    group = queries.group(group_id)
    values = {
        "name": group.name,
        "parent_id": str(group.parent_id or ""),
        "no_information": group.no_information,
    }
    itself = {str(below) for below in queries.below(group_id)}
    return edit_dialog(
        DIALOG,
        GroupForm.of(values),
        save,
        stored=Editable(values, str(group.version)),
        labels=labels,
        group=group,
        places=[place for place in places() if place[0] not in itself],
        hindrance=queries.hindrance_to_delete(group_id),
    )


@blueprint.route("/groups/<int:group_id>/deletion", methods=["GET", "POST"])
def delete(group_id: int) -> Response:
    """Ask, and then delete a group."""
    group = queries.group(group_id)
    if request.method == "POST":
        services.delete_group(group_id)
        return _saved(_("Group %(name)s deleted", name=group.name))
    members = queries.members_count(group_id)
    return responses.show(
        "group_tree/deletion.html",
        group=group,
        path=queries.path_of(group_id),
        members=members,
        counted=count(members),
        hindrance=queries.hindrance_to_delete(group_id),
    )


@blueprint.post("/groups/placement")
def move() -> Response:
    """Put `group` below `below`, or to the top where that is empty; the toast takes it back."""
    group = queries.group(positive(request.values, "group") or 0)
    below = positive(request.values, "below")
    if below is None and request.values.get("below"):
        abort(404)
    former = services.move_group(group.id, below)
    undo = url_for(".move", group=group.id, below=former)
    return _saved(_("Group %(name)s moved", name=group.name), undo=undo)


def _stored(values: Mapping[str, Any]) -> dict[str, Any]:
    """What the form holds, as the verbs take it."""
    parent_id = values["parent_id"]
    return {**values, "parent_id": int(parent_id) if parent_id else None}


def _saved(text: str, undo: str | None = None) -> Response:
    tree = render("group_tree/tree.html", lines=views.lines())
    fresh = {"group-tree": tree}
    return responses.saved(None, text, undo=undo, to=url_for(".show"), fresh=fresh)
