"""Customers who are deleted: into the trash, back from it, and away for good."""

from __future__ import annotations

import importlib
import pkgutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from flask import Flask, g
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from werkzeug.exceptions import NotFound

from app.core import audit
from app.core.audit import AuditEntry
from app.core.database import db, happening, now
from app.core.problems import Invalid, Refused
from app.domain.customers import index, queries, rules, services
from app.domain.customers.models import Customer, SearchEntry
from app.domain.factura import index as sold
from app.domain.factura.models import FacturaDocument
from app.domain.factura.services import add_document
from app.domain.groups.services import set_groups
from app.domain.mailing.services import Outgoing, send_mail
from app.domain.messages import services as messages
from app.domain.messages.queries import count as messages_of
from tests import samples
from tests.factories import customer_values, invoice_values
from tests.mails import set_up
from tests.samples import give_everything

THEN = datetime(2026, 10, 1, 12, tzinfo=UTC)


@pytest.fixture
def customer_id(make_customer: Callable[..., int], context: None) -> int:
    return make_customer(number="K-7")


def stored(customer_id: int) -> Customer:
    return db.session.get_one(Customer, customer_id, populate_existing=True)


def trashed(customer_id: int, at: datetime = THEN) -> None:
    with happening(at):
        services.delete_customer(customer_id)
    db.session.commit()


def purge(before: datetime) -> services.Purged:
    """Purge as the command does it; what all steps did together."""
    erased, kept = [], []
    for step in services.purge_trash(before):
        db.session.commit()
        erased += step.erased
        kept += step.kept
    for _step in sold.settle():
        db.session.commit()
    return services.Purged(erased, kept)


class TestDeleting:
    def test_it_is_found_by_nobody_and_still_there(self, customer_id: int):
        version = stored(customer_id).version
        services.delete_customer(customer_id)
        assert not queries.customer_exists(customer_id)
        assert queries.find("müller").rows == []
        assert queries.find("").rows == []
        assert queries.look_alikes(customer_values()) == []
        assert queries.name_of(customer_id) == "Tanja Müller"
        assert stored(customer_id).version == version
        assert {"customer.removed", "history.written"} <= g.announced
        entry = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
        assert entry is not None
        assert (entry.action, entry.subject) == ("deleted", "Tanja Müller")

    def test_its_number_stays_taken(self, customer_id: int):
        services.delete_customer(customer_id)
        assert queries.number_taken("K-7")
        with pytest.raises(Invalid) as refusal:
            services.create_customer(customer_values(number="K-7"))
        (problem,) = refusal.value.problems
        assert (problem.field, problem.code) == ("number", "taken")
        assert "Papierkorb" in str(problem.message)

    def test_an_issued_document_keeps_it(
        self, customer_id: int, changes_nothing: Callable[[], Any]
    ):
        add_document(customer_id, invoice_values())
        db.session.commit()
        with changes_nothing(), pytest.raises(Refused) as refusal:
            services.delete_customer(customer_id)
        assert str(refusal.value.message) == queries.hindrance_to_delete(customer_id)
        assert "2026-0012" in str(refusal.value.message)

    def test_not_twice(self, customer_id: int, changes_nothing: Callable[[], Any]):
        trashed(customer_id)
        with changes_nothing():
            with pytest.raises(Refused):
                services.delete_customer(customer_id)
            with pytest.raises(NotFound):
                services.delete_customer(999)

    def test_nothing_brings_it_into_the_search_meanwhile(self, customer_id: int):
        trashed(customer_id)
        index.reindex([customer_id])
        index.rebuild()
        assert db.session.scalar(select(func.count()).select_from(SearchEntry)) == 0

    def test_what_goes_along_is_told(self, make_customer: Callable[..., int], context: None):
        customer_id = make_customer(kind="company", company="Autohaus Berger GmbH")
        give_everything(customer_id)
        told = queries.belongings(customer_id)
        for text in (
            "1 Ansprechpartner",
            "1 zusätzliche Adresse",
            "1 Bankverbindung",
            "1 SEPA-Mandat",
            "1 Entwurf",
        ):
            assert text in told

    def test_nothing_is_told_of_nothing(self, customer_id: int):
        assert queries.belongings(customer_id) == []


class TestRestoring:
    def test_it_is_back_as_it_was(self, customer_id: int):
        trashed(customer_id)
        services.restore_customer(customer_id)
        assert queries.customer_exists(customer_id)
        assert [row.id for row in queries.find("müller").rows] == [customer_id]
        assert stored(customer_id).removed_at is None
        assert "customer.restored" in g.announced

    def test_only_from_the_trash(self, customer_id: int, changes_nothing: Callable[[], Any]):
        with changes_nothing():
            for who in (customer_id, 999):
                with pytest.raises(NotFound):
                    services.restore_customer(who)


class TestListing:
    def test_the_last_deleted_first_page_by_page(
        self, make_customer: Callable[..., int], context: None
    ):
        ids = [make_customer(number=f"K-{n}", emails=[], phones=[]) for n in range(60)]
        for n, customer_id in enumerate(ids):
            with happening(THEN + timedelta(minutes=n // 4)), audit.acting(None, "Ben"):
                services.delete_customer(customer_id)
        first = queries.trash()
        assert first.older is not None
        services.restore_customer(first.older[1])
        rest = queries.trash(first.older)
        assert [len(first.rows), len(rest.rows), rest.older] == [50, 10, None]
        assert [row.id for row in (*first.rows, *rest.rows)] == ids[::-1]
        assert {row.removed_by for row in first.rows} == {"Ben"}
        assert queries.trash_count() == 59

    def test_who_deleted_it_last(self, customer_id: int):
        for name in ("Anna", "Ben"):
            with audit.acting(None, name):
                services.delete_customer(customer_id)
                services.restore_customer(customer_id)
        assert queries.in_trash(customer_id) is None
        services.delete_customer(customer_id)
        row = queries.in_trash(customer_id)
        assert (row.number, row.name, row.removed_by) == ("K-7", "Tanja Müller", "")

    @pytest.mark.parametrize(
        ("deleted_on", "gone_on"),
        [(date(2026, 11, 24), date(2026, 12, 24)), (date(2027, 1, 31), date(2027, 3, 2))],
    )
    def test_thirty_days(self, deleted_on: date, gone_on: date):
        assert rules.purged_on(deleted_on) == gone_on


class TestPurging:
    def test_only_what_is_older_goes(self, make_customer: Callable[..., int], context: None):
        old, young, living = (make_customer(number=number) for number in ("1", "2", "3"))
        trashed(old)
        trashed(young, THEN + timedelta(days=1))
        done = purge(THEN + timedelta(hours=1))
        assert (done.erased, done.kept) == (["1"], [])
        assert set(db.session.scalars(select(Customer.id))) == {young, living}
        assert "trash.purged" in g.announced

    def test_one_who_must_be_kept_stops_nobody(
        self, make_customer: Callable[..., int], context: None
    ):
        ids = [make_customer(number=str(n)) for n in range(5)]
        for customer_id in ids:
            trashed(customer_id)
        document = {"customer_id": ids[2], "kind": "invoice", "state": "issued", "number": "R-1"}
        db.session.add(FacturaDocument(**document, issued_on=date(2026, 9, 1), created_at=now()))
        db.session.commit()
        done = purge(now())
        assert (done.erased, done.kept) == (["0", "1", "3", "4"], ["2"])
        assert db.session.scalars(select(Customer.id)).all() == [ids[2]]
        assert db.session.scalars(select(FacturaDocument.customer_id)).all() == [ids[2]]

    def test_more_than_a_chunk(self, make_customer: Callable[..., int], context: None):
        ids = [make_customer(number=str(n), emails=[], phones=[]) for n in range(7)]
        for customer_id in ids:
            trashed(customer_id)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(services, "CHUNK", 3)
            steps = [step.erased for step in services.purge_trash(now())]
        assert [step for step in steps if step] == [["0", "1", "2"], ["3", "4", "5"], ["6"]]

    def test_an_empty_trash(self, customer_id: int, changes_nothing: Callable[[], Any]):
        with changes_nothing():
            assert purge(now()) == services.Purged()

    def test_nothing_of_the_person_is_left(self, app: Flask, make_customer: Callable[..., int]):
        person = {
            "number": "K-4711",
            "last_name": "Przybylski",
            "first_name": "Wendelin",
            "street": "Quellenstieg",
            "emails": [{"label": "", "address": "wendelin@przybylski.example"}],
            "phones": [{"label": "", "number": "0176 99887766"}],
        }
        customer_id = make_customer(**person)
        other = make_customer(number="K-47110", last_name="Anders")
        with app.app_context():
            give_everything(customer_id)
            lines: list[audit.Change] = [
                ("customer", None, "K-4711 Wendelin Przybylski"),
                ("customer", None, "K-47110 Tanja Anders"),
            ]
            audit.record("groups", "added", subject="Newsletter", changes=lines)
            removed = [("customer", "K-4711 Wendelin Przybylski", None)]
            audit.record("groups", "removed", subject="Newsletter", changes=removed)
            db.session.commit()
            assert {word for _table, word in holding(app)} == set(PERSONAL)
            trashed(customer_id)
            assert purge(now()).erased == ["K-4711"]
            left = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).all()
            assert left[0].changes == [["number", "K-4711", None]]
            assert left[0].customer_id is None
            naming = [entry.changes for entry in left if entry.area == "groups"]
            assert [["customer", "K-4711", None]] in naming
            assert [
                ["customer", None, "K-4711"],
                ["customer", None, "K-47110 Tanja Anders"],
            ] in naming
            assert [row.id for row in queries.find("anders").rows] == [other]
        assert holding(app) == []

    def test_entries_about_many_are_read_before_the_lock_is_taken_and_written_one_by_one(
        self, make_customer: Callable[..., int], context: None, monkeypatch: pytest.MonkeyPatch
    ):
        ids = [make_customer(number=number, emails=[], phones=[]) for number in ("K-1", "K-2")]
        for _turn in range(3):
            lines: list[audit.Change] = [("customer", None, f"K-{n} Tanja") for n in (1, 2, 3)]
            audit.record("groups", "added", changes=lines)
        db.session.commit()
        for customer_id in ids:
            trashed(customer_id)
        is_locked = []

        def asked(*arguments: Any) -> list[int]:
            connection = db.session.connection()
            is_locked.append(not connection.exec_driver_sql("PRAGMA query_only").scalar())
            return entries_naming(*arguments)

        entries_naming = queries.entries_naming
        monkeypatch.setattr(queries, "entries_naming", asked)
        named = []
        for step in services.purge_trash(now()):
            db.session.commit()
            about_many = select(AuditEntry.changes).where(AuditEntry.area == "groups")
            told = db.session.scalars(about_many).all()
            db.session.rollback()
            named.append(sum("K-1 Tanja" in str(lines) for lines in told))
            if step.erased:
                break
        assert named == [2, 1, 0, 0]
        assert is_locked[0] is False
        assert told == [[["customer", None, line] for line in ("K-1", "K-2", "K-3 Tanja")]] * 3

    def test_a_name_that_is_written_meanwhile_is_forgotten_too(
        self, make_customer: Callable[..., int], context: None
    ):
        trashed(make_customer(number="K-1"))
        line: audit.Change = ("customer", "K-1 Tanja", None)
        audit.record("groups", "added", changes=[line])
        db.session.commit()
        steps = services.purge_trash(now())
        next(steps)
        db.session.commit()
        audit.record("groups", "deleted", changes=[line])
        db.session.commit()
        assert next(steps).erased == ["K-1"]
        told = db.session.scalars(select(AuditEntry.changes).where(AuditEntry.area == "groups"))
        assert told.all() == [[["customer", "K-1", None]]] * 2


APART = {
    *("groups", "serials", "transfer"),  # they write for many at once, and leave out who is gone
    *("articles", "banners", "factura_texts", "letters", "templates"),  # they belong to the team
    "mailing",  # a draft is its author's alone; sending it is refused, see below
}
"""Samples that write nothing a customer in the trash could refuse."""
VERBS: tuple[Callable[[int], Any], ...] = (
    *(
        importlib.import_module(f"{samples.__name__}.{found.name}").give
        for found in pkgutil.iter_modules(samples.__path__)
        if found.name not in APART
    ),
    lambda customer_id: services.change_customer(customer_id, customer_values(town="Bonn")),
    lambda customer_id: services.set_payment(customer_id, "direct_debit", ""),
    lambda customer_id: set_groups(customer_id, [1]),
    lambda customer_id: add_document(customer_id, invoice_values()),
)


class TestWriting:
    """Whatever hangs on a customer can be written only while they are there."""

    @pytest.mark.parametrize("verb", VERBS)
    def test_nothing_in_the_trash(
        self, customer_id: int, verb: Callable[[int], Any], changes_nothing: Callable[[], Any]
    ):
        trashed(customer_id)
        with changes_nothing():
            with pytest.raises(Refused) as refusal:
                verb(customer_id)
            db.session.rollback()
        assert str(refusal.value.message) == "Dieser Kunde wurde gelöscht."
        services.restore_customer(customer_id)
        verb(customer_id)

    def test_no_mail_to_the_trash(
        self, customer_id: int, changes_nothing: Callable[[], Any], context: None
    ):
        set_up()
        trashed(customer_id)
        with changes_nothing():
            with pytest.raises(Refused):
                send_mail([customer_id], Outgoing(["t@example.com"], [], [], "Hallo", "Text"))
            db.session.rollback()

    def test_what_belongs_to_several_as_long_as_one_is_there(
        self, make_customer: Callable[..., int], context: None
    ):
        first, second = make_customer(number="1"), make_customer(number="2")
        said = {"channel": "mail", "direction": "in", "subject": "Hallo", "text": "", "at": now()}
        trashed(first)
        changed_at = stored(first).changed_at
        message_id = messages.record_message([first, second], said)
        messages.mark_read(second, message_id, True)
        assert stored(first).changed_at == changed_at
        services.restore_customer(first)
        assert messages_of(first) == 1
        trashed(first)
        trashed(second)
        with pytest.raises(Refused):
            messages.record_message([first, second], said)


PERSONAL = (
    *("Wendelin", "Przybylski", "przybylski", "Quellenstieg", "99887766", "Kowalska", "Rheinufer"),
    *("DE02120300000000202051", "weiss@example.com", "vormittags", "Anmeldung", "Liefertermin"),
)
"""Something of everything that tells who it was, as `give_everything` and the test write it."""


def holding(app: Flask) -> list[tuple[str, str]]:
    """Tables (those of the full-text indexes too) that hold one of PERSONAL somewhere."""
    found = []
    file = app.config["SQLALCHEMY_DATABASE_URI"].removeprefix("sqlite:///")
    with closing(sqlite3.connect(file)) as connection:
        tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        for (name,) in tables.fetchall():
            for row in connection.execute(f'SELECT * FROM "{name}"'):
                text = " ".join(_readable(value) for value in row)
                found += [(name, word) for word in PERSONAL if word in text]
    return found


def _readable(value: Any) -> str:
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)


@pytest.mark.apart
class TestRace:
    """Deleting and issuing at the same moment, over two connections."""

    ROUNDS = 200

    def test_no_orphan_and_no_invoice_in_the_trash(
        self, app: Flask, make_customer: Callable[..., int]
    ):
        outcomes = set()
        for n in range(self.ROUNDS):
            customer_id = make_customer(number=str(n), emails=[], phones=[])
            erases = n % 3 == 0
            outcomes.add((self._meet(app, customer_id, n, erases), erases))
        assert {"issued", "deleted"} == {outcome for outcome, _erases in outcomes}

    def _meet(self, app: Flask, customer_id: int, n: int, erases: bool) -> str:
        start, done = Barrier(2), []

        def issue() -> None:
            add_document(customer_id, invoice_values(number=f"R-{n}"))
            done.append("issued")

        def delete() -> None:
            if erases:
                services.erase_customers([customer_id])
            else:
                services.delete_customer(customer_id)
            done.append("deleted")

        def run(verb: Callable[[], None]) -> None:
            with app.app_context():
                start.wait()
                try:
                    verb()
                    db.session.commit()
                except (Refused, IntegrityError):
                    db.session.rollback()

        threads = [Thread(target=run, args=(verb,)) for verb in (issue, delete)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(done) == 1
        self._check(app, customer_id, done[0])
        return done[0]

    def _check(self, app: Flask, customer_id: int, done: str) -> None:
        with app.app_context():
            row = db.session.get(Customer, customer_id)
            found = FacturaDocument.customer_id == customer_id
            issued = db.session.scalar(select(func.count()).where(found))
            assert issued == (done == "issued")
            assert not issued or (row is not None and row.removed_at is None)
            assert not db.session.connection().exec_driver_sql("PRAGMA foreign_key_check").all()


def test_an_id_is_never_given_again(make_customer: Callable[..., int], context: None):
    gone = make_customer()
    services.erase_customers([gone])
    db.session.commit()
    assert make_customer() > gone
