"""How the demo company's past is told: scenes with an instant, somebody who acts and a verb.

Scenes are played in the order of time through the verbs of the domain, so history, search and
everything that hangs on a customer are what they would be if people had typed it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from io import BytesIO
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import insert

from app.core import audit, files, outbox
from app.core.database import db, happening, now
from app.core.i18n import amount, today
from app.core.outbox import OutboxEntry
from app.demo import sales
from app.domain.addresses import services as addresses
from app.domain.addresses.rules import FIELDS as ADDRESS
from app.domain.banking import directory
from app.domain.banking import queries as banks
from app.domain.banking import services as banking
from app.domain.comments import services as comments
from app.domain.customers import queries
from app.domain.customers import services as customers
from app.domain.documents import services as documents
from app.domain.factura import queries as sold
from app.domain.factura import services as factura_documents
from app.domain.factura.rules import Move
from app.domain.groups import services as groups
from app.domain.messages import services as messages
from app.domain.payments import services as payments
from app.domain.reminders import queries as reminding
from app.domain.reminders import services as reminders
from app.domain.reminders.services import Wanted

ZONE = ZoneInfo("Europe/Berlin")
NOBODY = ""
"""Who acts when something comes in by itself."""
UNREAD = ("mail", "form", "portal")
"""What comes in unread, by whichever of these roads."""
ANSWERS = {"accepted": Move.ACCEPT, "declined": Move.DECLINE}
LATEST = datetime.fromisoformat("2026-11-20 17:30")
"""The last that is told."""
SENDER = "Tanzschule Rheintakt <info@rheintakt.example.com>"

Values = Mapping[str, Any]
Files = Sequence[tuple[str, bytes]]
"""What goes with a message, each with its name."""


@dataclass
class Subject:
    """Whom a tale is about, and what was written about it last."""

    customer_id: int = 0
    comment_id: int = 0
    address_id: int = 0
    sold: dict[str, int] = field(default_factory=dict)
    """Its factura documents, by their subjects."""


@dataclass(frozen=True)
class Scene:
    at: datetime
    by: str
    act: Callable[[Subject, Values], None]
    values: Values


Tale = tuple[Scene, ...]


def play(tales: Iterable[Tale], cast: Mapping[str, tuple[int | None, str]], weeks: int) -> None:
    """Let everything happen, so many weeks later than it is told.

    `cast` gives the id and the name of whoever acts.
    """
    scenes = []
    for tale in tales:
        subject = Subject()
        scenes += [(_later(scene, weeks), subject) for scene in tale]
    ids = {key: user_id for key, (user_id, _name) in cast.items()}
    acting = {**cast, NOBODY: (None, "")}
    for scene, subject in sorted(scenes, key=lambda pair: pair[0].at):
        with happening(scene.at.replace(tzinfo=ZONE)), audit.acting(*acting[scene.by]):
            scene.act(subject, _planned(scene.values, ids))


def person(at: str, by: str, **values: Any) -> Scene:
    """A new customer; `emails` and `phones` are pairs of label and value."""
    return _scene(at, by, _create, _labelled({"kind": "person", "country": "DE"} | values))


def company(at: str, by: str, **values: Any) -> Scene:
    return _scene(at, by, _create, _labelled({"kind": "company", "country": "DE"} | values))


def master(at: str, by: str, **values: Any) -> Scene:
    """Changed master data; what is not named stays."""
    return _scene(at, by, _change, _labelled(values))


def contact(at: str, by: str, **values: Any) -> Scene:
    """A contact person of a company."""
    empty = dict.fromkeys(customers.PERSON, "") | {"is_main": False}
    return _scene(at, by, _add_contact, empty | values)


def address(at: str, by: str, **values: Any) -> Scene:
    empty = dict.fromkeys(ADDRESS, "") | {
        "country": "DE",
        "is_delivery": False,
        "is_billing": False,
    }
    return _scene(at, by, _add_address, empty | values)


def address_removed(at: str, by: str) -> Scene:
    return _scene(at, by, _remove_address, {})


def bank(at: str, by: str, **values: Any) -> Scene:
    """Bank data; what is not named stays.

    BIC, bank and the reference of a new mandate are filled in as the dialog does it.
    """
    return _scene(at, by, _record_bank, values)


def note(at: str, by: str, body: str, *, pinned: bool = False) -> Scene:
    return _scene(at, by, _write, {"body": body, "pinned": pinned})


def note_edited(at: str, by: str, body: str) -> Scene:
    """The comment before, changed."""
    return _scene(at, by, _edit, {"body": body})


def note_pinned(at: str, by: str) -> Scene:
    return _scene(at, by, _pin, {})


def note_removed(at: str, by: str) -> Scene:
    return _scene(at, by, _remove, {})


def followed(at: str, by: str, body: str, *, due: str, who: str) -> Scene:
    """A comment that somebody is to come back to on a day."""
    return _scene(at, by, _write, {"body": body, "due": date.fromisoformat(due), "who": who})


def said(
    at: str,
    by: str | None,
    channel: str,
    direction: str,
    subject: str,
    text: str,
    *,
    read: bool = True,
    files: Files = (),
    due: str | None = None,
    who: str = "",
) -> Scene:
    """A message; nobody writes down what comes in by itself."""
    values = {
        **{"channel": channel, "direction": direction, "subject": subject, "text": text},
        **{"read": read, "files": files},
        "due": due and date.fromisoformat(due),
        "who": who,
    }
    return _scene(at, by or NOBODY, _record, values)


def mailed(
    at: str,
    by: str,
    subject: str,
    text: str,
    *,
    to: Sequence[str],
    cc: Sequence[str] = (),
    files: Files = (),
    refused: str = "",
) -> Scene:
    """A mail of the team, to names with addresses; or one that came back with these words."""
    values = {
        **{"channel": "mail", "direction": "out", "subject": subject, "text": text},
        "envelope": {"sender": SENDER, "to": list(to), "cc": list(cc), "bcc": []},
        **{"files": files, "refused": refused},
    }
    return _scene(at, by, _mail, values)


def uploaded(at: str, by: str, name: str, content: bytes) -> Scene:
    return _scene(at, by, _upload, {"name": name, "content": content})


def factura(
    at: str,
    by: str,
    kind: str,
    total: int,
    *,
    subject: str,
    state: str = "issued",
    currency: str = "EUR",
    term: int | None = None,
    quantity: int = 1,
    is_paid: bool = True,
    paid: int | None = None,
) -> Tale:
    """A factura document in minor units, and what became of it.

    Invoices are paid in full a few days later, unless `paid` tells how much or they are not.
    """
    values = {"kind": kind, "total": total, "subject": subject, "state": state}
    values |= {"currency": currency, "term": term, "quantity": quantity}
    made = _scene(at, by, _bill, values)
    if kind != "invoice" or state != "issued" or not is_paid:
        return (made,)
    facts = {"of": subject, "amount": total if paid is None else paid, "currency": currency}
    later = min(made.at + timedelta(days=9, minutes=25), LATEST)
    return (made, Scene(later, by, _pay, facts))


def credited(at: str, by: str, total: int, *, of: str, text: str) -> Scene:
    """A part of the invoice with the subject `of` is taken back."""
    return _scene(at, by, _credit, {"of": of, "total": total, "text": text})


def reminded(at: str, by: str, level: int, *, of: str) -> Scene:
    """The invoice with the subject `of` is reminded."""
    return _scene(at, by, _remind, {"of": of, "level": level})


def joined(at: str, by: str, *names: str) -> Scene:
    """The customer is put into these groups."""
    return _scene(at, by, _join, {"groups": names})


def _scene(at: str, by: str, act: Callable[[Subject, Values], None], values: Values) -> Scene:
    return Scene(datetime.fromisoformat(at), by, act, values)


def _labelled(values: Values) -> dict[str, Any]:
    rows = {
        name: [{"label": label, key: value} for label, value in values[name]]
        for name, key in (("emails", "address"), ("phones", "number"))
        if name in values
    }
    return {**values, **rows}


def _later(scene: Scene, weeks: int) -> Scene:
    """The same, weeks later; a birthday stays where it is."""
    shift = timedelta(weeks=weeks)
    values = {
        name: value + shift if isinstance(value, date) and name != "birthday" else value
        for name, value in scene.values.items()
    }
    return replace(scene, at=scene.at + shift, values=values)


def _planned(values: Values, ids: Mapping[str, int | None]) -> Values:
    """With who is to follow up; where there are no colleagues nobody is."""
    if (user_id := ids.get(values.get("who", ""))) is None:
        return values
    return {**values, "follow_up_on": values["due"], "follow_up_by": user_id}


def _create(subject: Subject, values: Values) -> None:
    subject.customer_id = customers.create_customer(values)


def _change(subject: Subject, values: Values) -> None:
    stored = queries.editable(subject.customer_id).values
    customers.change_customer(subject.customer_id, {**stored, **values})


def _add_contact(subject: Subject, values: Values) -> None:
    customers.add_contact_person(subject.customer_id, values)


def _add_address(subject: Subject, values: Values) -> None:
    subject.address_id = addresses.add_address(subject.customer_id, values)


def _remove_address(subject: Subject, _values: Values) -> None:
    addresses.remove_address(subject.customer_id, subject.address_id)


def _record_bank(subject: Subject, values: Values) -> None:
    known = directory.bank_of(values.get("iban", ""))
    filled = {"bic": known.bic, "bank_name": known.name[:100]} if known else {}
    if values.get("has_mandate") and not banks.current_mandate(subject.customer_id):
        filled["mandate_reference"] = banks.proposed_reference(subject.customer_id)
    banking.record_bank(subject.customer_id, {**filled, **values})


def _write(subject: Subject, values: Values) -> None:
    subject.comment_id = comments.write_comment(subject.customer_id, values)


def _edit(subject: Subject, values: Values) -> None:
    comments.edit_comment(subject.customer_id, subject.comment_id, values)


def _pin(subject: Subject, _values: Values) -> None:
    comments.pin_comment(subject.customer_id, subject.comment_id, True)


def _remove(subject: Subject, _values: Values) -> None:
    comments.remove_comment(subject.customer_id, subject.comment_id)


def _record(subject: Subject, values: Values) -> None:
    attached = [_attachment(name, content) for name, content in values["files"]]
    message_id = messages.record_message([subject.customer_id], {**values, "at": now()}, attached)
    if values["channel"] in UNREAD and values["direction"] == "in" and values["read"]:
        messages.mark_read(subject.customer_id, message_id, True)


def _mail(subject: Subject, values: Values) -> None:
    """Sent by a worker long ago, or refused by the other side."""
    refused = values["refused"]
    told = {"state": outbox.State.FAILED, "error": "recipients_refused", "detail": refused}
    tried = {"tries": 1, "first_tried_at": now(), "done_at": now()}
    sent = outbox.row("mail") | tried | (told if refused else {"state": outbox.State.SENT})
    outbox_id = db.session.scalar(insert(OutboxEntry).values(sent).returning(OutboxEntry.id))
    _record(subject, {**values, "outbox_id": outbox_id})


def _attachment(name: str, content: bytes) -> messages.Attachment:
    return messages.Attachment(name, files.keep(content), len(content), "application/pdf")


def _upload(subject: Subject, values: Values) -> None:
    content = values["content"]
    upload = documents.keep_upload(values["name"], BytesIO(content), len(content))
    documents.add_documents(subject.customer_id, [upload])


def _bill(subject: Subject, values: Values) -> None:
    document_id = sales.draft(subject.customer_id, values)
    subject.sold[values["subject"]] = document_id
    if values["state"] == "draft":
        return
    factura_documents.issue(document_id)
    if values["state"] == "cancelled":
        factura_documents.cancel(document_id)
    elif values["state"] in ANSWERS:
        factura_documents.answer(document_id, ANSWERS[values["state"]])


def _pay(subject: Subject, values: Values) -> None:
    parts = {subject.sold[values["of"]]: values["amount"]}
    facts = {"received_on": today(), "fees": 0, "method": "transfer", "note": ""}
    facts |= {"parts": parts, "credit": 0}
    payments.record_payment(subject.customer_id, {**values, **facts})


def _credit(subject: Subject, values: Values) -> None:
    document_id = factura_documents.follow_up(subject.sold[values["of"]], "credit_note")
    draft = sold.draft(document_id)
    price = amount(values["total"], draft["currency"])
    line = replace(draft["lines"][0], text=values["text"], price=price, article_id=None)
    factura_documents.change_draft(document_id, draft | {"lines": [line]})
    factura_documents.issue(document_id)


def _remind(subject: Subject, values: Values) -> None:
    invoice_id = subject.sold[values["of"]]
    last = reminding.invoice(invoice_id).last_id
    reminders.make_reminder(Wanted(invoice_id, values["level"], last))


def _join(subject: Subject, values: Values) -> None:
    groups.set_groups(subject.customer_id, groups.groups_named(values["groups"]).values())
