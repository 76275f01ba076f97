"""The published bank tables and IBAN formats, as schwifty ships them.

The tables are as old as the release, so a bank that they do not know may exist all the same.
Nothing here raises for odd input: what is not understood is not found. schwifty is imported with
the first question, because it and its tables cost 0.1 s and some 15 MB that most commands
and many requests never need.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from schwifty import IBAN

IBAN_SHAPE = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{1,30}")
BIC_SHAPE = re.compile(r"[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}(?:[A-Z0-9]{3})?")
ACCOUNT_SHAPE = re.compile(r"[A-Z0-9]{1,34}")
NATIONAL_ACCOUNTS = {"DE", "AT", "CH", "LI", "FR"}

Fault = Literal["characters", "country", "length", "structure", "checksum"]


@dataclass(frozen=True, slots=True)
class Bank:
    """What the table says of a bank; the BIC may be missing."""

    bic: str
    name: str


@dataclass(frozen=True, slots=True)
class Parts:
    """What an IBAN is made of; parts that its country does not have are empty.

    `rib_key` are the national check digits, which only France calls so.
    """

    bank_code: str
    branch_code: str
    account_number: str
    rib_key: str


def iban_fault(iban: str) -> Fault | None:
    """What is wrong with a compact IBAN (ISO 13616 with the SWIFT registry), or None."""
    return _fault(iban) if IBAN_SHAPE.fullmatch(iban) else "characters"


def iban_length(country: str) -> int | None:
    """How many characters the IBANs of a country have."""
    from schwifty import exceptions, registry

    try:
        return registry.get_iban_spec(country).iban_length
    except exceptions.SchwiftyException:
        return None


def parts_of(iban: str) -> Parts | None:
    """What a valid IBAN is made of."""
    if iban_fault(iban):
        return None
    found = _unchecked(iban)
    return Parts(
        found.bank_code, found.branch_code, found.account_code, found.national_checksum_digits
    )


def is_sepa(iban: str) -> bool:
    """Whether a valid IBAN belongs to a country that takes part in SEPA."""
    return not iban_fault(iban) and _unchecked(iban).in_sepa_zone


def fits_national_check(iban: str) -> bool:
    """Whether the bank's own check digits fit, where a method for them is known."""
    from schwifty import exceptions
    from schwifty.checksum import algorithms

    if iban_fault(iban):
        return False
    found = _unchecked(iban)
    if found.national_checksum_digits and f"{found.country_code}:default" not in algorithms:
        return True  # schwifty would warn that it cannot tell
    try:
        return found.validate(validate_bban=True)
    except exceptions.SchwiftyException:
        return False


def bank_of(iban: str) -> Bank | None:
    """The bank of a valid IBAN, if the table knows it."""
    if iban_fault(iban):
        return None
    found = _unchecked(iban)
    return _bank(_Office(found.country_code, found.bank_code, found.branch_code, found))


def bics_of(iban: str) -> frozenset[str]:
    """All BICs that the table gives for the bank of a valid IBAN."""
    from schwifty import registry

    if iban_fault(iban) or not (bank := _unchecked(iban).bank):
        return frozenset()
    banks = registry.get_banks_by_code(bank.country_code, bank.bank_code)
    return frozenset(bank.bic for bank in banks if bank.bic)


def known_bic(bic: str) -> bool:
    """Whether the table knows a BIC or, without its branch, the institution."""
    from schwifty import registry

    if not BIC_SHAPE.fullmatch(bic):
        return False
    return any(registry.get_banks_by_bic(form) for form in (bic, bic[:8], f"{bic[:8]}XXX"))


def has_table(country: str) -> bool:
    """Whether the banks of a country are listed at all."""
    from schwifty import registry

    return country in registry.get_countries()


def iban_from(
    country: str, bank_code: str, account_number: str, branch_code: str = ""
) -> str | None:
    """The IBAN of a national account: by Bankleitzahl (DE, AT), clearing (CH, LI) or RIB (FR).

    Only for banks that the table knows; some banks have rules of their own, so it is an offer.
    """
    from schwifty import IBAN, exceptions

    typed = (bank_code, account_number, branch_code)
    bank_code, account_number, branch_code = (re.sub(r"[\s./-]", "", t[:99]).upper() for t in typed)
    if country not in NATIONAL_ACCOUNTS or (country == "FR") != bool(branch_code):
        return None
    if not all(map(ACCOUNT_SHAPE.fullmatch, (bank_code, account_number, branch_code or "0"))):
        return None
    try:
        iban = str(IBAN.generate(country, bank_code, account_number, branch_code))
    except (exceptions.SchwiftyException, ValueError):
        return None
    return iban if bank_of(iban) else None


@dataclass(frozen=True, slots=True)
class _Office:
    """What a bank is looked up by, with any one of its IBANs."""

    country: str
    bank_code: str
    branch_code: str
    iban: IBAN = field(compare=False)


@lru_cache(maxsize=4096)
def _bank(office: _Office) -> Bank | None:
    """Choosing among the BICs of a bank takes its time, and an import asks for thousands."""
    bank = office.iban.bank
    return Bank(str(office.iban.bic or ""), bank.name) if bank else None


@lru_cache(maxsize=1024)
def _fault(iban: str) -> Fault | None:
    """One check of the bank data asks this several times of the same IBAN."""
    from schwifty import exceptions

    faults: dict[type[Exception], Fault] = {
        exceptions.InvalidCountryCode: "country",
        exceptions.InvalidLength: "length",
        exceptions.InvalidChecksumDigits: "checksum",
    }
    try:
        _unchecked(iban).validate()
    except exceptions.SchwiftyException as fault:
        return faults.get(type(fault), "structure")
    return None


def _unchecked(iban: str) -> IBAN:
    from schwifty import IBAN

    return IBAN(iban, allow_invalid=True)
