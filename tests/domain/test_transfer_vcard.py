from __future__ import annotations

from datetime import date

import pytest

from app.domain.transfer import vcard
from app.domain.transfer.reading import Record, Unreadable, read

TODAY = date(2026, 11, 24)

OLD = """BEGIN:VCARD
VERSION:2.1
N;CHARSET=ISO-8859-1;ENCODING=QUOTED-PRINTABLE:M=FCller;Tanja;;Frau Dr.
FN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:Tanja M=C3=BCl=
ler
ADR;HOME;ENCODING=QUOTED-PRINTABLE:;;Hauptstr. 5=0D=0AHinterhaus;Berlin;;10115;Deutschland
TEL;WORK:030 1
TEL;CELL;PREF:0171 1
EMAIL;INTERNET:a@b.de
PHOTO;ENCODING=BASE64;JPEG:AAAA
 BBBB:
CCCC==

NOTE;QUOTED-PRINTABLE:eins=0Azwei=

BDAY:--0412
END:VCARD
"""

THREE = """BEGIN:VCARD
VERSION:3.0
N:Beispiel;Max;Karl;;jun.
FN:Max Karl Beispiel
ORG:Beispiel & Söhne\\, Bau;Einkauf
TITLE:Leiter
item1.EMAIL;type=INTERNET:a@b.de
item1.X-ABLabel:_$!<Work>!$_
item2.TEL:030 1
item2.X-ABLabel:Werkstatt
TEL;TYPE=HOME,FAX:030 2
item3.ADR;TYPE=WORK:;;Weg 1;Wien;;1010;Austria
item4.ADR:Postfach 3;;;Graz;;8010;AT
item4.X-ABLabel:Rechnungsadresse
CATEGORIES:Chor,Tanz
NOTE:eins\\nzwei\\, dr
 ei
Diese Zeile ist kaputt
BDAY;X-APPLE-OMIT-YEAR=1604:1604-04-12
URL:https://example.org
END:VCARD
"""

FOUR = """BEGIN:VCARD
VERSION:4.0
KIND:org
FN:Bäckerei Schmidt
TEL;VALUE=uri;PREF=1;TYPE="voice,cell":tel:+49-30-123;ext=5
EMAIL;PREF=2:mailto:a@b.de
LANG:de
END:VCARD
"""


def records(text: str, encoding: str = "utf-8") -> list[Record]:
    return list(read(text.encode(encoding), TODAY).records)


def one(*lines: str) -> Record:
    (record,) = records("\r\n".join(["BEGIN:VCARD", *lines, "END:VCARD", ""]))
    return record


def test_version_2_1() -> None:
    (record,) = records(OLD)
    values = record.values
    assert [values[n] for n in ("salutation", "title", "first_name", "last_name")] == [
        *("ms", "Dr."),
        *("Tanja", "Müller"),
    ]
    assert [values[n] for n in ("street", "address_extra", "postcode", "country")] == [
        *("Hauptstr. 5", "Hinterhaus"),
        *("10115", "DE"),
    ]
    assert record.phones == [
        {"label": "mobile", "number": "0171 1"},
        {"label": "work", "number": "030 1"},
    ]
    assert record.emails == [{"label": "", "address": "a@b.de"}]
    assert (record.note, record.extra) == ("eins\nzwei", [("Birthday", "--0412")])
    assert not record.problems


def test_version_3_0() -> None:
    (record,) = records(THREE)
    assert (record.values["kind"], record.values["company"]) == ("company", "Beispiel & Söhne, Bau")
    (person,) = record.contact_persons
    assert (person["first_name"], person["last_name"], person["role"]) == (
        *("Max Karl", "Beispiel"),
        "Leiter",
    )
    assert record.emails == [{"label": "work", "address": "a@b.de"}]
    assert [phone["label"] for phone in record.phones] == ["other", "fax"]
    assert (record.values["town"], record.values["country"]) == ("Wien", "AT")
    (billing,) = record.addresses
    assert (billing["street"], billing["is_billing"]) == ("Postfach 3", True)
    assert record.groups == ["Chor", "Tanz"]
    assert record.note == "eins\nzwei, drei\nDiese Zeile ist kaputt"
    assert dict(record.extra) == {
        "Name suffix": "jun.",
        "Department": "Einkauf",
        "Werkstatt": "030 1",
        "Birthday": "1604-04-12",
        "Website": "https://example.org",
    }


def test_version_4_0() -> None:
    (record,) = records(FOUR)
    assert (record.values["kind"], record.values["company"]) == ("company", "Bäckerei Schmidt")
    assert record.phones == [{"label": "mobile", "number": "+49-30-123 ext. 5"}]
    assert record.emails == [{"label": "", "address": "a@b.de"}]
    assert record.values["language"] == "de"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_cards_stand_at_their_lines(end: str) -> None:
    found = records(("\n" + THREE + "\n" + FOUR).replace("\n", end))
    assert [record.line for record in found] == [2, 24]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_files_come_in_any_encoding(encoding: str) -> None:
    (record,) = records(FOUR, encoding)
    assert record.values["company"] == "Bäckerei Schmidt"


@pytest.mark.parametrize(
    ("line", "birthday"),
    [
        ("BDAY:1990-02-01", date(1990, 2, 1)),
        ("BDAY:19900201", date(1990, 2, 1)),
        ("BDAY;VALUE=date-time:1990-02-01T00:00:00Z", date(1990, 2, 1)),
        ("BDAY:19900201T000000Z", date(1990, 2, 1)),
    ],
)
def test_birthdays(line: str, birthday: date) -> None:
    assert one("FN:Tanja Müller", line).values["birthday"] == birthday


def test_a_bad_card_does_not_stop_the_rest() -> None:
    found = records(
        "BEGIN:VCARD\nFN:Eins\nBEGIN:VCARD\n:;:;\nFN\nEND:VCARD\n" + FOUR + "BEGIN:VCARD\nFN:Vier"
    )
    assert [record.values["last_name"] or record.values["company"] for record in found] == [
        *("Eins", "", "Bäckerei Schmidt"),
        "Vier",
    ]
    assert [p.code for p in found[3].problems] == ["unclosed"]


def test_the_assistant_is_not_the_customer() -> None:
    record = one("FN:Tanja Müller", "AGENT:", "BEGIN:VCARD", "FN:Max", "END:VCARD", "TEL:030 1")
    assert record.values["last_name"] == "Müller"
    assert record.phones


@pytest.mark.parametrize(
    "line",
    ["N;CHARSET=zip;ENCODING=QUOTED-PRINTABLE:M=FCller;Tanja", "N;QUOTED-PRINTABLE:M=FCller;Tanja"],
)
def test_wrong_charsets_are_recognised(line: str) -> None:
    assert one(line).values["last_name"] == "Müller"


def test_several_addresses() -> None:
    record = one("FN:A B", "ADR;HOME:;;Weg 1;Bonn;;;", "ADR;TYPE=pref:;;Weg 2;Ulm;;;", "ADR:Weg 3")
    assert record.values["town"] == "Ulm"
    assert [address["street"] for address in record.addresses] == ["Weg 1", "Weg 3"]


def test_a_display_name_that_says_nothing_new_is_not_kept() -> None:
    assert not one("N:Müller;Tanja;;Frau Dr.;", "FN:Frau Dr. Tanja Müller").extra


def test_a_display_name_that_says_more_is_kept() -> None:
    assert ("Name", "Tanni") in one("N:Müller;Tanja", "FN:Tanni").extra


def test_limits_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vcard, "MOST_LINES", 3)
    assert [p.code for p in one("FN:A", *["TEL:1"] * 4).problems] == ["too_long"]
    monkeypatch.setattr(vcard, "MOST_CARDS", 1)
    with pytest.raises(Unreadable, match="at most 1"):
        records(FOUR * 2)
