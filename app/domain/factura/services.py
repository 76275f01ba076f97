"""What happens to factura documents: drafted, issued, answered, cancelled, paid.

What may be done when is `rules.MOVES`, and every verb here asks it first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import delete, insert, update
from sqlalchemy.orm.attributes import flag_modified

from app.core import audit, outbox
from app.core.database import db, now, table
from app.core.events import announce
from app.core.i18n import _l, amount, money_in, today
from app.core.problems import Invalid, Problem, Refused, errors
from app.domain.articles import queries as articles
from app.domain.articles.tax import Code
from app.domain.customers.services import touch
from app.domain.factura import (
    checks,
    freezing,
    labels,
    numbering,
    queries,
    rules,
    settings,
    subjects,
)
from app.domain.factura.models import FacturaDocument, FacturaLine
from app.domain.factura.queries import HEAD, TYPED
from app.domain.factura.rules import MAIN, Kind, Move, State
from app.domain.factura.totals import Rated, line_amount, totals
from app.domain.settings.queries import team

DEFAULTS: Mapping[str, Any] = {
    "state": State.DRAFT,
    "number": None,
    "subject": "",
    "issued_on": None,
    "due_on": None,
    "currency": "EUR",
    "net": None,
    "total": 0,
    "paid": 0,
    "reminder_level": 0,
}
DRAFT: Mapping[str, Any] = {"origin_id": None, "reminder_level": 0}
"""What the form of a draft does not know."""
ANSWERS = {Move.ACCEPT: "accepted", Move.DECLINE: "declined", Move.REOPEN: "reopened"}


def add_draft(values: Mapping[str, Any], key: str | None = None) -> int:
    """Begin a document and return its id; the second time with the same `key` that is known.

    `values` are those of `queries.fresh`; a credit note or reminder of an invoice has its
    `origin_id`, a reminder its `reminder_level` too. Raises Invalid for values that do not hold.
    """
    if known := queries.by_key(key):
        return known
    return _add(_checked({**DRAFT, **values}), key)


def change_draft(document_id: int, values: Mapping[str, Any]) -> None:
    """Change a draft. What it was made from stays."""
    document = queries.document(document_id)
    rules.moved(document.kind, document.state, Move.EDIT)
    before = queries.values_of(document)
    stays = {"kind": document.kind, "origin_id": document.origin_id}
    values = _checked({**before, **values, **stays}, document_id)
    if values == before:
        return
    told = _told_draft(document, before)
    touch(*dict.fromkeys((document.customer_id, values["customer_id"])))
    if values["customer_id"] != before["customer_id"]:
        _announce(before["customer_id"], document_id)
    _fill(document, values)
    flag_modified(document, "subject")  # so that the version moves when only a line did
    db.session.flush()
    _write_lines(document, values, today())
    _tell("changed", document, audit.difference(told, _told_draft(document, values)))


def discard(document_id: int) -> None:
    """Throw a draft away, for good."""
    document = queries.document(document_id)
    rules.moved(document.kind, document.state, Move.DISCARD)
    touch(document.customer_id)
    told = _told_draft(document, queries.values_of(document))
    db.session.delete(document)
    _tell("discarded", document, audit.difference(told, {}))


def issue(document_id: int, on: date | None = None, version: str | None = None) -> str:
    """Give a draft its number and freeze it, as of this day (today); its number.

    The number is taken in this transaction, so it is not lost if this is rolled back. The worker
    makes the PDF unless somebody was quicker. With `version` it is refused if the draft is no more
    what somebody saw. Raises Invalid for what does not hold (see `checks.to_issue`).
    """
    document = queries.document(document_id)
    state = rules.moved(document.kind, document.state, Move.ISSUE)
    if version is not None and version != str(document.version):
        raise Refused(_l("Somebody has changed this draft meanwhile. Please look at it again."))
    touch(document.customer_id)
    day = on or today()
    if problems := errors(checks.to_issue(document, day)):
        raise Invalid(problems)
    values = queries.values_of(document)
    _write_lines(document, values, day)
    origin = queries.document(document.origin_id) if document.origin_id else None
    document.frozen = freezing.frozen(document, queries.totals_of(values, day), origin)
    _number(document, state, day)
    _tell("issued", document, [("document_number", None, document.number), *_dates(document)])
    _tell_of_issue(document)
    return document.number or ""


def answer(document_id: int, move: Move) -> None:
    """A quote was accepted or declined, or neither after all (Move.REOPEN)."""
    if move not in (Move.ACCEPT, Move.DECLINE, Move.REOPEN):
        raise ValueError(f"{move} is no answer")
    document = queries.document(document_id)
    before = document.state
    document.state = str(rules.moved(document.kind, before, move))
    touch(document.customer_id)
    _tell(ANSWERS[move], document, [("document_state", before, document.state)])


def cancel(document_id: int) -> int | None:
    """Cancel an issued document, which keeps its number; of an invoice the credit note's id.

    That takes all of it back, on the invoice's own conditions, and is issued at once. Refused if a
    part was credited already, since then the rest is for another credit note.
    """
    document = queries.document(document_id)
    before, state = document.state, rules.moved(document.kind, document.state, Move.CANCEL)
    if reason := checks.hindrance_to_cancel(document):
        raise Refused(reason)
    touch(document.customer_id)
    document.state = str(state)
    _tell("cancelled", document, [("document_state", before, document.state)])
    if document.kind == Kind.REMINDER:
        _set_reminder_level(document.origin_id)
    if document.kind != Kind.INVOICE:
        return None
    credit_note = _credit_all(document)
    facts = {"customer_id": document.customer_id, "document_id": document.id}
    announce("invoice.cancelled", **facts)
    _tell_of_issue(credit_note)
    return credit_note.id


def follow_up(document_id: int, kind: str, key: str | None = None) -> int:
    """Begin a document of another kind with the lines of one that was issued; its id."""
    if known := queries.by_key(key):
        return known
    origin = queries.document(document_id)
    if kind not in rules.follow_ups(origin.kind, origin.state):
        raise Refused(_l("This cannot be made from it."))
    values = queries.values_of(origin)
    values |= {"kind": kind, "origin_id": origin.id, "due_on": None, "reminder_level": 0}
    values |= queries.usual_words(kind, origin.language)
    values["subject"] = _subject(origin)
    if rules.keeps_day(origin.kind, kind):
        values["service_on"] = _served_on(origin)
    if not rules.same_use(origin.kind, kind):
        values["address_key"] = MAIN
    if kind == Kind.CREDIT_NOTE and queries.left_to_credit(origin) <= 0 < origin.total:
        raise Refused(_l("All of this invoice has been credited already."))
    return _add(_with_known_places(values), key)


def copy(document_id: int, key: str | None = None) -> int:
    """Begin a document like this one, for another day; its id."""
    if known := queries.by_key(key):
        return known
    like = queries.document(document_id)
    if like.kind == Kind.REMINDER:
        raise Refused(_l("A reminder belongs to its invoice and is not copied."))
    values = queries.values_of(like)
    values |= dict.fromkeys(("origin_id", "due_on", "service_on", "service_until"))
    values["reminder_level"] = 0
    values["subject"] = _own_subject(like)
    return _add(_with_known_places(values), key)


def set_paid(document_id: int, paid: int) -> None:
    """So much of an issued document is paid, in minor units; whoever calls it tells why."""
    document = queries.document(document_id)
    if document.state == State.DRAFT or not 0 <= paid <= rules.LARGEST:
        raise ValueError(f"{paid} cannot be paid on {document_id}")
    if document.paid == paid:
        return
    was_open = rules.remainder(document.kind, document.state, document.paid, document.total)
    document.paid = paid
    db.session.flush()
    _announce(document.customer_id, document.id)
    is_open = rules.remainder(document.kind, document.state, document.paid, document.total)
    if was_open and not is_open:
        announce("invoice.paid", customer_id=document.customer_id, document_id=document.id)


def set_pdf(document_id: int, digest: str, size: int) -> None:
    """Keep which file is the paper of an issued document; the first one stays."""
    issued = FacturaDocument.id == document_id, FacturaDocument.state != State.DRAFT
    kept: Any = db.session.execute(
        update(FacturaDocument)
        .where(*issued, FacturaDocument.pdf_digest.is_(None))
        .values(pdf_digest=digest, pdf_size=size)
    )
    if kept.rowcount:
        _announce(queries.document(document_id).customer_id, document_id)


def add_document(customer_id: int, values: Mapping[str, Any]) -> int:
    """Take over a document that was made elsewhere, and return its id; `values` as in DEFAULTS.

    It comes in with its number, state and what was paid. One that is cancelled counts only beside
    the credit note that takes it back. Amounts are in minor units of the currency. Raises Invalid
    for values that do not hold, and Refused for a customer who is in the trash: whoever deletes one
    asks for documents in a transaction of the same kind (BEGIN IMMEDIATE), so of two at once the
    second sees the first.
    """
    values = {"kind": "", **DEFAULTS, **values}
    if values["net"] is None:
        values["net"] = values["total"]
    _check(values)
    document = FacturaDocument(
        customer_id=customer_id,
        created_at=now(),
        kind=values["kind"],
        **{name: values[name] for name in DEFAULTS},
    )
    document.number = document.number or None
    touch(customer_id)
    db.session.add(document)
    db.session.flush()
    _tell("added", document, audit.difference({}, _told(document)))
    announce("factura_document.taken_over", customer_id=customer_id, document_id=document.id)
    return document.id


def forget_customers(customer_ids: Sequence[int]) -> None:
    """Customers left for good: so do their drafts.

    What was ever issued is kept for ever; its reference then keeps the database from erasing the
    customer.
    """
    theirs = FacturaDocument.customer_id.in_(customer_ids)
    drafts = theirs, FacturaDocument.state == State.DRAFT
    db.session.execute(delete(FacturaDocument).where(*drafts))


def _checked(values: Mapping[str, Any], document_id: int | None = None) -> Mapping[str, Any]:
    """Values that hold; a line whose article is gone stays as it was typed."""
    if problems := checks.to_keep(values, document_id):
        raise Invalid(problems)
    known = articles.existing({line.article_id for line in values["lines"] if line.article_id})
    lines = [
        line if line.article_id in known else replace(line, article_id=None)
        for line in values["lines"]
    ]
    return {**values, "lines": lines}


def _add(values: Mapping[str, Any], key: str | None) -> int:
    """Keep a new draft; its id."""
    touch(values["customer_id"])
    author_id, author_name = audit.author()
    document = FacturaDocument(
        state=State.DRAFT,
        author_id=author_id,
        author_name=author_name,
        created_at=now(),
        key=queries.kept_key(key),
    )
    _fill(document, values)
    db.session.add(document)
    db.session.flush()
    _write_lines(document, values, today())
    _tell("added", document, audit.difference({}, _told_draft(document, values)))
    return document.id


def _fill(document: FacturaDocument, values: Mapping[str, Any]) -> None:
    for name in HEAD:
        setattr(document, name, values[name])


def _write_lines(document: FacturaDocument, values: Mapping[str, Any], on: date) -> None:
    """Write the lines at the rates of the day of the service, and what they come to."""
    rated = queries.rated(values, on)
    rows = [
        {name: getattr(line, name) for name in TYPED} | _counted(document, position, one)
        for position, (line, one) in enumerate(zip(values["lines"], rated, strict=True), start=1)
    ]
    _put_lines(document.id, rows)
    found = queries.totals_of(values, on)
    document.net, document.total = found.net, found.total
    if abs(found.total) > rules.LARGEST:
        message = _l("This is no amount that can be kept.")
        raise Invalid([Problem("lines", "out_of_range", message)])


def _counted(document: FacturaDocument, position: int, line: Rated) -> dict[str, Any]:
    counted = line.quantity, line.price, line.discount, document.currency
    return {
        "document_id": document.id,
        "position": position,
        "tax_rate": line.tax_rate,
        "amount": line_amount(*counted),
    }


def _put_lines(document_id: int, rows: Sequence[Mapping[str, Any]]) -> None:
    connection = db.session.connection()
    connection.execute(delete(FacturaLine).where(FacturaLine.document_id == document_id))
    if rows:
        connection.execute(insert(table(FacturaLine)), list(rows))


def _number(document: FacturaDocument, state: State | None, day: date) -> None:
    """Issue it on this day, under the next number."""
    document.number = numbering.take(document.kind, day)
    document.state, document.issued_on = str(state), day
    if document.due_on is None and document.kind in rules.DUE:
        days = document.payment_days
        document.due_on = day + timedelta(days=days) if days is not None else None
    db.session.flush()
    outbox.put("factura", {"document_id": document.id})


def _tell_of_issue(document: FacturaDocument) -> None:
    facts = {"customer_id": document.customer_id, "document_id": document.id}
    if document.kind == Kind.INVOICE:
        announce("invoice.issued", **facts)
    elif document.kind == Kind.CREDIT_NOTE:
        _set_credited(document.origin_id)
        announce("credit_note.issued", **facts)
    elif document.kind == Kind.REMINDER:
        _set_reminder_level(document.origin_id)


def _set_credited(invoice_id: int | None) -> None:
    """So much of an invoice did its credit notes give back."""
    if invoice_id is None:
        return
    invoice = queries.document(invoice_id)
    invoice.credited = invoice.total - queries.left_to_credit(invoice)
    db.session.flush()
    _announce(invoice.customer_id, invoice.id)


def _set_reminder_level(invoice_id: int | None) -> None:
    """An invoice has the highest level of its issued reminders."""
    if invoice_id is None:
        return
    db.session.flush()
    invoice = queries.document(invoice_id)
    invoice.reminder_level = queries.reminded(invoice_id)
    db.session.flush()
    _announce(invoice.customer_id, invoice.id)


def _credit_all(invoice: FacturaDocument) -> FacturaDocument:
    """The issued credit note over all of an invoice: its lines, its rates, its address."""
    author = audit.author()
    credit_note = FacturaDocument(
        **{name: getattr(invoice, name) for name in HEAD}
        | {"kind": Kind.CREDIT_NOTE, "origin_id": invoice.id, "due_on": None}
        | {"payment_days": None, "reminder_level": 0, "service_on": _served_on(invoice)}
        | _words_of_cancelling(invoice),
        author_id=author[0],
        author_name=author[1],
        created_at=now(),
        net=invoice.net,
        total=invoice.total,
    )
    db.session.add(credit_note)
    db.session.flush()
    lines = [dict(line._mapping) for line in queries.lines(invoice.id)] or [_whole(invoice)]
    _put_lines(credit_note.id, [line | {"document_id": credit_note.id} for line in lines])
    found = totals(
        queries.lines(credit_note.id),
        is_gross=invoice.is_gross,
        treatment=invoice.treatment,
        currency=invoice.currency,
    )
    credit_note.frozen = freezing.frozen(credit_note, found, invoice)
    _number(credit_note, State.ISSUED, today())
    _tell("issued", credit_note, audit.difference({}, _told(credit_note)))
    return credit_note


def _words_of_cancelling(invoice: FacturaDocument) -> dict[str, str]:
    """What it says: the usual closing promises money that perhaps was never paid."""
    language, number = invoice.language, invoice.number or ""
    paid = money_in(invoice.paid, invoice.currency, language, team().country)
    return {
        "subject": subjects.cancelling(language, invoice.kind, number),
        "intro": settings.default_text(Kind.CREDIT_NOTE, "intro", language),
        "closing": subjects.cancelled(language, number, paid if invoice.paid else ""),
    }


def _whole(invoice: FacturaDocument) -> dict[str, Any]:
    """The line that stands for an invoice whose own lines are elsewhere."""
    code, rate = checks.rate_of_all(invoice) or (Code.EXEMPT, Decimal(0))
    whole = invoice.total if invoice.is_gross else invoice.net
    return {
        **dict.fromkeys(TYPED, ""),
        "position": 1,
        "article_id": None,
        "text": subjects.cancelling(invoice.language, invoice.kind, invoice.number or ""),
        "quantity": Decimal(1),
        "price": amount(whole, invoice.currency),
        "discount": Decimal(0),
        "tax": code,
        "tax_rate": rate,
        "amount": whole,
    }


def _served_on(document: FacturaDocument) -> date | None:
    """The day of its service, which is its own as long as it tells no other."""
    return document.service_on or document.issued_on


def _with_known_places(values: dict[str, Any]) -> dict[str, Any]:
    """Without an address or person that is not there any more."""
    for problem in checks.places(values):
        if problem.field in ("address_key", "person_id"):
            values[problem.field] = MAIN if problem.field == "address_key" else None
    return values


def _subject(origin: FacturaDocument) -> str:
    """The subject of what is made from a document."""
    named = subjects.about(origin.language, origin.kind, origin.number or "")
    return subjects.joined(origin.subject, named, _named_before(origin))


def _own_subject(like: FacturaDocument) -> str:
    return subjects.joined(like.subject, "", _named_before(like))


def _named_before(document: FacturaDocument) -> str:
    """How a document names the one it was made from."""
    if document.origin_id is None:
        return ""
    before = queries.document(document.origin_id)
    return subjects.about(document.language, before.kind, before.number or "")


def _check(values: Mapping[str, Any]) -> None:
    problems = rules.check_document(values)
    number = values["number"]
    if not problems and number and values["kind"] in numbering.kinds_with(number):
        message = _l("Another document of this kind has this number.")
        problems = [Problem("number", "taken", message)]
    if problems:
        raise Invalid(problems)


def _tell(action: str, document: FacturaDocument, changes: list[audit.Change]) -> None:
    """Write what happened into the history and let everybody hear of it."""
    db.session.flush()
    audit.record(
        "factura",
        action,
        customer_id=document.customer_id,
        subject=document.number or document.subject or str(labels.kinds[Kind(document.kind)]),
        changes=changes,
    )
    _announce(document.customer_id, document.id)


def _announce(customer_id: int, document_id: int) -> None:
    announce("factura_document.changed", customer_id=customer_id, document_id=document_id)
    announce("marks.changed", customer_id=customer_id)


def _told_draft(document: FacturaDocument, values: Mapping[str, Any]) -> dict[str, Any]:
    """A draft as the history keeps it."""
    facts = ("intro", "closing", "service_on", "service_until", "payment_days")
    return {
        **_told(document),
        **{name: values[name] for name in facts},
        "document_lines": [_told_line(line) for line in values["lines"]],
    }


def _told_line(line: Any) -> str:
    text = line.text.partition("\n")[0][:80]
    if line.quantity is None:
        return text
    less = f" -{line.discount:f} %" if line.discount else ""
    return f"{line.quantity:f} {line.unit} {text}: {line.price or 0:f}{less}".replace("  ", " ")


def _dates(document: FacturaDocument) -> list[audit.Change]:
    dates = {"issued_on": document.issued_on, "payable_by": document.due_on}
    return [(name, None, value) for name, value in dates.items() if value]


def _told(document: FacturaDocument) -> dict[str, Any]:
    """Values as the history keeps them, amounts as decimal numbers with their currency."""
    return {
        "document_kind": document.kind,
        "document_state": document.state,
        "document_number": document.number,
        "subject": document.subject,
        "issued_on": document.issued_on,
        "payable_by": document.due_on,
        "total": _written(document.total, document.currency),
        "paid": _written(document.paid, document.currency) if document.paid else None,
        "reminder_level": document.reminder_level,
    }


def _written(minor: int, currency: str) -> str:
    return f"{amount(minor, currency)} {currency}"
