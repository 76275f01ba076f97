"""Whatever the bytes, reading ends soon, with records or with a reason."""

from __future__ import annotations

import time
from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.domain.transfer.reading import Unreadable, read

TODAY = date(2026, 11, 24)
MANY = 100_000

HEADER = (
    "Nr;Anrede;Titel;Name;PLZ Ort;Land;E-Mail;Tel.;Geburtstag;Sprache;Gruppen;Zahlungsart;Notiz"
)
CELL = st.text(alphabet="ab1.,;:|\"'=\\\n\r\t\0 @<>()-/üßÉ\ufffd\u2028\u0085\x81", max_size=20)
LINE = st.sampled_from(
    [
        "BEGIN:VCARD",
        "END:VCARD",
        "VERSION:2.1",
        "N",
        "FN",
        "ADR",
        "TEL",
        "ORG",
        "AGENT:",
        "BDAY",
        "item1.",
    ]
)
MARKS = st.sampled_from(
    [":", ";", "=", ";TYPE=", ";QUOTED-PRINTABLE:", ";CHARSET=utf-16:", "\n ", "\n", "=\n"]
)


def outcome(data: bytes) -> int:
    """How many records there are, and -1 for a file that was refused."""
    try:
        found = list(read(data, TODAY).records)
    except Unreadable:
        return -1
    assert all(str(problem.message) for record in found for problem in record.problems)
    return len(found)


@given(st.binary(max_size=400))
@example(b"Name\n\xff\xfe\x00")
@example(b"\xff\xfe\x00")
@example(b"\xff\xfe\x00\xd8A\x00")
def test_bytes(data: bytes) -> None:
    outcome(data)


@given(st.lists(st.lists(CELL, max_size=14).map(";".join), max_size=8).map("\n".join))
def test_tables(body: str) -> None:
    outcome(f"{HEADER}\n{body}".encode())


@given(st.lists(st.one_of(LINE, MARKS, CELL), max_size=40).map("".join))
def test_cards(body: str) -> None:
    assert outcome(f"BEGIN:VCARD\n{body}\nEND:VCARD\n".encode()) >= 1


@pytest.mark.parametrize(
    "cell",
    [
        *("a" * MANY, " " * MANY, "." * MANY, "1" * MANY, "dr" * 30 + "!", "hc" * 50_000 + "!"),
        *("a@" * 50_000, "<" * MANY, "a <" * 30_000, "mailto:" * 10_000, ";ext=" * 20_000),
        *("1/2/" * 20_000, "D-" * 50_000, "A 1" + " " * MANY, "1234 " * 20_000, "::: " * 20_000),
        *("Dr. " * 25_000, "von " * 25_000, "gmbh " * 20_000, "- " * 50_000, "\u0301" * MANY),
    ],
)
def test_no_cell_takes_long(cell: str) -> None:
    quoted = cell.replace('"', '""')
    started = time.process_time()
    table = HEADER + "\n" + ";".join([f'"{quoted}"'] * 13)
    assert outcome(table.encode()) in (-1, 1)
    card = "".join(
        f"{name}:{cell}\n" for name in ("N", "FN", "ORG", "ADR", "TEL", "EMAIL", "BDAY", "NOTE")
    )
    assert outcome(f"BEGIN:VCARD\n{card}END:VCARD\n".encode()) == 1
    assert time.process_time() - started < 5


@pytest.mark.parametrize(
    "text",
    [
        *('"' * MANY, '"\n' * MANY, 'Name;Ort\n"a' + '\n"a;' * MANY, "Name\n" + '"' * MANY),
        *("Name;Ort\n" + "a" * 20_000_000, "Name;Ort\n" + ";" * 20_000_000, "\n" * 20_000_000),
        *("Name;Ort\n" + '"a"b;c\n' * MANY, "Name\n" + "a\n" * 20_000, "Name\n" + "a\n" * 210_000),
        *("sep=" * MANY, "sep=;" + " " * MANY, "Name " * MANY, ("Lieferadresse" * 50 + ";") * 900),
        *(
            "BEGIN:VCARD\n" * 20_000,
            "BEGIN:VCARD\nTEL;A=" + "," * MANY + '"\n',
            "BEGIN:VCARD\n;" + '"' * MANY,
        ),
        *(
            "BEGIN:VCARD\nN:" + "\\" * MANY,
            "BEGIN:VCARD\nADR:" + ";," * MANY,
            "BEGIN:VCARD\n" + "a" * MANY,
        ),
        *("BEGIN:VCARD\nTEL" + ';A="' * MANY, "BEGIN:VCARD\nN;QUOTED-PRINTABLE:" + "=\n" * MANY),
        *(
            "BEGIN:VCARD\n" + "TEL:1\n" * MANY,
            "BEGIN:VCARD\nAGENT:\n" + "BEGIN:VCARD\nAGENT:\n" * MANY,
        ),
        *("BEGIN:VCARD\nNOTE:\n" + " x\n" * MANY, "BEGIN" + " " * MANY + ":VCARD"),
    ],
)
def test_no_file_takes_long(text: str) -> None:
    started = time.process_time()
    outcome(text.encode())
    assert time.process_time() - started < 20
