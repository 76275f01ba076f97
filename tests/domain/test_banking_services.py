"""What recording bank data does to accounts, mandates, their history and the audit trail."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.core import events
from app.core.audit import AuditEntry
from app.core.database import db
from app.core.problems import Invalid
from app.domain.banking import queries
from app.domain.banking.models import BankAccount, Mandate
from app.domain.banking.services import record_bank
from app.domain.customers.models import Customer
from app.domain.customers.queries import find
from app.domain.transfer.queries import taken_references

IBAN, OTHER_IBAN = "DE89370400440532013000", "DE02120300000000202051"
ACCOUNT = {
    "account_holder": "Tanja Müller",
    "iban": IBAN,
    "bic": "COBADEFFXXX",
    "bank_name": "Commerzbank Köln",
}
NO_ACCOUNT = dict.fromkeys(queries.ACCOUNT, "")
SIGNED = {
    "has_mandate": True,
    "mandate_reference": "M-1",
    "mandate_date": date(2026, 3, 1),
    "first_debit_on": date(2026, 4, 1),
}
SEPA = {"payment_method": "sepa_direct_debit"}
SIGNED_UP = SEPA | ACCOUNT | SIGNED
CLEARED = NO_ACCOUNT | {
    "payment_method": "invoice",
    "has_mandate": False,
    "mandate_reference": "",
    "mandate_date": None,
    "first_debit_on": None,
}

pytestmark = pytest.mark.usefixtures("context")


@pytest.fixture
def customer(make_customer: Callable[..., int]) -> int:
    return make_customer(number="10234", vat_number="")


def accounts(customer_id: int) -> list[tuple[str, bool]]:
    """IBANs in the order of their rows, with whether they hold."""
    rows = db.session.scalars(select(BankAccount).order_by(BankAccount.id))
    return [(a.iban, a.ended_at is None) for a in rows if a.customer_id == customer_id]


def mandates(customer_id: int) -> list[tuple[str, str, bool]]:
    """References and states in the order of their rows, with whether they hold."""
    rows = db.session.scalars(select(Mandate).order_by(Mandate.id))
    return [
        (m.reference, m.state, m.ended_at is None) for m in rows if m.customer_id == customer_id
    ]


def entries() -> list[AuditEntry]:
    found = select(AuditEntry).where(AuditEntry.area == "banking").order_by(AuditEntry.id)
    return list(db.session.scalars(found))


@contextmanager
def announcing(name: str) -> Iterator[set[str]]:
    """The events announced inside the block; `name` must be among them."""
    events.announced().clear()
    yield events.announced()
    assert name in events.announced()


def refused(customer_id: int, values: dict[str, Any]) -> set[tuple[str, str]]:
    with pytest.raises(Invalid) as refusal:
        record_bank(customer_id, values)
    return {(p.field, p.code) for p in refusal.value.problems if p.level == "error"}


def test_account_and_mandate_are_written(customer):
    with announcing("bank.changed"):
        record_bank(customer, SIGNED_UP)

    values = queries.editable(customer).values
    assert values["iban"] == IBAN
    assert values["has_mandate"] is True
    assert accounts(customer) == [(IBAN, True)]
    assert mandates(customer) == [("M-1", "on_hand", True)]
    account, mandate = queries.current_account(customer), queries.current_mandate(customer)
    assert account is not None
    assert mandate is not None
    assert mandate.bank_account_id == account.id


def test_one_audit_entry_tells_the_change_with_the_iban_masked(customer):
    record_bank(customer, SIGNED_UP)
    (entry,) = entries()
    changes = {field: (old, new) for field, old, new in entry.changes}
    assert entry.action == "changed"
    assert changes["iban"] == ("", "DE89 •••• 3000")
    assert changes["payment_method"] == ("invoice", "sepa_direct_debit")
    assert changes["mandate_date"] == (None, "2026-03-01")
    assert IBAN not in str(entry.changes)


def test_a_change_that_the_mask_hides_is_told_all_the_same(customer):
    record_bank(customer, {"account_number": "532013000000", "bank_code": "37040044"})
    record_bank(customer, {"account_number": "532099000000"})
    assert entries()[-1].changes == [["account_number", "5320 •••• 0000", "5320 •••• 0000"]]


def test_nothing_changed_writes_nothing(customer):
    record_bank(customer, SIGNED_UP)
    changed_at = db.session.scalar(select(Customer.changed_at))
    events.announced().clear()

    record_bank(customer, SIGNED_UP)
    record_bank(customer, {})

    assert len(entries()) == 1
    assert accounts(customer) == [(IBAN, True)]
    assert events.announced() == set()
    assert db.session.scalar(select(Customer.changed_at)) == changed_at


FIRST = ("M-1", "on_hand", True)
KEPT = [(IBAN, True)]


@pytest.mark.parametrize(
    ("change", "accounts_then", "mandates_then"),
    [
        ({"iban": OTHER_IBAN, "bic": ""}, [(IBAN, False), (OTHER_IBAN, True)], [FIRST]),
        ({"bank_name": "Commerzbank"}, [(IBAN, False), (IBAN, True)], [FIRST]),
        ({"account_holder": "Jan Müller"}, [(IBAN, False), (IBAN, True)], [FIRST]),
        ({"first_debit_on": date(2026, 5, 1)}, KEPT, [FIRST]),
        ({"payment_method": "invoice"}, KEPT, [FIRST]),
        (
            {"mandate_reference": "M-2"},
            KEPT,
            [("M-1", "replaced", False), ("M-2", "on_hand", True)],
        ),
        (
            {"mandate_date": date(2026, 3, 2)},
            KEPT,
            [("M-1", "replaced", False), ("M-1", "on_hand", True)],
        ),
        ({"has_mandate": False}, KEPT, [("M-1", "revoked", False)]),
        ({"has_mandate": False, "mandate_reference": ""}, KEPT, [("M-1", "revoked", False)]),
        (
            {"has_mandate": False, "mandate_reference": "M-2", "mandate_date": None},
            KEPT,
            [("M-1", "replaced", False), ("M-2", "prepared", True)],
        ),
        (CLEARED, [(IBAN, False)], [("M-1", "revoked", False)]),
    ],
)
def test_what_held_before_stays_as_history(customer, change, accounts_then, mandates_then):
    record_bank(customer, SIGNED_UP)
    record_bank(customer, change)
    assert accounts(customer) == accounts_then
    assert mandates(customer) == mandates_then
    assert len(entries()) == 2


def test_the_mandate_points_to_the_new_account(customer):
    record_bank(customer, SIGNED_UP)
    record_bank(customer, {"iban": OTHER_IBAN, "bic": "", "bank_name": ""})
    account, mandate = queries.current_account(customer), queries.current_mandate(customer)
    assert account is not None
    assert mandate is not None
    assert mandate.bank_account_id == account.id
    (earlier,) = queries.history(customer).accounts
    assert earlier.iban == IBAN
    assert earlier.ended_at == account.since


def test_history_begins_with_the_latest(customer):
    record_bank(customer, SIGNED_UP)
    for reference in ("M-2", "M-3"):
        record_bank(customer, {"mandate_reference": reference})
    assert [m.reference for m in queries.history(customer).mandates] == ["M-2", "M-1"]


def test_direct_debit_without_the_tick_prepares_a_mandate(customer):
    record_bank(customer, SEPA | ACCOUNT)
    assert mandates(customer) == [("10234-1", "prepared", True)]


def test_a_prepared_mandate_becomes_on_hand(customer):
    record_bank(customer, SEPA | ACCOUNT)
    record_bank(customer, SIGNED | {"mandate_reference": "10234-1"})
    assert mandates(customer) == [("10234-1", "on_hand", True)]


def test_a_proposal_that_nobody_needs_is_no_mandate(customer):
    proposed = queries.proposed_reference(customer)
    record_bank(customer, ACCOUNT | {"mandate_reference": proposed})
    assert mandates(customer) == []


def test_a_date_without_reference_is_not_lost(customer):
    record_bank(customer, ACCOUNT | {"mandate_date": date(2026, 3, 1)})
    assert mandates(customer) == [("10234-1", "prepared", True)]
    assert queries.editable(customer).values["mandate_date"] == date(2026, 3, 1)


def test_the_paper_of_a_mandate_taken_back_by_mistake_counts_again(customer):
    record_bank(customer, SIGNED_UP)
    record_bank(customer, {"has_mandate": False})
    record_bank(customer, SIGNED_UP)
    assert mandates(customer) == [("M-1", "revoked", False), ("M-1", "on_hand", True)]


@pytest.mark.parametrize("model", [BankAccount, Mandate])
def test_two_cannot_hold_at_once(customer, model):
    record_bank(customer, SIGNED_UP)
    held = db.session.scalars(select(model)).one()
    columns = {name: getattr(held, name) for name in ("customer_id", "since")}
    columns |= {"state": "prepared", "reference": "M-2"} if model is Mandate else {}
    db.session.add(model(**columns))
    with pytest.raises(IntegrityError, match="UNIQUE constraint failed"):
        db.session.flush()


def test_references_are_the_same_whatever_their_capitals(customer, make_customer):
    record_bank(
        make_customer(number="2", vat_number=""), SIGNED_UP | {"mandate_reference": "Ab-cD"}
    )
    assert refused(customer, SIGNED_UP | {"mandate_reference": "aB-Cd"}) == {
        ("mandate_reference", "taken")
    }
    assert taken_references(["aB-cD", "x"]) == {"AB-CD"}


@pytest.mark.parametrize("reference", ["10234-1", "ab-7", "AB-7"])
def test_a_reference_of_another_customer_is_refused(customer, make_customer, reference):
    other = make_customer(number="ab")
    record_bank(other, SIGNED_UP | {"mandate_reference": reference})
    record_bank(other, CLEARED)
    assert refused(customer, SIGNED_UP | {"mandate_reference": reference.lower()}) == {
        ("mandate_reference", "taken")
    }


@pytest.mark.parametrize(
    ("number", "proposed"),
    [
        ("10234", "10234-1"),
        ("K/2026.7", "K-2026-7-1"),
        ("Kü_9", "Ku-9-1"),
        ("東京", "7-1"),
        ("1234567890" * 3 + "12", "1234567890" * 3 + "1-1"),
    ],
)
def test_proposed_references_keep_to_what_sepa_takes(make_customer, number, proposed):
    customer = make_customer(number=number)
    proposed = proposed.replace("7-1", f"{customer}-1") if number == "東京" else proposed
    assert queries.proposed_reference(customer) == proposed


def test_a_proposal_is_one_that_nobody_has(customer, make_customer):
    other = make_customer(number="10235")
    record_bank(other, SIGNED_UP | {"mandate_reference": "10234-1"})
    assert queries.proposed_reference(customer) == "10234-2"
    record_bank(customer, SEPA | ACCOUNT)
    record_bank(customer, CLEARED)
    assert queries.proposed_reference(customer) == "10234-3"


def test_values_are_stored_compact(customer):
    typed = {"iban": " de89 3704 0044 0532 0130 00 ", "bic": "cobadeff", "bank_code": "370 400 44"}
    record_bank(customer, typed | {"vat_number": "136 695 976"})
    values = queries.editable(customer).values
    assert values["iban"] == IBAN
    assert values["bic"] == "COBADEFF"
    assert values["bank_code"] == "37040044"
    assert values["vat_number"] == "DE136695976"


def test_an_iban_brings_bic_and_bank_name_where_they_were_left_empty(customer):
    record_bank(customer, {"iban": IBAN})
    values = queries.editable(customer).values
    assert (values["bic"], values["bank_name"]) == ("COBADEFFXXX", "Commerzbank")
    record_bank(customer, {"iban": OTHER_IBAN, "bic": "", "bank_name": "My bank"})
    values = queries.editable(customer).values
    assert (values["bic"], values["bank_name"]) == ("BYLADEM1001", "My bank")


def test_what_is_not_named_stays(customer):
    record_bank(customer, SIGNED_UP)
    record_bank(customer, {"vat_number": "DE136695976"})
    values = queries.editable(customer).values
    assert values["payment_method"] == "sepa_direct_debit"
    assert values["mandate_reference"] == "M-1"


def test_a_changed_vat_number_changes_the_master_data(customer):
    version = db.session.get_one(Customer, customer).version
    with announcing("customer.changed"):
        record_bank(customer, {"vat_number": "DE136695976"})
    assert db.session.get_one(Customer, customer).version == version + 1
    with announcing("bank.changed") as announced:
        record_bank(customer, ACCOUNT)
    assert "customer.changed" not in announced


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"iban": "DE89370400440532013001"}, ("iban", "checksum")),
        ({"iban": ""}, ("iban", "required")),
        ({"account_holder": ""}, ("account_holder", "required")),
        ({"mandate_reference": ""}, ("mandate_reference", "required")),
        ({"mandate_date": None}, ("mandate_date", "required")),
        ({"first_debit_on": date(2026, 2, 1)}, ("first_debit_on", "before_mandate")),
        ({"bic": "UBSWCHZH80A"}, ("bic", "other_country")),
        ({"vat_number": "DE136695977"}, ("vat_number", "malformed")),
        ({"payment_method": "gold"}, ("payment_method", "unknown")),
    ],
)
def test_what_does_not_hold_is_refused_and_changes_nothing(customer, change, problem):
    assert refused(customer, SIGNED_UP | change) == {problem}
    assert accounts(customer) == []
    assert mandates(customer) == []
    assert entries() == []


def test_warnings_are_told_and_do_not_hinder(customer):
    warnings = record_bank(customer, ACCOUNT | {"bic": "DEUTDEFF"})
    assert [(w.field, w.code) for w in warnings] == [("bic", "differs")]
    assert accounts(customer) == [(IBAN, True)]


def test_the_version_moves_with_what_the_dialog_shows_only(customer):
    opened = queries.editable(customer).version
    db.session.get_one(Customer, customer).town = "Bonn"
    db.session.flush()
    assert queries.editable(customer).version == opened
    record_bank(customer, ACCOUNT)
    assert queries.editable(customer).version != opened


def test_customers_are_found_by_iban_and_account_holder(customer):
    record_bank(customer, ACCOUNT | {"account_holder": "Zoë Ångström"})
    for typed in (IBAN, "de89 3704 0044", "zoe", "angstrom"):
        assert [row.id for row in find(typed).rows] == [customer], typed
    record_bank(customer, CLEARED)
    assert find(IBAN).rows == []


@pytest.mark.parametrize(
    ("values", "marked"),
    [
        (SEPA | ACCOUNT, True),
        (SIGNED_UP, False),
        (SIGNED_UP | {"payment_method": "paypal"}, False),
        (ACCOUNT, False),
    ],
)
def test_an_outstanding_mandate_marks_the_customer(customer, values, marked, count_queries):
    record_bank(customer, values)
    with count_queries() as sent:
        marks = queries.marks([customer]).get(customer, [])
    assert [state for _text, state in marks] == (["warn"] if marked else [])
    assert len(sent) == 1


def test_the_panel_asks_one_question(customer, count_queries):
    record_bank(customer, SIGNED_UP)
    with count_queries() as sent:
        row = queries.bank_of(customer)
    assert (row.iban, row.mandate_state) == (IBAN, "on_hand")
    assert len(sent) == 1
