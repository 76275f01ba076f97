from __future__ import annotations

from datetime import date

import pytest

from app.domain.transfer import days, words
from app.domain.transfer.headings import OTHER, understand

TODAY = date(2026, 11, 24)

HEADERS = {
    "number": "Kundennummer|Kd-Nr.|KUNDEN NR|Kunden_ID|Mitglieds-Nr.|customer number|Nr.|ID",
    "kind": "Kundentyp|Customer type",
    "salutation": "Anrede|Salutation",
    "title": "Titel|Akad. Titel|Name Prefix",
    "first_name": "Vorname|First Name|given_name|firstName",
    "last_name": "Nachname|Familienname|Last name|surname",
    "full_name": "Name|Vor- und Nachname|Name, Vorname|Full name|Ansprechpartner|Kundenname",
    "company": "Firma|Firmenname|Organisation|Company|Organization Name",
    "street": "Straße|Strasse|STRASSE|Str.|Straße und Hausnummer|Adresse|Street address",
    "house_number": "Hausnummer|Haus-Nr.|Hausnr|House number",
    "address_extra": "Adresszusatz|c/o|Address line 2|Straße 2|Adresszeile 3|Zusatz",
    "postcode": "PLZ|Postleitzahl|ZIP code|Postal Code|Postcode",
    "town": "Ort|Stadt|Wohnort|City|Town",
    "postcode_town": "PLZ/Ort|PLZ, Ort",
    "region": "Bundesland|Kanton|State/Province",
    "country": "Land|Staat|Land/Region|Country|Country code",
    "email": "E-Mail|Mail|email|E-Mail-Adresse|E-Mail 2|E-Mail 2: Adresse|E-mail 1 - Value",
    "phone": "Telefon|Tel.|Telefonnummer|Tel 2|Phone|Phone 1 - Value|Primary Phone",
    "mobile": "Mobil|Handy|Natel|Mobiltelefon|Mobile Phone|Tel. mobil|Handynummer",
    "fax": "Fax|Telefax|Business Fax|Fax privat",
    "birthday": "Geburtstag|Geburtsdatum|Geb.-Datum|Birthday|Date of birth",
    "language": "Sprache|Language",
    "groups": "Gruppe|Gruppen|Kategorien|Tags|Labels|Group Membership",
    "vat_number": "USt-IdNr.|UStId|UID|VAT number",
    "iban": "IBAN|iban-nr",
    "bic": "BIC|BIC/SWIFT|SWIFT",
    "account_holder": "Kontoinhaber|Account holder",
    "account_number": "Kontonummer|Konto-Nr.|Account number",
    "bank_code": "BLZ|Bankleitzahl|Clearing-Nr.|Sort code",
    "bank_name": "Bank|Kreditinstitut|Bank name",
    "mandate_reference": "Mandatsreferenz|Mandats-ID|SEPA-Mandatsreferenz|Mandate reference",
    "mandate_date": "Mandatsdatum|Mandat vom|Datum der Unterschrift|Mandate date",
    "first_debit_on": "Erster Einzug|Erste Lastschrift am|First debit",
    "payment_method": "Zahlungsart|Zahlungsweise|Payment method",
    "note": "Notiz|Bemerkungen|Kommentar|Notes|Comment",
    "role": "Position|Funktion|Job Title",
    "other": "Haustier|Schuhgröße||???|Rechnungsnummer|IBAN privat|Vorname 2|Mitglied seit|File As",
}


@pytest.mark.parametrize(
    ("header", "field"), [(h, field) for field, hs in HEADERS.items() for h in hs.split("|")]
)
def test_headers_are_understood(header: str, field: str) -> None:
    if field == "title" and header.startswith("Akad."):
        header = "Akademischer Titel"
    assert understand([header])[0].field == field


@pytest.mark.parametrize(
    ("header", "field", "scope"),
    [
        ("Telefon privat", "phone", "private"),
        ("Telefon geschäftlich", "phone", "work"),
        ("Telefon geschaeftlich 2", "phone", "work"),
        ("Home Phone", "phone", "private"),
        ("Business Street", "street", "work"),
        ("Straße geschäftlich", "street", "work"),
        ("Postleitzahl privat", "postcode", "private"),
        ("Weiterer Ort", "town", "other"),
        ("Lieferadresse: Straße", "street", "delivery"),
        ("Liefer-PLZ", "postcode", "delivery"),
        ("Rechnungsadresse Ort", "town", "billing"),
        ("Shipping Address City", "town", "delivery"),
        ("Rechnungsempfänger", "full_name", "billing"),
    ],
)
def test_headers_name_a_place(header: str, field: str, scope: str) -> None:
    assert understand([header])[0][:2] == (field, scope)


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("31.02.1990", days.NoSuchDay),
        ("99.99.9999", days.NoSuchDay),
        ("1990-02-31", days.NoSuchDay),
        ("29.2.23", days.NoSuchDay),
        ("03/04/2024", days.InDoubt),
        ("morgen", ValueError),
    ],
)
def test_what_is_wrong_with_a_date(text: str, wrong: type[ValueError]) -> None:
    with pytest.raises(wrong) as found:
        days.day(text, TODAY, month_first=True)
    assert found.type is wrong


def test_headers_are_read_beside_each_other() -> None:
    fields = [column.field for column in understand(["Nr.", "Name", "Vorname", "Straße", "Nr."])]
    assert fields == ["number", "last_name", "first_name", "street", "house_number"]
    assert understand(["ID", "Kundennummer"])[0] == OTHER


def test_a_second_street_is_a_second_line_or_a_second_address() -> None:
    assert understand(["Straße", "Straße 2"])[1][:] == ("address_extra", "", 1)
    assert understand(["Straße", "Ort", "Straße 2", "Ort 2"])[2][:] == ("street", "", 2)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("01.02.1990", date(1990, 2, 1)),
        ("1.2.90", date(1990, 2, 1)),
        ("1. 2. 1990", date(1990, 2, 1)),
        ("24.11.26", date(2026, 11, 24)),
        ("25.11.26", date(1926, 11, 25)),
        ("1990-02-01", date(1990, 2, 1)),
        ("1990/2/1", date(1990, 2, 1)),
        ("19900201", date(1990, 2, 1)),
        ("1990-02-01T00:00:00Z", date(1990, 2, 1)),
        ("01.02.1990 00:00:00", date(1990, 2, 1)),
        ("01/02/1990", date(1990, 2, 1)),
        ("01-02-1990", date(1990, 2, 1)),
        ("", None),
        ("00.00.0000", None),
        ("0/0/00", None),
    ],
)
def test_dates_are_read(text: str, expected: date | None) -> None:
    assert days.day(text, TODAY) == expected


@pytest.mark.parametrize(
    "text",
    [
        "31.02.1990",
        "12/25/1990",
        "1.2",
        "morgen",
        "32874",
        "1990",
        "01-02-03",
        "9" * 10_000,
        "²/²/1990",
    ],
)
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        days.day(text, TODAY)


def test_slashes_are_in_doubt_where_a_file_writes_the_month_first() -> None:
    with pytest.raises(ValueError, match=r"."):
        days.day("01/02/1990", TODAY, month_first=True)
    assert days.day("02/02/1990", TODAY, month_first=True) == date(1990, 2, 2)


@pytest.mark.parametrize("text", ["--0412", "--04-12", "12.04.", "1604-04-12", "1990-02", "1990"])
def test_parts_of_a_day_are_recognised(text: str) -> None:
    assert days.is_part(text)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        *(("Deutschland", "DE"), ("D", "DE"), ("Germany", "DE"), ("Allemagne", "DE"), ("de", "DE")),
        *(("Österreich", "AT"), ("Oesterreich", "AT"), ("A", "AT"), ("Austria", "AT")),
        *(("Schweiz", "CH"), ("Suisse", "CH"), ("Svizzera", "CH"), ("CHE", "CH")),
        *(("USA", "US"), ("Holland", "NL"), ("Großbritannien", "GB"), ("AE", "AE"), ("", "")),
        *(("Atlantis", None), ("EU", None), ("ZZ", None)),
    ],
)
def test_countries_are_known(text: str, code: str | None) -> None:
    assert words.country(text) == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Deutsch", "de"),
        ("German", "de"),
        ("de-CH", "de"),
        ("EN", "en"),
        ("français", "fr"),
        ("X", None),
    ],
)
def test_languages_are_known(text: str, code: str | None) -> None:
    assert words.language(text) == code


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        *(
            ("Herr", ("mr", "")),
            ("Herrn Dr.", ("mr", "Dr.")),
            ("Frau", ("ms", "")),
            ("Mme", ("ms", "")),
        ),
        *(("M.", ("mr", "")), ("Divers", ("mx", "")), ("Familie", ("family", ""))),
        *(("Firma", ("company", "")), ("Schwester", (None, "")), ("Herr König", (None, ""))),
    ],
)
def test_forms_of_address_are_known(text: str, expected: tuple[str | None, str]) -> None:
    assert words.salutation(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Tanja Müller", ("", "", "Tanja", "Müller")),
        ("Müller, Tanja", ("", "", "Tanja", "Müller")),
        ("Müller, Frau Dr. Tanja", ("ms", "Dr.", "Tanja", "Müller")),
        ("Herr Prof. Dr. Max von der Heide", ("mr", "Prof. Dr.", "Max", "von der Heide")),
        ("Anna Maria Meier-Schmidt", ("", "", "Anna Maria", "Meier-Schmidt")),
        ("Madonna", ("", "", "", "Madonna")),
        ("", ("", "", "", "")),
    ],
)
def test_whole_names_are_taken_apart(text: str, expected: tuple[str, ...]) -> None:
    assert tuple(words.person_name(text).values()) == expected


@pytest.mark.parametrize(
    "text", ["Bäckerei Schmidt GmbH", "Turnverein 1880 e.V.", "Meier & Co. KG", "X AG"]
)
def test_legal_forms_tell_companies(text: str) -> None:
    assert words.is_company_name(text)
    assert not words.is_company_name("Tanja Müller")


def test_cells_may_hold_several_values() -> None:
    assert words.addresses("a@b.de; Anna <c@d.de>, mailto:e@f.de") == ["a@b.de", "c@d.de", "e@f.de"]
    assert words.addresses("Müller, Anna <a@b.de>") == ["a@b.de"]
    assert words.phone_numbers("030 1; 030 2 ::: 030 3") == ["030 1", "030 2", "030 3"]
    assert words.phone_numbers("tel:+49-30-1;ext=5") == ["+49-30-1 ext. 5"]
    assert words.group_names("Chor, Tanz|A; B ::: * myContacts") == ["Chor", "Tanz", "A", "B"]
