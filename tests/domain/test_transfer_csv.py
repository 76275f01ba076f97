from __future__ import annotations

from datetime import date

import pytest

from app.domain.transfer import csvfile
from app.domain.transfer.reading import Record, Unreadable, read, separator

TODAY = date(2026, 11, 24)
WIDE = "Nr.;Vorname;Nachname;Ort\n"


def records(text: str | bytes) -> list[Record]:
    return list(read(text if isinstance(text, bytes) else text.encode(), TODAY).records)


def one(header: str, row: str) -> Record:
    (record,) = records(f"{header}\n{row}\n")
    return record


def codes(record: Record) -> list[str]:
    return [problem.code for problem in record.problems]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Name;Ort\nA;B\n", ";"),
        ("Name,Ort\nA,B\n", ","),
        ("Name\tOrt\nA\tB\n", "\t"),
        ("Name|Ort\nA|B\n", "|"),
        ('Name;Ort\n"A, B, C";"D, E"\n', ";"),
        ('Name,Ort\n"A; B","C; D; E"\n', ","),
        ("\n\nName,Ort\r\nA,B\r\n", ","),
        ("sep=|\nName|Ort\n", "|"),
        ("Name\nA\n", ""),
        ('Name\n"Müller, Tanja"\n', ""),
        ("", ""),
    ],
)
def test_the_separator_is_recognised(text: str, expected: str) -> None:
    assert separator(text) == expected


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("sep", csvfile.SEPARATORS)
def test_every_dialect_reads_alike(encoding: str, end: str, sep: str) -> None:
    rows = [
        ["Kd-Nr.", "Vorname", "Name"],
        ["1", "Jörg", f'"Groß{sep}{end}Mann"'],
        ["2", "Zoë", "X"],
    ]
    found = records(end.join(sep.join(row) for row in rows).encode(encoding))
    assert [record.line for record in found] == [2, 4]
    assert [record.values["first_name"] for record in found] == ["Jörg", "Zoë"]
    assert "Mann" in found[0].values["last_name"]


def test_a_reading_tells_what_was_understood() -> None:
    reading = read(b"sep=;\nName;Haustier\nA;B\n", TODAY)
    assert (reading.kind, reading.encoding, reading.separator) == ("csv", "utf-8", ";")
    assert reading.columns == [("Name", "full_name"), ("Haustier", None)]
    (record,) = reading.records
    assert (record.line, record.extra) == (3, [("Haustier", "B")])


def test_encoding_and_separator_can_be_given() -> None:
    reading = read("Name,Ort\nŁ,B\n".encode("cp1250"), TODAY, encoding="cp1250", sep=",")
    assert next(reading.records).values["last_name"] == "Ł"


def test_a_whole_row() -> None:
    header = (
        "Kd-Nr.;Anrede;Titel;Vorname;Name;Straße;Adresszusatz;PLZ;Ort;Land;E-Mail;"
        "E-Mail geschäftlich;Telefon privat;Handy;Fax;Geb.-Datum;Sprache;Gruppen;USt-IdNr.;IBAN;"
        "BIC;Kontoinhaber;Mandatsreferenz;Mandatsdatum;Erster Einzug;Zahlungsart;Notiz;Schuhgröße"
    )
    row = (
        "7;Frau;Dr.;Tanja;Müller;Hauptstr. 5a;Hof;D-10115;Berlin;;a@b.de;c@d.de;"
        "030 1;0171 1;030 2;1.2.90;Deutsch;Chor, Tanz;DE1;DE89370400440532013000;"
        "COBADEFFXXX;T. Müller;M-7;01.03.2020;1.4.20;"
        'Lastschrift;"eins\nzwei";38'
    )
    record = one(header, row)
    assert record.values == {
        "number": "7",
        "kind": "person",
        "salutation": "ms",
        "title": "Dr.",
        "first_name": "Tanja",
        "last_name": "Müller",
        "company": "",
        "street": "Hauptstr. 5a",
        "house_number": "",
        "address_extra": "Hof",
        "postcode": "10115",
        "town": "Berlin",
        "region": "",
        "country": "DE",
        "language": "de",
        "birthday": date(1990, 2, 1),
        "vat_number": "DE1",
    }
    assert record.emails == [
        {"label": "", "address": "a@b.de"},
        {"label": "work", "address": "c@d.de"},
    ]
    assert [phone["label"] for phone in record.phones] == ["private", "mobile", "fax"]
    assert record.groups == ["Chor", "Tanz"]
    assert record.bank == {
        "payment_method": "sepa_direct_debit",
        "account_holder": "T. Müller",
        "account_number": "",
        "bank_code": "",
        "bank_name": "",
        "iban": "DE89370400440532013000",
        "bic": "COBADEFFXXX",
        "mandate_reference": "M-7",
        "mandate_date": date(2020, 3, 1),
        "first_debit_on": date(2020, 4, 1),
    }
    assert (record.note, record.extra) == ("eins\nzwei", [("Schuhgröße", "38")])
    assert not record.problems


@pytest.mark.parametrize(
    ("header", "row", "kind", "company", "person"),
    [
        ("Vorname;Name;Firma", "Eva;Meier;", "person", "", "Meier"),
        ("Vorname;Name;Firma", ";;Meier AG", "company", "Meier AG", ""),
        ("Vorname;Name;Firma", "Eva;Meier;Meier AG", "company", "Meier AG", "Meier"),
        ("Vorname;Name;Firma", "Eva;;Meier AG", "company", "Meier AG", "Eva"),
        ("Vorname;Name;Firma", "Eva;;", "person", "", "Eva"),
        (
            "Vorname;Name;Firma;Kundentyp",
            "Eva;Meier;Meier AG;Privat",
            "person",
            "Meier AG",
            "Meier",
        ),
        ("Vorname;Name;Kundentyp", ";Meier;Firma", "company", "Meier", ""),
        ("Anrede;Name", "Firma;Meier", "company", "Meier", ""),
        ("Anrede;Name;Firma", "Firma;Meier;Meier AG", "company", "Meier AG", "Meier"),
        ("Name", "Bäckerei Meier GmbH", "company", "Bäckerei Meier GmbH", ""),
        ("Name;Firma", "Meier AG;Meier AG", "company", "Meier AG", ""),
    ],
)
def test_person_or_company(header: str, row: str, kind: str, company: str, person: str) -> None:
    record = one(header, row)
    assert (record.values["kind"], record.values["company"]) == (kind, company)
    named = [p["last_name"] for p in record.contact_persons] or [record.values["last_name"]]
    assert named == [person]


def test_other_addresses_are_additional() -> None:
    record = one(
        "Name;Straße;PLZ/Ort;Lieferadresse Name;Lieferadresse Straße;Liefer-Ort;"
        "Rechnungsadresse: Straße",
        "Meier;Weg 1;A-1010 Wien;Tanja Müller;Gasse 2;Graz;Allee 3, 10115 Berlin",
    )
    assert (record.values["street"], record.values["town"], record.values["country"]) == (
        *("Weg 1", "Wien"),
        "AT",
    )
    billing, delivery = record.addresses
    assert (billing["street"], billing["postcode"], billing["is_billing"]) == (
        "Allee 3",
        "10115",
        True,
    )
    assert (delivery["last_name"], delivery["town"], delivery["is_delivery"]) == (
        "Müller",
        "Graz",
        True,
    )


def test_the_export_of_outlook() -> None:
    record = one(
        "Anrede,Vorname,Nachname,Firma,Position,Straße geschäftlich,Straße geschäftlich 2,"
        "Ort geschäftlich,Postleitzahl geschäftlich,Land/Region geschäftlich,Straße privat,"
        "Ort privat,Fax geschäftlich,Telefon geschäftlich,Mobiltelefon,E-Mail-Adresse,E-Mail-Typ,"
        "E-Mail 2: Adresse,Geburtstag,Kategorien",
        "Herr,Max,Muster,ACME,Chef,Weg 1,2. Stock,Bern,3000,Schweiz,Gasse 2,Thun,1,2,3,"
        "a@b.ch,SMTP,c@d.ch,0.0.00,Chor;Tanz",
    )
    assert record.values["town"] == "Bern"
    assert record.values["address_extra"] == "2. Stock"
    assert [address["town"] for address in record.addresses] == ["Thun"]
    assert [email["address"] for email in record.emails] == ["a@b.ch", "c@d.ch"]
    assert {phone["label"] for phone in record.phones} == {"fax", "work", "mobile"}
    assert record.contact_persons[0]["role"] == "Chef"
    assert record.groups == ["Chor", "Tanz"]


def test_the_export_of_google() -> None:
    record = one(
        "First Name,Last Name,Labels,E-mail 1 - Label,E-mail 1 - Value,Phone 1 - Label,"
        "Phone 1 - Value,Phone 2 - Label,Phone 2 - Value,Address 1 - Street,Address 1 - City,"
        "Address 2 - City",
        "Anna,Muster,* myContacts ::: Chor,* Home,a@b.de ::: c@d.de,Mobile,1,Oma,2,Weg 1,"
        "Berlin,Wien",
    )
    assert record.groups == ["Chor"]
    assert record.emails[1] == {"label": "private", "address": "c@d.de"}
    assert [phone["label"] for phone in record.phones] == ["mobile", "other"]
    assert ("Oma", "2") in record.extra
    assert (record.values["town"], record.addresses[0]["town"]) == ("Berlin", "Wien")


@pytest.mark.parametrize(
    ("header", "value", "field", "code"),
    [
        ("Geburtstag", "31.02.1990", "birthday", "unreadable_date"),
        ("Geburtstag", "12/25/1990", "birthday", "unreadable_date"),
        ("Mandatsdatum", "neulich", "mandate_date", "unreadable_date"),
        ("Land", "Atlantis", "country", "unknown_country"),
        ("Telefon", "4,917E+11", "phone", "shortened"),
        ("Notiz", "a\0b", "note", "no_text"),
        ("Notiz", "x" * 100_001, "note", "too_long"),
    ],
)
def test_what_cannot_be_read_is_a_problem(header: str, value: str, field: str, code: str) -> None:
    record = one(f"Name;{header}", f"Meier;{value}")
    assert [(p.field, p.code, p.level) for p in record.problems] == [(field, code, "error")]
    assert str(record.problems[0].message)


def test_lost_letters_are_a_warning() -> None:
    (record,) = records(b"Name\nM\x81ller\xfc\n")
    assert [(p.code, p.level) for p in record.problems] == [("lost_character", "warning")]


def test_american_dates_put_all_slashes_in_doubt() -> None:
    found = records("Name;Geburtstag\nA;01/02/1990\nB;12/25/1990\nC;3/3/1990\nD;01.02.1990\n")
    assert [codes(record) for record in found] == [["unreadable_date"], ["unreadable_date"], [], []]


def test_a_part_of_a_birthday_is_kept() -> None:
    record = one("Name;Geburtstag", "Meier;12.04.")
    assert (record.values["birthday"], record.extra) == (None, [("Geburtstag", "12.04.")])


def test_rows_may_end_early_and_empty_ones_are_left_out() -> None:
    found = records(WIDE + "1;A;B\n\n;;;\n2;C;D;E\n")
    assert [(record.line, record.values["number"]) for record in found] == [(2, "1"), (5, "2")]


def test_an_open_quotation_mark_costs_one_row() -> None:
    found = records(WIDE + '1;"A;B;C\n2;D;E;F\n3;"G";H;I\n4;"J;K;L\n')
    assert [(record.line, codes(record)) for record in found] == [
        *((2, ["damaged"]), (3, []), (4, [])),
        (5, ["damaged"]),
    ]


def test_the_rest_of_a_damaged_row_is_no_row() -> None:
    found = records(WIDE + '1;"sagt "ja"\nund geht;B;C\n2;D;E;F\n')
    assert [codes(record) for record in found] == [["damaged"], ["damaged"], []]


def test_quotation_marks_inside_a_field_are_mended() -> None:
    (record,) = records(WIDE + '1;"Hotel "Adler" GmbH";B;C\n')
    assert record.values["first_name"] == 'Hotel "Adler" GmbH'


def test_too_many_fields_are_refused() -> None:
    found = records(WIDE + "1;A;B;C;D\n2;A;B;C;;\n")
    assert [codes(record) for record in found] == [["too_many_fields"], []]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"  \r\n ",
        b"PK\x03\x04abc",
        b"\xd0\xcf\x11\xe0abc",
        b"%PDF-1.7",
        b"\0\1\2\3\xff\xfe",
        b"Ort;PLZ\nA;1\n",
        b"1;2;3\n",
        b'"Name;Ort\n',
        b";" * 500_000,
        b"x" * 2_000_000,
    ],
)
def test_files_that_are_no_table_are_refused(data: bytes) -> None:
    with pytest.raises(Unreadable) as error:
        read(data, TODAY)
    assert str(error.value.reason)


def test_limits_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Unreadable, match="larger than 1 MB"):
        read(b"Name\n" + b"x" * 1_100_000, TODAY, longest=1024 * 1024)
    monkeypatch.setattr(csvfile, "MOST_ROWS", 3)
    assert len(records('Name\n"A\nB\nC\nD"\n')) == 1
    with pytest.raises(Unreadable, match="at most 3 rows"):
        records("Name\nA\nB\nC\n")


def test_a_file_of_damaged_rows_is_given_up() -> None:
    with pytest.raises(Unreadable, match="Too many rows are damaged"):
        records(WIDE + '1;"A"x;B;C;"\n' * 500)


@pytest.mark.parametrize(("encoding", "sep"), [("zip", None), (None, ";;"), (None, '"')])
def test_what_is_given_must_make_sense(encoding: str | None, sep: str | None) -> None:
    with pytest.raises(Unreadable):
        read(b"Name\nA\n", TODAY, encoding=encoding, sep=sep)
