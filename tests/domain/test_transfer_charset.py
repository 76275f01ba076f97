from __future__ import annotations

import codecs

import pytest

from app.domain.transfer.charset import decode, is_charset

TEXT = "Name;Ort\nMüller;Köln – „Süd“ €\n"


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (TEXT.encode(), "utf-8"),
        (TEXT.encode("utf-8-sig"), "utf-8-sig"),
        (TEXT.encode("cp1252"), "cp1252"),
        (TEXT.encode("utf-16"), "utf-16"),
        (codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"), "utf-16"),
        (TEXT.encode("utf-16-le"), "utf-16-le"),
        (TEXT.encode("utf-16-be"), "utf-16-be"),
        (TEXT.encode("utf-32"), "utf-32"),
    ],
)
def test_the_encoding_is_recognised(data: bytes, encoding: str) -> None:
    assert decode(data) == (TEXT, encoding)


def test_bytes_that_cp1252_does_not_know_are_shown() -> None:
    assert decode(b"K\xf6ln \x81") == ("Köln \ufffd", "cp1252")


def test_one_wrong_byte_does_not_spoil_a_file_in_utf8() -> None:
    data = TEXT.encode() * 5 + b"K\xf6ln\n"
    assert decode(data) == (TEXT * 5 + "Köln\n", "utf-8")


def test_an_encoding_can_be_given() -> None:
    assert decode("Łódź".encode("cp1250"), "cp1250") == ("Łódź", "cp1250")


@pytest.mark.parametrize("name", ["utf-8", "UTF8", "ISO-8859-1", "windows-1252", "cp850", "latin1"])
def test_charsets_have_names(name: str) -> None:
    assert is_charset(name)


@pytest.mark.parametrize(
    "name", ["", "zip", "bz2", "unicode_escape", "idna", "hex", "cp99999", "x" * 99]
)
def test_codecs_that_are_no_charset_are_refused(name: str) -> None:
    assert not is_charset(name)
