from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, request, url_for

from app.core import responses
from app.core.database import now
from app.core.dialogs import edit as edit_dialog
from app.core.forms import Editable
from app.core.i18n import _
from app.core.panels import brings_back
from app.core.templating import render
from app.domain.documents.rules import told
from app.domain.follow_ups.labels import labels as follow_up_labels
from app.domain.follow_ups.queries import stored as stored_follow_up
from app.domain.mailing.drafts import unsend
from app.domain.messages import queries, services
from app.domain.messages.labels import labels
from app.domain.messages.rules import Occasion
from app.partials.messages import views
from app.partials.messages.form import MessageForm
from app.shared.downloads import download
from app.shared.follow_ups import FollowUpForm, changed
from app.shared.outgoing import way_on

blueprint = Blueprint("messages", __name__)

FORM = "messages/form.html"


@blueprint.get("/<int:message_id>")
def show(customer_id: int, message_id: int) -> Response:
    """A message with its whole text."""
    message = queries.message(customer_id, message_id)
    return responses.show("messages/message.html", **views.message(customer_id, message))


@blueprint.get("/<int:message_id>/state")
@brings_back
def state(customer_id: int, message_id: int) -> Response:
    """How far a message got that the team sends.

    Whoever has it on screen asks again and again, so it is answered for customers in the trash and
    for messages that were taken back, too: a page is not to complain every two seconds.
    """
    place = views.SHOWN if request.args.get("place") == views.SHOWN else views.LISTED
    found = views.state(queries.standing(customer_id, message_id), place)
    html = render("messages/state.html", state=found, customer_id=customer_id)
    if responses.is_fragment():
        return responses.answer(html)
    return responses.show("layouts/alone.html", title=found["title"], html=html)


@blueprint.post("/<int:message_id>/retry")
def retry(customer_id: int, message_id: int) -> Response:
    """Send a message at once that waits for its next try, or that could not be sent."""
    services.retry(customer_id, message_id)
    shown = views.state(queries.standing(customer_id, message_id), views.SHOWN)
    html = render("messages/state.html", state=shown, customer_id=customer_id)
    return responses.saved(customer_id, _("It is tried again"), fresh={shown["key"]: html})


@blueprint.post("/<int:message_id>/withdrawal")
def take_back(customer_id: int, message_id: int) -> Response:
    """Keep a message from leaving the house; it is no message then."""
    message = queries.message(customer_id, message_id)
    link = way_on(unsend(message_id))
    said = _("“%(subject)s” is taken back", subject=told(message.subject))
    here = url_for(".show", customer_id=customer_id, message_id=message_id)
    if responses.path_on_screen() == here:
        url, label = link or (None, None)
        overview = url_for("overview.show", customer_id=customer_id)
        return responses.moved(overview, said, link_url=url, link_label=label)
    return responses.saved(customer_id, said, link=link)


@blueprint.get("/<int:message_id>/attachments/<int:attachment_id>")
def attachment(customer_id: int, message_id: int, attachment_id: int) -> Response:
    """A file that goes with a message, to be kept."""
    found = queries.attachment(customer_id, message_id, attachment_id)
    return download(found.digest, found.name)


@blueprint.post("/<int:message_id>/attachments/<int:attachment_id>/document")
def keep(customer_id: int, message_id: int, attachment_id: int) -> Response:
    """Keep a file that goes with a message among the customer's documents."""
    found = queries.attachment(customer_id, message_id, attachment_id)
    services.keep_as_document(customer_id, message_id, attachment_id)
    said = _("“%(name)s” is among the documents", name=told(found.name))
    here = url_for(".show", customer_id=customer_id, message_id=message_id)
    if responses.path_on_screen() == here:
        return responses.moved(here, said)
    message = queries.message(customer_id, message_id)
    shown = ("messages/message.html", views.message(customer_id, message))
    return responses.saved(customer_id, said, to=here, dialog=shown)


@blueprint.route("/new", methods=["GET", "POST"])
def new(customer_id: int) -> Response:
    """The form of a call, a visit or a letter."""

    def save(values: dict[str, Any]) -> Response:
        services.write_down(customer_id, values)
        return responses.saved(customer_id, _("Recorded among the messages"))

    form = MessageForm.of({"occasion": Occasion.PHONE_IN, "at": queries.to_the_minute(now())})
    return edit_dialog(FORM, form, save, customer_id=customer_id, message=None)


@blueprint.route("/<int:message_id>/edit", methods=["GET", "POST"])
def edit(customer_id: int, message_id: int) -> Response:
    """The form of what was recorded by hand."""

    def save(values: dict[str, Any]) -> Response:
        services.correct(customer_id, message_id, values)
        return responses.saved(customer_id, _("Record saved"))

    message = queries.by_hand(customer_id, message_id)
    stored = queries.editable(message)
    return edit_dialog(
        FORM,
        MessageForm.of(stored.values),
        save,
        stored=stored,
        labels=labels | follow_up_labels,
        customer_id=customer_id,
        message=message,
    )


@blueprint.route("/<int:message_id>/follow-up", methods=["GET", "POST"])
def follow_up(customer_id: int, message_id: int) -> Response:
    """The form of a follow-up alone, for messages whose text is not ours to change."""

    def save(values: dict[str, Any]) -> Response:
        services.plan_follow_up(customer_id, message_id, values)
        return responses.saved(customer_id, _("Follow-up saved"))

    message = queries.message(customer_id, message_id)
    stored = Editable(stored_follow_up(message), str(message.version))
    return edit_dialog(
        "messages/follow_up.html",
        FollowUpForm.of(stored.values),
        save,
        stored=stored,
        labels=follow_up_labels,
        customer_id=customer_id,
        message=message,
    )


@blueprint.post("/<int:message_id>/reading")
def read(customer_id: int, message_id: int) -> Response:
    """Mark a message as read (`read=1`) or unread."""
    is_read = request.form.get("read") == "1"
    services.mark_read(customer_id, message_id, is_read)
    said = _("Message marked as read") if is_read else _("Message marked as unread")
    return responses.saved(customer_id, said)


@blueprint.post("/<int:thing_id>/finish")
def finish(customer_id: int, thing_id: int) -> Response:
    """Nobody needs to come back to a message any more; the toast takes it back."""
    message = services.finish_follow_up(customer_id, thing_id)
    return changed("messages", customer_id, message, thing_id)


@blueprint.post("/<int:thing_id>/reopen")
def reopen(customer_id: int, thing_id: int) -> Response:
    """Somebody is to come back to a message after all."""
    message = services.reopen_follow_up(customer_id, thing_id)
    return changed("messages", customer_id, message, thing_id)


@blueprint.post("/<int:message_id>/removal")
def remove(customer_id: int, message_id: int) -> Response:
    """Take away what was recorded by hand; the toast takes it back."""
    services.remove_message(customer_id, message_id)
    undo = url_for(".restore", customer_id=customer_id, message_id=message_id)
    return responses.saved(customer_id, _("Record removed"), undo=undo)


@blueprint.post("/<int:message_id>/restoration")
def restore(customer_id: int, message_id: int) -> Response:
    """Bring a removed message back."""
    services.restore_message(customer_id, message_id)
    return responses.saved(customer_id, _("Record is back"))
