import warnings
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.banking import directory
from app.domain.banking.rules import (
    LONGEST,
    check_bank,
    check_iban,
    collection_state,
    compact,
    group,
    mask,
)

TODAY = date(2026, 11, 24)
DE = "DE89370400440532013000"
FR = "FR1420041010050500013M02606"

# Published examples: SWIFT IBAN registry, ECBS, banks' own documents.
EXAMPLES = [
    "AD1200012030200359100100",
    "AE070331234567890123456",
    "AL47212110090000000235698741",
    "AT611904300234573201",
    "AT026000000001349870",
    "BA391290079401028494",
    "BE68539007547034",
    "BG80BNBG96611020345678",
    "CH9300762011623852957",
    "CH5604835012345678009",
    "CY17002001280000001200527600",
    "CZ6508000000192000145399",
    "DE89370400440532013000",
    "DE75512108001245126199",
    "DE02120300000000202051",
    "DK5000400440116243",
    "EE382200221020145685",
    "ES9121000418450200051332",
    "FI2112345600000785",
    "FO6264600001631634",
    "FR1420041010050500013M02606",
    "GB29NWBK60161331926819",
    "GI75NWBK000000007099453",
    "GL8964710001000206",
    "GR1601101250000000012300695",
    "HR1210010051863000160",
    "HU42117730161111101800000000",
    "IE29AIBK93115212345678",
    "IS140159260076545510730339",
    "IT60X0542811101000000123456",
    "LI21088100002324013AA",
    "LT121000011101001000",
    "LU280019400644750000",
    "LV80BANK0000435195001",
    "MC5811222000010123456789030",
    "MD24AG000225100013104168",
    "ME25505000012345678951",
    "MK07250120000058984",
    "MT84MALT011000012345MTLCAST001S",
    "NL91ABNA0417164300",
    "NO9386011117947",
    "PL61109010140000071219812874",
    "PT50000201231234567890154",
    "RO49AAAA1B31007593840000",
    "RS35260005601001611379",
    "SE4550000000058398257466",
    "SI56263300012039086",
    "SK3112000000198742637541",
    "SM86U0322509800000000270100",
    "TR330006100519786457841326",
    "UA213223130000026007233566001",
    "VA59001123000012345678",
    "XK051212012345678906",
]


def found(values, level="error") -> list[tuple[str, str]]:
    problems = check_bank({"country": "DE", **values}, TODAY)
    return [(p.field, p.code) for p in problems if p.level == level]


@pytest.mark.parametrize("iban", EXAMPLES)
def test_published_ibans_are_accepted(iban):
    assert not list(check_iban(iban))
    assert not list(check_iban(group(iban).lower()))
    assert not found({"iban": iban})


@given(st.sampled_from(EXAMPLES), st.data())
def test_one_wrong_character_is_noticed(iban, data):
    place = data.draw(st.integers(0, len(iban) - 1))
    alike = "0123456789" if iban[place].isdigit() else "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    wrong = data.draw(st.sampled_from(alike.replace(iban[place], "")))
    assert list(check_iban(iban[:place] + wrong + iban[place + 1 :]))


@given(st.sampled_from(EXAMPLES), st.data())
def test_two_swapped_digits_are_noticed(iban, data):
    place = data.draw(st.integers(4, len(iban) - 2))
    a, b = iban[place : place + 2]
    if a != b and a.isdigit() == b.isdigit():
        assert list(check_iban(iban[:place] + b + a + iban[place + 2 :]))


@pytest.mark.parametrize(
    ("iban", "code"),
    [
        ("DE8937040044053201300", "length"),
        ("DE893704004405320130000", "length"),
        ("DE88370400440532013000", "checksum"),
        ("DE8937040044053201300O", "structure"),
        ("XX89370400440532013000", "country"),
        ("US89370400440532013000", "country"),
        ("8937040044", "characters"),
        ("DE89 3704 0044 0532 013é 00", "characters"),
        ("DEX9370400440532013000", "characters"),
        ("D", "characters"),
    ],
)
def test_a_mistyped_iban_is_told_how(iban, code):
    assert [(p.field, p.code, p.level) for p in check_iban(iban)] == [("iban", code, "error")]


@pytest.mark.parametrize(
    ("typed", "stored", "shown", "masked"),
    [
        ("de89 3704-0044.0532\u00a00130 00", DE, "DE89 3704 0044 0532 0130 00", "DE89 •••• 3000"),
        ("IBAN: DE89370400440532013000", DE, "DE89 3704 0044 0532 0130 00", "DE89 •••• 3000"),
        ("DE89 370", "DE89370", "DE89 370", "••••"),
        ("", "", "", ""),
    ],
)
def test_ways_to_write_an_iban(typed, stored, shown, masked):
    assert compact(typed) == stored
    assert group(typed) == shown
    assert mask(typed) == masked


SEPA = {
    "payment_method": "sepa_direct_debit",
    "account_holder": "Tanja Müller",
    "iban": DE,
    "bic": "COBADEFFXXX",
    "has_mandate": True,
    "mandate_reference": "K10234-1",
    "mandate_date": date(2026, 1, 7),
    "first_debit_on": date(2026, 1, 7),
}


def test_whole_bank_data_are_fine():
    assert not check_bank(SEPA, TODAY)


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"payment_method": "paypal"},
        {"payment_method": "sepa_direct_debit"},
        {"payment_method": "sepa_direct_debit", "iban": DE, "mandate_reference": "M-1"},
        {"account_number": "532013000", "bank_code": "37040044"},
        {"account_number": "532013000", "iban": DE},
        {"iban": DE, "bic": "COBADEFF"},
        {"iban": DE, "bic": "cobadeff xxx"},
        {"iban": FR, "bic": "PSSTFRPPSCE"},
        {"iban": FR, "bic": "BNPAGPGX"},
        {"iban": "GB29NWBK60161331926819", "bic": "NWBKGGGG"},
        {"iban": "MC5811222000010123456789030", "bic": "SOGEFRPP"},
        {"bic": "NLPRXKPR"},
        {"rib_key": "06", "branch_code": "01005"},
        {"vat_number": "136695976"},
        {"mandate_reference": "A-Za+?/x:().,' 9"},
        {"mandate_reference": "x" * 35},
        {"mandate_date": TODAY},
        {"first_debit_on": date(2030, 1, 1), "mandate_date": TODAY},
        {"first_debit_on": date(2020, 1, 1)},
    ],
)
def test_what_is_fine(values):
    assert not found(values)


@pytest.mark.parametrize(
    ("values", "problems"),
    [
        ({"payment_method": "cash"}, [("payment_method", "unknown")]),
        ({"iban": "DE88370400440532013000"}, [("iban", "checksum")]),
        ({"bic": "COBADE"}, [("bic", "malformed")]),
        ({"bic": "COBADEFFX"}, [("bic", "malformed")]),
        ({"bic": "COBAXYFF"}, [("bic", "malformed")]),
        ({"bic": "CÖBADEFF"}, [("bic", "malformed")]),
        ({"iban": DE, "bic": "RZBAATWW"}, [("bic", "other_country")]),
        ({"iban": "CH5604835012345678009", "bic": "COBADEFF"}, [("bic", "other_country")]),
        ({"iban": DE, "bic": "BNPAGPGX"}, [("bic", "other_country")]),
        ({"vat_number": "DE136695978"}, [("vat_number", "malformed")]),
        ({"account_number": "532013000"}, [("bank_code", "required")]),
        ({"bank_code": "37040044"}, [("account_number", "required")]),
        ({"rib_key": "6"}, [("rib_key", "malformed")]),
        ({"branch_code": "0100A"}, [("branch_code", "malformed")]),
        ({"mandate_reference": "Müller 1"}, [("mandate_reference", "malformed")]),
        ({"mandate_reference": "/1"}, [("mandate_reference", "malformed")]),
        ({"mandate_reference": "1/"}, [("mandate_reference", "malformed")]),
        ({"mandate_reference": "1//2"}, [("mandate_reference", "malformed")]),
        ({"mandate_reference": "1\n2"}, [("mandate_reference", "malformed")]),
        ({"mandate_date": date(2026, 11, 25)}, [("mandate_date", "future")]),
        ({"mandate_date": date(202, 6, 1)}, [("mandate_date", "too_early")]),
        (
            {"mandate_date": TODAY, "first_debit_on": date(2026, 11, 23)},
            [("first_debit_on", "before_mandate")],
        ),
        (
            {"has_mandate": True},
            [
                ("iban", "required"),
                ("account_holder", "required"),
                ("mandate_reference", "required"),
                ("mandate_date", "required"),
            ],
        ),
        ({**SEPA, "mandate_date": None}, [("mandate_date", "required")]),
        ({**SEPA, "iban": " - "}, [("iban", "required")]),
    ],
)
def test_what_is_refused(values, problems):
    assert found(values) == problems


@pytest.mark.parametrize("field", LONGEST)
def test_too_long_values_are_refused(field):
    whole = {"iban": DE}
    assert not found({**whole, field: "1" * LONGEST[field]})
    assert found({**whole, field: "1" * (LONGEST[field] + 1)}) == [(field, "too_long")]


@pytest.mark.parametrize(
    ("values", "problems"),
    [
        ({"iban": DE, "bic": "DEUTDEFF"}, [("bic", "differs")]),
        ({"iban": "DE33370400440001234567"}, [("iban", "check_digits")]),
        ({"iban": "DE93999999990000000001"}, [("iban", "bank_unknown")]),
        ({"bic": "ZZZZDEFF"}, [("bic", "bank_unknown")]),
        ({"bic": "ZZZZUSFF"}, []),
        ({"iban": DE, "account_number": "532 013 000", "bank_code": "370 400 44"}, []),
        ({"iban": DE, "account_number": "532013001"}, [("account_number", "differs")]),
        ({"iban": DE, "bank_code": "37040045"}, [("bank_code", "differs")]),
        ({"iban": FR, "rib_key": "06", "branch_code": "01005"}, []),
        ({"iban": FR, "rib_key": "07"}, [("rib_key", "differs")]),
        ({"iban": FR, "branch_code": "01006"}, [("branch_code", "differs")]),
        (
            {"iban": "AZ21NABZ00000000137010001944", "payment_method": "sepa_direct_debit"},
            [("iban", "outside_sepa")],
        ),
        ({"iban": "AZ21NABZ00000000137010001944", "payment_method": "invoice"}, []),
        ({"iban": "DE88370400440532013000", "bic": "DEUTDEFF"}, []),
    ],
)
def test_what_is_only_warned_of(values, problems):
    assert found(values, "warning") == problems


def test_no_warning_of_a_library_escapes():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert directory.fits_national_check("AL47212110090000000235698741")


@pytest.mark.parametrize(
    ("payment_method", "mandate", "state"),
    [
        ("invoice", None, "none"),
        ("paypal", "on_hand", "none"),
        ("sepa_direct_debit", None, "outstanding"),
        ("sepa_direct_debit", "prepared", "outstanding"),
        ("sepa_direct_debit", "replaced", "outstanding"),
        ("sepa_direct_debit", "on_hand", "on_hand"),
        ("sepa_direct_debit", "revoked", "revoked"),
    ],
)
def test_collection_state(payment_method, mandate, state):
    assert collection_state(payment_method, mandate) == state


def test_the_bank_of_an_iban():
    assert directory.bank_of(DE) == directory.Bank("COBADEFFXXX", "Commerzbank")
    assert directory.bank_of("CH5604835012345678009")
    assert directory.bank_of("DE93999999990000000001") is None
    assert directory.bank_of("DE88370400440532013000") is None


@pytest.mark.parametrize(
    ("account", "iban"),
    [
        (("DE", "37040044", "532013000"), DE),
        (("DE", "370 400 44", "0532-013 000"), DE),
        (("AT", "60000", "00001349870"), "AT026000000001349870"),
        (("CH", "4835", "012345678009"), "CH5604835012345678009"),
        (("LI", "8810", "2324013AA"), "LI21088100002324013AA"),
        (("FR", "20041", "0500013M026", "01005"), FR),
        (("FR", "20041", "0500013M026"), None),
        (("DE", "99999999", "1"), None),
        (("DE", "37040044", "12345678901"), None),
        (("DE", "37040044", ""), None),
        (("DE", "", "532013000"), None),
        (("US", "37040044", "532013000"), None),
    ],
)
def test_the_iban_of_a_national_account(account, iban):
    assert directory.iban_from(*account) == iban


def test_known_bics():
    assert all(map(directory.known_bic, ("COBADEFFXXX", "COBADEFF", "COBADEFF370", "MARKDEF1100")))
    assert not any(map(directory.known_bic, ("ZZZZDEFF", "COBADE", "", "🙂" * 8)))


odd = st.one_of(st.text(), st.text("DEFR0123456789 AÖ\0/", max_size=40), st.sampled_from(EXAMPLES))


@given(odd, odd, odd, st.sampled_from(["DE", "AT", "CH", "LI", "FR", "US", ""]))
def test_any_text_is_judged(a, b, c, country):
    check_bank(
        {"iban": a, "bic": b, "account_number": c, "mandate_reference": b, "vat_number": c}
        | {"country": country, "rib_key": a, "branch_code": c, "payment_method": b},
        TODAY,
    )
    directory.bank_of(a)
    directory.known_bic(b)
    directory.iban_from(country, a, b, c)
    group(a)
    mask(a)


@pytest.mark.parametrize("text", ["\0", "🙂", "D" * 1_000_000, "DE89" + "3" * 1_000_000, "\ud800"])
def test_strange_text_is_refused_in_no_time(text):
    assert {"iban", "bic"} <= {field for field, _code in found({"iban": text, "bic": text})}
    assert directory.bank_of(text) is None
    assert directory.iban_from("DE", text, text) is None
    assert not directory.known_bic(text)
