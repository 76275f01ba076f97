"""Making what a serial is for: its mails into the outbox, its letters into one file.

The worker takes step after step, each a short transaction that the caller commits. Whatever is slow
(judging, filling in, rendering) is done before the write lock is taken; behind it is looked once
more whether it is still wanted. The recipients who wait are the truth: killed and begun again it
goes on with the next of them, and two who do it at once make nothing twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryFile
from threading import Lock
from typing import Any

from flask import current_app
from sqlalchemy import bindparam, update

from app.core import audit, files, i18n, outbox, rendering
from app.core.database import db, now, table
from app.core.files import Stored, keep_all
from app.core.outbox import Later, Never, NotNow
from app.core.rendering import RenderFailed
from app.domain.customers.services import touch_all
from app.domain.groups.queries import gets_no_information
from app.domain.letters.layout import Sheet, document
from app.domain.letters.queries import style
from app.domain.letters.services import Finished, finish_many, sheet_for
from app.domain.mailing import queries as mailing
from app.domain.mailing.headers import Mailbox
from app.domain.mailing.headers import name as header_name
from app.domain.mailing.services import Outgoing, send_mails
from app.domain.messages.services import withdraw_messages
from app.domain.serials import check, queries, rules
from app.domain.serials.check import Judged, Text
from app.domain.serials.models import Serial, SerialRecipient
from app.domain.serials.rules import TOO_OFTEN, Fate, Reason, State, subject_of
from app.domain.templates.rules import Kind, filled

MAILS = 200
"""Mails that are made, or taken back, in one transaction."""
LETTERS = 40
"""Letters that are rendered, then written in one transaction."""
FILE = 64_000_000
"""Bytes of letters that are put into one file; PDFium needs twice that of memory."""
MOST_TRIES = 5
"""How often a worker may have died over a serial before its letters are put into no file."""
ALONE = Lock()
SOON = timedelta(minutes=1)

SERIALS, RECIPIENTS = table(Serial), table(SerialRecipient)
TO = RECIPIENTS.c
AT = update(RECIPIENTS).where(TO.serial_id == bindparam("of"), TO.position == bindparam("at"))
TOLD = ("state", "person_id", "address", "reason", "detail", "message_id", "outbox_id")
MARK = AT.values({column: bindparam(column) for column in TOLD})
CALL_OFF = AT.values({column: bindparam(column) for column in ("state", "reason")})


def produce(serial_id: int, tries: int = 1) -> Iterator[None]:
    """Do what there is to do for a serial, from wherever it is; the caller commits each step.

    Begin it with nothing unsaved; `tries` counts how often it was begun and not ended. It ends
    early when somebody pauses the serial or calls it off. Raises NotNow while no mail can be sent,
    Never if letters are not put into a file after so many tries, and Later while a mail that was
    called off may still leave, or be taken back.
    """
    yield from _let_go(serial_id)
    yield from _take_back(serial_id)
    with _reading():
        kind = queries.serial(serial_id).kind
    yield from _mails(serial_id) if kind == Kind.MAIL else _letters(serial_id)
    yield from _join(serial_id, tries) if kind == Kind.LETTER else _finish(serial_id)
    with _reading():
        if queries.is_leaving(serial_id):
            raise Later(SOON)


def sheet_of(one: Judged, text: Text, day: date) -> Sheet:
    """The letter to one of them."""
    subject, body = (filled(words, one.values) for words in (text.subject, text.body))
    return sheet_for(one.lines, subject, body, on=day, language=text.language)


def _let_go(serial_id: int) -> Iterator[None]:
    """What was held back goes on, but not to those who should not get it any more."""
    after = 0
    while queries.state_of(serial_id) == State.PREPARING:
        held = queries.held(serial_id, after, check.CHUNK)
        if not held:
            break
        after = held[-1].position
        unwelcome = check.unwelcome([row.customer_id for row in held])
        outbox.cancel_all([row.outbox_id for row in held if row.customer_id in unwelcome])
        outbox.release([row.outbox_id for row in held])
        yield
    yield


def _take_back(serial_id: int) -> Iterator[None]:
    """Mails that were called off before they were sent are no messages of their customers."""
    while rows := queries.to_withdraw(serial_id, MAILS):
        customer_ids = [row.customer_id for row in rows]
        silent = gets_no_information(customer_ids)
        withdraw_messages([row.message_id for row in rows])
        marks = [_called_off(serial_id, row, row.customer_id in silent) for row in rows]
        db.session.connection().execute(CALL_OFF, marks)
        gone = [("customer", f"{row.number} {row.customer_name}", None) for row in rows]
        audit.record("serials", "withdrawn", subject=subject_of(rows[0]), changes=gone)
        touch_all(customer_ids)
        yield
    yield


def _called_off(serial_id: int, row: Any, is_silent: bool) -> dict[str, Any]:
    """What becomes of somebody whose mail was called off, and why if it was not for all."""
    fate, reason = Fate.CANCELLED, ""
    if is_silent:
        fate, reason = Fate.LEFT_OUT, Reason.SILENT
    elif row.removed_at is not None:
        fate, reason = Fate.FAILED, Reason.IN_TRASH
    return {"of": serial_id, "at": row.position, "state": fate, "reason": reason}


def _mails(serial_id: int) -> Iterator[None]:
    """The mails of those who wait, some at a time."""
    while work := _next(serial_id, MAILS):
        if work.hindrance:
            raise NotNow("no_account", str(work.hindrance))
        mails = {at: _mail(work.text, one) for at, one in work.judged.items() if not one.reason}
        if wanted := _still_wanted(work):
            ready = [at for at in wanted if at in mails]
            many = [(wanted[at].addressee.customer_id, mails[at]) for at in ready]
            sent = send_mails(many, batch=serial_id)
            _mark(work.serial, wanted, dict(zip(ready, sent, strict=True)))
        yield


def _letters(serial_id: int) -> Iterator[None]:
    """The letters of those who wait, some at a time, rendered by all processes there are."""
    rendering.start(current_app.config["RENDERERS"])
    while work := _next(serial_id, LETTERS):
        pdfs = _rendered(work.sheets, work.style)
        judged = {at: _failed(one, pdfs.get(at)) for at, one in work.judged.items()}
        if wanted := _still_wanted(replace(work, judged=judged)):
            ready = [at for at, one in wanted.items() if not one.reason]
            finished = [_finished(wanted[at], work.sheets[at], pdfs[at]) for at in ready]
            ids = finish_many(finished, on=work.day)
            _mark(work.serial, wanted, {at: (id, None) for at, id in zip(ready, ids, strict=True)})
        yield


@dataclass(frozen=True, slots=True)
class _Work:
    """Some of those who wait, `judged` by their position, and what their mails or letters need."""

    serial: Any
    text: Text
    judged: Mapping[int, Judged]
    day: date
    sheets: Mapping[int, Sheet] = field(default_factory=dict)
    style: Any = None
    hindrance: Any = None


def _next(serial_id: int, most: int) -> _Work | None:
    """What is to be made next; None if nothing is, or nothing any more.

    Whatever the database has to tell about it is asked here: a question behind it would take the
    write lock and hold it while letters are rendered.
    """
    with _reading():
        serial = queries.serial(serial_id)
        waiting = queries.next_waiting(serial_id, most)
        if serial.state != State.PREPARING or not waiting:
            return None
        text = Text.of(serial)
        day = i18n.here(serial.started_at).date()
        work = _Work(serial, text, _judged(text, waiting), day)
        if text.kind == Kind.MAIL:
            return replace(work, hindrance=mailing.hindrance())
        wanting = {at: one for at, one in work.judged.items() if not one.reason}
        sheets = {at: sheet_of(one, text, day) for at, one in wanting.items()}
        return replace(work, sheets=sheets, style=style())


def _judged(text: Text, waiting: Sequence[Any]) -> dict[int, Judged]:
    """Those who wait, judged by what is known of them now, by their position."""
    places = {row.customer_id: row.position for row in waiting}
    judged = check.judge(text, [*places])
    return {places[one.addressee.customer_id]: one for one in judged}


def _mail(text: Text, one: Judged) -> Outgoing:
    to = str(Mailbox(header_name(one.name), one.address))
    return Outgoing([to], [], [], filled(text.subject, one.values), filled(text.body, one.values))


def _rendered(sheets: Mapping[int, Sheet], style: Any) -> dict[int, Stored | RenderFailed]:
    """The letters as stored files, or why there is none; one that fails stops no other."""
    places = list(sheets)
    documents = (document(sheet, style) for sheet in sheets.values())
    return {
        places[index]: found if isinstance(found, RenderFailed) else keep_all(BytesIO(found))
        for index, found in rendering.render_many(documents)
    }


def _failed(one: Judged, pdf: Stored | RenderFailed | None) -> Judged:
    """Whoever's letter could not be made has a reason from now on."""
    if isinstance(pdf, RenderFailed):
        return replace(one, reason=rules.unrendered(pdf.code), detail=pdf.detail)
    return one


def _finished(one: Judged, sheet: Sheet, pdf: Any) -> Finished:
    return Finished(one.addressee.customer_id, one.customer_name, sheet, pdf)


def _still_wanted(work: _Work) -> dict[int, Judged]:
    """Those for whom nobody else made it meanwhile; nobody if the serial was held back.

    Whoever became unwelcome since they were judged waits, to be judged again.
    """
    if queries.state_of(work.serial.id) != State.PREPARING:
        return {}
    waiting = queries.still_waiting(work.serial.id, work.judged.keys())
    unwelcome = check.unwelcome([one.addressee.customer_id for one in work.judged.values()])
    return {
        at: one
        for at, one in work.judged.items()
        if at in waiting and (one.reason or one.addressee.customer_id not in unwelcome)
    }


def _mark(
    found: Any, wanted: Mapping[int, Judged], made: Mapping[int, tuple[int, int | None]]
) -> None:
    """Write what became of them: `made` are message and entry by position, the rest have a reason.

    Asking for no information is no failure, but a wish.
    """
    rows = [{"of": found.id, "at": at} | _told(one, made.get(at)) for at, one in wanted.items()]
    db.session.connection().execute(MARK, rows)
    some = [wanted[at] for at in made]
    if some:
        lines = [("customer", None, f"{one.number} {one.customer_name}") for one in some]
        audit.record("serials", "made", subject=subject_of(found), changes=lines)
        touch_all([one.addressee.customer_id for one in some])


def _told(one: Judged, made: tuple[int, int | None] | None) -> dict[str, Any]:
    """What is kept of a recipient from now on."""
    fate = Fate.MADE if made else Fate.LEFT_OUT if one.reason == Reason.SILENT else Fate.FAILED
    _customer_id, *told = one.row
    return dict(zip(TOLD, (fate, *told, *(made or (None, None))), strict=True))


def _join(serial_id: int, tries: int) -> Iterator[None]:
    """Letters are put into files that can be printed, before it is finished.

    Of a serial that was called off those that were made until then. It begins anew if one of its
    customers is deleted for good meanwhile.
    """
    with _reading():
        if queries.state_of(serial_id) not in (State.PREPARING, State.CANCELLED):
            return
        letters = queries.letters(serial_id)
    if letters and tries > MOST_TRIES:
        raise Never(TOO_OFTEN)
    made = []
    for first, some in _portions(letters):
        made.append(_joined(first, some))
        yield
    if letters != queries.letters(serial_id):
        raise Later
    yield from _finish(serial_id, files=made or None)


def _finish(serial_id: int, **made: Any) -> Iterator[None]:
    """All of them are made, unless somebody waits again."""
    state = queries.state_of(serial_id)
    of_it = update(SERIALS).where(SERIALS.c.id == serial_id)
    if state == State.PREPARING and not queries.next_waiting(serial_id, 1):
        db.session.execute(of_it.values(state=State.MADE, finished_at=now(), **made))
    elif state == State.CANCELLED:
        db.session.execute(of_it.values(finished_at=now(), **made))
    yield


def _portions(letters: Sequence[Any]) -> Iterator[tuple[int, list[Any]]]:
    """Letters that go into one file, as many as are not too large, and the number of the first."""
    first, size, some = 1, 0, []
    for letter in letters:
        if some and size + letter.size > FILE:
            yield first, some
            first, size, some = first + len(some), 0, []
        some.append(letter)
        size += letter.size
    if some:
        yield first, some


def _joined(first: int, letters: Sequence[Any]) -> dict[str, Any]:
    """Stored PDFs one behind the other as a stored file; `lost` counts those that are not there.

    PDFium does it in a seventh of the time that pypdf takes and in a third of the memory; it is
    for one thread at a time, and loaded by the worker only.
    """
    from pypdfium2 import PdfDocument

    with ALONE, closing(PdfDocument.new()) as whole, TemporaryFile() as file:
        lost = sum(not _added(whole, files.path_of(letter.digest)) for letter in letters)
        whole.save(file)
        file.seek(0)
        stored = keep_all(file)
    places = {"first": first, "last": first + len(letters) - 1, "lost": lost}
    return {"name": stored.name, "size": stored.size} | places


def _added(whole: Any, path: Path) -> bool:
    """Whether the letter that lies there could be put behind the others."""
    from pypdfium2 import PdfDocument, PdfiumError

    try:
        with closing(PdfDocument(path)) as letter:
            whole.import_pages(letter)
    except (FileNotFoundError, PdfiumError):
        return False
    return True


@contextmanager
def _reading() -> Iterator[None]:
    """Read beside those who write; what follows takes the write lock."""
    db.session.connection(execution_options={"read_only": True})
    try:
        yield
    finally:
        db.session.rollback()
