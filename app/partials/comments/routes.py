from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, request, url_for

from app.core import responses
from app.core.dialogs import edit as edit_dialog
from app.core.i18n import _
from app.domain.comments import queries, services
from app.domain.comments.labels import labels
from app.domain.follow_ups.labels import labels as follow_up_labels
from app.partials.comments.form import CommentForm
from app.shared.follow_ups import changed

blueprint = Blueprint("comments", __name__)

DIALOG = "comments/dialog.html"


@blueprint.route("/new", methods=["GET", "POST"])
def new(customer_id: int) -> Response:
    """The form of a new comment."""

    def save(values: dict[str, Any]) -> Response:
        services.write_comment(customer_id, values)
        return responses.saved(customer_id, _("Comment written"))

    return edit_dialog(DIALOG, CommentForm.of(), save, customer_id=customer_id, comment=None)


@blueprint.route("/<int:comment_id>/edit", methods=["GET", "POST"])
def edit(customer_id: int, comment_id: int) -> Response:
    """The form of a comment."""

    def save(values: dict[str, Any]) -> Response:
        services.edit_comment(customer_id, comment_id, values)
        return responses.saved(customer_id, _("Comment saved"))

    comment = queries.comment(customer_id, comment_id)
    stored = queries.editable(comment)
    return edit_dialog(
        DIALOG,
        CommentForm.of(stored.values),
        save,
        stored=stored,
        labels=labels | follow_up_labels,
        customer_id=customer_id,
        comment=comment,
    )


@blueprint.post("/<int:comment_id>/pin")
def pin(customer_id: int, comment_id: int) -> Response:
    """Pin a comment (`pinned=1`) or let it go."""
    pinned = request.form.get("pinned") == "1"
    services.pin_comment(customer_id, comment_id, pinned)
    return responses.saved(customer_id, _("Comment pinned") if pinned else _("Comment unpinned"))


@blueprint.post("/<int:thing_id>/finish")
def finish(customer_id: int, thing_id: int) -> Response:
    """Nobody needs to come back to a comment any more; the toast takes it back."""
    comment = services.finish_follow_up(customer_id, thing_id)
    return changed("comments", customer_id, comment, thing_id)


@blueprint.post("/<int:thing_id>/reopen")
def reopen(customer_id: int, thing_id: int) -> Response:
    """Somebody is to come back to a comment after all."""
    comment = services.reopen_follow_up(customer_id, thing_id)
    return changed("comments", customer_id, comment, thing_id)


@blueprint.post("/<int:comment_id>/removal")
def remove(customer_id: int, comment_id: int) -> Response:
    """Take a comment away; the toast takes it back."""
    services.remove_comment(customer_id, comment_id)
    undo = url_for(".restore", customer_id=customer_id, comment_id=comment_id)
    return responses.saved(customer_id, _("Comment removed"), undo=undo)


@blueprint.post("/<int:comment_id>/restoration")
def restore(customer_id: int, comment_id: int) -> Response:
    """Bring a removed comment back."""
    services.restore_comment(customer_id, comment_id)
    return responses.saved(customer_id, _("Comment is back"))
