from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, request, url_for
from werkzeug.exceptions import NotFound

from app.core import responses
from app.core.i18n import _
from app.core.templating import render
from app.domain.mailing.drafts import unsend
from app.domain.messages import outgoing, services
from app.pages.outbox import views
from app.shared.outgoing import way_on

blueprint = Blueprint("outbox", __name__)

ROWS = "outbox/rows.html"


@blueprint.get("/outbox")
def show() -> Response:
    """What failed, what waits and what has left lately."""
    context = views.page(request.args)
    if responses.is_fragment():
        return responses.answer(render(ROWS, **context))
    return responses.show("outbox/page.html", **context)


@blueprint.post("/outbox/<int:entry_id>/retry")
def retry(entry_id: int) -> Response:
    """Send something at once that waits for its next try, or that could not be sent.

    A PDF that could not be made is tried again the same way.
    """
    if number := views.paper_of(entry_id):
        services.retry_entry(entry_id, number)
        return _changed(_("It is tried again"))
    found = _entry(entry_id)
    if found.message_id is None:
        services.retry_entry(entry_id, views.called(found.kind))
    else:
        services.retry(found.customer_id, found.message_id)
    return _changed(_("It is tried again"))


@blueprint.post("/outbox/<int:entry_id>/withdrawal")
def take_back(entry_id: int) -> Response:
    """Keep something from leaving the house."""
    found = _entry(entry_id)
    if found.message_id is None:
        services.cancel_entry(entry_id, views.called(found.kind))
        return _changed(_("It is taken back"))
    return _changed(_("It is taken back"), way_on(unsend(found.message_id)))


def _entry(entry_id: int) -> Any:
    """What the user may see; NotFound for anything else."""
    found = outgoing.entry(entry_id)
    if found.message_id is None and found.kind not in views.kinds():
        raise NotFound
    return found


def _changed(said: str, link: tuple[str, str] | None = None) -> Response:
    here = responses.arguments_on_screen()
    fresh = {"outbox-rows": render(ROWS, **views.page(here))} if responses.is_fragment() else None
    return responses.saved(None, said, to=url_for(".show"), fresh=fresh, link=link)
