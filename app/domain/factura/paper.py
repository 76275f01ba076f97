"""The paper of a document: its PDF, made once from what was frozen at issue and kept ever after.

The number is committed first, then the PDF is drawn and stored, so nothing slow runs inside the
transaction that holds the numbers; whoever died in between left an entry in the outbox, and the
worker draws it. What is stored is never drawn again: a lost file can only come from a backup.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from types import SimpleNamespace
from typing import Any

from flask import current_app
from sqlalchemy import bindparam, select
from sqlalchemy.exc import OperationalError

from app.core import files, outbox, rendering
from app.core.database import db, table, writing
from app.core.files import Stored
from app.core.i18n import _l, amount, today
from app.core.outbox import OutboxEntry
from app.core.problems import Refused
from app.core.rendering import RenderFailed
from app.domain.banking.models import TeamAccount
from app.domain.banking.rules import group
from app.domain.factura import checks, freezing, queries, services
from app.domain.factura.models import FacturaDocument
from app.domain.factura.rules import MAIN, Kind, State
from app.domain.factura.sheet import Line, Origin, Paper, Tax, Team, sheet
from app.domain.factura.words import SHORT, WORDS
from app.domain.letters import layout
from app.domain.letters import queries as letters
from app.domain.letters.layout import Payment
from app.domain.letters.measure import missing
from app.domain.letters.rules import FORBIDDEN_IN_NAMES, MOST_TO_PAY
from app.domain.letters.services import payment_for
from app.domain.messages.models import Message, MessageAttachment, MessageLink
from app.domain.messages.queries import STANDING
from app.domain.messages.rules import recipients

LONGEST = 60
"""Seconds that drawing a document may take: one of 500 lines needs four."""
ASKS = (Kind.INVOICE, Kind.REMINDER)
"""What tells where to pay."""

MOST_PAGES = 150
MOST_SENT = 50
ELSEWHERE = _l("This document was issued elsewhere: there is no PDF of it here.")

DOCUMENT, ENTRY = (table(model).c for model in (FacturaDocument, OutboxEntry))
MESSAGE, LINK, ATTACHMENT = (table(model).c for model in (Message, MessageLink, MessageAttachment))
# Names are written in hexadecimal digits: all that begin like `first` sort before `beyond`.
NEEDED = select(DOCUMENT.pdf_digest, DOCUMENT.id).where(
    DOCUMENT.pdf_digest >= bindparam("first"), DOCUMENT.pdf_digest < bindparam("beyond")
)
ISSUED = (
    select(DOCUMENT.id, DOCUMENT.number, DOCUMENT.pdf_digest)
    .where(
        DOCUMENT.pdf_digest.is_not(None) | DOCUMENT.frozen.is_not(None),
        DOCUMENT.id > bindparam("after"),
    )
    .order_by(DOCUMENT.id)
    .limit(1000)
)
AWAITED = select(ENTRY.payload["document_id"].as_integer()).where(
    ENTRY.state == outbox.State.WAITING, ENTRY.kind == "factura"
)
DRAWN = select(
    ENTRY.id,
    ENTRY.created_at,
    ENTRY.error,
    ENTRY.detail,
    DOCUMENT.id.label("document_id"),
    DOCUMENT.number,
).join_from(
    table(OutboxEntry),
    table(FacturaDocument),
    DOCUMENT.id == ENTRY.payload["document_id"].as_integer(),
)
FAILED = (
    DRAWN.where(
        ENTRY.state == outbox.State.FAILED,
        ENTRY.kind == "factura",
        DOCUMENT.pdf_digest.is_(None),
    )
    .order_by(ENTRY.id.desc())
    .limit(MOST_SENT)
)
DRAWN_BY = DRAWN.where(ENTRY.id == bindparam("entry_id"), ENTRY.kind == "factura")
SENT = (
    select(
        MESSAGE.id.label("message_id"),
        MESSAGE.at,
        MESSAGE.envelope,
        MESSAGE.outbox_id,
        *STANDING,
    )
    .join_from(table(MessageAttachment), table(Message), MESSAGE.id == ATTACHMENT.message_id)
    .join(table(MessageLink), LINK.message_id == MESSAGE.id)
    .outerjoin(table(OutboxEntry), ENTRY.id == MESSAGE.outbox_id)
    .where(
        ATTACHMENT.digest == bindparam("digest"),
        LINK.customer_id == bindparam("customer_id"),
        MESSAGE.removed_at.is_(None),
    )
    .order_by(MESSAGE.id.desc())
    .limit(MOST_SENT)
)


UNKNOWN: Mapping[str, Any] = {
    "address": (),
    "customer": {"number": "", "vat_number": ""},
    "sender": dict.fromkeys((*freezing.HOME, "tax_number", "vat_number"), ""),
    "account": None,
    "contact": {"name": ""},
    "taxes": (),
    "sentence": "",
    "origin": None,
}


class Condition(StrEnum):
    """How it stands with the PDF of a document.

    ELSEWHERE is one that was issued by another program, DUE one that is still to be drawn.
    """

    DRAFT = "draft"
    ELSEWHERE = "elsewhere"
    DUE = "due"
    GOOD = "good"
    MISSING = "missing"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Sent:
    """A message that a PDF went with: `row` tells how far its entry in the outbox got."""

    customer_id: int
    message_id: int
    to: tuple[str, ...]
    row: Any


@dataclass(frozen=True, slots=True)
class Flaw:
    """A document whose file is lost, is not what was stored, or was never drawn: `condition`.

    `is_awaited` tells that the worker is going to draw it.
    """

    document_id: int
    number: str
    digest: str | None
    condition: Condition
    is_awaited: bool


def pdf_of(document_id: int) -> Stored:
    """The stored PDF of an issued document; the first time it is drawn and kept.

    It commits, so begin it with nothing unsaved. Raises RenderFailed if it cannot be drawn, and
    Refused for a draft and for what was issued elsewhere.
    """
    document = queries.row(document_id)
    if document.pdf_digest:
        return Stored(document.pdf_digest, document.pdf_size)
    if reason := _hindrance(document):
        raise Refused(reason)
    html = _html(document)
    db.session.rollback()  # nothing is held while it is drawn
    pdf = rendering.render_pdf(html, timeout=LONGEST, most=MOST_PAGES)
    stored = files.keep_all(io.BytesIO(pdf))
    writing()
    services.set_pdf(document_id, stored.name, stored.size)
    db.session.commit()
    kept = queries.row(document_id)  # somebody else may have been quicker
    return Stored(kept.pdf_digest, kept.pdf_size)


def draft_of(document_id: int) -> bytes:
    """The PDF that a document would have by now, a draft with a mark across it; nothing is kept."""
    html = html_of(document_id)
    return rendering.render_pdf(html, timeout=LONGEST, most=MOST_PAGES)


def hindrance_to_draw(document_id: int) -> RenderFailed | None:
    """Why a draft should not be issued: its paper could not be drawn, as far as one can tell.

    It is drawn after it has its number, when it is too late to mend it.
    """
    found, style = sheet(paper_of(queries.row(document_id)), letters.style())
    if lacking := missing(layout.document(found, style)):
        return RenderFailed("glyphs", lacking)
    return RenderFailed("pages") if found.pages > MOST_PAGES else None


def html_of(document_id: int) -> str:
    """What the renderer makes the paper of; Refused for what was issued elsewhere."""
    document = queries.row(document_id)
    if document.state != State.DRAFT and not document.frozen:
        raise Refused(ELSEWHERE)
    return _html(document)


def html_with(document: Any, lines: Iterable[Any]) -> str:
    """The same of a document that nobody keeps yet; it holds all that would be `frozen`."""
    return _html(document, lines)


def paper_of(document: Any, lines: Iterable[Any] | None = None) -> Paper:
    """What a document says: what was frozen, or what would be if it was issued today.

    Where to pay is left out. `lines` are those of one that nobody keeps yet.
    """
    frozen = _frozen(document)
    return Paper(
        kind=document.kind,
        language=document.language,
        number=document.number or "",
        subject=document.subject,
        day=document.issued_on or today(),
        due_on=document.due_on,
        service_on=document.service_on,
        service_until=document.service_until,
        currency=document.currency,
        is_gross=document.is_gross,
        treatment=document.treatment,
        net=frozen.get("net", document.net),
        total=frozen.get("total", document.total),
        intro=document.intro,
        closing=document.closing,
        address=tuple(frozen["address"]),
        customer_number=frozen["customer"]["number"],
        customer_vat=frozen["customer"]["vat_number"],
        contact=frozen["contact"]["name"],
        sentence=frozen["sentence"],
        team=_team(frozen["sender"]),
        lines=tuple(map(_line, queries.lines(document.id) if lines is None else lines)),
        taxes=tuple(_tax(tax) for tax in frozen["taxes"]),
        origin=_origin(frozen["origin"]),
    )


def language(document_id: int) -> str:
    """The language a document is written in."""
    return queries.row(document_id).language


def file_name(document: Any) -> str:
    """What its PDF is called: "Rechnung RE-2026-0001.pdf"."""
    title = SHORT[document.language][Kind(document.kind)]
    number = document.number or WORDS[document.language]["draft"]
    return f"{FORBIDDEN_IN_NAMES.sub(' ', f'{title} {number}')}.pdf"


def condition(document: Any) -> Condition:
    """How it stands with the PDF of a document, as far as one can tell without reading the file."""
    if document.state == State.DRAFT:
        return Condition.DRAFT
    if document.pdf_digest:
        return _looked_at(Stored(document.pdf_digest, document.pdf_size))
    return Condition.DUE if document.frozen else Condition.ELSEWHERE


def compared(digest: str) -> Condition:
    """How it stands with a stored PDF, whose file is read: never inside a writing transaction."""
    try:
        is_same = files.digest_of(files.path_of(digest)) == digest
    except FileNotFoundError:
        return Condition.MISSING
    return Condition.GOOD if is_same else Condition.CHANGED


def keep_pdf(document_id: int) -> RenderFailed | None:
    """Commit what was done and draw the PDF at once; why there is none yet, if there is none.

    The worker then tries again: a document is issued whatever becomes of its paper.
    """
    db.session.commit()
    try:
        pdf_of(document_id)
    except RenderFailed as reason:
        current_app.logger.warning("No PDF of document %s yet: %s", document_id, reason)
        return reason
    except (OSError, OperationalError) as reason:
        db.session.rollback()
        current_app.logger.error("The PDF of document %s is not kept: %s", document_id, reason)
        return RenderFailed("unkept")
    return None


def failed() -> list[Any]:
    """Entries of the outbox whose document still has no PDF, as none could be drawn; newest first.

    id, created_at, error, detail, document_id and number.
    """
    return list(db.session.execute(FAILED))


def drawn_by(entry_id: int) -> Any:
    """The entry of the outbox by which a PDF is drawn, as `failed` has it; None for any other."""
    return db.session.execute(DRAWN_BY, {"entry_id": entry_id}).first()


def sent(document: Any) -> list[Sent]:
    """The messages that its PDF went with, the latest first."""
    if not document.pdf_digest:
        return []
    asked = {"digest": document.pdf_digest, "customer_id": document.customer_id}
    return [
        Sent(document.customer_id, row.message_id, tuple(recipients(row.envelope)), row)
        for row in db.session.execute(SENT, asked)
    ]


def flaws() -> Iterator[Flaw | None]:
    """Every issued document, its PDF read and compared: what is wrong, None if nothing.

    What was issued elsewhere is left out.
    """
    after, awaited = 0, set(db.session.scalars(AWAITED))
    while rows := db.session.execute(ISSUED, {"after": after}).all():
        db.session.rollback()  # reading files takes a while
        for row in rows:
            found = compared(row.pdf_digest) if row.pdf_digest else Condition.DUE
            is_awaited = found == Condition.DUE and row.id in awaited
            told = row.id, row.number, row.pdf_digest, found, is_awaited
            yield None if found == Condition.GOOD else Flaw(*told)
        after = rows[-1].id


def needed_files(prefix: str) -> dict[str, Any]:
    """The stored PDFs of all documents, as `files.named` asks."""
    found = db.session.execute(NEEDED, {"first": prefix, "beyond": f"{prefix}g"})
    return {row.pdf_digest: _l("factura document %(id)d", id=row.id) for row in found}


def _hindrance(document: Any) -> Any:
    if document.state == State.DRAFT:
        return _l("A draft has no PDF yet.")
    return None if document.frozen else ELSEWHERE


def _looked_at(stored: Stored) -> Condition:
    try:
        is_same = files.path_of(stored.name).stat().st_size == stored.size
    except FileNotFoundError:
        return Condition.MISSING
    return Condition.GOOD if is_same else Condition.CHANGED


def _html(document: Any, lines: Iterable[Any] | None = None) -> str:
    frozen, told = _frozen(document), paper_of(document, lines)
    told = replace(told, payment=_payment(told, frozen["account"]))
    found, style = sheet(told, letters.style())
    return layout.document(found, style)


def _frozen(document: Any) -> Mapping[str, Any]:
    """What was copied at issue, or would be today; nothing is known of what came from elsewhere."""
    if document.frozen:
        return document.frozen
    if document.state != State.DRAFT:
        return UNKNOWN
    totals = queries.totals_of(queries.values_of(document))
    origin = queries.row(document.origin_id) if document.origin_id else None
    frozen = freezing.frozen(_with_known_place(document), totals, origin)
    return frozen | {"net": totals.net, "total": totals.total}


def _with_known_place(document: Any) -> Any:
    """A draft that goes to the main address if the chosen one is gone."""
    values = queries.values_of(document)
    lost = {problem.field for problem in checks.places(values)}
    usual = {"address_key": MAIN, "person_id": None}
    known = {name: usual[name] if name in lost else values[name] for name in usual}
    return SimpleNamespace(**dict(document._mapping) | known)


def _team(sender: Mapping[str, str]) -> Team:
    street = f"{sender['street']} {sender['house_number']}".strip()
    place = f"{sender['postcode']} {sender['town']}".strip()
    lines = tuple(filter(None, (sender["name"], street, place)))
    return Team(sender["country"], lines, sender["tax_number"], sender["vat_number"])


def _line(row: Any) -> Line:
    names = ("number", "text", "unit", "quantity", "price", "discount", "tax", "tax_rate", "amount")
    return Line(*(getattr(row, name) for name in names))


def _tax(tax: Mapping[str, Any]) -> Tax:
    return Tax(tax["code"], Decimal(tax["rate"]), tax["net"], tax["tax"])


def _origin(origin: Mapping[str, Any] | None) -> Origin | None:
    if not origin or not origin["number"]:
        return None
    day = date.fromisoformat(origin["issued_on"])
    return Origin(origin["kind"], origin["number"], day)


def _payment(told: Paper, account: Mapping[str, str] | None) -> Payment | None:
    """Where to pay; a code for banking apps where one can be trusted: in euros, not of a draft."""
    if told.kind not in ASKS or told.total <= 0 or not account:
        return None
    known = TeamAccount(**account)
    known.account_holder = known.account_holder or told.team.lines[0]
    is_reminder = told.kind == Kind.REMINDER and told.origin
    reference = told.origin.number if is_reminder and told.origin else told.number
    to_pay = amount(told.total, told.currency)
    if told.currency != "EUR" or not told.number or to_pay > MOST_TO_PAY:
        return _plain_payment(known, reference, told.language)
    return payment_for(known, f"{to_pay:.2f}", reference, told.language, told.team.country)


def _plain_payment(account: TeamAccount, reference: str, language: str) -> Payment:
    words = WORDS[language]
    rows = (
        (words["holder"], account.account_holder),
        ("IBAN", group(account.iban)),
        ("BIC", account.bic),
        (words["bank"], account.bank_name),
        (words["reference"], reference),
    )
    return Payment("", words["account"], tuple((name, value) for name, value in rows if value))
