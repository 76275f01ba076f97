"""Serials: who gets one, how it is made, held back, called off and tried again."""

from __future__ import annotations

import sqlite3
import threading
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from io import BytesIO
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask, current_app, g
from pypdf import PdfReader, PdfWriter
from sqlalchemy import select, update
from werkzeug.exceptions import NotFound

from app.core import audit, database, files, jobs, outbox
from app.core.audit import AuditEntry
from app.core.database import db, happening, now, short_transaction, table, writing
from app.core.jobs import Delivery, Nightly
from app.core.outbox import Later, NotNow, OutboxEntry
from app.core.problems import Refused
from app.core.registry import registry
from app.core.rendering import RenderFailed
from app.core.worker import Worker
from app.domain.addresses.services import add_address
from app.domain.customers import services as customers
from app.domain.customers.models import Customer, CustomerEmail
from app.domain.groups import services as groups
from app.domain.messages import queries as messages
from app.domain.messages.models import Message, MessageLink
from app.domain.serials import check, labels, production, queries, rules, services
from app.domain.serials.check import Text, look
from app.domain.serials.models import Serial, SerialRecipient
from app.domain.serials.production import produce
from app.domain.serials.queries import Asked
from app.domain.serials.rules import Fate, Reason, Standing, State, Tally
from app.domain.templates import queries as templates
from app.domain.templates.services import create_template
from tests.factories import address_values, contact_person_values, customer_values
from tests.mails import set_up

pytestmark = pytest.mark.usefixtures("context")

BODY = "{{salutation}}\n\nIhre Nummer: {{customer_number}}\n\n{{my_name}}"
NOWHERE = dict.fromkeys(("street", "house_number", "postcode", "town"), "")


@pytest.fixture
def team(context: None) -> Any:
    """Anna acts, and mails can be sent."""
    set_up()
    with audit.acting(1, "Anna Admin"):
        yield


@pytest.fixture
def crowd(team: None) -> list[int]:
    """Seven customers whom mails reach, in the order of their names."""
    return [add(last_name=f"Meier {n}", email=f"meier{n}@example.com") for n in range(7)]


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> int:
    """Few mails are made in one step."""
    monkeypatch.setattr(production, "MAILS", 2)
    return 2


def add(email: str = "tanja@example.com", **values: Any) -> int:
    emails = [{"label": "", "address": email}] if email else []
    customer_id = customers.create_customer(customer_values(emails=emails, **values))
    db.session.commit()
    return customer_id


def text(kind: str = "mail", body: str = BODY, subject: str = "Fest", **options: Any) -> Text:
    return Text(kind, "de", subject, body, options)


def template(
    kind: str = "mail", body: str = BODY, subject: str = "Fest", name: str = "Fest"
) -> Any:
    values = {"name": name, "language": "de", "category_id": None}
    template_id = create_template(kind, values | {"subject": subject, "body": body})
    return templates.template(template_id)


def drafted(customer_ids: list[int], kind: str = "mail", **values: Any) -> int:
    of = template(kind, **values)
    serial_id = services.draft_serial(of, {}, look(Text.of(of, {}), customer_ids))
    db.session.commit()
    return serial_id


def started(customer_ids: list[int], **values: Any) -> int:
    serial_id = drafted(customer_ids, **values)
    assert services.start_serial(serial_id, queries.serial(serial_id).digest)
    db.session.commit()
    return serial_id


def made(serial_id: int, steps: int | None = None) -> None:
    """Let the worker do all there is, or so many steps that change something."""
    for number, _step in enumerate(produce(serial_id), start=1):
        db.session.commit()
        if number == steps:
            break
    db.session.rollback()


def judged(customer_id: int, of: Text | None = None) -> check.Judged:
    return check.judge(of or text(), [customer_id])[0]


def next_mail() -> Any:
    """The next mail that the worker would take, or None."""
    db.session.rollback()
    found = outbox.take(["mail"])
    db.session.rollback()
    return found


def fates(serial_id: int) -> list[tuple[str, str]]:
    rows, _is_more = queries.recipients(serial_id, Asked())
    return [(row.fate, row.reason) for row in rows]


def entries(serial_id: int) -> list[Any]:
    of_it = select(OutboxEntry).where(OutboxEntry.batch == serial_id).order_by(OutboxEntry.id)
    return list(db.session.scalars(of_it.execution_options(populate_existing=True)))


def receivers() -> list[str]:
    """To whom mails were made that are seen, each as often as it was."""
    found = select(Message.envelope).where(Message.removed_at.is_(None))
    return sorted(envelope["to"][0] for envelope in db.session.scalars(found) if envelope)


def delivered(serial_id: int, count: int) -> None:
    """Let the mail server take so many of those that may go."""
    db.session.rollback()
    for _n in range(count):
        entry = outbox.take(["mail"])
        assert entry is not None
        outbox.confirm(entry.id)
    db.session.rollback()


def told() -> list[tuple[str, str, list[Any]]]:
    found = select(AuditEntry).where(AuditEntry.area == "serials").order_by(AuditEntry.id)
    return [(row.action, row.subject, row.changes) for row in db.session.scalars(found)]


class TestJudging:
    @pytest.mark.parametrize("kind", ["mail", "letter"])
    def test_a_language_without_words_is_written_to_in_that_of_the_template(
        self, team: None, kind: str
    ):
        names = "".join(f"{{{{{name}}}}}" for name in templates.known() if "salutation" in name)
        one = judged(add(language="fr"), text(kind, body=f"{{{{salutation}}}} {names}"))
        assert one.reason == ""
        assert one.addressee.language == "de"
        assert one.values["salutation"].startswith("Sehr geehrte Frau Müller")

    def test_somebody_gets_it(self, team: None):
        one = judged(add(number="4711"))
        assert (one.reason, one.name, one.address) == ("", "Tanja Müller", "tanja@example.com")
        assert one.values["customer_number"] == "4711"
        assert one.values["salutation"].startswith("Sehr geehrte Frau Müller")
        assert one.values["my_name"] == "Anna Admin"

    def test_a_company_is_written_to_by_its_main_contact(self, team: None):
        company = {"kind": "company", "company": "Autohaus Berger", "last_name": ""}
        customer_id = add("info@example.com", **company)
        assert judged(customer_id).address == "info@example.com"
        person_id = customers.add_contact_person(customer_id, contact_person_values())
        one = judged(customer_id)
        assert (one.name, one.address) == ("Dr. Jörg Weiß", "weiss@example.com")
        assert one.addressee.person_id == person_id
        assert "Herr Dr. Weiß" in one.values["salutation"]
        values = contact_person_values(email="", is_main=True)
        customers.change_contact_person(customer_id, person_id, values)
        assert judged(customer_id).address == "info@example.com"
        assert "Herr Dr. Weiß" in judged(customer_id).values["salutation"]

    def test_no_address(self, team: None):
        assert judged(add("")).reason == Reason.NO_EMAIL

    @pytest.mark.parametrize("address", ["a@b@c", "a b@example.com", "x@ex\nBcc: y@z", "Bcc: x"])
    def test_an_address_that_is_none(self, team: None, address: str):
        customer_id = add()
        db.session.execute(update(CustomerEmail).values(address=address))
        assert judged(customer_id).reason == Reason.BAD_EMAIL

    def test_who_gets_no_information_or_is_in_the_trash(self, team: None):
        customer_id = add("")
        groups.stop_information(customer_id)
        assert judged(customer_id).reason == Reason.SILENT
        customers.delete_customer(customer_id)
        assert judged(customer_id).reason == Reason.IN_TRASH

    def test_below_a_group_without_information_too(self, team: None):
        customer_id = add()
        silent = {"name": "Werbesperre", "parent_id": None, "no_information": True}
        below = {"name": "Kurs", "parent_id": groups.create_group(silent), "no_information": False}
        groups.add_members(groups.create_group(below), [customer_id])
        assert judged(customer_id).reason == Reason.SILENT

    def test_what_cannot_be_filled_in_is_named(self, team: None):
        one = judged(add(birthday=None), text(body="{{birthday}} {{ Birthday }} {{nothing}}"))
        assert (one.reason, one.detail) == (Reason.LACKING, "birthday,nothing")
        told = labels.told(one.reason, one.detail)
        assert told == "für „Geburtstag“ ({{birthday}}), {{nothing}} ist nichts bekannt"

    def test_a_subject_that_becomes_too_long(self, team: None):
        of = text(subject="{{company}} " * 2, body="x")
        customer_id = add(kind="company", company="x" * 200)
        assert judged(customer_id, of).reason == Reason.TOO_LONG

    def test_letters_go_to_the_address_that_was_chosen(self, team: None):
        customer_id = add("")
        add_address(customer_id, address_values())
        main = judged(customer_id, text("letter"))
        assert main.reason == ""
        assert main.lines == ("Frau Tanja Müller", "Hauptstraße 5a", "50667 Köln")
        billing = judged(customer_id, text("letter", address="billing"))
        assert billing.lines[1:] == ("Am Rheinufer 12", "53111 Bonn")
        delivery = judged(customer_id, text("letter", address="delivery"))
        assert delivery.lines == main.lines

    def test_an_incomplete_postal_address(self, team: None):
        one = judged(add("", **NOWHERE), text("letter"))
        assert (one.reason, one.detail) == (Reason.NO_ADDRESS, "street,postcode,town")
        assert labels.told(one.reason, one.detail).endswith(": Straße, Postleitzahl, Ort")

    def test_the_order_is_kept_and_who_is_unknown_is_left_out(self, crowd: list[int]):
        asked = [crowd[3], 999, crowd[0], crowd[5]]
        found = look(text(), asked)
        assert [row[0] for row in found.rows] == [crowd[3], crowd[0], crowd[5]]
        assert look(text(), []).addressed == 0

    def test_the_digest_tells_every_change(self, crowd: list[int]):
        digest = look(text(), crowd).digest
        assert look(text(), crowd).digest == digest
        assert look(text(), crowd[:-1]).digest != digest
        groups.stop_information(crowd[0])
        assert look(text(), crowd).digest != digest

    def test_as_many_questions_for_many(self, crowd: list[int], count_queries: Callable[[], Any]):
        for of in (text(), text("letter"), text("letter", address="billing")):
            check.judge(of, crowd[:1])
            with count_queries() as one:
                check.judge(of, crowd[:1])
            with count_queries() as many:
                check.judge(of, crowd)
            assert len(one) == len(many) < 15


class TestDrafting:
    def test_nobody_is_written_to(self, crowd: list[int]):
        serial_id = drafted([*crowd, add("", last_name="Ohne")])
        found = queries.serial(serial_id)
        assert (found.state, found.addressed, found.name) == (State.DRAFT, 7, "Fest")
        assert queries.tally(serial_id, "mail") == Tally(waiting=7, left_out=1)
        assert [tuple(row) for row in queries.reasons(serial_id)] == [(Reason.NO_EMAIL, "", 1)]
        made(serial_id)
        assert receivers() == []

    def test_looked_at_again(self, crowd: list[int]):
        serial_id = drafted(crowd)
        groups.stop_information(crowd[0])
        services.look_again(serial_id, look(text(), crowd))
        assert queries.serial(serial_id).addressed == 6
        assert fates(serial_id)[0] == (Fate.LEFT_OUT, Reason.SILENT)
        services.start_serial(serial_id, queries.serial(serial_id).digest)
        with pytest.raises(Refused):
            services.look_again(serial_id, look(text(), crowd))

    def test_who_is_deleted_for_good_since_they_were_judged_is_left_out(self, crowd: list[int]):
        of = template()
        found = look(Text.of(of, {}), crowd)
        customers.erase_customers(crowd[:1])
        serial_id = services.draft_serial(of, {}, found)
        assert queries.serial(serial_id).addressed == 6
        assert queries.everybody(serial_id) == crowd[1:]
        customers.erase_customers(crowd[1:2])
        services.look_again(serial_id, found)
        assert queries.serial(serial_id).addressed == 5
        assert services.start_serial(serial_id, look(text(), crowd).digest)

    def test_addresses_that_several_have_are_named(self, crowd: list[int]):
        shared = [add("MEIER0@example.com"), add("tanja@example.com"), add("tanja@example.com")]
        shared += [add("tanja@example.com"), add(""), add("")]
        found = queries.twice(drafted([*crowd, *shared]))
        assert [(row.address.lower(), row.count, row.all) for row in found] == [
            ("tanja@example.com", 3, 2),
            ("meier0@example.com", 2, 2),
        ]
        assert queries.twice(drafted(crowd, name="B")) == []

    def test_discarded(self, crowd: list[int]):
        serial_id = drafted(crowd)
        services.discard_serial(serial_id)
        with pytest.raises(NotFound):
            queries.serial(serial_id)
        assert db.session.scalars(select(SerialRecipient)).all() == []
        with pytest.raises(Refused):
            services.discard_serial(started(crowd))

    def test_who_speaks_another_language_is_counted(self, crowd: list[int]):
        add(language="fr")
        serial_id = drafted([*crowd, add(language="en"), add("", language="pl")])
        assert queries.elsewhere(serial_id, "de") == 1

    def test_the_text_stays_as_it_was(self, crowd: list[int]):
        serial_id = drafted(crowd[:1])
        db.session.execute(update(table(Serial).metadata.tables["template"]).values(body="Neu"))
        services.start_serial(serial_id, queries.serial(serial_id).digest)
        made(serial_id)
        assert "Ihre Nummer" in db.session.scalars(select(Message.body)).one()


class TestStarting:
    def test_once(self, crowd: list[int]):
        serial_id = drafted(crowd)
        digest = queries.serial(serial_id).digest
        assert services.start_serial(serial_id, digest)
        assert not services.start_serial(serial_id, digest)
        waiting = select(OutboxEntry.payload).where(OutboxEntry.kind == "serial")
        assert db.session.scalars(waiting).all() == [{"serial_id": serial_id}]
        assert told() == [("started", f"Fest ({serial_id})", [["recipients", None, "7"]])]
        assert templates.choices("mail", "de")[0].group == "Zuletzt benutzt"

    def test_only_what_was_looked_at(self, crowd: list[int]):
        with pytest.raises(Refused):
            services.start_serial(drafted(crowd), "0" * 16)

    def test_not_for_nobody(self, team: None):
        serial_id = drafted([add("")])
        with pytest.raises(Refused, match="Niemand"):
            services.start_serial(serial_id, queries.serial(serial_id).digest)

    def test_not_without_a_mail_server(self, crowd: list[int]):
        serial_id = drafted(crowd)
        db.session.execute(table(Serial).metadata.tables["mail_account"].delete())
        g.pop("mail_hindrance", None)
        with pytest.raises(Refused, match="Mailserver"):
            services.start_serial(serial_id, queries.serial(serial_id).digest)


class TestMakingMails:
    def test_everybody_gets_one(self, crowd: list[int]):
        before = db.session.get_one(Customer, crowd[0]).changed_at
        serial_id = started([*crowd, add("", last_name="Ohne")])
        made(serial_id)
        assert receivers() == [f"Tanja Meier {n} <meier{n}@example.com>" for n in range(7)]
        assert queries.serial(serial_id).state == State.MADE
        assert queries.standing(queries.serial(serial_id)) is Standing.SENDING
        first = db.session.scalars(select(Message).order_by(Message.id)).first()
        assert first is not None
        assert first.body.startswith("Sehr geehrte Frau Meier 0,\n\nIhre Nummer: ")
        assert (first.author_name, first.channel, first.direction) == ("Anna Admin", "mail", "out")
        assert first.envelope
        assert first.envelope["sender"].endswith("<info@lindenhof.example>")
        assert messages.latest(crowd[0])[0].id == first.id
        assert {entry.state for entry in entries(serial_id)} == {"waiting"}
        ids = {entry.id for entry in entries(serial_id)}
        assert set(db.session.scalars(select(Message.outbox_id))) == ids
        after = db.session.get_one(Customer, crowd[0], populate_existing=True).changed_at
        assert after > before
        delivered(serial_id, 7)
        assert queries.standing(queries.serial(serial_id)) is Standing.FINISHED
        assert queries.tally(serial_id, "mail") == Tally(sent=7, left_out=1)

    def test_the_trail_has_a_line_for_each(self, crowd: list[int], few: int):
        serial_id = started(crowd[:3])
        made(serial_id)
        lines = [changes for action, _subject, changes in told() if action == "made"]
        assert [len(some) for some in lines] == [2, 1]
        number = db.session.get_one(Customer, crowd[0]).number
        assert lines[0][0] == ["customer", None, f"{number} Tanja Meier 0"]

    def test_begun_again_after_every_step_it_makes_nobody_twice(self, crowd: list[int], few: int):
        serial_id = started(crowd)
        for steps in range(1, 12):
            made(serial_id, steps)
        assert len(receivers()) == len(set(receivers())) == 7
        assert queries.serial(serial_id).state == State.MADE

    def test_two_at_once_make_nobody_twice(
        self, crowd: list[int], few: int, monkeypatch: pytest.MonkeyPatch
    ):
        app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
        serial_id, original, met = started(crowd), production._mail, threading.Event()

        def other() -> None:
            with app.app_context(), audit.acting(2, "Ben Staff"):
                g.writing = True
                made(serial_id)

        def overtaken(*arguments: Any) -> Any:
            if not met.is_set():
                met.set()
                thread = threading.Thread(target=other)
                thread.start()
                thread.join(30)
            return original(*arguments)

        monkeypatch.setattr(production, "_mail", overtaken)
        made(serial_id)
        assert met.is_set()
        assert len(receivers()) == len(set(receivers())) == 7

    def test_the_write_lock_is_not_held_while_texts_are_filled_in(
        self, crowd: list[int], few: int, monkeypatch: pytest.MonkeyPatch
    ):
        serial_id, original = started(crowd), production.check.judge

        def beside(*arguments: Any) -> Any:
            with short_transaction() as connection:
                connection.exec_driver_sql("UPDATE customer SET region = 'x'")
            return original(*arguments)

        monkeypatch.setattr(production.check, "judge", beside)
        writing()
        made(serial_id)
        assert len(receivers()) == 7

    def test_what_changed_since_they_were_looked_at(self, crowd: list[int]):
        serial_id = started(crowd, body="{{salutation}} {{postcode}}")
        customers.delete_customer(crowd[0])
        groups.stop_information(crowd[1])
        db.session.execute(
            update(CustomerEmail).where(CustomerEmail.customer_id == crowd[2]).values(address="")
        )
        db.session.execute(update(Customer).where(Customer.id == crowd[3]).values(postcode=""))
        db.session.commit()
        made(serial_id)
        assert fates(serial_id) == [
            (Fate.FAILED, Reason.IN_TRASH),
            (Fate.LEFT_OUT, Reason.SILENT),
            (Fate.FAILED, Reason.NO_EMAIL),
            (Fate.FAILED, Reason.LACKING),
            *[(Fate.MADE, "")] * 3,
        ]
        assert len(receivers()) == 3

    def test_who_is_deleted_in_the_last_moment_gets_nothing(
        self, crowd: list[int], monkeypatch: pytest.MonkeyPatch
    ):
        serial_id, original = started(crowd), production._still_wanted

        def deleted_first(work: Any) -> Any:
            db.session.execute(
                update(Customer).where(Customer.id == crowd[0]).values(removed_at=now())
            )
            return original(work)

        monkeypatch.setattr(production, "_still_wanted", deleted_first)
        made(serial_id)
        assert fates(serial_id)[0] == (Fate.FAILED, Reason.IN_TRASH)
        assert len(receivers()) == 6

    def test_without_a_mail_server_it_waits(self, crowd: list[int]):
        serial_id = started(crowd)
        db.session.execute(table(Serial).metadata.tables["mail_account"].delete())
        db.session.commit()
        g.pop("mail_hindrance", None)
        with pytest.raises(NotNow) as reason:
            made(serial_id)
        assert reason.value.code == "no_account"
        assert not reason.value.ends_round
        assert queries.tally(serial_id, "mail").waiting == 7

    def test_letters_and_what_is_called_off_do_not_wait_for_a_mail_server(
        self, app: Flask, crowd: list[int], printed: list[str], monkeypatch: pytest.MonkeyPatch
    ):
        waiting, other = started(crowd), started(crowd, name="Absage")
        letters = started(crowd, kind="letter", name="Brief")
        services.cancel_serial(other)
        db.session.execute(table(Serial).metadata.tables["mail_account"].delete())
        db.session.commit()
        monkeypatch.setattr(app.extensions["registry"], "jobs", [job_of("serial")])
        Worker(app).look()
        db.session.rollback()
        assert queries.serial(waiting).own_error == "no_account"
        assert queries.serial(other).own_state == "sent"
        assert queries.tally(letters, "letter").sent == 6

    def test_nobody_injects_a_header(self, team: None):
        customer_id = add(last_name='Müller" <x@evil.example>, Eve', first_name="Bcc:")
        serial_id = started([customer_id], subject="{{last_name}}")
        made(serial_id)
        assert receivers() == ['"Bcc: Müller x@evil.example, Eve" <tanja@example.com>']

    def test_it_is_gone_meanwhile(self, crowd: list[int]):
        serial_id = drafted(crowd)
        job = registry().deliveries()["serial"]
        services.discard_serial(serial_id)
        db.session.commit()
        with job.session() as deliver:
            deliver(SimpleNamespace(id=1, payload={"serial_id": serial_id}))

    def test_only_one_thread_makes_it(self, crowd: list[int], few: int):
        serial_id = started(crowd)
        db.session.rollback()
        first = outbox.take(["serial"])
        services.pause_serial(serial_id)
        services.resume_serial(serial_id)
        db.session.commit()
        second = outbox.take(["serial"])
        assert first is not None
        assert second is not None
        with job_of("serial").session() as deliver:
            with pytest.raises(Later):
                deliver(second)
            deliver(first)  # it was taken up again by another entry
            assert receivers() == []
            db.session.rollback()
            outbox.confirm(first.id)
            deliver(second)
        assert len(receivers()) == 7

    def test_a_worker_that_ends_leaves_the_rest_to_the_next(
        self, app: Flask, crowd: list[int], few: int, monkeypatch: pytest.MonkeyPatch
    ):
        serial_id, looked = started(crowd), []
        db.session.rollback()
        working = Worker(app)
        is_ending = jobs.is_ending

        def ends_behind_two() -> bool:
            looked.append(True)
            if len(looked) == 3:  # nothing was held, nothing called off, two are made
                working.stop()
            return is_ending()

        monkeypatch.setattr(jobs, "is_ending", ends_behind_two)
        monkeypatch.setattr(app.extensions["registry"], "jobs", [job_of("serial")])
        working.look()
        assert len(receivers()) == few
        db.session.rollback()
        Worker(app).look()
        assert len(set(receivers())) == 7
        assert queries.standing(queries.serial(serial_id)) is Standing.SENDING


def job_of(kind: str) -> Delivery:
    return registry().deliveries()[kind]


def blank() -> bytes:
    """A PDF of one empty page."""
    with PdfWriter() as writer, BytesIO() as file:
        writer.add_blank_page(210, 297)
        writer.write(file)
        return file.getvalue()


@pytest.fixture
def printed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The letters that were rendered, without a renderer: "Meier 2" breaks it."""
    seen: list[str] = []

    def render_many(htmls: Any) -> Any:
        for index, html in enumerate(htmls):
            seen.append(html)
            broken = "Meier 2" in html
            yield index, RenderFailed("glyphs", "水") if broken else blank()

    monkeypatch.setattr(production.rendering, "start", lambda _count: None)
    monkeypatch.setattr(production.rendering, "render_many", render_many)
    monkeypatch.setattr(production, "LETTERS", 3)
    return seen


def merged(serial_id: int) -> int:
    """How many pages the file of all letters has."""
    [file] = queries.serial(serial_id).files
    return pages(file)


def pages(file: dict[str, Any]) -> int:
    return len(PdfReader(files.path_of(file["name"])).pages)


def is_locked() -> bool:
    """Whether somebody else would have to wait who wants to write."""
    with closing(sqlite3.connect(database.file(), timeout=0, isolation_level=None)) as other:
        try:
            other.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return True
        other.execute("ROLLBACK")
        return False


class TestMakingLetters:
    def test_each_is_kept_with_its_customer_and_all_are_in_one_file(
        self, crowd: list[int], printed: list[str]
    ):
        serial_id = started([*crowd, add("", last_name="Ohne", **NOWHERE)], kind="letter")
        made(serial_id)
        assert queries.tally(serial_id, "letter") == Tally(sent=6, failed=1, left_out=1)
        assert queries.standing(queries.serial(serial_id)) is Standing.FINISHED
        assert fates(serial_id)[2] == (Fate.FAILED, "letter_glyphs")
        assert merged(serial_id) == 6
        letter = messages.latest(crowd[0])[0]
        assert (letter.channel, letter.direction, letter.subject) == ("letter", "out", "Fest")
        files_of = messages.attachments_of(crowd[0], letter.id)
        assert len(files_of) == 1
        assert "Sehr geehrte Frau Meier 0," in printed[0]
        lines = [changes for action, _subject, changes in told() if action == "made"]
        assert [len(some) for some in lines] == [2, 3, 1]

    def test_begun_again_after_every_step(self, crowd: list[int], printed: list[str]):
        serial_id = started(crowd, kind="letter")
        for steps in range(1, 8):
            made(serial_id, steps)
        assert len(db.session.scalars(select(Message)).all()) == 6
        assert merged(serial_id) == 6

    def test_what_failed_comes_into_the_file_later(
        self, crowd: list[int], printed: list[str], monkeypatch: pytest.MonkeyPatch
    ):
        serial_id = started(crowd, kind="letter")
        made(serial_id)
        always = lambda htmls: ((n, blank()) for n, _html in enumerate(htmls))  # noqa: E731
        monkeypatch.setattr(production.rendering, "render_many", always)
        services.retry_serial(serial_id)
        db.session.commit()
        made(serial_id)
        assert merged(serial_id) == 7

    def test_the_write_lock_is_not_held_while_they_are_rendered_stored_and_joined(
        self, crowd: list[int], printed: list[str], monkeypatch: pytest.MonkeyPatch
    ):
        started(crowd, kind="letter")
        looked: Counter[tuple[str, bool]] = Counter()
        render_many = production.rendering.render_many

        def rendered(htmls: Any) -> Any:
            for found in render_many(htmls):
                looked["render", is_locked()] += 1
                yield found

        def watched(name: str) -> None:
            original = getattr(production, name)

            def watching(*arguments: Any) -> Any:
                looked[name, is_locked()] += 1
                return original(*arguments)

            monkeypatch.setattr(production, name, watching)

        monkeypatch.setattr(production.rendering, "render_many", rendered)
        for name in ("document", "keep_all", "_added"):
            watched(name)
        db.session.rollback()
        entry = outbox.take(["serial"])
        with job_of("serial").session() as deliver:
            deliver(entry)
        assert looked == {
            ("render", False): 7,
            ("document", False): 7,
            ("keep_all", False): 7,  # six letters, and the file of all
            ("_added", False): 6,
        }

    def test_many_are_put_into_several_files(
        self, crowd: list[int], printed: list[str], monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.setattr(production, "FILE", 2 * len(blank()))
        serial_id = started(crowd[:2] + crowd[3:], kind="letter")
        made(serial_id, 6)  # nothing was held, nothing called off, six in two steps, two files
        assert queries.serial(serial_id).files is None
        made(serial_id)
        found = queries.serial(serial_id).files
        assert [(file["first"], file["last"]) for file in found] == [(1, 2), (3, 4), (5, 6)]
        assert [pages(file) for file in found] == [2, 2, 2]
        assert queries.needed_files("").keys() == {file["name"] for file in found}

    def test_a_worker_that_dies_over_the_file_is_not_begun_for_ever(
        self, crowd: list[int], printed: list[str], monkeypatch: pytest.MonkeyPatch
    ):
        serial_id = started(crowd, kind="letter")
        db.session.execute(update(OutboxEntry).values(tries=production.MOST_TRIES))
        db.session.commit()
        entry = outbox.take(["serial"])
        assert entry is not None
        with job_of("serial").session() as deliver, pytest.raises(outbox.Never) as why:
            deliver(entry)
        outbox.fail(entry.id, why.value)
        db.session.rollback()
        found = queries.serial(serial_id)
        assert queries.standing(found) is Standing.BROKEN
        assert found.own_error in labels.errors
        assert len(db.session.scalars(select(Message)).all()) == 6
        services.resume_serial(serial_id)
        db.session.commit()
        with job_of("serial").session() as deliver:
            deliver(outbox.take(["serial"]))
        assert merged(serial_id) == 6

    def test_who_is_deleted_for_good_while_they_are_joined_is_in_no_file(
        self, crowd: list[int], printed: list[str]
    ):
        serial_id = started(crowd, kind="letter")
        made(serial_id, 6)
        customers.erase_customers(crowd[:1])
        db.session.commit()
        steps = production._join(serial_id, 1)
        next(steps)
        db.session.commit()
        customers.erase_customers(crowd[1:2])
        db.session.commit()
        with pytest.raises(Later):
            next(steps)
        db.session.rollback()
        assert queries.serial(serial_id).files is None
        made(serial_id)
        assert merged(serial_id) == 4

    def test_called_off_what_is_made_can_be_printed(self, crowd: list[int], printed: list[str]):
        serial_id = started(crowd, kind="letter")
        made(serial_id, 3)
        services.cancel_serial(serial_id)
        db.session.commit()
        made(serial_id)
        assert queries.tally(serial_id, "letter") == Tally(sent=2, failed=1, cancelled=4)
        assert merged(serial_id) == 2

    def test_a_file_that_is_lost_stops_nobody(self, crowd: list[int], printed: list[str]):
        serial_id = started(crowd[:2], kind="letter")
        made(serial_id, 3)
        files.path_of(queries.letters(serial_id)[0].digest).unlink()
        made(serial_id)
        assert queries.standing(queries.serial(serial_id)) is Standing.FINISHED
        [file] = queries.serial(serial_id).files
        assert (file["first"], file["last"], file["lost"]) == (1, 2, 2)  # the same empty page

    def test_one_that_is_damaged_is_told_and_stops_nobody(
        self, crowd: list[int], printed: list[str]
    ):
        serial_id = started(crowd[:2], kind="letter")
        made(serial_id, 3)
        files.path_of(queries.letters(serial_id)[0].digest).write_bytes(b"no PDF")
        made(serial_id)
        [file] = queries.serial(serial_id).files
        assert file["lost"] == 2


class TestPausing:
    def test_while_it_is_made(self, crowd: list[int], few: int):
        serial_id = started(crowd)
        made(serial_id, 3)  # nothing was held, nothing called off, two are made
        assert len(receivers()) == 2
        services.pause_serial(serial_id)
        db.session.commit()
        made(serial_id)
        assert len(receivers()) == 2
        assert next_mail() is None
        assert queries.standing(queries.serial(serial_id)) is Standing.PAUSED
        services.resume_serial(serial_id)
        db.session.commit()
        made(serial_id)
        assert len(set(receivers())) == 7
        delivered(serial_id, 7)
        assert queries.tally(serial_id, "mail") == Tally(sent=7)

    def test_in_the_middle_of_a_step(self, crowd: list[int], monkeypatch: pytest.MonkeyPatch):
        serial_id, original = started(crowd), production._still_wanted

        def paused_first(work: Any) -> Any:
            services.pause_serial(serial_id)
            return original(work)

        monkeypatch.setattr(production, "_still_wanted", paused_first)
        made(serial_id)
        assert receivers() == []
        assert queries.tally(serial_id, "mail").waiting == 7

    def test_while_it_is_sent(self, crowd: list[int]):
        serial_id = started(crowd)
        made(serial_id)
        delivered(serial_id, 2)
        services.pause_serial(serial_id)
        db.session.commit()
        assert next_mail() is None
        assert queries.tally(serial_id, "mail") == Tally(waiting=5, sent=2)

    def test_who_became_unwelcome_meanwhile_gets_nothing(self, crowd: list[int], few: int):
        serial_id = started(crowd)
        made(serial_id)
        services.pause_serial(serial_id)
        groups.stop_information(crowd[0])
        customers.delete_customer(crowd[6])
        services.resume_serial(serial_id)
        db.session.commit()
        made(serial_id)
        assert fates(serial_id)[0] == (Fate.LEFT_OUT, Reason.SILENT)
        assert fates(serial_id)[6] == (Fate.FAILED, Reason.IN_TRASH)
        delivered(serial_id, 5)
        assert next_mail() is None
        assert messages.latest(crowd[0]) == []
        assert queries.standing(queries.serial(serial_id)) is Standing.FINISHED

    def test_only_what_goes_on(self, crowd: list[int]):
        serial_id = drafted(crowd)
        for verb in (services.pause_serial, services.resume_serial, services.cancel_serial):
            with pytest.raises(Refused):
                verb(serial_id)
        serial_id = started(crowd)
        services.pause_serial(serial_id)
        with pytest.raises(Refused):
            services.pause_serial(serial_id)


class TestCallingOff:
    def test_before_anything_is_made(self, crowd: list[int]):
        serial_id = started(crowd)
        services.cancel_serial(serial_id)
        db.session.commit()
        made(serial_id)
        assert receivers() == []
        assert queries.tally(serial_id, "mail") == Tally(cancelled=7)
        assert queries.standing(queries.serial(serial_id)) is Standing.CANCELLED

    def test_while_it_is_sent(self, crowd: list[int], few: int):
        serial_id = started(crowd)
        made(serial_id)
        delivered(serial_id, 2)
        in_hand = next_mail()
        assert in_hand is not None
        services.cancel_serial(serial_id)
        db.session.commit()
        assert queries.tally(serial_id, "mail") == Tally(sent=2, cancelled=5)
        with pytest.raises(Later):
            made(serial_id)
        outbox.confirm(in_hand.id)
        made(serial_id)
        assert queries.tally(serial_id, "mail") == Tally(sent=3, cancelled=4)
        assert len(receivers()) == 3
        shown = select(MessageLink.customer_id).where(~MessageLink.removed)
        assert sorted(db.session.scalars(shown)) == crowd[:3]
        withdrawn = [changes for action, _subject, changes in told() if action == "withdrawn"]
        assert [len(some) for some in withdrawn] == [2, 2]
        with pytest.raises(Refused):
            services.cancel_serial(serial_id)

    def test_a_mail_in_hand_that_does_not_leave_is_taken_back(self, crowd: list[int]):
        serial_id = started(crowd)
        made(serial_id)
        in_hand = next_mail()
        assert in_hand is not None
        services.cancel_serial(serial_id)
        db.session.commit()
        with pytest.raises(Later):
            made(serial_id)
        assert len(receivers()) == 1
        db.session.rollback()
        outbox.postpone(in_hand, NotNow("busy"))
        with happening(now() + timedelta(hours=1)):
            assert next_mail() is None
        made(serial_id)
        assert receivers() == []
        assert fates(serial_id) == [(Fate.CANCELLED, "")] * 7

    def test_paused_ones_too(self, crowd: list[int]):
        serial_id = started(crowd)
        made(serial_id)
        services.pause_serial(serial_id)
        services.cancel_serial(serial_id)
        db.session.commit()
        made(serial_id)
        assert receivers() == []


class TestTryingAgain:
    def test_only_what_failed(self, crowd: list[int]):
        serial_id = started([*crowd, add("", last_name="Ohne")])
        customers.delete_customer(crowd[0])
        made(serial_id)
        refused = next_mail()
        assert refused is not None
        outbox.fail(refused.id, outbox.Never("refused", "550"))
        delivered(serial_id, 5)
        assert queries.tally(serial_id, "mail") == Tally(sent=5, failed=2, left_out=1)
        assert queries.serial(serial_id).failed == 2
        customers.restore_customer(crowd[0])
        services.retry_serial(serial_id)
        db.session.commit()
        made(serial_id)
        delivered(serial_id, 2)
        assert queries.tally(serial_id, "mail") == Tally(sent=7, left_out=1)
        with pytest.raises(Refused):
            services.retry_serial(serial_id)

    def test_not_those_who_want_no_information_by_now(self, crowd: list[int]):
        serial_id = started(crowd)
        made(serial_id)
        for _n in range(7):
            outbox.fail(next_mail().id, outbox.Never("refused", "550"))
        groups.stop_information(crowd[0])
        services.retry_serial(serial_id)
        db.session.commit()
        assert next_mail() is None
        made(serial_id)
        assert fates(serial_id)[0] == (Fate.LEFT_OUT, Reason.SILENT)
        delivered(serial_id, 6)
        assert next_mail() is None

    def test_what_failed_while_the_serial_was_paused_is_not_held_for_ever(self, crowd: list[int]):
        serial_id = started(crowd)
        made(serial_id)
        in_hand = next_mail()
        services.pause_serial(serial_id)
        db.session.commit()
        outbox.fail(in_hand.id, outbox.Never("refused", "550"))
        services.resume_serial(serial_id)
        db.session.commit()
        made(serial_id)
        delivered(serial_id, 6)
        assert outbox.try_again(in_hand.id)
        db.session.commit()
        assert next_mail().id == in_hand.id

    def test_a_maker_that_gave_up(self, crowd: list[int]):
        serial_id = started(crowd)
        db.session.rollback()
        entry = outbox.take(["serial"])
        assert entry is not None
        outbox.fail(entry.id, outbox.Never("broken"))
        db.session.rollback()
        assert queries.standing(queries.serial(serial_id)) is Standing.BROKEN
        services.resume_serial(serial_id)
        db.session.commit()
        assert queries.standing(queries.serial(serial_id)) is Standing.PREPARING
        made(serial_id)
        assert len(receivers()) == 7


class TestAsking:
    def test_recipients_by_fate_words_and_page(
        self, crowd: list[int], monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.setattr(queries, "PAGE", 3)
        serial_id = started([*crowd, add("", last_name="Ohne")])
        made(serial_id)
        delivered(serial_id, 1)
        refused = next_mail()
        assert refused is not None
        outbox.fail(refused.id, outbox.Never("refused"))
        db.session.rollback()

        def shown(*asked: Any) -> tuple[list[str], bool]:
            rows, is_more = queries.recipients(serial_id, Asked(*asked))
            return [row.list_name.partition(",")[0] for row in rows], is_more

        assert shown() == (["Meier 0", "Meier 1", "Meier 2"], True)
        assert shown(None, "", 3) == (["Meier 6", "Ohne"], False)
        assert shown(None, "", 99) == ([], False)
        assert shown(Fate.MADE) == (["Meier 0"], False)
        assert shown(Fate.FAILED) == (["Meier 1"], False)
        assert shown(Fate.WAITING) == (["Meier 2", "Meier 3", "Meier 4"], True)
        assert shown(Fate.LEFT_OUT) == (["Ohne"], False)
        assert shown(None, "MEIER meier5") == (["Meier 5"], False)
        assert shown(None, "meier6@") == (["Meier 6"], False)

    def test_the_newest_serials_first(self, crowd: list[int], monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr(queries, "SERIALS", 2)
        ids = [drafted(crowd, name=f"Fest {n}") for n in range(3)]
        first = queries.serials(None)
        assert [row.id for row in first.rows] == [ids[2], ids[1]]
        assert [row.id for row in queries.serials(first.older).rows] == [ids[0]]


class TestForgetting:
    def test_customers_who_are_gone(self, crowd: list[int]):
        serial_id = drafted(crowd)
        customers.erase_customers(crowd[:2])
        assert len(fates(serial_id)) == 5

    def test_whoever_is_gone_is_in_no_file(self, crowd: list[int], printed: list[str]):
        serial_id = started(crowd, kind="letter")
        made(serial_id)
        name = queries.serial(serial_id).files[0]["name"]
        customers.erase_customers(crowd[2:3])  # whose letter could not be made
        assert merged(serial_id) == 6
        assert name in queries.needed_files(name[:2])
        customers.erase_customers(crowd[3:4])
        assert queries.serial(serial_id).files is None
        assert queries.needed_files(name[:2]) == {}
        assert queries.tally(serial_id, "letter") == Tally(sent=5)

    def test_at_night(self, crowd: list[int]):
        old, fresh, going_on = drafted(crowd, name="A"), drafted(crowd, name="B"), started(crowd)
        file = {"files": [{"name": "a" * 64, "size": 1}]}
        for serial_id, age in ((old, timedelta(days=8)), (going_on, timedelta(days=91))):
            ended = update(Serial).where(Serial.id == serial_id)
            db.session.execute(
                ended.values(created_at=now() - age, finished_at=now() - age, **file)
            )
        assert queries.needed_files("aa").keys() == {"a" * 64}
        db.session.commit()
        night = next(
            job
            for job in registry().jobs
            if isinstance(job, Nightly) and job.name == "serial_leftovers"
        )
        assert night.run() == {"drafts": 1, "files": 1}
        with pytest.raises(NotFound):
            queries.serial(old)
        assert queries.serial(fresh).state == State.DRAFT
        assert queries.serial(going_on).files is None
        assert queries.needed_files("") == {}


@pytest.mark.parametrize(
    ("state", "is_waiting", "is_broken", "standing"),
    [
        (State.DRAFT, False, False, Standing.DRAFT),
        (State.PREPARING, True, False, Standing.PREPARING),
        (State.PREPARING, True, True, Standing.BROKEN),
        (State.PAUSED, True, True, Standing.PAUSED),
        (State.MADE, True, False, Standing.SENDING),
        (State.MADE, False, True, Standing.FINISHED),
        (State.CANCELLED, True, False, Standing.CANCELLED),
    ],
)
def test_standing(state: State, is_waiting: bool, is_broken: bool, standing: Standing):
    assert rules.standing(state, is_waiting, is_broken) is standing
