"""Payments: what must hold, what happens, and that what is paid is always what they say."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask, g
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from werkzeug.exceptions import NotFound

from app.core import i18n
from app.core.audit import AuditEntry
from app.core.database import db
from app.core.i18n import today
from app.core.problems import Invalid, Refused
from app.domain.customers.models import Customer
from app.domain.customers.queries import hindrance_to_delete
from app.domain.customers.services import create_customer
from app.domain.factura import dealings
from app.domain.factura import listing as documents
from app.domain.factura import services as factura
from app.domain.factura.models import FacturaDocument
from app.domain.factura.rules import Kind, LineValues
from app.domain.factura.services import add_document
from app.domain.payments import export, listing, queries, rules, services
from app.domain.payments.listing import Wanted
from app.domain.payments.models import Payment, PaymentPart
from app.domain.payments.rules import Owed
from app.domain.payments.statement import statement
from app.domain.reminders import queries as reminding
from app.domain.reminders import services as reminders
from app.domain.reminders.services import Wanted as Wished
from tests.factories import customer_values, invoice_values
from tests.plans import plans

EVER = date(2000, 1, 1)


def payment_values(**over: Any) -> dict[str, Any]:
    """The values of a payment of 340 euros by transfer, for nothing yet; amounts in cents."""
    return {
        "received_on": today(),
        "amount": 34_000,
        "fees": 0,
        "currency": "EUR",
        "method": "transfer",
        "note": "",
        "parts": {},
        "credit": 0,
    } | over


def remind(document_id: int, fee: int) -> int:
    """Make the next reminder of an overdue invoice with this fee in cents; its id."""
    invoice = reminding.invoice(document_id)
    level = reminding.level(invoice.reminder_level + 1)
    values = reminding.editable(level).values | {"fee": i18n.amount(fee, "EUR")}
    reminders.save_level(level.level, values)
    return reminders.make_reminder(Wished(document_id, level.level, invoice.last_id))


class TestProposal:
    @pytest.mark.parametrize(
        ("amount", "parts"),
        [
            (0, {}),
            (-5, {}),
            (1, {1: 1}),
            (100, {1: 100}),
            (101, {1: 100, 2: 1}),
            (150, {1: 100, 2: 50}),
            (151, {1: 100, 2: 50}),
        ],
    )
    def test_those_due_first_come_first(self, amount: int, parts: dict[int, int]):
        owed = [Owed(1, "A", "EUR", 100), Owed(2, "B", "EUR", 50)]
        assert rules.propose(amount, owed) == parts


class TestRules:
    OWED = {1: Owed(1, "R-1", "EUR", 10_000), 2: Owed(2, "R-2", "CHF", 5_000)}

    @pytest.mark.parametrize(
        ("over", "field", "code"),
        [
            ({"received_on": None}, "received_on", "required"),
            ({"received_on": date(2026, 11, 27)}, "received_on", "future"),
            ({"received_on": date(1999, 12, 31)}, "received_on", "too_early"),
            ({"currency": "XXX"}, "currency", "unknown"),
            ({"currency": ""}, "currency", "unknown"),
            ({"method": "credit_note"}, "method", "unknown"),
            ({"method": "taken_over"}, "method", "unknown"),
            ({"method": None}, "method", "unknown"),
            ({"note": "x" * 301}, "note", "too_long"),
            ({"amount": None}, "amount", "required"),
            ({"amount": 0}, "amount", "too_small"),
            ({"amount": -1}, "amount", "too_small"),
            ({"amount": 10**15 + 1}, "amount", "too_large"),
            ({"fees": -1}, "fees", "too_small"),
            ({"fees": 10_001}, "fees", "too_large"),
            ({"parts": {3: 100}}, "part-3", "not_open"),
            ({"parts": {2: 100}}, "part-2", "currency"),
            ({"parts": {1: 0}}, "part-1", "too_small"),
            ({"parts": {1: -1}}, "part-1", "too_small"),
            ({"parts": {1: 10_001}}, "part-1", "too_large"),
            ({"fees": 1}, "amount", "divided"),
            ({"amount": 9_999}, "amount", "divided"),
            ({"amount": 10_001}, "credit", "surplus"),
            ({"amount": 10_001, "credit": 2}, "credit", "surplus"),
            ({"credit": 1}, "credit", "surplus"),
        ],
    )
    def test_what_does_not_hold(self, context: None, over: Any, field: str, code: str):
        values = payment_values(amount=10_000, parts={1: 10_000}) | over
        problems = rules.check_payment(values, self.OWED, date(2026, 11, 26))
        assert [(p.field, p.code) for p in problems][-1:] == [(field, code)]

    @pytest.mark.parametrize(
        "over",
        [
            {},
            {"fees": 500, "amount": 10_500},
            {"fees": 10_000, "parts": {}},
            {"amount": 12_000, "credit": 2_000},
            {"parts": {}, "credit": 10_000},
            {"note": "x" * 300},
            {"received_on": date(2000, 1, 1)},
        ],
    )
    def test_what_holds(self, context: None, over: Any):
        values = payment_values(amount=10_000, parts={1: 10_000}) | over
        assert rules.check_payment(values, self.OWED, today()) == []


@pytest.fixture
def customer_id(context: None, make_customer: Callable[..., int]) -> int:
    return make_customer()


@pytest.fixture
def other_id(context: None, make_customer: Callable[..., int]) -> int:
    return make_customer(last_name="Berger")


@pytest.fixture
def bill(customer_id: int) -> Callable[..., int]:
    """Keep an issued invoice of 340 euros, and forget what that announced."""

    def billing(number: str = "R-1", **over: Any) -> int:
        document_id = add_document(customer_id, invoice_values(number=number, **over))
        g.announced.clear()
        return document_id

    return billing


def paid(document_id: int) -> int:
    return db.session.get_one(FacturaDocument, document_id, populate_existing=True).paid


def parts_of(payment_id: int) -> dict[int, int]:
    return {part.document_id: part.amount for part in queries.parts_of(payment_id)}


def told() -> tuple[str, str, dict[str, list[Any]]]:
    """Action, subject and changes of the newest entry of payments in the audit trail."""
    newest = select(AuditEntry).where(AuditEntry.area == "payments")
    entry = db.session.scalars(newest.order_by(AuditEntry.id.desc()).limit(1)).one()
    return entry.action, entry.subject, {field: [old, new] for field, old, new in entry.changes}


def assert_sound(customer_id: int | None = None) -> None:
    """Nothing is stored otherwise than it is counted, and accounts are what is open less credit."""
    assert queries.differences() == queries.credit_differences() == []
    assert queries.contradictions() == ([], [])
    for one in [customer_id] if customer_id else db.session.scalars(select(Customer.id)):
        for account in statement(one, EVER, today()).accounts:
            is_open = sum(row.open for row in account.open_items)
            assert account.closing == is_open - account.credit
            balance = account.entries[-1].balance if account.entries else account.opening
            assert account.closing == balance


class TestReminderFees:
    @pytest.mark.parametrize(
        ("asked", "paid", "left"),
        [
            ([], 0, []),
            ([0, 0], 0, []),
            ([500], 0, [500]),
            ([500], 500, []),
            ([500], 800, []),
            ([0, 500], 0, [500]),
            ([500, 0], 0, [500]),
            ([500, 700], 0, [1_200, 700]),
            ([500, 700], 600, [600]),
        ],
    )
    def test_what_is_left_of_them(self, asked: list[int], paid: int, left: list[int]):
        assert rules.fees_left(asked, paid) == left

    def test_those_of_reminders_that_stand_less_what_was_paid(
        self, customer_id: int, bill: Callable[..., int]
    ):
        overdue = {"issued_on": date(2026, 1, 5), "due_on": date(2026, 1, 19)}
        document_id, other = bill(**overdue), bill("R-2", **overdue)
        factura.cancel(remind(document_id, 300))
        assert queries.fees_left(document_id) == []
        remind(document_id, 500)
        remind(document_id, 700)
        remind(other, 900)
        assert queries.fees_left(document_id) == [1_200, 700]
        values = payment_values(amount=1_500, fees=500, parts={document_id: 1_000})
        services.record_payment(customer_id, values)
        gone = payment_values(amount=1_700, fees=700, parts={document_id: 1_000})
        services.take_back(services.record_payment(customer_id, gone))
        assert queries.fees_left(document_id) == [700]


class TestRecording:
    def test_in_full(self, customer_id: int, bill: Callable[..., int]):
        document_id = bill()
        changed = db.session.get_one(Customer, customer_id).changed_at
        payment_id = services.record_payment(
            customer_id, payment_values(parts={document_id: 34_000}, note="Danke")
        )
        assert paid(document_id) == 34_000
        assert {"payment.changed", "factura_document.changed", "invoice.paid"} <= g.announced
        assert "marks.changed" in g.announced
        action, subject, changes = told()
        assert (action, subject) == ("recorded", i18n.money(34_000, "EUR"))
        assert changes["paid_amount"] == [None, "340.00 EUR"]
        assert changes["paid_for"] == [None, ["R-1: 340.00 EUR"]]
        assert changes["paid_by"] == [None, "transfer"]
        assert "credit_left" not in changes
        customer = db.session.get_one(Customer, customer_id, populate_existing=True)
        assert customer.changed_at > changed
        assert db.session.get_one(Payment, payment_id).key is None
        assert_sound()

    def test_in_part_with_fees(self, customer_id: int, bill: Callable[..., int]):
        document_id = bill()
        values = payment_values(amount=10_500, fees=500, parts={document_id: 10_000})
        services.record_payment(customer_id, values)
        assert paid(document_id) == 10_000
        assert "invoice.paid" not in g.announced
        assert_sound()

    def test_too_much_is_credit(self, customer_id: int, bill: Callable[..., int]):
        document_id = bill()
        values = payment_values(amount=40_000, parts={document_id: 34_000})
        with pytest.raises(Invalid) as refusal:
            services.record_payment(customer_id, values)
        assert [p.code for p in refusal.value.problems] == ["surplus"]
        services.record_payment(customer_id, values | {"credit": 6_000})
        assert queries.credit_sums(customer_id) == {"EUR": 6_000}
        assert told()[2]["credit_left"] == [None, "60.00 EUR"]
        assert_sound()

    def test_several_invoices_at_once(self, customer_id: int, bill: Callable[..., int]):
        late = bill("R-1", due_on=date(2026, 12, 1), total=1_000)
        first = bill("R-2", due_on=date(2026, 11, 25), total=2_000)
        undated = bill("R-3", due_on=None, total=4_000)
        items = queries.open_items(customer_id)
        assert [row.id for row in items] == [first, late, undated]
        parts = rules.propose(2_500, map(queries.owed, items))
        services.record_payment(customer_id, payment_values(amount=2_500, parts=parts))
        assert [paid(one) for one in (first, late, undated)] == [2_000, 500, 0]
        assert [row.id for row in queries.open_items(customer_id)] == [late, undated]
        assert_sound()

    def test_twice_with_the_same_key_is_once(self, customer_id: int, bill: Callable[..., int]):
        document_id = bill()
        values = payment_values(parts={document_id: 34_000})
        first = services.record_payment(customer_id, values, "a key")
        assert services.record_payment(customer_id, values, "a key") == first
        assert paid(document_id) == 34_000

    def test_a_key_is_nobody_elses(self, customer_id: int, other_id: int):
        values = payment_values(credit=34_000)
        first = services.record_payment(customer_id, values, "a key")
        assert services.record_payment(other_id, values, "a key") != first

    @pytest.mark.parametrize(
        "over", [{"state": "cancelled"}, {"kind": "quote"}, {"kind": "credit_note"}]
    )
    def test_only_what_is_owed(self, customer_id: int, bill: Callable[..., int], over: Any):
        document_id = bill(**over)
        values = payment_values(parts={document_id: 34_000})
        with pytest.raises(Invalid) as refusal:
            services.record_payment(customer_id, values)
        assert [p.code for p in refusal.value.problems] == ["not_open"]

    def test_nobody_elses_invoice(
        self,
        customer_id: int,
        other_id: int,
        bill: Callable[..., int],
        changes_nothing: Callable[[], Any],
    ):
        values = payment_values(parts={bill(): 34_000})
        db.session.commit()
        with changes_nothing(), pytest.raises(Invalid) as refusal:
            services.record_payment(other_id, values)
        assert [p.code for p in refusal.value.problems] == ["not_open"]

    def test_who_paid_cannot_be_deleted(self, customer_id: int):
        assert hindrance_to_delete(customer_id) is None
        payment_id = services.record_payment(customer_id, payment_values(credit=34_000))
        assert "Zahlung" in str(hindrance_to_delete(customer_id))
        services.take_back(payment_id)
        assert hindrance_to_delete(customer_id) is None


class TestCredit:
    def test_the_oldest_goes_first(self, customer_id: int, bill: Callable[..., int]):
        days = [today() - timedelta(days=n) for n in (1, 3, 2)]
        ids = [
            services.record_payment(
                customer_id, payment_values(amount=1_000, credit=1_000, received_on=day)
            )
            for day in days
        ]
        document_id = bill(total=1_500)
        assert services.assign_credit(customer_id, document_id) == {ids[1]: 1_000, ids[2]: 500}
        assert paid(document_id) == 1_500
        assert "invoice.paid" in g.announced
        assert told() == ("assigned", "R-1", {"credit_left": ["15.00 EUR", None]})
        assert queries.credit_sums(customer_id) == {"EUR": 1_500}
        with pytest.raises(Refused):
            services.assign_credit(customer_id, document_id)
        assert_sound()

    def test_it_is_free_again(self, customer_id: int, bill: Callable[..., int]):
        services.record_payment(customer_id, payment_values(amount=1_000, credit=1_000))
        document_id = bill()
        taken = services.assign_credit(customer_id, document_id)
        services.release_credit(customer_id, document_id, taken)
        assert paid(document_id) == 0
        assert told() == ("released", "R-1", {"credit_left": [None, "10.00 EUR"]})
        with pytest.raises(Refused):
            services.release_credit(customer_id, document_id, taken)
        assert_sound()

    def test_only_of_the_same_currency(self, customer_id: int, bill: Callable[..., int]):
        services.record_payment(customer_id, payment_values(credit=34_000, currency="CHF"))
        with pytest.raises(Refused):
            services.assign_credit(customer_id, bill())

    def test_nobody_elses(self, customer_id: int, other_id: int, bill: Callable[..., int]):
        document_id = bill()
        services.record_payment(other_id, payment_values(credit=34_000))
        with pytest.raises(Refused):
            services.assign_credit(other_id, document_id)
        with pytest.raises(Refused):
            services.assign_credit(customer_id, document_id)


class TestTakingBack:
    def test_and_back_again(self, customer_id: int, bill: Callable[..., int]):
        document_id = bill()
        payment_id = services.record_payment(
            customer_id, payment_values(parts={document_id: 34_000})
        )
        services.take_back(payment_id)
        assert paid(document_id) == 0
        assert told()[0] == "taken_back"
        assert queries.of_document(document_id) == []
        assert_sound()
        with pytest.raises(NotFound):
            services.take_back(payment_id)
        _payment, homeless = services.bring_back(payment_id)
        assert (homeless, paid(document_id)) == (0, 34_000)
        assert told()[0] == "brought_back"
        with pytest.raises(NotFound):
            services.bring_back(payment_id)
        assert_sound()

    def test_what_was_paid_otherwise_meanwhile_is_credit(
        self, customer_id: int, bill: Callable[..., int]
    ):
        document_id, other = bill(total=1_000), bill("R-2", total=1_000)
        payment_id = services.record_payment(
            customer_id, payment_values(amount=2_000, parts={document_id: 1_000, other: 1_000})
        )
        services.take_back(payment_id)
        services.record_payment(customer_id, payment_values(amount=400, parts={document_id: 400}))
        services.record_payment(customer_id, payment_values(amount=1_000, parts={other: 1_000}))
        assert services.bring_back(payment_id)[1] == 1_400
        assert parts_of(payment_id) == {document_id: 600}
        assert queries.credit_sums(customer_id) == {"EUR": 1_400}
        assert_sound()

    def test_a_credit_note_stays(self, customer_id: int, bill: Callable[..., int]):
        bill(kind="credit_note", number="G-1")
        payment = db.session.scalars(select(Payment)).one()
        with pytest.raises(Refused):
            services.take_back(payment.id)


LINE = LineValues(text="Kurs", quantity=i18n.amount(100, "EUR"), price=i18n.amount(10_000, "EUR"))


@pytest.fixture
def issue(customer_id: int) -> Callable[..., int]:
    """Issue an invoice of 119 euros, or a follow-up with a price of its own."""

    def issuing(price: int = 10_000, origin_id: int | None = None) -> int:
        from app.domain.factura import queries as documents

        line = LineValues(
            text="Kurs", quantity=i18n.amount(100, "EUR"), price=i18n.amount(price, "EUR")
        )
        if origin_id:
            document_id = factura.follow_up(origin_id, Kind.CREDIT_NOTE)
            values = documents.draft(document_id)
            factura.change_draft(document_id, values | {"lines": [line]})
        else:
            values = documents.fresh(Kind.INVOICE, customer_id)
            document_id = factura.add_draft(values | {"lines": [line], "service_on": today()})
        factura.issue(document_id)
        return document_id

    return issuing


class TestCreditNotes:
    def test_set_off_up_to_what_is_open(self, customer_id: int, issue: Callable[..., int]):
        invoice_id = issue()
        services.record_payment(
            customer_id, payment_values(amount=10_000, parts={invoice_id: 10_000})
        )
        note_id = issue(5_000, invoice_id)
        assert paid(invoice_id) == 11_900
        assert told()[0] == "set_off"
        payment = db.session.scalars(select(Payment).order_by(Payment.id.desc())).first()
        assert payment
        assert (payment.credit_note_id, payment.amount) == (note_id, 5_950)
        assert parts_of(payment.id) == {invoice_id: 1_900}
        assert queries.credit_sums(customer_id) == {"EUR": 4_050}
        assert_sound()

    def test_without_an_invoice_all_of_it_is_credit(
        self, customer_id: int, bill: Callable[..., int]
    ):
        bill(kind="credit_note", number="G-1", total=2_000)
        assert queries.credit_sums(customer_id) == {"EUR": 2_000}
        assert_sound()

    def test_a_cancelled_invoice_leaves_what_was_paid(
        self, customer_id: int, issue: Callable[..., int]
    ):
        invoice_id = issue()
        services.record_payment(
            customer_id, payment_values(amount=3_000, parts={invoice_id: 3_000})
        )
        assert factura.cancel(invoice_id)
        assert paid(invoice_id) == 0
        assert queries.credit_sums(customer_id) == {"EUR": 3_000}
        assert queries.open_items(customer_id) == []
        assert dealings.invoiced(customer_id)[0].ever == 0
        counted = {one.kind: one.total for one in documents.sums(documents.Wanted())}
        assert counted == {"invoice": 11_900, "credit_note": 11_900}
        [account] = statement(customer_id, EVER, today()).accounts
        assert [entry.amount for entry in account.entries] == [11_900, -11_900, -3_000]
        assert account.closing == -3_000
        assert_sound()


class TestTakenOver:
    def test_cancelled_elsewhere_without_a_credit_note_it_counts_nowhere(
        self, customer_id: int, bill: Callable[..., int]
    ):
        bill(state="cancelled")
        assert dealings.invoiced(customer_id) == []
        assert documents.sums(documents.Wanted()) == []
        assert documents.sums(documents.Wanted(words="R-1")) == []
        assert statement(customer_id, EVER, today()).accounts == []

    @pytest.mark.parametrize(
        ("over", "stays", "credit"),
        [
            ({"paid": 4_000}, 4_000, 0),
            ({"paid": 34_000}, 34_000, 0),
            ({"paid": 35_000}, 34_000, 1_000),
            ({"paid": 4_000, "state": "cancelled"}, 0, 4_000),
            ({"paid": 4_000, "kind": "quote"}, 0, 0),
            ({"paid": 0, "total": 0}, 0, 0),
        ],
    )
    def test_documents_that_come_in_with_something_paid(
        self, customer_id: int, bill: Callable[..., int], over: Any, stays: int, credit: int
    ):
        document_id = bill(**over)
        assert paid(document_id) == stays
        assert queries.credit_sums(customer_id) == ({"EUR": credit} if credit else {})
        assert_sound()


class TestStatement:
    def test_a_period(self, customer_id: int, bill: Callable[..., int]):
        first = bill("R-1", issued_on=date(2025, 12, 20), due_on=date(2026, 1, 3), total=10_000)
        bill("R-2", issued_on=date(2026, 2, 1), due_on=date(2026, 2, 15), total=5_000)
        values = payment_values(received_on=date(2026, 1, 5), amount=10_500, fees=500)
        services.record_payment(customer_id, values | {"parts": {first: 10_000}})
        found = statement(customer_id, date(2026, 1, 1), date(2026, 12, 31))
        [account] = found.accounts
        assert (account.opening, account.closing, found.is_cut) == (10_000, 5_000, False)
        assert [(e.kind, e.amount, e.balance) for e in account.entries] == [
            ("fee", 500, 10_500),
            ("payment", -10_500, 0),
            ("invoice", 5_000, 5_000),
        ]
        assert account.entries[1].numbers == "R-1"
        earlier = statement(customer_id, date(2025, 1, 1), date(2025, 12, 31)).accounts[0]
        assert (earlier.opening, earlier.closing) == (0, 10_000)

    def test_one_account_for_each_currency(self, customer_id: int, bill: Callable[..., int]):
        bill("R-1")
        bill("R-2", currency="CHF")
        accounts = statement(customer_id, EVER, today()).accounts
        assert [(a.currency, a.closing) for a in accounts] == [("CHF", 34_000), ("EUR", 34_000)]

    def test_nobody_elses_and_no_drafts(self, customer_id: int, other_id: int):
        add_document(other_id, invoice_values())
        add_document(customer_id, {"kind": "invoice", "total": 9_999})
        assert statement(customer_id, EVER, today()).accounts == []

    def test_a_long_one_is_cut(
        self, customer_id: int, bill: Callable[..., int], monkeypatch: pytest.MonkeyPatch
    ):
        from app.domain.payments import statement as module

        monkeypatch.setattr(module, "MOST", 2)
        for n in range(3):
            bill(f"R-{n}")
        monkeypatch.setattr(module, "ENTRIES", module.ENTRIES.limit(3))
        found = statement(customer_id, EVER, today())
        assert found.is_cut
        assert len(found.accounts[0].entries) == 2
        assert found.accounts[0].closing == 3 * 34_000


class TestListing:
    def test_narrowed_and_added_up(self, customer_id: int, other_id: int, bill: Callable[..., int]):
        document_id = bill("R-77")
        first = services.record_payment(
            customer_id, payment_values(parts={document_id: 34_000}, note="Überweisung März")
        )
        second = services.record_payment(
            other_id, payment_values(amount=500, credit=500, method="cash", currency="CHF")
        )

        def found(**wanted: Any) -> list[int]:
            return [row.id for row in listing.search(Wanted(**wanted)).rows]

        assert found() == [second, first]
        assert found(method="cash") == [second]
        assert found(customer_id=customer_id) == [first]
        assert found(words="R-77") == found(words="märz über") == found(words="muller") == [first]
        assert found(words="berger") == [second]
        assert found(words="nobody at all") == []
        assert found(since=today() + timedelta(days=1)) == []
        assert found(until=today() - timedelta(days=1)) == []
        assert [(r.currency, r.amount) for r in listing.sums(Wanted())] == [
            ("CHF", 500),
            ("EUR", 34_000),
        ]
        assert listing.sums(Wanted(words="berger"))[0].amount == 500
        assert listing.sums(Wanted(method="cash", customer_id=other_id))[0].amount == 500
        services.take_back(second)
        assert found() == [second, first]
        assert [(r.currency, r.amount) for r in listing.sums(Wanted())] == [("EUR", 34_000)]

    @pytest.mark.parametrize(
        ("wanted", "used"),
        [
            (Wanted(), "ix_payment_received"),
            (Wanted(since=date(2026, 1, 1), until=date(2026, 12, 31)), "ix_payment_received"),
            (Wanted(method="cash"), "ix_payment_method"),
            (Wanted(customer_id=1), "ix_payment_customer"),
            (Wanted(customer_id=1, method="cash"), "ix_payment_customer"),
            (Wanted(words="R-1 muller"), "ix_payment_customer"),
        ],
    )
    def test_an_index_yields_what_is_wanted(self, customer_id: int, wanted: Wanted, used: str):
        for ask in (
            lambda: listing.search(wanted, (date(2026, 6, 1), 5)),
            lambda: [*listing.chunks(wanted)],
        ):
            steps = plans(ask)
            assert [step for step in steps if used in step], "\n".join(steps)
            whole = [step for step in steps if step.startswith("SCAN payment")]
            assert all("ix_payment_received" in step for step in whole)

    @pytest.mark.parametrize("wanted", [Wanted(), Wanted(method="cash"), Wanted(since=EVER)])
    def test_sums_read_an_index_alone(self, context: None, wanted: Wanted):
        asked = [step for step in plans(lambda: listing.sums(wanted)) if "payment" in step]
        assert asked
        assert all("COVERING INDEX ix_payment_method" in step for step in asked)

    def test_credit_is_read_from_its_index(self, context: None):
        for ask in (lambda: queries.credit_sums(1), lambda: queries.credits(1, "EUR")):
            [step] = plans(ask)
            assert "COVERING INDEX ix_payment_credit" in step

    def test_notes_are_read_of_the_newest_only_and_that_is_told(
        self, customer_id: int, monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.setattr(listing, "MOST_NOTES", 1)
        old, new = (
            services.record_payment(
                customer_id, payment_values(credit=34_000, note="Miete", received_on=day)
            )
            for day in (today() - timedelta(days=1), today())
        )
        wanted = Wanted(words="miete")
        assert [row.id for row in listing.search(wanted).rows] == [new]
        assert listing.is_cut(wanted)
        assert not listing.is_cut(Wanted())
        yesterday = Wanted(words="miete", until=today() - timedelta(days=1))
        assert [row.id for row in listing.search(yesterday).rows] == [old]
        assert not listing.is_cut(yesterday)

    def test_payments_of_the_first_customers_only_and_that_is_told(
        self, customer_id: int, other_id: int, monkeypatch: pytest.MonkeyPatch
    ):
        for one in (customer_id, other_id):
            services.record_payment(one, payment_values(credit=34_000))
        wanted = Wanted(words="tanja")
        assert len(listing.search(wanted).rows) == 2
        assert not listing.is_cut(wanted)
        monkeypatch.setattr(listing, "MOST_CUSTOMERS", 1)
        assert [row.customer_id for row in listing.search(wanted).rows] == [other_id]
        assert listing.is_cut(wanted)

    def test_page_by_page(self, customer_id: int, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr(listing, "PAGE", 2)
        ids = [
            services.record_payment(
                customer_id,
                payment_values(credit=34_000, received_on=today() - timedelta(days=n % 2)),
            )
            for n in range(5)
        ]
        place, pages = None, []
        while True:
            found = listing.search(Wanted(), place)
            pages.append([row.id for row in found.rows])
            place = found.older
            if place is None:
                break
        assert pages == [[ids[4], ids[2]], [ids[0], ids[3]], [ids[1]]]

    def test_the_table_for_the_tax_adviser(
        self, customer_id: int, bill: Callable[..., int], monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.setattr(listing, "CHUNK", 1)
        one, two = bill("R-1", total=1_000), bill("R-2", total=2_000)
        values = payment_values(amount=3_600, fees=500, credit=100, note="=1+1")
        services.record_payment(customer_id, values | {"parts": {one: 1_000, two: 2_000}})
        gone = payment_values(amount=900, fees=200, parts={bill("R-3", total=700): 700})
        services.take_back(services.record_payment(customer_id, gone))
        rows = [[*map(str, row)] for row in export.rows(Wanted())]
        day = str(today())
        name, nothing = ["10001", "Tanja Müller", "Überweisung"], ["None", "None"]
        assert rows == [
            [day, *name, "36.00", "EUR", "R-1", "10.00", "5.00", "1.00", "=1+1", *nothing],
            [day, *name, "None", "EUR", "R-2", "20.00", *nothing, "None", *nothing],
            [day, *name, "None", "EUR", "R-3", "None", *nothing, "", day, "9.00"],
        ]
        assert len(export.headings()) == len(rows[0])

    def test_its_columns_add_up_to_the_statement(self, customer_id: int, bill: Callable[..., int]):
        one, two = bill("R-1", total=1_000), bill("R-2", total=2_000)
        values = payment_values(amount=3_600, fees=500, credit=100)
        services.record_payment(customer_id, values | {"parts": {one: 1_000, two: 2_000}})
        gone = payment_values(amount=900, fees=200, credit=700)
        services.take_back(services.record_payment(customer_id, gone))
        columns = list(zip(*export.rows(Wanted()), strict=True))
        amount, part, fees, credit = (
            sum(round(cell * 100) for cell in columns[place] if cell) for place in (4, 7, 8, 9)
        )
        [account] = statement(customer_id, EVER, today()).accounts
        told = {entry.kind: entry.amount for entry in account.entries if entry.kind != "invoice"}
        assert (amount, fees) == (-told["payment"], told["fee"]) == (3_600, 500)
        assert (part, credit) == (3_000, account.credit)


class TestRaces:
    def test_of_two_colleagues_the_second_sees_that_nothing_is_open(
        self, app: Flask, make_customer: Callable[..., int]
    ):
        customer_id = make_customer()
        with app.app_context():
            document_id = add_document(customer_id, invoice_values())
            db.session.commit()
        begun, outcomes = threading.Barrier(4), []

        def record() -> None:
            with app.app_context():
                begun.wait()
                try:
                    values = payment_values(parts={document_id: 34_000})
                    services.record_payment(customer_id, values)
                    db.session.commit()
                    outcomes.append("recorded")
                except Invalid as refusal:
                    db.session.rollback()
                    outcomes.append(refusal.problems[0].code)

        threads = [threading.Thread(target=record) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(outcomes) == ["not_open", "not_open", "not_open", "recorded"]
        with app.app_context():
            assert paid(document_id) == 34_000
            assert_sound()

    def test_one_form_that_is_sent_at_once_is_one_payment(
        self, app: Flask, make_customer: Callable[..., int]
    ):
        customer_id = make_customer()
        begun, ids = threading.Barrier(4), []

        def record() -> None:
            with app.app_context():
                begun.wait()
                values = payment_values(credit=34_000)
                ids.append(services.record_payment(customer_id, values, "one form"))
                db.session.commit()

        threads = [threading.Thread(target=record) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(ids) == 4
        assert len(set(ids)) == 1


STEP = st.tuples(
    st.sampled_from(
        ("bill", "pay", "pay", "pay", "many", "credit", "back", "again", "note", "cancel", "free")
    ),
    st.integers(0, 40),
    st.integers(1, 30_000),
)


class History:
    """A random story of one customer; every step is a verb, or refused by one."""

    def __init__(self, customer_id: int, issue: Callable[..., int]):
        self.customer_id, self.issue = customer_id, issue
        self.invoices: list[int] = []
        self.taken: list[tuple[int, dict[int, int]]] = []

    def step(self, verb: str, which: int, amount: int) -> None:
        with suppress(Invalid, Refused, NotFound), db.session.begin_nested():
            getattr(self, verb)(which, amount)

    def bill(self, _which: int, amount: int) -> None:
        self.invoices.append(self.issue(amount))

    def pay(self, which: int, amount: int) -> None:
        document_id = self.chosen(which)
        owed = queries.owed_on(self.customer_id, [document_id])
        self.record(amount, which % 3 * 10, rules.propose(amount - which % 3 * 10, owed.values()))

    def many(self, which: int, amount: int) -> None:
        owed = map(queries.owed, queries.open_items(self.customer_id, "EUR"))
        self.record(amount, 0, rules.propose(amount, owed))

    def credit(self, which: int, amount: int) -> None:
        document_id = self.chosen(which)
        taken = services.assign_credit(self.customer_id, document_id, amount)
        self.taken.append((document_id, taken))

    def free(self, which: int, _amount: int) -> None:
        if self.taken:
            document_id, taken = self.taken[which % len(self.taken)]
            services.release_credit(self.customer_id, document_id, taken)

    def back(self, which: int, _amount: int) -> None:
        services.take_back(which)

    def again(self, which: int, _amount: int) -> None:
        services.bring_back(which)

    def note(self, which: int, amount: int) -> None:
        self.issue(amount, self.chosen(which))

    def cancel(self, which: int, _amount: int) -> None:
        factura.cancel(self.chosen(which))

    def record(self, amount: int, fees: int, parts: dict[int, int]) -> None:
        values = payment_values(amount=amount, fees=fees, parts=parts)
        values["credit"] = max(rules.credit(amount, fees, parts.values()), 0)
        services.record_payment(self.customer_id, values)

    def chosen(self, which: int) -> int:
        if not self.invoices:
            raise NotFound
        return self.invoices[which % len(self.invoices)]


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(steps=st.lists(STEP, min_size=5, max_size=25))
def test_whatever_happens_paid_is_what_payments_say(
    customer_id: int, issue: Callable[..., int], steps: list[tuple[str, int, int]]
):
    with db.session.begin_nested() as story:
        history = History(customer_id, issue)
        for step in steps:
            history.step(*step)
            assert_sound(customer_id)
        story.rollback()
    db.session.expire_all()


def test_parts_are_kept_with_their_payment(customer_id: int, bill: Callable[..., int]):
    document_id = bill()
    payment_id = services.record_payment(customer_id, payment_values(parts={document_id: 34_000}))
    services.take_back(payment_id)
    assert db.session.get(PaymentPart, (payment_id, document_id))
    assert create_customer(customer_values())
