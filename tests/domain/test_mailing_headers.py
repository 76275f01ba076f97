"""What may stand in the header of a mail."""

from __future__ import annotations

import pytest

from app.domain.mailing import headers
from app.domain.mailing.headers import Mailbox, NotOneAddress
from tests import hostile


@pytest.mark.parametrize(
    ("text", "name", "address"),
    [
        ("a@example.com", "", "a@example.com"),
        ("  a@example.com ", "", "a@example.com"),
        ("<a@example.com>", "", "a@example.com"),
        ("Tanja Müller <t@example.com>", "Tanja Müller", "t@example.com"),
        ('"Müller & Söhne, GmbH" <i@example.com>', "Müller & Söhne, GmbH", "i@example.com"),
        ("Jörg <jörg@müller.example>", "Jörg", "jörg@müller.example"),
        (
            "Tanja\r\nBcc: e@example.com <t@example.com>",
            "Tanja Bcc: e@example.com",
            "t@example.com",
        ),
        ("\u202egnaT <t@example.com>", "gnaT", "t@example.com"),
    ],
)
def test_a_mailbox_is_a_name_and_an_address(text: str, name: str, address: str):
    assert headers.mailbox(text) == Mailbox(name, address)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Tanja",
        "@",
        "a@",
        "@example.com",
        "a@b@example.com",
        "a@example.com, b@example.com",
        "a@example.com;b@example.com",
        "a@example.com b@example.com",
        "A <a@example.com>, B <b@example.com>",
        "a@example.com\r\nBcc: b@example.com",
        "a@example.com\nb@example.com",
        "a\r\n@example.com",
        "A <a@example.com\r\nRCPT TO:<b@example.com>>",
        "a@example.com\0",
        "a@exa\u2028mple.com",
        "A <a@example.com> <b@example.com>",
        '"a b"@example.com',
        "a@[127.0.0.1]",
        f"{'x' * 250}@example.com",
    ],
)
def test_what_is_not_exactly_one_is_refused(text: str):
    with pytest.raises(NotOneAddress):
        headers.mailbox(text)


@pytest.mark.parametrize(
    "mailbox",
    [
        Mailbox("", "a@example.com"),
        Mailbox("Tanja Müller", "a@example.com"),
        Mailbox("Müller & Söhne, GmbH", "a@example.com"),
        Mailbox("Dr. Weiß", "a@example.com"),
        Mailbox("a@example.com", "b@example.com"),
    ],
)
def test_a_mailbox_is_read_as_it_was_written(mailbox: Mailbox):
    assert headers.mailbox(str(mailbox)) == mailbox


def test_the_domain_goes_out_in_ascii():
    assert headers.wire("info@müller.example") == "info@xn--mller-kva.example"
    assert headers.wire("jörg@müller.example") == "jörg@xn--mller-kva.example"
    assert headers.wire("Info@Example.com") == "Info@Example.com"
    with pytest.raises(NotOneAddress):
        headers.wire("a@ü..example")


def test_a_plain_name_that_looks_encoded_is_encoded():
    """Else whoever reads it would see another name than was typed."""
    written = headers.written(Mailbox("=?utf-8?q?Bank?=", "a@example.com"))
    assert "=?utf-8?q?Bank?=" not in written


@pytest.mark.parametrize("text", [*hostile.TEXTS, "a\r\nb", "a\u2028b", "\ud800x", "ä" * 5000])
def test_a_line_is_one_line(text: str):
    line = headers.line(text)
    assert len(line.splitlines()) <= 1
    line.encode()
    assert all(len(part) < headers.LONGEST_LINE for part in headers.subject(text[:300]).split("\n"))


@pytest.mark.parametrize(
    "text", [*hostile.FILE_NAMES, *hostile.TEXTS, "", "a\r\nBcc: x.pdf", "x." + "y" * 900]
)
def test_the_name_of_a_file_is_only_a_name(text: str):
    name = headers.file_name(text)
    assert name
    assert not set(name) & set('/\\":\r\n\0')
    assert len(name.encode()) <= headers.LONGEST_FILE_NAME


def test_a_long_name_keeps_what_tells_its_kind():
    assert headers.file_name("ä" * 300 + ".pdf").endswith("ä.pdf")


@pytest.mark.parametrize(
    ("told", "meant"),
    [
        ("application/pdf", "application/pdf"),
        ("Image/PNG", "image/png"),
        ("application/vnd.ms-excel", "application/vnd.ms-excel"),
        ("message/rfc822", headers.ANY_FILE),
        ("multipart/mixed", headers.ANY_FILE),
        ("text/html\r\nBcc: x", headers.ANY_FILE),
        ("a/b; name=x", headers.ANY_FILE),
        ("pdf", headers.ANY_FILE),
        ("", headers.ANY_FILE),
    ],
)
def test_a_media_type_is_one_word_for_one_file(told: str, meant: str):
    assert headers.media_type(told) == meant
