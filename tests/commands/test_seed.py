"""The demo company and the crowd: what they leave behind, and what they never touch."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from sqlite3 import Connection
from typing import Any

import pytest
from click.testing import Result
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import func, select

from app import create_app
from app.config import configuration
from app.core import files
from app.core.audit import AuditEntry
from app.core.database import Model, db
from app.core.i18n import today
from app.core.outbox import OutboxEntry
from app.core.problems import errors
from app.demo import crowd, login
from app.demo.company import LAST_DAY, open_school
from app.domain.addresses.models import Address
from app.domain.banking import queries as banks
from app.domain.banking.models import BankAccount, Mandate
from app.domain.banking.rules import check_bank
from app.domain.comments.models import Comment
from app.domain.customers import index
from app.domain.customers.models import Customer, CustomerEmail, CustomerPhone, SearchEntry
from app.domain.customers.queries import editable, find
from app.domain.customers.rules import check_customer
from app.domain.documents.models import Document
from app.domain.factura.models import FacturaDocument
from app.domain.factura.rules import Kind, State
from app.domain.follow_ups import rules as follow_ups
from app.domain.follow_ups.queries import open_ones
from app.domain.groups.models import GroupMember
from app.domain.mailing import labels as mailing
from app.domain.messages.models import Message, MessageAttachment, MessageLink
from app.domain.settings.queries import team
from app.domain.team import passwords, services
from app.domain.team.models import User
from app.domain.team.queries import user_by_email
from app.domain.templates import queries as templates
from app.domain.templates.placeholders import BY_HAND
from app.domain.templates.rules import names
from tests.conftest import FAST, image_of, restore

MADE_ANEW = ("password", "fs_uniquifier", "reference")


@pytest.fixture(scope="module")
def _empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Flask, Connection]]:
    """An application over a database that holds nothing, and its image."""
    yield from _opened(tmp_path_factory.mktemp("empty"))


@pytest.fixture(scope="module")
def _seeded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Flask, Connection]]:
    """An application over the demo company, made once, and its image."""
    for app, _image in _opened(tmp_path_factory.mktemp("seeded")):
        assert app.test_cli_runner().invoke(args=["seed"]).exit_code == 0
        yield app, image_of(app)


def _opened(folder: Path) -> Iterator[tuple[Flask, Connection]]:
    settings = configuration(data=folder, secret_key="k" * 48)
    app = create_app(settings | {"TESTING": True, "SQLITE_PRAGMAS": FAST})
    with app.app_context():
        upgrade()
    yield app, image_of(app)
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def house(_empty: tuple[Flask, Connection]) -> Iterator[Flask]:
    """An application over a database that holds nothing, not even a user."""
    app, image = _empty
    restore(app, image)
    with app.app_context():
        (app.config["DATA"] / "demo-login").unlink(missing_ok=True)
        yield app
        db.session.rollback()


@pytest.fixture
def school(_seeded: tuple[Flask, Connection]) -> Iterator[Flask]:
    """The demo company in an empty house."""
    app, image = _seeded
    restore(app, image)
    with app.app_context():
        yield app
        db.session.rollback()


@pytest.fixture
def seed(house: Flask) -> Callable[..., Result]:
    def run(*arguments: str) -> Result:
        return house.test_cli_runner().invoke(args=["seed", *arguments])

    return run


def count(table: type[Model]) -> int:
    return db.session.scalar(select(func.count()).select_from(table)) or 0


def content(*left_out: str) -> dict[str, list[dict[str, Any]]]:
    """Everything the database holds."""
    return {
        name: [
            {key: value for key, value in row._mapping.items() if key not in left_out}
            for row in db.session.execute(select(table).order_by(*table.primary_key))
        ]
        for name, table in db.metadata.tables.items()
    }


def customer_called(last_name: str) -> Customer:
    return db.session.scalars(select(Customer).where(Customer.last_name == last_name)).one()


class TestCommand:
    def test_an_empty_house_gets_a_school_with_a_team(self, school: Flask):
        assert (count(Customer), count(User)) == (40, 3)
        assert team().name == "Tanzschule Rheintakt"

    def test_the_login_is_kept_for_the_owner_of_the_server(self, school: Flask):
        assert (school.config["DATA"] / "demo-login").stat().st_mode & 0o777 == 0o600
        email, _, password = (login.kept() or "").partition(" / ")
        user = user_by_email(email)
        assert user is not None
        assert user.role == "admin"
        assert passwords.opens(user, password)

    def test_real_colleagues_keep_their_team(self, seed, house: Flask):
        services.create_user(email="chef@example.com", name="Chef", role="admin")
        db.session.commit()
        assert seed().exit_code == 0
        assert (count(Customer), count(User)) == (40, 1)
        assert team().name != "Tanzschule Rheintakt"
        assert not (house.config["DATA"] / "demo-login").exists()
        assert set(db.session.scalars(select(Comment.author_id))) == {None}

    @pytest.mark.parametrize("options", [(), ("--customers", "5"), ("--if-empty",)])
    def test_customers_are_never_touched(self, seed, options: tuple[str, ...]):
        seed("--customers", "2", "--lean")
        before = content()
        result = seed(*options)
        assert (result.exit_code, bool(result.output)) == (
            (0, False) if options == ("--if-empty",) else (1, True)
        )
        assert content() == before

    def test_if_empty_leaves_a_house_with_users_alone(self, seed):
        services.create_user(email="chef@example.com", name="Chef", role="admin")
        db.session.commit()
        result = seed("--if-empty")
        assert (result.exit_code, result.output, count(Customer)) == (0, "", 0)

    def test_if_empty_fills_an_empty_house(self, seed):
        assert seed("--if-empty").exit_code == 0
        assert count(Customer) == 40

    def test_a_crowd_brings_no_users(self, seed):
        assert "7 customers" in seed("--customers", "7").output
        assert (count(Customer), count(User)) == (7, 0)


class TestHint:
    def test_names_the_login_of_the_demo(self, school: Flask):
        hint = school.test_cli_runner().invoke(args=["login-hint"]).output
        assert hint.startswith("http://127.0.0.1:8000\n")
        assert (login.kept() or "nobody") in hint

    def test_is_silent_about_a_password_that_opens_nothing(self, school: Flask):
        user = user_by_email("anna@rheintakt.example.com")
        assert user is not None
        services.set_password(user, passwords.hashed("another long one"))
        db.session.commit()
        assert login.kept() is None
        assert school.test_cli_runner().invoke(args=["login-hint"]).output.count("\n") == 1

    def test_leads_to_the_first_run(self, house: Flask):
        hint = house.test_cli_runner().invoke(args=["login-hint"]).output
        assert hint.count("http://127.0.0.1:8000") == 2


class TestSchool:
    @pytest.fixture(autouse=True)
    def _school(self, school: Flask):
        pass

    def test_the_parents_pay_for_the_child(self):
        child = customer_called("Hoffmann")
        billing = db.session.scalars(
            select(Address).where(Address.customer_id == child.id, Address.is_billing)
        ).one()
        bank = banks.bank_of(child.id)
        assert (child.first_name, billing.first_name) == ("Lena", "Sabine und Thomas")
        assert (bank.account_holder, bank.mandate_state) == ("Thomas Hoffmann", "on_hand")

    def test_every_state_of_bank_data(self):
        found = db.session.execute(
            select(Customer.payment_method, Mandate.state).outerjoin(
                Mandate, (Mandate.customer_id == Customer.id) & Mandate.ended_at.is_(None)
            )
        )
        assert {tuple(row) for row in found} >= {
            ("sepa_direct_debit", "on_hand"),
            ("sepa_direct_debit", "prepared"),
            ("paypal", None),
            ("invoice", None),
        }
        assert set(db.session.scalars(select(Mandate.state))) == {
            *("on_hand", "prepared", "revoked", "replaced")
        }
        assert db.session.scalar(select(BankAccount.id).where(BankAccount.ended_at.is_not(None)))
        assert db.session.scalar(select(BankAccount.rib_key).where(BankAccount.rib_key != ""))

    def test_bank_data_hold(self):
        for customer_id in db.session.scalars(select(Customer.id)):
            row = banks.bank_of(customer_id)
            problems = check_bank(banks.values_of(row) | {"country": row.country}, today())
            assert not errors(problems)

    def test_one_customer_has_37_comments(self):
        shown = select(func.count()).where(Comment.removed_at.is_(None))
        most = shown.group_by(Comment.customer_id).order_by(func.count().desc()).limit(1)
        assert db.session.scalar(most) == 37

    def test_comments_are_pinned_edited_and_removed(self):
        for state in (
            Comment.pinned,
            Comment.edited_at.is_not(None),
            Comment.removed_at.is_not(None),
        ):
            assert db.session.scalar(select(Comment.id).where(state))

    def test_countries_and_kinds(self):
        found = set(db.session.execute(select(Customer.kind, Customer.country)))
        assert found >= {
            (kind, c) for kind in ("person", "company") for c in ("DE", "AT", "CH", "FR")
        }

    def test_the_history_reads_as_if_it_had_been_typed(self):
        entries = list(db.session.scalars(select(AuditEntry).order_by(AuditEntry.id)))
        told = [entry for entry in entries if entry.area != "team" and entry.area != "settings"]
        assert [entry.at for entry in told] == sorted(entry.at for entry in told)
        assert entries[-1].at < datetime.now(UTC)
        by_itself = {entry.area for entry in told if not entry.user_name}
        assert {entry.user_name for entry in told} - {""} == {"Anna Berger", "Ben Kaya"}
        assert by_itself == {"messages"}

    def test_every_kind_of_thing_happens(self):
        assert set(db.session.scalars(select(Message.channel))) >= {
            *("mail", "form", "phone", "visit", "letter")
        }
        kinds = select(FacturaDocument.kind, FacturaDocument.state)
        assert {kind for kind, _state in db.session.execute(kinds)} == {*Kind}
        assert {state for _kind, state in db.session.execute(kinds)} == {*State}
        assert db.session.scalar(select(Message.id).where(Message.read_at.is_(None)))
        assert count(GroupMember) > 30
        for name in db.session.scalars(select(Document.digest).distinct()):
            assert files.path_of(name).exists()

    def test_mails_have_left_the_house_or_come_back(self):
        found = select(OutboxEntry.state, OutboxEntry.error, Message.envelope).join(
            Message, Message.outbox_id == OutboxEntry.id
        )
        told = {state: (error, envelope) for state, error, envelope in db.session.execute(found)}
        assert {*told} == {"sent", "failed"}
        error, envelope = told["failed"]
        assert error in mailing.errors
        assert envelope
        assert envelope["to"] == ["Ayşe Yılmaz <rechnung.yilmaz@example.com>"]
        kept = db.session.scalars(select(MessageAttachment.digest)).all()
        assert len(kept) == 2
        assert all(files.path_of(name).exists() for name in kept)

    def test_a_mandate_can_be_written_at_once(self):
        account = banks.team_account()
        assert account
        assert (account.bic, account.creditor_id) == ("COKSDE33XXX", "DE98ZZZ09999999999")

    def test_the_template_offered_first_can_be_sent_as_it_is(self):
        for kind in ("mail", "letter"):
            first, *others = templates.choices(kind, "de")
            body = templates.template(first.id).body
            assert BY_HAND.keys().isdisjoint(names(body))
            assert others

    def test_colleagues_have_a_signature(self):
        assert all("Tanzschule Rheintakt" in s for s in db.session.scalars(select(User.signature)))

    def test_somebody_has_something_to_do_today(self):
        found = open_ones(None, today() - timedelta(days=30), today() + timedelta(days=7), 50)
        assert {follow_ups.state(item.due_on, None, today()) for item in found} == {
            "overdue",
            "today",
            "open",
        }

    def test_changed_last_is_what_happened_last(self):
        for customer in db.session.scalars(select(Customer)):
            last = select(func.max(AuditEntry.at)).where(AuditEntry.customer_id == customer.id)
            assert customer.changed_at == db.session.scalar(last)

    def test_numbers_follow_the_order_of_time(self):
        rows = db.session.execute(
            select(Customer.number).order_by(Customer.created_at, Customer.id)
        )
        numbers = [int(row.number) for row in rows]
        assert numbers == list(range(10001, 10041))

    def test_is_found(self):
        assert [row.list_name for row in find("hoffm lena").rows] == ["Hoffmann, Lena"]


def test_the_same_day_makes_the_same_school_and_another_one_moves_it(house: Flask):
    def made(day: date) -> dict[str, Any]:
        open_school(day, "hash")
        db.session.flush()
        found = content(*MADE_ANEW)
        db.session.rollback()
        return found

    first, again, earlier = made(LAST_DAY), made(LAST_DAY), made(LAST_DAY - timedelta(days=700))
    assert first == again
    for one, other in zip(first["comment"], earlier["comment"], strict=True):
        moved = one["created_at"] - other["created_at"]
        assert abs(moved - timedelta(days=700)) <= timedelta(hours=1)  # summer time
        assert one["body"] == other["body"]


class TestCrowd:
    @pytest.fixture(autouse=True)
    def _house(self, house: Flask):
        pass

    def test_what_rich_customers_have(self):
        crowd.gather(120)
        assert [
            count(table) for table in (Customer, CustomerEmail, CustomerPhone, SearchEntry)
        ] == [120] * 4
        assert [count(table) for table in (Address, BankAccount, Mandate, Comment)] == [
            *(240, 120, 120, 600)
        ]
        assert count(AuditEntry) == 120
        assert [
            count(t) for t in (GroupMember, Message, MessageLink, Document, FacturaDocument)
        ] == [*(240, 600, 600, 360, 480)]

    def test_mails_of_the_team_have_been_sent(self):
        crowd.gather(30)
        mails = (Message.channel == "mail", Message.direction == "out")
        rows = db.session.execute(
            select(Message.envelope, OutboxEntry.state, CustomerEmail.address)
            .outerjoin(OutboxEntry, OutboxEntry.id == Message.outbox_id)
            .join(MessageLink, MessageLink.message_id == Message.id)
            .join(CustomerEmail, CustomerEmail.customer_id == MessageLink.customer_id)
            .where(*mails)
        ).all()
        assert len(rows) == count(OutboxEntry) > 10
        assert {row.state for row in rows} == {"sent"}
        assert all(row.envelope["to"][0].endswith(f"<{row.address}>") for row in rows)

    def test_what_lean_customers_have(self):
        crowd.gather(30, lean=True, rows_of_one=12)
        assert [count(table) for table in (Customer, CustomerEmail, SearchEntry)] == [30] * 3
        assert [count(table) for table in (Address, BankAccount, GroupMember)] == [0, 0, 0]
        for table in (Comment, Document, MessageLink, FacturaDocument):
            assert list(db.session.scalars(select(table.customer_id))) == [1] * 12

    def test_the_rules_would_take_them(self):
        crowd.gather(150)
        for customer_id in range(1, 151):
            assert not errors(check_customer(editable(customer_id).values, today()))
            row = banks.bank_of(customer_id)
            values = banks.values_of(row) | {"country": row.country}
            assert not check_bank(values, today())

    def test_they_are_found_as_if_they_had_been_typed(self):
        crowd.gather(60)
        stored = dict(db.session.execute(select(SearchEntry.customer_id, SearchEntry.words)).all())
        assert stored == index.collect_words(range(1, 61))
        customer = db.session.get_one(Customer, 17)
        assert 17 in [row.id for row in find(f"{customer.number} {customer.town[:4]}").rows]
        labels = db.session.scalars(
            select(Customer.name_sort).join(SearchEntry).order_by(SearchEntry.label)
        ).all()
        assert list(labels) == sorted(labels)

    def test_the_next_customer_gets_the_next_number(self, seed):
        seed("--customers", "3", "--lean")
        from app.domain.customers.services import next_number

        assert next_number() == "10004"

    def test_always_the_same(self):
        crowd.gather(40)
        first = content()
        db.session.rollback()
        crowd.gather(40)
        assert content() | {"audit_entry": []} == first | {"audit_entry": []}
