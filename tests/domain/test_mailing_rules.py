"""Addresses as they are typed, mails and accounts as they may be."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from app.domain.mailing import rules
from app.domain.messages.services import Attachment
from tests import hostile, mails


class TestParsed:
    @pytest.mark.parametrize(
        ("typed", "meant"),
        [
            ("", []),
            (" , ;\n", []),
            ("a@example.com", ["a@example.com"]),
            ("a@example.com, b@example.com", ["a@example.com", "b@example.com"]),
            ("a@example.com;b@example.com\nc@example.com", [f"{x}@example.com" for x in "abc"]),
            ("Tanja Müller <t@example.com>,", ["Tanja Müller <t@example.com>"]),
            ('"Müller, Jörg" <j@example.com>', ['"Müller, Jörg" <j@example.com>']),
            ("Müller, Jörg <j@example.com>", ['"Müller, Jörg" <j@example.com>']),
            (
                "Müller, Jörg <j@example.com>; Weiß, Eva <e@example.com>",
                ['"Müller, Jörg" <j@example.com>', '"Weiß, Eva" <e@example.com>'],
            ),
            ("a@example.com, a@example.com", ["a@example.com"]),
            ("jörg@müller.example.com", ["jörg@müller.example.com"]),
        ],
    )
    def test_what_is_typed_is_understood(self, typed: str, meant: list[str]):
        assert rules.parsed(typed) == (meant, [])

    @pytest.mark.parametrize(
        ("typed", "meant", "wrong"),
        [
            ("Tanja", [], ["Tanja"]),
            ("a@example.com, b@", ["a@example.com"], ["b@"]),
            ("a@example.com, b@example", ["a@example.com"], ["b@example"]),
            ("Tanja, , Eva <e@example.com>", ["Eva <e@example.com>"], ["Tanja"]),
            ("a@example.com b@example.com", [], ["a@example.com b@example.com"]),
            ("x, y, Jörg <j@example.com>", ['"y, Jörg" <j@example.com>'], ["x"]),
            ("a@example.com\r\nBcc: b@example.com", ["a@example.com"], ["Bcc: b@example.com"]),
        ],
    )
    def test_what_is_none_is_named(self, typed: str, meant: list[str], wrong: list[str]):
        found, problems = rules.parsed(typed, "cc")
        assert found == meant
        assert {(problem.field, problem.code) for problem in problems} == {("cc", "malformed")}
        assert [str(problem.message) for problem in problems] == [
            f"“{text}” is not an e-mail address." for text in wrong
        ]

    @pytest.mark.parametrize("text", [*hostile.TEXTS, '"' * 50_000, "<" * 50_000, "," * 50_000])
    def test_nothing_breaks_it(self, text: str):
        found, _problems = rules.parsed(text)
        assert found == []


class TestMail:
    @pytest.mark.parametrize(
        ("over", "field", "code"),
        [
            ({"to": []}, "to", "required"),
            ({"to": ["Tanja"]}, "to", "malformed"),
            ({"cc": ["a@example.com, b@example.com"]}, "cc", "malformed"),
            ({"bcc": ["a@example.com\r\nX: y"]}, "bcc", "malformed"),
            ({"to": [f"a{n}@example.com" for n in range(101)]}, "to", "too_many"),
            ({"subject": ""}, "subject", "required"),
            ({"subject": "\r\n \u200f"}, "subject", "required"),
            ({"subject": "x" * 301}, "subject", "too_long"),
            ({"text": " \n "}, "text", "required"),
            ({"text": "x" * 100_001}, "text", "too_long"),
        ],
    )
    def test_what_is_wrong_stands_at_its_field(self, over: dict[str, Any], field: str, code: str):
        problems = rules.check_outgoing(mails.outgoing(**over))
        assert [(problem.field, problem.code) for problem in problems] == [(field, code)]

    def test_files_are_counted_together(self):
        half = Attachment("a.pdf", "0" * 64, rules.LARGEST_FILES // 2, "application/pdf")
        assert rules.check_outgoing(mails.outgoing(attachments=[half, half])) == []
        problems = rules.check_outgoing(mails.outgoing(attachments=[half, half, half]))
        assert [(problem.field, problem.code) for problem in problems] == [("files", "too_large")]


class TestSignature:
    @pytest.mark.parametrize(
        ("text", "parts"),
        [
            ("Hallo", ("Hallo", "")),
            ("Hallo\n\n--\nAnna\nTanzstudio", ("Hallo", "Anna\nTanzstudio")),
            ("Hallo\n-- \nAnna", ("Hallo", "Anna")),
            ("A\n--\nB\n--\nAnna", ("A\n--\nB", "Anna")),
            ("Hallo\n---\nAnna", ("Hallo\n---\nAnna", "")),
        ],
    )
    def test_stands_after_its_line(self, text: str, parts: tuple[str, str]):
        assert rules.signature_of(text) == parts

    def test_there_and_back(self):
        signed = rules.signed("Hallo\n", "Anna")
        assert rules.signature_of(signed) == ("Hallo", "Anna")
        assert rules.signed("Hallo", " ") == "Hallo"


class TestSender:
    @pytest.mark.parametrize(
        ("sends_as", "has_user", "sender"),
        [
            ("team", True, '"Müller & Söhne, GmbH" <info@example.com>'),
            ("user", True, "Anna Admin <anna@example.com>"),
            ("user", False, '"Müller & Söhne, GmbH" <info@example.com>'),
        ],
    )
    def test_is_whom_the_team_decided(self, sends_as: str, has_user: bool, sender: str):
        account = SimpleNamespace(
            from_name="Müller & Söhne, GmbH", from_address="info@example.com", sends_as=sends_as
        )
        anna = SimpleNamespace(name="Anna Admin", email="anna@example.com")
        assert str(rules.sender(account, anna if has_user else None)) == sender


class TestAccount:
    STORED = SimpleNamespace(host="mail.example.com", username="info")

    @pytest.mark.parametrize(
        "over",
        [
            {},
            {"host": "mail.example.com", "security": "starttls"},
            {"host": "mail.müller.example"},
            {"host": "::1"},
            {"host": "mail.example.com"},
            {"host": "mail.example.com", "security": "tls", "username": "a", "password": "b c"},
            {"username": "a", "password": "b"},
        ],
    )
    def test_good_ones(self, over: dict[str, Any]):
        assert rules.check_account(mails.account_values(**over)) == []

    @pytest.mark.parametrize(
        ("over", "field", "code"),
        [
            ({"host": ""}, "host", "required"),
            ({"host": "https://mail.example.com"}, "host", "malformed"),
            ({"host": "mail example"}, "host", "malformed"),
            ({"host": "user@mail"}, "host", "malformed"),
            ({"host": "mail:25"}, "host", "malformed"),
            ({"host": "bad:25"}, "host", "malformed"),
            ({"host": "x" * 256}, "host", "malformed"),
            ({"port": None}, "port", "out_of_range"),
            ({"port": 0}, "port", "out_of_range"),
            ({"port": 65536}, "port", "out_of_range"),
            ({"security": "ssl3"}, "security", "unknown"),
            ({"username": "info"}, "password", "required"),
            ({"password": "geheim"}, "username", "required"),
            ({"username": "x" * 256, "password": "x"}, "username", "too_long"),
            ({"username": "jörg", "password": "x"}, "username", "foreign_letters"),
            ({"username": "x", "password": "größe"}, "password", "foreign_letters"),
            ({"username": "x", "password": "a\0b"}, "password", "foreign_letters"),
            ({"username": "x", "password": "x" * 1001}, "password", "too_long"),
            (
                {"host": "mail.example.com", "username": "x", "password": "y"},
                "security",
                "open",
            ),
            ({"from_address": ""}, "from_address", "required"),
            ({"from_address": "Team <info@example.com>"}, "from_address", "malformed"),
            ({"from_address": "a@example.com, b@example.com"}, "from_address", "malformed"),
            ({"from_name": "x" * 201}, "from_name", "too_long"),
            ({"sends_as": "nobody"}, "sends_as", "unknown"),
        ],
    )
    def test_what_is_wrong_stands_at_its_field(self, over: dict[str, Any], field: str, code: str):
        problems = rules.check_account(mails.account_values(**over))
        assert [(problem.field, problem.code) for problem in problems] == [(field, code)]

    def test_a_password_stays_with_its_server_and_user(self):
        """Else whoever may change the server could have the password sent to another one."""
        same = {"host": "MAIL.example.com", "username": "info", "security": "tls"}
        assert rules.check_account(mails.account_values(**same), self.STORED) == []
        for other in ({"host": "mail.example.org"}, {"username": "admin"}):
            values = mails.account_values(**(same | other))
            problems = rules.check_account(values, self.STORED)
            assert [(problem.field, problem.code) for problem in problems] == [
                ("password", "again")
            ]
            assert rules.check_account(values | {"password": "neu"}, self.STORED) == []
