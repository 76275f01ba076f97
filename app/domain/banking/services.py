"""What happens to bank data: one verb writes payment method, account and mandate.

Account and mandate are rows of their own with their own history. A changed account ends the old row
and begins a new one; the mandate stays and points to the new account, because the customer signed
it for the creditor and not for the account (EPC016-06, amendments).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete

from app.core import audit
from app.core.database import db, now
from app.core.events import announce
from app.core.i18n import _l, today
from app.core.problems import Invalid, Problem, errors
from app.domain.banking import directory, queries, rules
from app.domain.banking.models import BankAccount, Mandate, TeamAccount
from app.domain.banking.rules import MandateState
from app.domain.customers import index
from app.domain.customers.rules import PaymentMethod, compact_vat
from app.domain.customers.services import set_payment, touch

MASKED = ("iban", "account_number")
WITHOUT_BLANKS = ("account_number", "bank_code", "rib_key", "branch_code")


def record_bank(customer_id: int, values: Mapping[str, Any]) -> list[Problem]:
    """Write the bank data of a customer and return what is worth a look (warnings).

    Names of `queries.FIELDS` that `values` leaves out stay as they are. Raises Invalid for values
    that do not hold.
    """
    row = queries.bank_of(customer_id)
    before = queries.values_of(row)
    values = normalised({**before, **values}, row.country)
    values["payment_method"] = values["payment_method"] or before["payment_method"]
    warnings = _check(customer_id, values | {"country": row.country}, before)
    values |= _told_by_iban(values)
    moment = now()
    set_payment(customer_id, values["payment_method"], values["vat_number"])
    account = _keep_account(customer_id, values, moment)
    _keep_mandate(customer_id, values, account, moment)
    db.session.flush()
    _tell(customer_id, before)
    return warnings


def save_team_account(values: Mapping[str, Any]) -> list[Problem]:
    """Change the account the team is paid to; returns what is worth a look (warnings)."""
    problems = rules.check_team_account(values)
    if errors(problems):
        raise Invalid(problems)
    row = queries.team_row()
    before = _team_values(row)
    wanted = {name: values[name] for name in queries.TEAM_FIELDS} | {
        "iban": rules.compact(values["iban"]),
        "bic": rules.compact(values["bic"]),
        "creditor_id": rules.compact_creditor_id(values["creditor_id"]),
    }
    for name, value in (wanted | _told_by_iban(wanted)).items():
        setattr(row, name, value)
    changes = [_masked(change) for change in audit.difference(before, _team_values(row))]
    if changes:
        db.session.add(row)
        db.session.flush()
        audit.record("banking", "team_account_changed", changes=changes)
        announce("team_account.changed")
    return problems


def forget_customers(customer_ids: Sequence[int]) -> None:
    """Customers left for good: so do their mandates and accounts."""
    for model in (Mandate, BankAccount):
        db.session.execute(delete(model).where(model.customer_id.in_(customer_ids)))


def normalised(values: Mapping[str, Any], country: str) -> dict[str, Any]:
    """Values as they are stored: complete, IBAN, BIC and VAT number compact."""
    kept = {name: values.get(name) or "" for name in queries.FIELDS}
    return kept | {
        "iban": rules.compact(kept["iban"]),
        "bic": rules.compact(kept["bic"]),
        "vat_number": compact_vat(kept["vat_number"], country),
        **{name: re.sub(r"\s", "", kept[name]) for name in WITHOUT_BLANKS},
        "has_mandate": bool(kept["has_mandate"]),
        "mandate_date": kept["mandate_date"] or None,
        "first_debit_on": kept["first_debit_on"] or None,
    }


def account_columns(values: Mapping[str, Any]) -> dict[str, str]:
    """The columns of a BankAccount for these values."""
    return {name: values[name] for name in queries.ACCOUNT}


def mandate_columns(values: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of a Mandate for these values: on hand with the tick, else prepared."""
    return {
        "state": MandateState.ON_HAND if values["has_mandate"] else MandateState.PREPARED,
        "reference": values["mandate_reference"],
        "signed_on": values["mandate_date"],
        "first_debit_on": values["first_debit_on"],
    }


def _check(customer_id: int, values: Mapping[str, Any], before: Mapping[str, Any]) -> list[Problem]:
    """Raises Invalid for errors and returns the warnings."""
    problems = rules.check_bank(values, today())
    reference = values["mandate_reference"]
    if reference != before["mandate_reference"] and queries.reference_taken(reference, customer_id):
        message = _l("The mandate of another customer has this reference.")
        problems.append(Problem("mandate_reference", "taken", message))
    if errors(problems):
        raise Invalid(problems)
    return problems


def _told_by_iban(values: Mapping[str, Any]) -> dict[str, str]:
    """BIC and bank name that were left empty, where the bank tables know the IBAN's bank."""
    bank = directory.bank_of(values["iban"])
    told = {"bic": bank.bic, "bank_name": bank.name} if bank else {}
    return {name: text for name, text in told.items() if not values[name]}


def _keep_account(
    customer_id: int, values: Mapping[str, Any], moment: datetime
) -> BankAccount | None:
    """The account that holds from now on; one that differs becomes history."""
    current = queries.current_account(customer_id)
    wanted = account_columns(values)
    if current and all(getattr(current, name) == value for name, value in wanted.items()):
        return current
    if current:
        _end(current, moment)
    if not any(wanted.values()):
        return None
    account = BankAccount(customer_id=customer_id, since=moment, **wanted)
    db.session.add(account)
    db.session.flush()
    return account


def _end(held: BankAccount | Mandate, moment: datetime) -> None:
    """Written at once, as only one may hold when the next one is added."""
    held.ended_at = moment
    db.session.flush()


def _keep_mandate(
    customer_id: int, values: Mapping[str, Any], account: BankAccount | None, moment: datetime
) -> None:
    """The mandate that holds from now on; one that was replaced or revoked becomes history."""
    current = queries.current_mandate(customer_id)
    wanted = _wanted_mandate(customer_id, values, current)
    if wanted:
        wanted["bank_account_id"] = account.id if account else None
    if current and wanted and _is_same(current, wanted):
        for name, value in wanted.items():
            setattr(current, name, value)
        return
    if current:
        current.state = MandateState.REPLACED if wanted else MandateState.REVOKED
        _end(current, moment)
    if wanted:
        db.session.add(Mandate(customer_id=customer_id, since=moment, **wanted))


def _wanted_mandate(
    customer_id: int, values: Mapping[str, Any], current: Mandate | None
) -> dict[str, Any] | None:
    """The mandate that these values ask for, None for none."""
    wanted = mandate_columns(values)
    reference = wanted["reference"]
    if values["has_mandate"]:
        return wanted
    if current and current.state == MandateState.ON_HAND and reference in ("", current.reference):
        return None  # the tick was taken away
    if needs_reference(values):
        reference = reference or queries.proposed_reference(customer_id)
    elif not current and reference and reference == queries.proposed_reference(customer_id):
        return None  # nobody took the proposal
    return wanted | {"reference": reference} if reference else None


def needs_reference(values: Mapping[str, Any]) -> bool:
    """Whether a mandate is to be signed, though nobody gave it a reference yet."""
    wants_debit = values["payment_method"] == PaymentMethod.SEPA_DIRECT_DEBIT
    return wants_debit or bool(values["mandate_date"] or values["first_debit_on"])


def _is_same(current: Mandate, wanted: Mapping[str, Any]) -> bool:
    """Whether it is still the same paper: what is signed keeps its reference and its date."""
    if current.reference != wanted["reference"]:
        return False
    return current.state != MandateState.ON_HAND or current.signed_on == wanted["signed_on"]


def _team_values(row: TeamAccount) -> dict[str, Any]:
    return {name: getattr(row, name) for name in queries.TEAM_FIELDS}


def _tell(customer_id: int, before: Mapping[str, Any]) -> None:
    after = queries.values_of(queries.bank_of(customer_id))
    changes = [_masked(change) for change in audit.difference(before, after)]
    if changes:
        audit.record("banking", "changed", customer_id=customer_id, changes=changes)
        touch(customer_id)
        index.reindex([customer_id])
        announce("bank.changed", customer_id=customer_id)
        announce("marks.changed", customer_id=customer_id)


def _masked(change: audit.Change) -> audit.Change:
    """What must not spread is told so that one still sees which one it was."""
    field, old, new = change
    return (field, rules.mask(old), rules.mask(new)) if field in MASKED else change
