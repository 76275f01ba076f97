from datetime import date

import pycountry
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.i18n import COUNTRIES
from app.domain.customers.rules import (
    FIELDS,
    LONGEST,
    Kind,
    check_contact_person,
    check_customer,
    check_vat,
    compact_vat,
    display_name,
    email_key,
    list_name,
    normalised,
    phone_forms,
    phone_key,
    similar_names,
    sort_key,
)

TODAY = date(2026, 11, 24)
TANJA = {"kind": "person", "last_name": "Müller", "country": "DE"}


def found(values) -> list[tuple[str, str, str]]:
    return [(p.field, p.code, p.level) for p in check_customer({**TANJA, **values}, TODAY)]


@pytest.mark.parametrize(
    ("parts", "shown", "listed", "sorted_by"),
    [
        (("person", "Dr.", "Tanja", "Müller", ""), "Dr. Tanja Müller", "Müller, Dr. Tanja",
         "muller tanja"),
        (("person", "", "Tanja", "Müller", "Foo AG"), "Tanja Müller", "Müller, Tanja",
         "muller tanja"),
        (("person", "", "", "Müller", ""), "Müller", "Müller", "muller"),
        (("person", "Dr.", "Tanja", "", ""), "Tanja", "Tanja", "tanja"),
        (("person", "", "", "", "Foo AG"), "Foo AG", "Foo AG", "foo ag"),
        (("company", "", "Tanja", "Müller", "Bäckerei O'Hara"), "Bäckerei O'Hara",
         "Bäckerei O'Hara", "backerei ohara"),
        (("company", "", "Tanja", "Müller", ""), "Tanja Müller", "Müller, Tanja", "muller tanja"),
        (("person", "", "", "", ""), "", "", ""),
    ],
)  # fmt: skip
def test_names(parts, shown, listed, sorted_by):
    assert display_name(*parts) == shown
    assert list_name(*parts) == listed
    assert sort_key(*parts) == sorted_by


def test_a_whole_customer_is_fine():
    assert not found(
        {
            "number": "K-10.2/7_a",
            "salutation": "ms",
            "title": "Dr.",
            "first_name": "Tanja",
            "street": "Hauptstr.",
            "house_number": "5a",
            "postcode": "50667",
            "town": "Köln",
            "language": "de",
            "birthday": TODAY,
            "vat_number": "DE136695976",
            "emails": [{"label": "work", "address": "tanja@müller.de"}],
            "phones": [{"label": "mobile", "number": "+49 (0)176 12345678"}],
        }
    )


@pytest.mark.parametrize(
    ("values", "field", "code"),
    [
        ({"last_name": ""}, "last_name", "required"),
        ({"last_name": "", "kind": "company"}, "company", "required"),
        ({"kind": "robot"}, "kind", "unknown"),
        ({"salutation": "sir"}, "salutation", "unknown"),
        ({"country": "XX"}, "country", "unknown"),
        ({"country": "EU"}, "country", "unknown"),
        ({"country": "de"}, "country", "unknown"),
        ({"language": "xx"}, "language", "unknown"),
        ({"number": "K 10"}, "number", "malformed"),
        ({"number": "-10"}, "number", "malformed"),
        ({"number": "=1+1"}, "number", "malformed"),
        ({"birthday": date(2026, 11, 25)}, "birthday", "future"),
        ({"birthday": date(202, 5, 1)}, "birthday", "too_early"),
        ({"vat_number": "DE136695978"}, "vat_number", "malformed"),
        ({"emails": [{"label": "x", "address": "a@b.de"}]}, "emails-0-label", "unknown"),
        ({"emails": [{"label": "fax", "address": "a@b.de"}]}, "emails-0-label", "unknown"),
        ({"emails": [{"label": "", "address": "a@b"}]}, "emails-0-address", "malformed"),
        ({"emails": [{"label": "", "address": "a b@c.de"}]}, "emails-0-address", "malformed"),
        ({"emails": [{"label": "", "address": "a@b.de" * 60}]}, "emails-0-address", "too_long"),
        ({"phones": [{"label": "", "number": "call me"}]}, "phones-0-number", "malformed"),
        ({"phones": [{"label": "", "number": "1" * 51}]}, "phones-0-number", "too_long"),
    ],
)
def test_what_is_refused(values, field, code):
    assert found(values) == [(field, code, "error")]


@pytest.mark.parametrize("field", [field for field in LONGEST if field in (*FIELDS, "number")])
def test_too_long_values_are_refused(field):
    problem = (field, "too_long", "error")
    assert problem not in found({field: "1" * LONGEST[field]})
    assert problem in found({field: "1" * (LONGEST[field] + 1)})


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"postcode": "5066"}, "postcode"),
        ({"postcode": "D-50667"}, "postcode"),
        ({"postcode": "50667", "country": "CH"}, "postcode"),
        ({"emails": [{"label": "", "address": "jörg@müller.de"}]}, "emails-0-address"),
        ({"phones": [{"label": "", "number": "12345"}]}, "phones-0-number"),
        ({"phones": [{"label": "", "number": "+999 12345"}]}, "phones-0-number"),
    ],
)
def test_what_is_only_warned_of(values, field):
    assert found(values) == [(field, "unusual", "warning")]


@pytest.mark.parametrize(
    "values",
    [
        {"postcode": "any 5", "country": "GB"},
        {"emails": [{"label": "", "address": "boss@firma.test"}]},
        {"phones": [{"label": "", "number": "12345"}], "country": ""},
        {"phones": [{"label": "", "number": "0041 79 123 45 67"}]},
        {"last_name": "", "company": "Foo"},
    ],
)
def test_what_is_fine(values):
    assert not found(values)


def test_problems_of_rows_name_their_row():
    emails = [{"label": "", "address": "a@b.de"}, {"label": "", "address": "nothing"}]
    assert found({"emails": emails}) == [("emails-1-address", "malformed", "error")]


def test_countries_are_those_of_iso_3166_and_kosovo():
    assert {country.alpha_2 for country in pycountry.countries} | {"XK"} == COUNTRIES


def test_contact_persons_need_a_name():
    assert [(p.field, p.code) for p in check_contact_person({"role": "Boss"})] == [
        ("last_name", "required")
    ]
    assert not check_contact_person({"first_name": "Ute", "email": "u@b.de", "phone": "030 123"})


def test_contact_persons_have_sound_fields():
    values = {"last_name": "x" * 101, "salutation": "sir", "email": "u", "phone": "-"}
    codes = [(p.field, p.code) for p in check_contact_person(values)]
    assert codes == [
        ("last_name", "too_long"),
        ("salutation", "unknown"),
        ("email", "malformed"),
        ("phone", "malformed"),
    ]


def test_normalised_values_are_complete_and_compact():
    values = normalised(
        {
            "company": "Foo",
            "country": "at",
            "vat_number": "atu 135 85 627",
            "emails": [{"label": "work", "address": ""}, {"address": "a@b.at"}],
        }
    )
    assert values["kind"] == Kind.COMPANY
    assert (values["country"], values["vat_number"]) == ("AT", "ATU13585627")
    assert values["emails"] == [{"label": "", "address": "a@b.at"}]
    assert values["phones"] == []
    assert (values["number"], values["birthday"]) == ("", None)
    assert normalised(values) == values


def test_email_key_ignores_case():
    assert email_key("Anna@Example.ORG ") == "anna@example.org"


VAT = [
    ("DE 136 695 976", "DE", "DE136695976"),
    ("136695976", "DE", "DE136695976"),
    ("ATU13585627", "AT", "ATU13585627"),
    ("U13585627", "AT", "ATU13585627"),
    ("CHE-107.787.577 MWST", "CH", "CHE107787577MWST"),
    ("CHE-107.787.577", "LI", "CHE107787577"),
    ("107.787.577", "CH", "CHE107787577"),
    ("FR 61 954 506 077", "DE", "FR61954506077"),
    ("BE697449992", "BE", "BE0697449992"),
    ("EL 094259216", "GR", "EL094259216"),
    ("GR094259216", "GR", "EL094259216"),
    ("GB 432525179", "GB", "GB432525179"),
    ("NO 995 525 828 MVA", "NO", "NO995525828MVA"),
    ("LI50001", "LI", "LI50001"),
    ("US123456", "DE", "US123456"),
    ("123456", "US", "123456"),
    ("136695976", "", "136695976"),
    ("", "DE", ""),
]


@pytest.mark.parametrize(("typed", "country", "compact"), VAT)
def test_vat_numbers_are_understood(typed, country, compact):
    assert compact_vat(typed, country) == compact
    assert check_vat(typed, country) is None


@pytest.mark.parametrize(
    ("typed", "country"),
    [
        ("DE136695978", "DE"),
        ("136695978", "DE"),
        ("12/345/67890", "DE"),
        ("none", "DE"),
        ("DE", ""),
        ("CHE107787578", "CH"),
        ("CHE107787577XYZ", "CH"),
        ("CH107787577", "CH"),
        ("ATU1358562", "AT"),
        ("GB1", "GB"),
        ("yes!", "US"),
        ("DE13669597é", "DE"),
        ("DE1366959761234567890", "DE"),
    ],
)
def test_malformed_vat_numbers_are_refused(typed, country):
    problem = check_vat(typed, country)
    assert problem is not None
    assert (problem.field, problem.code, problem.level) == ("vat_number", "malformed", "error")


@pytest.mark.parametrize(
    ("number", "country", "forms", "key"),
    [
        ("0176 1234567", "DE", ("01761234567", "491761234567"), "491761234567"),
        ("+49 (0)176 / 123-4567", "DE", ("491761234567", "01761234567"), "491761234567"),
        ("0049 176 1234567", "CH", ("491761234567", "01761234567"), "491761234567"),
        ("079 123 45 67", "CH", ("0791234567", "41791234567"), "41791234567"),
        ("06 1234 5678", "IT", ("0612345678", "390612345678"), "390612345678"),
        ("0176 1234567", "", ("01761234567",), "01761234567"),
        ("+49 176 1234567", "", ("491761234567", "01761234567"), "491761234567"),
        ("call me", "DE", (), ""),
    ],
)
def test_phone_numbers_are_found_in_every_form(number, country, forms, key):
    assert phone_forms(number, country) == forms
    assert phone_key(number, country) == key


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("Tanja Müller", "Tanja Mueller"),
        ("Tanja Müller", "Tanja Muller"),
        ("Tanja Müller", "Müller, Dr. Tanja"),
        ("Müller", "Mueller"),
        ("Tanja Müller", "Tanja Mülller"),
        ("Anna Meier", "Anna Mayer"),
        ("Anna Maier", "Anna Meyr"),
        ("Jan Schmidt", "Jan Schmitt"),
        ("Jan Schmid", "Jan Schmidt"),
        ("Thomas Weiß", "Tomas Weiss"),
        ("Peter Müller", "Petra Müller"),
        ("Möbel Groß GmbH", "Moebel Gross GmbH & Co. KG"),
        ("Müller & Söhne", "Müller und Söhne e.K."),
        ("Tanzschule Takt e. K.", "TANZSCHULE TAKT"),
        ("AG", "AG"),
    ],
)
def test_similar_names(a, b):
    assert similar_names(a, b)
    assert similar_names(b, a)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("Schmidt", "Schulz"),
        ("Jan Schmidt", "Jan Schulz"),
        ("Anna Müller", "Anna Möller"),
        ("Tanja Müller", "Müller"),
        ("Tanja Müller", "Karl Müller"),
        ("Bäckerei Groß", "Metzgerei Groß"),
        ("Foo GmbH", "Bar GmbH"),
        ("", ""),
        ("🙂", "🙂"),
    ],
)
def test_different_names(a, b):
    assert not similar_names(a, b)


odd = st.text(st.characters(), max_size=60)
rows = st.lists(st.fixed_dictionaries({"label": odd, "address": odd, "number": odd}), max_size=3)


@given(
    st.dictionaries(st.sampled_from([f for f in (*FIELDS, "number") if f != "birthday"]), odd),
    st.dates(),
    rows,
)
def test_any_values_are_judged(texts, birthday, rows):
    values = {**texts, "birthday": birthday, "emails": rows, "phones": rows}
    check_customer(values, TODAY)
    check_customer(normalised(values), TODAY)


@given(odd, st.sampled_from(["DE", "AT", "CH", "FR", "US", "XX", ""]))
def test_any_text_is_judged(text, country):
    check_vat(text, country)
    assert compact_vat(compact_vat(text, country), country) == compact_vat(text, country)
    assert all(form.isdecimal() for form in phone_forms(text, country))
    phone_key(text, country)
    assert similar_names(text, text) in (True, False)
