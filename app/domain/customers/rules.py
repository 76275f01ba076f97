"""What must hold for customers and their contact persons, and how they are called and compared.

Values are cleaned text (`core.text.clean`), dates and lists as the forms and the import give them.
Problems have the codes required, too_long, unknown, malformed, future and too_early; warnings have
the code unusual.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Any

import phonenumbers
from babel import Locale
from email_validator import EmailNotValidError, validate_email
from phonenumbers import PhoneNumber
from rapidfuzz.fuzz import token_sort_ratio
from stdnum.ch import uid as swiss_uid
from stdnum.eu import vat as eu_vat
from stdnum.exceptions import InvalidChecksum, InvalidFormat, ValidationError
from stdnum.gb import vat as british_vat
from stdnum.no import mva as norwegian_vat

from app.core.i18n import COUNTRIES, _l
from app.core.problems import Problem
from app.core.text import dialled, digits, fold, sort_form

FIELDS = (
    *("kind", "salutation", "title", "first_name", "last_name", "company"),
    *("street", "house_number", "address_extra", "postcode", "town", "region", "country"),
    *("language", "birthday", "vat_number"),
)
LONGEST = {
    "number": 32,
    "title": 50,
    "first_name": 100,
    "last_name": 100,
    "company": 200,
    "street": 100,
    "house_number": 20,
    "address_extra": 100,
    "postcode": 20,
    "town": 100,
    "region": 100,
    "vat_number": 20,
    "role": 100,
}
MOST_CONTACTS = 50
LONGEST_EMAIL = 254
SHORTEST_PHONE = 3
LONGEST_PHONE = 50
EARLIEST_BIRTHDAY = date(1880, 1, 1)
TRASH_DAYS = 30
"""How long a deleted customer can be restored."""

ALIKE = 90

PLAIN_NAME = re.compile(r"(?=.{1,64}$)[A-Za-z0-9]+(?:[._+-][A-Za-z0-9]+)*")
NUMBER = re.compile(r"[^\W_](?:[-/._]*[^\W_])*")
POSTCODE_DIGITS = {"DE": 5, "AT": 4, "CH": 4, "LI": 4}

LANGUAGES = frozenset(code for code in map(str, Locale.parse("en").languages) if len(code) == 2)

VAT_SHAPE = re.compile(r"(?=.*[0-9])[A-Z0-9]{4,20}")
SWISS_VAT = re.compile(r"(CHE[0-9]{9})(MWST|TVA|IVA|TPV|)")
EU_VAT = {*map(str.upper, eu_vat.MEMBER_STATES), "EL"}
"""How the VAT numbers of the EU begin; Northern Ireland (XI) is in it for goods."""
VAT_SCHEMES = {*EU_VAT, "EU", "IM", "CH", "GB", "NO"}
VAT_PREFIXES = {"GR": "EL", "CH": "CHE", "LI": "CHE", "MC": "FR", "IM": "GB"}

NOT_NAMES = {
    *("dr", "prof", "dipl", "ing", "mag", "u", "und"),
    *("ag", "co", "eg", "ek", "ev", "gbr", "gmbh", "haftungsbeschrankt", "kg", "kgaa", "mbh"),
    *("ohg", "se", "ug", "bv", "inc", "limited", "llc", "ltd", "nv", "plc", "sa", "sarl", "sas"),
    *("spa", "srl"),
}
SOUNDS = [
    (re.compile(spelling), sound)
    for spelling, sound in (
        *((r"([aou])e", r"\1"), (r"ai|ay|ey", "ei"), (r"dt|th|d\b", "t")),
        *((r"ph", "f"), (r"ck", "k"), (r"y", "i"), (r"(.)\1", r"\1")),
    )
]


class Kind(StrEnum):
    PERSON = "person"
    COMPANY = "company"


class Salutation(StrEnum):
    NONE = ""
    MS = "ms"
    MR = "mr"
    MX = "mx"
    FAMILY = "family"


class PaymentMethod(StrEnum):
    SEPA_DIRECT_DEBIT = "sepa_direct_debit"
    PAYPAL = "paypal"
    INVOICE = "invoice"


class ContactLabel(StrEnum):
    """What an e-mail address or a phone number is for; addresses are never mobile or fax."""

    NONE = ""
    PRIVATE = "private"
    WORK = "work"
    MOBILE = "mobile"
    BILLING = "billing"
    FAX = "fax"
    OTHER = "other"


PHONE_LABELS = tuple(ContactLabel)
EMAIL_LABELS = tuple(label for label in ContactLabel if label not in ("mobile", "fax"))

CHOICES: dict[str, Container[object]] = {
    "kind": tuple(Kind),
    "salutation": tuple(Salutation),
    "country": COUNTRIES,
    "language": LANGUAGES,
}


def display_name(kind: str, title: str, first_name: str, last_name: str, company: str) -> str:
    """How a customer is called: "Dr. Tanja Müller", a company by its name."""
    person = " ".join(filter(None, (title if last_name else "", first_name, last_name)))
    return _by_kind(kind, person, company)


def list_name(kind: str, title: str, first_name: str, last_name: str, company: str) -> str:
    """How a customer stands in a list: "Müller, Dr. Tanja"."""
    given = " ".join(filter(None, (title if last_name else "", first_name)))
    return _by_kind(kind, ", ".join(filter(None, (last_name, given))), company)


def sort_key(kind: str, title: str, first_name: str, last_name: str, company: str) -> str:
    """The folded name a list sorts by: "muller tanja", companies by their name; titles apart."""
    return sort_form(_by_kind(kind, f"{last_name} {first_name}".strip(), company))


def normalised(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values as they are stored: complete, the VAT number compact, no empty contact rows."""
    kept = {key: values.get(key) or "" for key in ("number", *FIELDS)}
    kept["kind"] = kept["kind"] or (Kind.PERSON if kept["last_name"] else Kind.COMPANY).value
    kept["country"] = kept["country"].upper()
    kept["birthday"] = values.get("birthday") or None
    kept["vat_number"] = compact_vat(kept["vat_number"], kept["country"])
    for rows, key in (("emails", "address"), ("phones", "number")):
        kept[rows] = [
            {"label": row.get("label") or "", key: row[key]}
            for row in values.get(rows) or ()
            if row.get(key)
        ]
    return {**values, **kept}


def check_customer(values: Mapping[str, Any], today: date) -> list[Problem]:
    """What is wrong with the master data of a customer. Whether the number is free is not asked."""
    phones, country = values.get("phones") or (), values.get("country") or ""
    return [*customer_errors(values, today), *_look_at_phones(phones, country)]


def customer_errors(values: Mapping[str, Any], today: date) -> list[Problem]:
    """The same without what costs most to find out and keeps nobody from saving."""
    country = values.get("country") or ""
    return [
        *_check_name(values),
        *_check_lengths(values),
        *_check_choices(values),
        *_check_number(values.get("number") or ""),
        *_check_birthday(values.get("birthday"), today),
        *_check_postcode(values.get("postcode") or "", country),
        *filter(None, [check_vat(values.get("vat_number") or "", country)]),
        *_check_many("emails", values.get("emails") or ()),
        *_check_many("phones", values.get("phones") or ()),
        *_check_emails(values.get("emails") or ()),
        *_check_phones(values.get("phones") or ()),
    ]


def check_postal(values: Mapping[str, Any]) -> list[Problem]:
    """What is wrong with a name and a structured address, whoever it belongs to."""
    postcode, country = values.get("postcode") or "", values.get("country") or ""
    return [
        *_check_lengths(values),
        *_check_choices(values),
        *_check_postcode(postcode, country),
    ]


def check_contact_person(values: Mapping[str, Any]) -> list[Problem]:
    """What is wrong with a person at a company; a first or a last name is needed."""
    problems = [*_check_lengths(values), *_check_choices(values)]
    if not (values.get("first_name") or values.get("last_name")):
        problems.append(Problem("last_name", "required", _l("Please give a first or last name.")))
    if email := values.get("email"):
        problems += _check_email("email", email)
    if phone := values.get("phone"):
        problems += [*_check_phone("phone", phone), *_look_at_phone("phone", phone, "")]
    return problems


def email_key(address: str) -> str:
    """What tells e-mail addresses apart: case does not (nobody's server minds it)."""
    return address.strip().casefold()


def phone_forms(number: str, country: str) -> tuple[str, ...]:
    """The digits a phone number is found by: as dialled, national (0176…), international (49176…).

    `country` (ISO 3166) says how a number without country code is meant; without it only the
    digits as typed are known.
    """
    forms = [dialled(number)]
    if parsed := _parsed(number, country):
        significant = phonenumbers.national_significant_number(parsed)
        region = phonenumbers.region_code_for_country_code(parsed.country_code or 0)
        trunk = phonenumbers.ndd_prefix_for_region(region, True) or ""
        forms += [trunk + significant, f"{parsed.country_code}{significant}"]
    return tuple(dict.fromkeys(form for form in forms if form))


def phone_key(number: str, country: str) -> str:
    """What tells phone numbers apart: the digits of E.164, or those typed if it is no number."""
    parsed = _parsed(number, country)
    if parsed is None:
        return dialled(number)
    return f"{parsed.country_code}{phonenumbers.national_significant_number(parsed)}"


def compact_vat(text: str, country: str = "") -> str:
    """A VAT number without blanks and signs; one without prefix gets that of the country.

    "DE 136 695 976" and "136695976" in DE → "DE136695976". What is no VAT number stays as it is.
    """
    number = re.sub(r"[\W_]+", "", text).upper()
    if not number:
        return ""
    prefix = VAT_PREFIXES.get(country, country)
    for candidate in (number, prefix + number):
        try:
            return _validated_vat(candidate)
        except ValidationError:
            continue
    return number


def check_vat(vat_number: str, country: str) -> Problem | None:
    """Whether a VAT number is malformed: EU (VIES), CH and LI (UID), GB and NO are known.

    Numbers of other countries are taken as they are.
    """
    number = compact_vat(vat_number, country)
    if not number:
        return None
    message = _l("This is no VAT number as %(prefix)s gives them.", prefix=number[:2])
    try:
        _validated_vat(number)
    except InvalidChecksum:
        message = _l("The check digit of this VAT number does not fit. Is a digit mistyped?")
    except ValidationError:
        if _may_be_foreign_vat(number, country):
            return None
    else:
        return None
    return Problem("vat_number", "malformed", message)


def similar_names(a: str, b: str) -> bool:
    """Whether two names may be the same customer, however spelt.

    Order, case, umlauts, titles, legal forms and spellings that sound alike in German (Meier and
    Mayr, Schmidt and Schmitt) do not count; then nine of ten letters must agree. This is meant
    for names at the same postcode: Peter and Petra Müller are similar, Schmidt and Schulz are not.
    """
    one, other = _sound(a), _sound(b)
    return bool(one and other) and token_sort_ratio(one, other) >= ALIKE


def purged_on(deleted_on: date) -> date:
    """From which day on a customer who was deleted may go for good."""
    return deleted_on + timedelta(days=TRASH_DAYS)


def _by_kind(kind: str, person: str, company: str) -> str:
    return (company or person) if kind == Kind.COMPANY else (person or company)


def _check_name(values: Mapping[str, Any]) -> Iterator[Problem]:
    if not (values.get("last_name") or values.get("company")):
        field = "company" if values.get("kind") == Kind.COMPANY else "last_name"
        yield Problem(field, "required", _l("Please give a last name or a company."))


def _check_lengths(values: Mapping[str, Any]) -> Iterator[Problem]:
    for field, longest in LONGEST.items():
        if len(values.get(field) or "") > longest:
            yield _too_long(field, longest)


def _check_choices(values: Mapping[str, Any]) -> Iterator[Problem]:
    for field, known in CHOICES.items():
        value = values.get(field)
        if value and value not in known:
            yield Problem(field, "unknown", _l("“%(value)s” is not known here.", value=value[:20]))


def _check_number(number: str) -> Iterator[Problem]:
    if number and not NUMBER.fullmatch(number):
        message = _l("A customer number has letters and digits, and - / . _ between them.")
        yield Problem("number", "malformed", message)


def _check_birthday(birthday: date | None, today: date) -> Iterator[Problem]:
    if birthday and birthday > today:
        yield Problem("birthday", "future", _l("This birthday is in the future."))
    if birthday and birthday < EARLIEST_BIRTHDAY:
        yield Problem("birthday", "too_early", _l("This birthday is too long ago."))


def _check_postcode(postcode: str, country: str) -> Iterator[Problem]:
    expected = POSTCODE_DIGITS.get(country)
    if postcode and expected and not re.fullmatch(f"[0-9]{{{expected}}}", postcode):
        message = _l("A postcode of this country has %(n)d digits.", n=expected)
        yield Problem("postcode", "unusual", message, "warning")


def _check_many(field: str, rows: Sequence[Any]) -> Iterator[Problem]:
    if len(rows) > MOST_CONTACTS:
        yield Problem(field, "too_many", _l("At most %(n)d can be kept.", n=MOST_CONTACTS))


def _check_emails(rows: Iterable[Mapping[str, str]]) -> Iterator[Problem]:
    for index, row in enumerate(rows):
        yield from _check_label(f"emails-{index}-label", row.get("label") or "", EMAIL_LABELS)
        yield from _check_email(f"emails-{index}-address", row["address"])


def _check_phones(rows: Iterable[Mapping[str, str]]) -> Iterator[Problem]:
    for index, row in enumerate(rows):
        yield from _check_label(f"phones-{index}-label", row.get("label") or "", PHONE_LABELS)
        yield from _check_phone(f"phones-{index}-number", row["number"])


def _look_at_phones(rows: Iterable[Mapping[str, str]], country: str) -> Iterator[Problem]:
    for index, row in enumerate(rows):
        yield from _look_at_phone(f"phones-{index}-number", row["number"], country)


def _check_label(field: str, label: str, known: tuple[str, ...]) -> Iterator[Problem]:
    if label not in known:
        yield Problem(field, "unknown", _l("“%(value)s” is not known here.", value=label[:20]))


def _check_email(field: str, address: str) -> Iterator[Problem]:
    """Syntax after RFC 5322 and 6531; no DNS is asked, and the domain test (RFC 2606) is fine."""
    if len(address) > LONGEST_EMAIL:
        yield _too_long(field, LONGEST_EMAIL)
        return
    if _is_plain_email(address):
        return
    try:
        found = validate_email(address, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        yield Problem(field, "malformed", _l("This is not an e-mail address."))
        return
    if found.smtputf8:
        message = _l("Most mail servers refuse special letters before the @.")
        yield Problem(field, "unusual", message, "warning")


def _is_plain_email(address: str) -> bool:
    """Whether it is an address as most are, at a domain that others have: many are told fast."""
    name, _at, domain = address.rpartition("@")
    return bool(PLAIN_NAME.fullmatch(name)) and domain.isascii() and _is_domain(domain)


@lru_cache(maxsize=1024)
def _is_domain(name: str) -> bool:
    try:
        validate_email(f"a@{name}", check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        return False
    return True


def _check_phone(field: str, number: str) -> Iterator[Problem]:
    if len(number) > LONGEST_PHONE:
        yield _too_long(field, LONGEST_PHONE)
    elif len(digits(number)) < SHORTEST_PHONE:
        message = _l("A phone number has at least three digits.")
        yield Problem(field, "malformed", message)


def _look_at_phone(field: str, number: str, country: str) -> Iterator[Problem]:
    is_right = len(number) <= LONGEST_PHONE and len(digits(number)) >= SHORTEST_PHONE
    if is_right and _is_unusual_phone(number, country):
        message = _l("This phone number looks unusual. Is a digit missing?")
        yield Problem(field, "unusual", message, "warning")


def _is_unusual_phone(number: str, country: str) -> bool:
    """Numbers whose country is not known cannot be judged."""
    parsed = _parsed(number, country)
    if parsed is None:
        return bool(country) or number.startswith(("+", "00"))
    return not phonenumbers.is_valid_number(parsed)


@lru_cache(maxsize=4096)
def _parsed(number: str, country: str) -> PhoneNumber | None:
    """Parsing takes some 30 µs and the check, the key and the search forms all ask for it."""
    if number.startswith("00"):
        number = f"+{number[2:]}"
    try:
        return phonenumbers.parse(number, country or None)
    except phonenumbers.NumberParseException:
        return None


def _too_long(field: str, longest: int) -> Problem:
    message = _l("Please take at most %(n)d characters.", n=longest)
    return Problem(field, "too_long", message)


def _validated_vat(number: str) -> str:
    """The number as its country writes it; ValidationError if it is not known to be right."""
    if not VAT_SHAPE.fullmatch(number):
        raise InvalidFormat
    if swiss := SWISS_VAT.fullmatch(number):
        return swiss_uid.validate(swiss[1]) + swiss[2]
    if number.startswith("GB"):
        return f"GB{british_vat.validate(number)}"
    if number.startswith("NO"):
        return f"NO{norwegian_vat.validate(number)}"
    return eu_vat.validate(f"EL{number[2:]}" if number.startswith("GR") else number)


def _may_be_foreign_vat(number: str, country: str) -> bool:
    """Whether a number follows no scheme known here: by its own prefix, else by the country."""
    prefix = number[:2]
    if not VAT_SHAPE.fullmatch(number) or prefix in VAT_SCHEMES:
        return False
    return prefix in COUNTRIES or VAT_PREFIXES.get(country, country)[:2] not in VAT_SCHEMES


@lru_cache(maxsize=4096)
def _sound(name: str) -> str:
    text = re.sub(r"\be (?=[kvg]\b)", "e", fold(name).replace(".", ""))
    words = [word for word in text.split() if word not in NOT_NAMES] or text.split()
    text = " ".join(words)
    for spelling, sound in SOUNDS:
        text = spelling.sub(sound, text)
    return text
