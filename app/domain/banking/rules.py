"""What must hold for bank data and SEPA mandates.

Values are cleaned text, a bool and dates as the dialog and the import give them. Errors have the
codes required, too_long, unknown, malformed, characters, country, length, structure, checksum,
other_country, future, too_early and before_mandate; warnings, which never keep from saving, have
check_digits, differs, bank_unknown and outside_sepa.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import date
from enum import StrEnum
from typing import Any

from stdnum.eu import at_02

from app.core.i18n import COUNTRIES, _l
from app.core.problems import Problem, errors
from app.domain.banking import directory
from app.domain.customers.rules import PaymentMethod, check_vat

LONGEST = {
    "account_holder": 70,
    "account_number": 34,
    "bank_code": 20,
    "bank_name": 100,
    "mandate_reference": 35,
}
EARLIEST_MANDATE = date(1950, 1, 1)

# SEPA Direct Debit Core Implementation Guidelines (EPC130-08): the Latin characters of SWIFT, and
# references neither start nor end with a slash nor hold two in a row (EPC230-15).
REFERENCE = re.compile(r"(?!/)(?!.*//)(?!.*/$)[A-Za-z0-9+?/:().,' -]+")

CREDITOR_ID = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{3}[A-Z0-9]{1,28}")

# Where the BIC may be of another country than the IBAN: the French and British territories that
# use their IBANs (EPC409-09), French banks in Monaco, British ones in Ireland.
BIC_COUNTRIES = {
    "FR": {"FR", "GF", "GP", "MQ", "RE", "YT", "BL", "MF", "PM", "NC", "PF", "TF", "WF"},
    "GB": {"GB", "GG", "IM", "JE"},
    "MC": {"MC", "FR"},
    "IE": {"IE", "GB"},
}
COMPARED_WITH_IBAN = {"DE", "AT", "CH", "LI", "FR", "MC"}


class MandateState(StrEnum):
    """Prepared: reference given, not signed; on hand: signed and dated; the others are history."""

    PREPARED = "prepared"
    ON_HAND = "on_hand"
    REVOKED = "revoked"
    REPLACED = "replaced"


class CollectionState(StrEnum):
    """Whether a customer can be collected from by SEPA direct debit, and if not, why."""

    NONE = "none"
    OUTSTANDING = "outstanding"
    ON_HAND = "on_hand"
    REVOKED = "revoked"


def collection_state(payment_method: str, mandate: str | None) -> CollectionState:
    """The state shown for a payment method and the latest mandate (its state, None without one).

    Other payment methods have none: a mandate on hand then lies unused.
    """
    if payment_method != PaymentMethod.SEPA_DIRECT_DEBIT:
        return CollectionState.NONE
    if mandate in (MandateState.ON_HAND, MandateState.REVOKED):
        return CollectionState(mandate)
    return CollectionState.OUTSTANDING


def compact(iban: str) -> str:
    """An IBAN or BIC as it is stored: capitals, without blanks, signs and the word IBAN."""
    return re.sub(r"[\s.:-]+", "", iban).upper().removeprefix("IBAN")


def group(iban: str) -> str:
    """An IBAN as it is shown, in groups of four (ISO 13616)."""
    text = compact(iban)
    return " ".join(text[i : i + 4] for i in range(0, len(text), 4))


def mask(iban: str) -> str:
    """An IBAN for the history and logs: "DE89 •••• 3000"; too short a one shows nothing."""
    text = compact(iban)
    if len(text) < 12:
        return "••••" if text else ""
    return f"{text[:4]} •••• {text[-4:]}"


def check_bank(values: Mapping[str, Any], today: date) -> list[Problem]:
    """What is wrong with, or worth a look at, the bank data of a customer.

    SEPA without a mandate on hand is no problem: see `collection_state`.
    """
    text = _texts(values)
    iban = compact(text.get("iban", ""))
    is_iban = iban and not directory.iban_fault(iban)
    return [*_faults(values, today), *(_compare_with_iban(text, iban) if is_iban else ())]


def bank_errors(values: Mapping[str, Any], today: date) -> list[Problem]:
    """What is wrong with the bank data of a customer; many are judged without the bank tables."""
    return errors(_faults(values, today))


def check_team_account(values: Mapping[str, Any]) -> list[Problem]:
    """What is wrong with, or worth a look at, the account the team is paid to.

    The creditor identifier (EPC262-08) may come before the account does.
    """
    text = _texts(values)
    iban, holder = compact(text.get("iban", "")), text.get("account_holder", "")
    problems = [*_check_lengths(text), *check_iban(iban), *_check_bic(compact(text["bic"]), iban)]
    problems += _check_creditor_id(text["creditor_id"])
    if iban and not holder:
        problems.append(Problem("account_holder", "required", _l("Please give the holder.")))
    if holder and not iban:
        problems.append(Problem("iban", "required", _l("Please give the IBAN.")))
    if iban and not errors(problems):
        problems += _compare_bank(compact(text["bic"]), iban)
    return problems


def compact_creditor_id(number: str) -> str:
    """A creditor identifier as it is stored: capitals and digits alone."""
    return at_02.compact(number)


def check_iban(iban: str) -> Iterator[Problem]:
    """What is wrong with an IBAN, in words that help to mend it; an empty one is fine."""
    iban = compact(iban)
    fault = directory.iban_fault(iban) if iban else None
    if fault:
        yield Problem("iban", fault, _iban_message(iban, fault))


def _iban_message(iban: str, fault: directory.Fault) -> Any:
    country = iban[:2]
    if fault == "country":
        return _l("No country's IBANs start with %(country)s.", country=country)
    if fault == "length":
        return _l(
            "This IBAN has %(length)d characters; those that start with %(country)s have %(n)d.",
            length=len(iban),
            country=country,
            n=directory.iban_length(country),
        )
    if fault == "structure":
        return _l(
            "An IBAN that starts with %(country)s has letters and digits in other places.",
            country=country,
        )
    if fault == "checksum":
        return _l("The check digits of this IBAN do not fit. Is a character mistyped?")
    return _l("An IBAN is two letters, two digits, then at most 30 letters and digits.")


def _faults(values: Mapping[str, Any], today: date) -> Iterator[Problem]:
    text = _texts(values)
    iban, bic = compact(text.get("iban", "")), compact(text.get("bic", ""))
    yield from _check_payment_method(text.get("payment_method", ""))
    yield from _check_lengths(text)
    yield from _check_account(text, iban)
    yield from filter(None, [check_vat(text.get("vat_number", ""), text.get("country", ""))])
    yield from check_iban(iban)
    yield from _check_bic(bic, iban)
    yield from _check_french(text)
    yield from _check_mandate({**values, "iban": iban}, today)


def _texts(values: Mapping[str, Any]) -> dict[str, str]:
    return {key: value or "" for key, value in values.items() if isinstance(value, str | None)}


def _check_payment_method(method: str) -> Iterator[Problem]:
    if method and method not in tuple(PaymentMethod):
        message = _l("“%(value)s” is not known here.", value=method[:20])
        yield Problem("payment_method", "unknown", message)


def _check_lengths(values: Mapping[str, str]) -> Iterator[Problem]:
    for field, longest in LONGEST.items():
        if len(values.get(field, "")) > longest:
            message = _l("Please take at most %(n)d characters.", n=longest)
            yield Problem(field, "too_long", message)


def _check_account(values: Mapping[str, str], iban: str) -> Iterator[Problem]:
    """Without an IBAN, account number and bank code only make sense together."""
    number, code = values.get("account_number"), values.get("bank_code")
    if iban or bool(number) == bool(code):
        return
    if number:
        message = _l("An account number without IBAN needs its bank code.")
        yield Problem("bank_code", "required", message)
    else:
        message = _l("A bank code without IBAN needs an account number.")
        yield Problem("account_number", "required", message)


def _check_bic(bic: str, iban: str) -> Iterator[Problem]:
    """BICs after ISO 9362:2022."""
    if not bic:
        return
    country = bic[4:6]
    if not directory.BIC_SHAPE.fullmatch(bic) or country not in COUNTRIES:
        message = _l("A BIC has 8 or 11 characters, the fifth and sixth of them a country.")
        yield Problem("bic", "malformed", message)
    elif not iban:
        if directory.has_table(country) and not directory.known_bic(bic):
            yield _unknown_bank("bic")
    elif iban[:2] in COUNTRIES and country not in BIC_COUNTRIES.get(iban[:2], {iban[:2]}):
        message = _l(
            "This is a bank in %(bic_country)s, but the IBAN is from %(iban_country)s.",
            bic_country=country,
            iban_country=iban[:2],
        )
        yield Problem("bic", "other_country", message)


def _check_creditor_id(number: str) -> Iterator[Problem]:
    number = compact_creditor_id(number)
    if not number:
        return
    if not CREDITOR_ID.fullmatch(number) or number[:2] not in COUNTRIES:
        message = _l("A creditor identifier begins like DE98ZZZ and has at most 35 characters.")
        yield Problem("creditor_id", "malformed", message)
    elif not at_02.is_valid(number):
        message = _l("The check digits of this identifier do not fit. Is a character mistyped?")
        yield Problem("creditor_id", "checksum", message)


def _check_french(values: Mapping[str, str]) -> Iterator[Problem]:
    for field, length in (("rib_key", 2), ("branch_code", 5)):
        value = values.get(field, "")
        if value and not re.fullmatch(f"[0-9]{{{length}}}", value):
            message = _l("Please give exactly %(n)d digits.", n=length)
            yield Problem(field, "malformed", message)


def _check_mandate(values: Mapping[str, Any], today: date) -> Iterator[Problem]:
    if values.get("has_mandate"):
        for field in ("iban", "account_holder", "mandate_reference", "mandate_date"):
            if not values.get(field):
                yield Problem(field, "required", _l("A mandate on hand needs this."))
    reference = values.get("mandate_reference") or ""
    if reference and not REFERENCE.fullmatch(reference):
        message = _l("Banks take a-z, A-Z, 0-9 and + ? / - : ( ) . , ' here, / only inside.")
        yield Problem("mandate_reference", "malformed", message)
    yield from _check_mandate_dates(values.get("mandate_date"), values.get("first_debit_on"), today)


def _check_mandate_dates(
    signed_on: date | None, first_debit_on: date | None, today: date
) -> Iterator[Problem]:
    if signed_on and signed_on > today:
        message = _l("A mandate cannot have been signed in the future.")
        yield Problem("mandate_date", "future", message)
    if signed_on and signed_on < EARLIEST_MANDATE:
        yield Problem("mandate_date", "too_early", _l("This date is too long ago."))
    if signed_on and first_debit_on and first_debit_on < signed_on:
        message = _l("The first debit cannot come before the mandate.")
        yield Problem("first_debit_on", "before_mandate", message)


def _compare_with_iban(values: Mapping[str, str], iban: str) -> Iterator[Problem]:
    """Warnings about a valid IBAN: the bank tables are dated and banks make exceptions."""
    if not directory.fits_national_check(iban):
        message = _l("The bank's own check digits do not fit this account number.")
        yield Problem("iban", "check_digits", message, "warning")
    sepa = values.get("payment_method") == PaymentMethod.SEPA_DIRECT_DEBIT
    if sepa and not directory.is_sepa(iban):
        message = _l("Accounts in %(country)s take no SEPA direct debits.", country=iban[:2])
        yield Problem("iban", "outside_sepa", message, "warning")
    yield from _compare_bank(compact(values.get("bic", "")), iban)
    if iban[:2] in COMPARED_WITH_IBAN:
        yield from _compare_parts(values, iban)


def _compare_bank(bic: str, iban: str) -> Iterator[Problem]:
    if directory.has_table(iban[:2]) and directory.bank_of(iban) is None:
        yield _unknown_bank("iban")
    listed = {known[:8] for known in directory.bics_of(iban)}
    if bic and listed and bic[:8] not in listed:
        message = _l("The bank table gives %(bic)s for this IBAN.", bic=min(listed))
        yield Problem("bic", "differs", message, "warning")


def _compare_parts(values: Mapping[str, str], iban: str) -> Iterator[Problem]:
    """Leading zeros and blanks do not count: account numbers are padded in an IBAN."""
    parts = directory.parts_of(iban)
    for field, expected in asdict(parts).items() if parts else ():
        typed = compact(values.get(field, ""))
        if typed and expected and typed.lstrip("0") != expected.lstrip("0"):
            message = _l("The IBAN says %(expected)s.", expected=expected)
            yield Problem(field, "differs", message, "warning")


def _unknown_bank(field: str) -> Problem:
    return Problem(field, "bank_unknown", _l("The bank table does not know this bank."), "warning")
