"""Factura documents: their status, what must hold, what happens, what is found and owed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from flask import g
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from app.core.audit import AuditEntry
from app.core.database import db, now
from app.core.i18n import today
from app.core.problems import Invalid, Refused
from app.domain.customers import queries as customers
from app.domain.customers import services
from app.domain.customers.models import Customer
from app.domain.factura import columns, labels, queries, rules
from app.domain.factura.models import FacturaDocument
from app.domain.factura.rules import Kind, State, Status
from app.domain.factura.services import DEFAULTS, add_document
from tests.factories import invoice_values

TODAY = date(2026, 11, 25)
YESTERDAY, TOMORROW = TODAY - timedelta(days=1), TODAY + timedelta(days=1)
NOT_PAID = (
    Kind.ORDER_CONFIRMATION,
    Kind.DELIVERY_NOTE,
    Kind.CREDIT_NOTE,
    Kind.PRO_FORMA,
    Kind.REMINDER,
)

UNPAID = ("factura", {"status": "unpaid"})
"""Where the marks lead."""


def status(kind: str = "invoice", state: str = "issued", **over: Any) -> Status:
    facts = {"paid": 0, "credited": 0, "total": 100, "due_on": TOMORROW}
    facts |= {"reminder_level": 0, "today": TODAY}
    return rules.status(kind, state, **facts | over)


class TestStatus:
    @pytest.mark.parametrize(
        ("facts", "shown"),
        [
            ({}, "open"),
            ({"due_on": None}, "open"),
            ({"due_on": TODAY}, "open"),
            ({"due_on": YESTERDAY}, "overdue"),
            ({"paid": 1}, "partly_paid"),
            ({"paid": 99, "due_on": None}, "partly_paid"),
            ({"paid": 99, "due_on": YESTERDAY}, "overdue"),
            ({"reminder_level": 1}, "reminded_1"),
            ({"reminder_level": 2, "due_on": YESTERDAY}, "reminded_2"),
            ({"reminder_level": 3, "paid": 50}, "reminded_3"),
            ({"reminder_level": 4}, "reminded_3"),
            ({"paid": 100}, "paid"),
            ({"paid": 101}, "paid"),
            ({"paid": 100, "due_on": YESTERDAY, "reminder_level": 3}, "paid"),
            ({"total": 0}, "paid"),
            ({"total": 0, "due_on": YESTERDAY}, "paid"),
            ({"paid": 100, "credited": 99}, "paid"),
            ({"paid": 100, "credited": 100}, "credited"),
            ({"paid": 100, "credited": 100, "due_on": YESTERDAY, "reminder_level": 3}, "credited"),
            ({"paid": 99, "credited": 100}, "partly_paid"),
        ],
    )
    def test_of_an_issued_invoice(self, facts: dict[str, Any], shown: str):
        assert status(**facts) == shown

    @pytest.mark.parametrize("kind", Kind)
    def test_drafts_and_cancelled_ones_are_just_that(self, kind: Kind):
        late = {"paid": 100, "credited": 100, "due_on": YESTERDAY, "reminder_level": 3}
        assert status(kind, "draft", **late) == "draft"
        assert status(kind, "cancelled", **late) == "cancelled"

    @pytest.mark.parametrize(
        ("state", "shown"),
        [("issued", "open"), ("accepted", "accepted"), ("declined", "declined")],
    )
    def test_of_a_quote(self, state: str, shown: str):
        assert status("quote", state, due_on=YESTERDAY) == shown
        assert status("quote", state, total=0) == shown

    @pytest.mark.parametrize("kind", NOT_PAID)
    def test_what_asks_for_no_money_is_never_late(self, kind: Kind):
        assert status(kind, due_on=YESTERDAY) == "issued"
        assert status(kind, total=0) == "issued"

    def test_every_status_has_a_name_and_a_look(self):
        assert set(labels.statuses) == set(labels.looks) == set(Status)
        assert set(labels.kinds) == set(labels.many) == set(labels.objections) == set(Kind)

    @given(
        kind=st.sampled_from(Kind),
        paid=st.integers(0, 300),
        total=st.integers(0, 300),
        due_on=st.none() | st.dates(YESTERDAY, TOMORROW),
        level=st.integers(0, 3),
    )
    def test_money_is_asked_for_exactly_while_some_is_left(
        self, kind: Kind, paid: int, total: int, due_on: date | None, level: int
    ):
        shown = status(kind, paid=paid, total=total, due_on=due_on, reminder_level=level)
        asking = {*rules.REMINDED, Status.OVERDUE, Status.PARTLY_PAID, Status.OPEN}
        is_asking = kind == Kind.INVOICE and shown in asking
        assert is_asking == (rules.remainder(kind, "issued", paid, total) > 0)


class TestRemainder:
    @pytest.mark.parametrize(
        ("kind", "state", "paid", "left"),
        [
            ("invoice", "issued", 0, 100),
            ("invoice", "issued", 99, 1),
            ("invoice", "issued", 100, 0),
            ("invoice", "issued", 130, 0),
            ("invoice", "draft", 0, 0),
            ("invoice", "cancelled", 0, 0),
            *((kind, "issued", 0, 0) for kind in Kind if kind != Kind.INVOICE),
        ],
    )
    def test_only_issued_invoices_ask_for_money(self, kind: str, state: str, paid: int, left: int):
        assert rules.remainder(kind, state, paid, 100) == left


class TestRules:
    @pytest.mark.parametrize(
        ("over", "problem"),
        [
            ({"kind": "commission"}, ("kind", "unknown")),
            ({"kind": ""}, ("kind", "unknown")),
            ({"kind": None}, ("kind", "unknown")),
            ({"state": "paid"}, ("state", "unknown")),
            ({"state": "accepted"}, ("state", "unknown")),
            ({"kind": "delivery_note", "state": "declined"}, ("state", "unknown")),
            ({"number": None}, ("number", "required")),
            ({"number": ""}, ("number", "required")),
            ({"number": "x" * 41}, ("number", "too_long")),
            ({"number": "a\0b"}, ("number", "unstorable")),
            ({"number": " 1"}, ("number", "unstorable")),
            ({"subject": "x" * 301}, ("subject", "too_long")),
            ({"subject": "\ud800"}, ("subject", "unstorable")),
            ({"issued_on": None}, ("issued_on", "required")),
            ({"due_on": date(2026, 11, 19)}, ("due_on", "too_early")),
            ({"currency": "DEM"}, ("currency", "unknown")),
            ({"currency": "eur"}, ("currency", "unknown")),
            ({"currency": ""}, ("currency", "unknown")),
            ({"total": -1}, ("total", "amount")),
            ({"total": 10**15 + 1}, ("total", "amount")),
            ({"total": 1.5}, ("total", "amount")),
            ({"total": True}, ("total", "amount")),
            ({"paid": "1"}, ("paid", "amount")),
            ({"reminder_level": 4}, ("reminder_level", "unknown")),
            ({"reminder_level": -1}, ("reminder_level", "unknown")),
            ({"state": "draft", "issued_on": None}, ("number", "draft")),
            ({"state": "draft", "number": None}, ("issued_on", "draft")),
        ],
    )
    def test_what_does_not_hold(self, over: dict[str, Any], problem: tuple[str, str]):
        found = rules.check_document({**DEFAULTS, **invoice_values(**over)})
        assert [(p.field, p.code) for p in found] == [problem]

    @pytest.mark.parametrize(
        "over",
        [
            {},
            {"due_on": date(2026, 11, 20)},
            {"due_on": None},
            {"total": 0},
            {"total": 10**15, "paid": 10**15},
            {"paid": 40_000},
            {"currency": "CHF"},
            {"currency": "JPY"},
            {"kind": "quote", "state": "accepted"},
            {"state": "cancelled"},
            {"state": "draft", "number": None, "issued_on": None},
            {"state": "draft", "number": "", "issued_on": None, "due_on": None},
        ],
    )
    def test_what_holds(self, over: dict[str, Any]):
        assert rules.check_document({**DEFAULTS, **invoice_values(**over)}) == []


@pytest.fixture
def customer_id(make_customer: Callable[..., int], context: None) -> int:
    return make_customer()


@pytest.fixture
def other_id(make_customer: Callable[..., int], context: None) -> int:
    return make_customer(last_name="Berger")


class TestAdding:
    def test_it_is_there_told_and_announced(self, customer_id: int):
        changed = db.session.get_one(Customer, customer_id).changed_at
        document = db.session.get_one(
            FacturaDocument, add_document(customer_id, invoice_values(paid=4_000))
        )
        assert (document.number, document.total, document.paid) == ("2026-0012", 34_000, 4_000)
        entry = db.session.scalars(select(AuditEntry).where(AuditEntry.area == "factura")).one()
        assert (entry.action, entry.subject) == ("added", "2026-0012")
        assert ["total", None, "340.00 EUR"] in entry.changes
        assert ["paid", None, "40.00 EUR"] in entry.changes
        assert {"factura_document.changed", "marks.changed"} <= g.announced
        db.session.expire_all()
        assert db.session.get_one(Customer, customer_id).changed_at > changed

    def test_a_draft_needs_little(self, customer_id: int):
        document_id = add_document(customer_id, {"kind": "quote", "number": ""})
        document = db.session.get_one(FacturaDocument, document_id)
        assert (document.state, document.number, document.issued_on) == ("draft", None, None)

    def test_any_number_of_drafts(self, customer_id: int):
        for _ in range(3):
            add_document(customer_id, {"kind": "invoice"})
        assert queries.count(customer_id) == 3

    def test_numbers_are_taken_per_kind(
        self, customer_id: int, other_id: int, changes_nothing: Callable[[], Any]
    ):
        add_document(customer_id, invoice_values())
        db.session.commit()
        with changes_nothing(), pytest.raises(Invalid) as refusal:
            add_document(other_id, invoice_values())
        assert [(p.field, p.code) for p in refusal.value.problems] == [("number", "taken")]
        add_document(other_id, invoice_values(kind="credit_note"))

    def test_bad_values_change_nothing(self, customer_id: int, changes_nothing: Callable[[], Any]):
        with changes_nothing(), pytest.raises(Invalid):
            add_document(customer_id, invoice_values(total=-1))

    def test_nobody_in_the_trash_gets_one(
        self, customer_id: int, changes_nothing: Callable[[], Any]
    ):
        services.delete_customer(customer_id)
        db.session.commit()
        with changes_nothing():
            for who in (customer_id, 999):
                with pytest.raises(Refused):
                    add_document(who, invoice_values())
                db.session.rollback()

    def test_what_was_issued_keeps_its_customer(self, customer_id: int):
        add_document(customer_id, invoice_values())
        db.session.commit()
        with pytest.raises(IntegrityError):
            services.erase_customers([customer_id])


class TestFinding:
    def test_the_last_five_drafts_first(self, customer_id: int):
        for n in range(4):
            day = date(2026, 11, n + 1)
            add_document(customer_id, invoice_values(number=f"R-{n}", issued_on=day))
        add_document(customer_id, {"kind": "quote", "subject": "Entwurf 1"})
        add_document(customer_id, {"kind": "quote", "subject": "Entwurf 2"})
        shown = [row.number or row.subject for row in queries.latest(customer_id)]
        assert shown == ["Entwurf 2", "Entwurf 1", "R-3", "R-2", "R-1"]
        for _ in range(5):
            add_document(customer_id, {"kind": "invoice"})
        assert all(row.state == "draft" for row in queries.latest(customer_id))

    def test_counting_stops(self, customer_id: int):
        draft = {"customer_id": customer_id, "kind": "quote", "created_at": now()}
        db.session.execute(insert(FacturaDocument), [draft] * 1_002)
        assert queries.count(customer_id) == 1_001


class TestOwing:
    @pytest.fixture
    def owing(self, customer_id: int, other_id: int) -> int:
        day = today()
        for n, (total, paid, currency, due_on) in enumerate(
            (
                (30_000, 0, "EUR", day),
                (5_000, 1_000, "EUR", None),
                (7_000, 7_000, "EUR", None),
                (2_000, 9_000, "EUR", None),
                (120_050, 0, "CHF", day - timedelta(days=1)),
            )
        ):
            add_document(
                customer_id,
                invoice_values(
                    number=str(n),
                    issued_on=day - timedelta(days=9),
                    total=total,
                    paid=paid,
                    currency=currency,
                    due_on=due_on,
                ),
            )
        for kind in (kind for kind in Kind if kind != Kind.INVOICE):
            add_document(customer_id, invoice_values(kind=kind, number="x", total=1_000))
        return customer_id

    def test_marks_of_many_at_once(self, owing: int, other_id: int):
        assert queries.marks([owing, other_id]) == {
            owing: [
                ("1.200,50\xa0CHF überfällig", "bad", UNPAID),
                ("340,00\xa0€ offen", "warn", UNPAID),
            ]
        }
        assert customers.marks([owing, other_id])[other_id] == []

    def test_a_reminded_one_is_overdue(self, customer_id: int):
        add_document(
            customer_id,
            invoice_values(issued_on=today(), due_on=None, reminder_level=1, total=100),
        )
        (mark,) = queries.marks([customer_id])[customer_id]
        assert mark == ("1,00\xa0€ überfällig", "bad", UNPAID)

    def test_the_column(self, owing: int, other_id: int):
        (column, _turnover) = columns.columns
        assert column.load is not None
        assert not column.shown
        assert column.load([owing, other_id]) == {owing: "1.200,50\xa0CHF, 340,00\xa0€"}

    @pytest.mark.parametrize("many", [1, 50])
    def test_the_index_is_used(self, owing: int, many: int, count_queries: Callable[[], Any]):
        with count_queries() as sent:
            queries.open_amounts(range(owing, owing + many))
        (sql,) = sent
        plan = db.session.connection().exec_driver_sql(
            f"EXPLAIN QUERY PLAN {sql}", (0,) * sql.count("?")
        )
        assert "USING COVERING INDEX ix_factura_document_open (customer_id=?" in plan.all()[0][3]


class TestDeleting:
    def test_drafts_are_no_objection_and_go_along(self, customer_id: int):
        add_document(customer_id, {"kind": "invoice"})
        add_document(customer_id, {"kind": "quote"})
        assert queries.objection(customer_id) is None
        assert queries.belonging(customer_id) == ["2 Entwürfe"]
        services.erase_customers([customer_id])
        assert db.session.scalars(select(FacturaDocument)).all() == []

    @pytest.mark.parametrize("kind", Kind)
    @pytest.mark.parametrize("state", [s for s in State if s != State.DRAFT])
    def test_whatever_was_issued_is_one(self, customer_id: int, kind: Kind, state: State):
        if state not in rules.states(kind):
            state = State.ISSUED
        add_document(customer_id, invoice_values(kind=kind, state=state))
        reason = queries.objection(customer_id)
        assert reason is not None
        assert str(labels.kinds[kind]) in reason
        assert "2026-0012" in reason

    def test_the_last_one_is_named(self, customer_id: int):
        for number, day in (("A", 3), ("B", 9), ("C", 5)):
            values = invoice_values(number=number, issued_on=date(2026, 11, day), due_on=None)
            add_document(customer_id, values)
        assert queries.objection(customer_id) == (
            "Kann nicht gelöscht werden: hat Rechnung B erhalten."
        )

    def test_others_are_free(self, customer_id: int, other_id: int):
        add_document(customer_id, invoice_values())
        assert queries.objection(other_id) is None
