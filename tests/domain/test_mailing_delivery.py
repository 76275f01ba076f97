"""Mails on their way to a real mail server: what arrives, and what becomes of what does not.

The seven traps of Flask-Mail 0.10 have a test each: no time-out, any certificate, headers from
names of files and of one's own, senders with a comma, long lines, Message-ID, order of recipients.
"""

from __future__ import annotations

import smtplib
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.header import decode_header, make_header
from threading import Event, Thread
from typing import Any

import flask_mail
import pytest
from flask import Flask
from sqlalchemy import select

from app.core import audit, files, outbox
from app.core.database import db, happening, now
from app.core.outbox import ENTRY, Never, NotNow, Partly, State
from app.core.problems import Refused
from app.core.worker import Worker
from app.domain.mailing import delivery, headers, services, smtp
from app.domain.mailing.headers import Mailbox
from app.domain.mailing.mime import SafeMessage
from app.domain.mailing.models import MailAccount
from app.domain.mailing.smtp import Account, Road
from app.domain.messages import services as messages
from app.domain.messages.services import Attachment
from app.domain.settings import services as settings
from tests import hostile, mails
from tests.factories import team_values
from tests.mails import deliver, outgoing, put, set_up, take
from tests.pictures import png
from tests.sink import HOST, LATE, Server, free_port, sink

KNOWN = {
    *("From", "To", "Cc", "Subject", "Date", "Message-ID", "MIME-Version", "Reply-To"),
    *("Content-Type", "Content-Transfer-Encoding", "X-Ours", "X-Unnamed"),
}
INJECTIONS = [
    *(f"x{end}Bcc: evil@example.org" for end in ("\r\n", "\n", "\r", "\0", "\x0b", "\x0c", "\x1c")),
    *(f"x{end}Bcc: evil@example.org" for end in ("\x85", "\u2028", "\u2029", "\r\n ", "\n\t")),
    "x\r\n\r\n<script>alert(1)</script>",
    "x\r\n.\r\nMAIL FROM:<evil@example.org>",
    "x\r\nRCPT TO:<evil@example.org>\r\nDATA",
    "x\r\nContent-Type: text/html",
    'x"; filename="evil.exe',
    "x; name=evil",
    '"\r\nBcc: evil@example.org\r\n"',
    "=?utf-8?q?x=0D=0ABcc:_evil@example.org?=",
    "=?utf-8?b?DQpCY2M6IGV2aWxAZXhhbXBsZS5vcmc=?=",
    "%0d%0aBcc: evil@example.org",
    "\\r\\nBcc: evil@example.org",
    "evil@example.org",
    "evil@example.org, x",
    "<evil@example.org>",
    "x <evil@example.org>,",
    "x>, <evil@example.org",
    "ä\r\nBcc: evil@example.org",
    "\u560d\u560aBcc: evil@example.org",
    "x\r\nX-Evil: " + "y" * 2000,
    *hostile.TEXTS[:8],
    *hostile.FILE_NAMES[1:7],
    "x" * 5000,
]


@pytest.fixture
def server() -> Iterator[Server]:
    with sink() as server:
        yield server


@pytest.fixture
def account(context: None, server: Server) -> None:
    """An account that leads to the server."""
    set_up(server.port)


@pytest.fixture
def tanja(make_customer: Callable[..., int]) -> int:
    return make_customer()


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody has patience."""
    for name in ("CONNECTING", "STEP", "LAST"):
        monkeypatch.setattr(smtp, name, 0.3)


def road_to(port: int, **over: Any) -> Road:
    known = {"security": "none", "username": "", "password": ""} | over
    return Road(Account(known.pop("host", HOST), port, **known))


def simple(**over: Any) -> SafeMessage:
    known = {
        "subject": "Hallo",
        "sender": "info@example.com",
        "recipients": ["tanja@example.com"],
        "body": "Hallo",
        "date": 0.0,
    }
    return SafeMessage(**(known | over))


def stored_file(
    name: str, data: bytes = b"%PDF", media_type: str = "application/pdf"
) -> Attachment:
    return Attachment(name, files.keep(data), len(data), media_type)


@pytest.mark.usefixtures("account")
class TestWhatArrives:
    def test_subject_text_and_html(self, server: Server, tanja: int):
        text = "Guten Tag <b>,\n\nÄpfel & Birnen:\nhttps://example.com/?a=1&b=2"
        entry = put(tanja, text=f"{text}\n\n--\nAnna\nTanzstudio")
        assert deliver(entry) == [None]
        mail = server.messages[0].parsed
        assert mail["Subject"] == "Größe der Stühle"
        assert mail["From"] == "Tanzstudio Lindenhof <info@lindenhof.example>"
        plain, html = mail.get_body(("plain",)), mail.get_body(("html",))
        assert plain is not None
        assert html is not None
        assert text_of(plain) == f"{text}\n\n-- \nAnna\nTanzstudio"
        assert "<p>Guten Tag &lt;b&gt;,</p>" in html.get_content()
        assert 'href="https://example.com/?a=1&amp;b=2"' in html.get_content()
        assert '<p class="signature">Anna<br>' in html.get_content()

    def test_recipients_keep_their_order_and_bcc_stays_out(self, server: Server, tanja: int):
        to = [f"Nr. {n} <{n}@example.com>" for n in range(9)]
        entry = put(tanja, to=to, cc=["c@example.com", "0@example.com"], bcc=["b@example.com"])
        assert deliver(entry) == [None]
        mail = server.messages[0]
        assert mail.recipients == [
            *(f"{n}@example.com" for n in range(9)),
            "c@example.com",
            "b@example.com",
        ]
        assert [a.addr_spec for a in mail.parsed["To"].addresses] == mail.recipients[:9]
        assert [a.addr_spec for a in mail.parsed["Cc"].addresses] == [
            "c@example.com",
            "0@example.com",
        ]
        assert b"b@example.com" not in mail.content
        assert mail.parsed["Bcc"] is None

    def test_the_message_id_is_that_of_the_entry_each_time(self, server: Server, tanja: int):
        entry = put(tanja)
        assert deliver(entry, entry) == [None, None]
        assert server.references() == [entry.reference, entry.reference]
        assert server.messages[0].parsed["Date"] == server.messages[1].parsed["Date"]

    def test_a_sender_with_a_comma_keeps_the_address(self, server: Server, tanja: int):
        set_up(server.port, from_name='Müller & Söhne, "GmbH"')
        assert deliver(put(tanja)) == [None]
        sender = server.messages[0].parsed["From"].addresses[0]
        assert (sender.display_name, sender.addr_spec) == (
            "Müller & Söhne, GmbH",
            "info@lindenhof.example",
        )

    def test_who_writes_is_the_sender_if_the_team_wants_it(self, server: Server, tanja: int):
        set_up(server.port, sends_as="user")
        with audit.acting(2, "Ben Staff"):
            entry = put(tanja)
        assert deliver(entry) == [None]
        assert server.messages[0].parsed["From"] == "Ben Staff <ben@example.com>"
        assert server.messages[0].sender == "ben@example.com"

    @pytest.mark.parametrize("letter", ["x", "ä", "€", "👩"])
    def test_no_line_is_too_long(self, server: Server, tanja: int, letter: str):
        name = f"{letter * 100}, {letter * 90}"
        entry = put(
            tanja,
            to=[f'"{name}" <{n}@example.com>' for n in range(50)],
            subject=letter * 300,
            text=f"{letter * 5000}\n.\n..\n{letter}",
            attachments=[stored_file(letter * 1000 + ".pdf")],
        )
        assert deliver(entry) == [None]
        mail = server.messages[0]
        assert max(map(len, mail.content.split(b"\r\n"))) < 900
        assert mail.content.isascii()
        assert mail.parsed["Subject"] == letter * 300
        assert str(make_header(decode_header(raw(mail)["To"]))).count(name) == 50
        plain = mail.parsed.get_body(("plain",))
        assert plain is not None
        assert text_of(plain) == f"{letter * 5000}\n.\n..\n{letter}"

    def test_files_arrive_as_they_are_under_their_names(self, server: Server, tanja: int):
        named = {
            "Angebot März.pdf": (bytes(range(256)), "application/pdf"),
            "договор.png": (b"\x89PNG", "image/png"),
            'a"b;c=d.txt': ("Größe\r\n.\r\n".encode(), "text/plain"),
            "mail.eml": (b"Subject: x\r\n\r\n", "message/rfc822"),
            "../../x": (b"", "nonsense"),
        }
        sent = [stored_file(name, data, kind) for name, (data, kind) in named.items()]
        assert deliver(put(tanja, attachments=sent)) == [None]
        parts = list(server.messages[0].parsed.iter_attachments())
        names = ["Angebot März.pdf", "договор.png", "a_b;c=d.txt", "mail.eml", "_.._x"]
        assert [part.get_filename() for part in parts] == names
        assert [part.get_payload(decode=True) for part in parts] == [
            d for d, _kind in named.values()
        ]
        assert [part.get_content_type() for part in parts] == [
            *("application/pdf", "image/png", "text/plain"),
            *("application/octet-stream", "application/octet-stream"),
        ]

    def test_a_large_file_arrives_whole(self, server: Server, tanja: int):
        data = bytes(range(256)) * 12_000
        assert deliver(put(tanja, attachments=[stored_file("groß.bin", data)])) == [None]
        (part,) = server.messages[0].parsed.iter_attachments()
        assert part.get_payload(decode=True) == data

    def test_the_logo_goes_along_inside(self, server: Server, tanja: int):
        data = png(400, 100)
        picture = settings.keep_logo(data)
        settings.save_team(team_values() | {"logo": picture})
        db.session.commit()
        assert deliver(put(tanja, attachments=[stored_file("a.pdf")])) == [None]
        mail = server.messages[0].parsed
        logo = next(part for part in mail.walk() if part.get_content_type() == "image/png")
        html = mail.get_body(("html",))
        assert html is not None
        assert 'src="cid:logo@kundenblick" width="224" height="56"' in html.get_content()
        assert logo["Content-ID"] == "<logo@kundenblick>"
        assert logo.get_payload(decode=True) == data
        assert [part.get_filename() for part in mail.iter_attachments()] == ["a.pdf"]

    def test_a_logo_without_its_file_stops_nothing(self, server: Server, tanja: int):
        picture = settings.keep_logo(png(40, 10))
        settings.save_team(team_values() | {"logo": picture})
        db.session.commit()
        files.path_of(str(picture.name)).unlink()
        delivery._picture.cache_clear()
        assert deliver(put(tanja)) == [None]
        assert b"cid:" not in server.messages[0].content

    def test_a_domain_with_umlauts_goes_out_in_ascii(self, server: Server, tanja: int):
        assert deliver(put(tanja, to=["Jörg <info@müller.example.com>"])) == [None]
        assert server.messages[0].recipients == ["info@xn--mller-kva.example.com"]

    def test_it_carries_when_it_was_written(self, server: Server, tanja: int):
        at = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
        with happening(at):
            services.send_mail([tanja], outgoing())
        db.session.commit()
        assert deliver(take()) == [None]
        assert server.messages[0].parsed["Date"].datetime == at

    def test_one_connection_serves_a_round(self, server: Server, tanja: int):
        assert deliver(*(put(tanja) for _ in range(5))) == [None] * 5
        assert (server.connections, len(server.messages)) == (1, 5)

    def test_after_many_mails_it_calls_anew(
        self, server: Server, tanja: int, monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.setattr(smtp, "MOST_MAILS", 2)
        assert deliver(*(put(tanja) for _ in range(5))) == [None] * 5
        assert (server.connections, len(server.messages)) == (3, 5)

    def test_no_transaction_waits_for_the_network(self, app: Flask, server: Server, tanja: int):
        """While the server takes its time, others write."""
        entry, written = put(tanja), []

        def write(_mail: Any) -> None:
            with app.app_context():
                outbox.renew(entry.id)
            written.append(entry.id)

        server.on_content = write
        assert deliver(entry) == [None]
        assert written == [entry.id]


@pytest.mark.usefixtures("context")
class TestLetters:
    """Letters beyond ASCII before the @."""

    def test_a_server_that_does_not_take_them(self, server: Server, tanja: int):
        set_up(server.port)
        bad = put(tanja, to=["Jörg <jörg@müller.example.com>"])
        reason, other = deliver(bad, put(tanja))
        assert (type(reason), reason.code) == (Never, "foreign_letters")
        assert other is None
        assert [mail.recipients for mail in server.messages] == [["tanja@example.com"]]

    def test_a_server_that_does(self, tanja: int):
        with sink(takes_letters=True) as server:
            set_up(server.port)
            assert deliver(put(tanja, to=["Jörg <jörg@müller.example.com>"])) == [None]
        assert server.messages[0].recipients == ["jörg@xn--mller-kva.example.com"]
        assert "jörg@xn--mller-kva.example.com".encode() in server.messages[0].content


@pytest.mark.usefixtures("account")
class TestInjection:
    """Whatever is typed, nothing is added to a mail, and nobody gets it who was not named."""

    def test_through_what_people_type(self, server: Server, tanja: int):
        entries = []
        for text in INJECTIONS:
            account = db.session.get(MailAccount, 1)
            assert account is not None
            account.from_name = text.encode(errors="ignore").decode()[:200]
            name = text.replace('"', "").replace("<", "").replace(">", "")[:150]
            entry = put(
                tanja,
                to=[f'"{name}" <tanja@example.com>'],
                subject=f"Hallo {text}"[:300],
                attachments=[stored_file(text[:900], b"x", text[:90])],
            )
            entries.append(entry)
        assert deliver(*entries) == [None] * len(entries)
        assert len(server.messages) == len(INJECTIONS) >= 40
        for mail in server.messages:
            self.check(mail, ["tanja@example.com"])

    def test_through_everything_a_message_has(self, server: Server, app: Flask):
        road = road_to(server.port)
        for text in INJECTIONS:
            message = simple(
                subject=text,
                sender=str(Mailbox(headers.name(text), "info@example.com")),
                recipients=[(text, "tanja@example.com")],
                cc=[(text, "cora@example.com")],
                reply_to=(text, "reply@example.com"),
                extra_headers={"X-Ours": text},
                attachments=[flask_mail.Attachment(text, text, b"x", "inline", {"X-Ours": text})],
            )
            message.msgId = f"<1@example.com>{text[:200]}"
            road.send(message)
        road.close()
        assert len(server.messages) == len(INJECTIONS)
        for mail in server.messages:
            self.check(mail, ["tanja@example.com", "cora@example.com"])

    @pytest.mark.parametrize("field", ["sender", "recipients", "cc", "bcc", "reply_to"])
    def test_through_addresses(self, server: Server, field: str):
        """What is not exactly one address is refused; what is one gets one mail."""
        road = road_to(server.port)
        refused = 0
        for text in INJECTIONS:
            for given in (text, f"a@example.com{text}", ("Tanja", text), ("T", f"a@b.de{text}")):
                value = given if field in ("sender", "reply_to") else [given]
                with suppress(Never, Partly):
                    road.send(simple(**{field: value}))
                    refused -= 1
                refused += 1
        road.close()
        assert refused > 150
        for mail in server.messages:
            assert len(mail.recipients) <= (2 if field in ("cc", "bcc") else 1)
            self.check(mail, mail.recipients, attached=0)

    def test_names_of_headers_are_only_names(self, server: Server):
        road = road_to(server.port)
        road.send(simple(extra_headers={"X-Ours\r\nBcc: evil@example.org": "x", "": "y"}))
        road.close()
        content = server.messages[0].content
        assert b"\r\nX-OursBccevilexampleorg: x\r\n" in content
        assert b"\r\nX-Unnamed: y\r\n" in content

    def check(self, mail: Any, recipients: list[str], attached: int = 1) -> None:
        assert mail.recipients == recipients
        message = message_from_bytes(mail.content)
        assert set(message.keys()) <= KNOWN
        assert len(message.keys()) == len({*message.keys()})
        for part in message.walk():
            assert set(part.keys()) <= KNOWN | {"Content-Disposition"}
        assert max(map(len, mail.content.split(b"\r\n"))) < 990
        found = [part.get_payload(decode=True) for part in message.walk() if part.get_filename()]
        assert found == [b"x"] * attached


class TestRoad:
    """What keeps from the mail server, in a word of `labels.errors`; the round is over then."""

    @pytest.fixture(autouse=True)
    def _context(self, context: None) -> None:
        """Every test needs the application."""

    def closed(self, road: Road) -> NotNow:
        with pytest.raises(NotNow) as reason:
            road.send(simple())
        road.close()
        assert reason.value.ends_round
        return reason.value

    def test_nobody_there(self):
        assert self.closed(road_to(free_port())).code == "connection_refused"

    @pytest.mark.parametrize("host", ["mail.invalid", "a..b", "x" * 70])
    def test_no_such_name(self, host: str, monkeypatch: pytest.MonkeyPatch):
        def unknown(*_arguments: Any, **_more: Any) -> Any:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

        if host == "mail.invalid":
            monkeypatch.setattr(socket, "getaddrinfo", unknown)
        assert self.closed(road_to(25, host=host)).code == "name_unknown"

    @pytest.mark.usefixtures("hasty")
    def test_a_server_that_says_nothing(self):
        with sink(behaviour="stall") as server:
            assert self.closed(road_to(server.port)).code == "time_out"

    @pytest.mark.usefixtures("hasty")
    def test_a_server_that_says_nothing_in_tls(self):
        with sink(behaviour="stall") as server:
            assert self.closed(road_to(server.port, security="tls")).code == "time_out"

    def test_a_server_that_answers_letter_by_letter(self, monkeypatch: pytest.MonkeyPatch):
        """Each step is in time; the whole is not."""
        monkeypatch.setattr(smtp, "WHOLE", 0.3)
        with answering(b"2" * 100, pause=0.05) as port:
            assert self.closed(road_to(port)).code == "time_out"

    def test_a_server_that_hangs_up(self):
        with sink(behaviour="hang_up") as server:
            assert self.closed(road_to(server.port)).code == "cut_off"

    def test_somebody_else(self):
        """What others say there is not told: an admin could listen round the house by it."""
        with answering(b"HTTP/1.1 400 Secret\r\n\r\n") as port:
            reason = self.closed(road_to(port))
            assert (reason.code, reason.detail) == ("no_mail_server", "")

    def test_a_server_that_takes_nobody(self):
        with answering(b"554 5.3.2 Not today\r\n") as port:
            reason = self.closed(road_to(port))
            assert (reason.code, reason.detail) == ("busy", "554 5.3.2 Not today")

    def test_no_starttls(self, server: Server):
        assert self.closed(road_to(server.port, security="starttls")).code == "no_starttls"
        assert server.logins == []

    def test_no_tls(self, server: Server):
        assert self.closed(road_to(server.port, security="tls")).code == "no_tls"

    @pytest.mark.parametrize("security", ["tls", "starttls"])
    @pytest.mark.parametrize(
        ("certificate", "names", "is_trusted", "code"),
        [
            ("good", ("mail.example.com",), True, "certificate_name"),
            ("good", ("127.0.0.2",), True, "certificate_name"),
            ("expired", (HOST,), True, "certificate_expired"),
            ("own", (HOST,), False, "certificate_own"),
            ("good", (HOST,), False, "certificate"),
        ],
    )
    def test_certificates_are_verified(
        self,
        monkeypatch: pytest.MonkeyPatch,
        tmp_path: Any,
        security: Any,
        certificate: Any,
        names: tuple[str, ...],
        is_trusted: bool,
        code: str,
    ):
        with sink(
            tls=security, names=names, certificate=certificate, user="u", password="p"
        ) as server:
            if is_trusted:
                trust(server, monkeypatch, tmp_path)
            road = road_to(server.port, security=security, username="u", password="p")
            assert self.closed(road).code == code
            assert (server.logins, server.messages) == ([], [])

    @pytest.mark.parametrize("security", ["tls", "starttls"])
    def test_a_good_certificate_and_a_login(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Any, security: Any
    ):
        with sink(tls=security, user="info", password="geheim") as server:
            trust(server, monkeypatch, tmp_path)
            road = road_to(server.port, security=security, username="info", password="geheim")
            road.send(simple())
            road.close()
            assert server.logins == [("info", "geheim")]
            assert len(server.messages) == 1

    def test_a_wrong_password(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Any):
        with sink(tls="tls", user="info", password="geheim") as server:
            trust(server, monkeypatch, tmp_path)
            road = road_to(server.port, security="tls", username="info", password="falsch")
            reason = self.closed(road)
            assert reason.code == "login_refused"
            assert reason.detail.startswith("535 ")

    def test_a_server_that_repeats_the_password(self):
        said = [b"220 x\r\n", b"250-x\r\n250 AUTH LOGIN\r\n", b"334 VXNlcg==\r\n", b"334 UA==\r\n"]
        for told in (b"geheim", b"Z2VoZWlt"):
            with answering(*said, b"535 not " + told + b"\r\n", b"221 x\r\n") as port:
                road = road_to(port, username="info", password="geheim")
                reason = self.closed(road)
                assert (reason.code, reason.detail) == ("login_refused", "")

    def test_no_login(self, server: Server):
        road = road_to(server.port, username="info", password="geheim")
        assert self.closed(road).code == "no_login"

    def test_a_login_is_wanted(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Any):
        with sink(tls="tls", user="info", password="geheim") as server:
            trust(server, monkeypatch, tmp_path)
            assert self.closed(road_to(server.port, security="tls")).code == "login_needed"

    def test_no_account(self, tanja: int):
        set_up()
        entry = put(tanja)
        db.session.delete(db.session.get(MailAccount, 1))
        db.session.commit()
        (reason,) = deliver(entry)
        assert (reason.code, reason.ends_round) == ("no_account", True)

    def test_another_secret_key(self, app: Flask, tanja: int, monkeypatch: pytest.MonkeyPatch):
        set_up(username="info", password="geheim")
        entry = put(tanja)
        monkeypatch.setitem(app.config, "SECRET_KEY", "o" * 48)
        (reason,) = deliver(entry)
        assert (reason.code, reason.ends_round) == ("secret", True)


@pytest.mark.usefixtures("account")
class TestRefused:
    """What a server that is there does not take; the others of the round go out."""

    @pytest.mark.parametrize(
        ("behaviour", "kind", "code", "detail"),
        [
            ("busy", NotNow, "busy", "450 4.2.1 Mailbox busy, try again later"),
            ("busy_data", NotNow, "busy", "451 4.3.0 Try again later"),
            ("refuse_sender", Never, "sender_refused", "550 5.7.1 Sender refused"),
            ("refuse", Never, "recipients_refused", "550 5.1.1 No such user here"),
            ("refuse_data", Never, "refused", "554 5.7.1 Message refused"),
        ],
    )
    def test_a_mail_and_not_the_next(
        self, server: Server, tanja: int, behaviour: Any, kind: type, code: str, detail: str
    ):
        entries = [put(tanja), put(tanja)]
        server.behaviour = behaviour
        with mails.session() as send:
            with pytest.raises(kind) as reason:
                send(entries[0])
            server.behaviour = "normal"
            send(entries[1])
        assert (reason.value.code, reason.value.detail) == (code, detail)
        assert not getattr(reason.value, "ends_round", False)
        assert server.references() == [entries[1].reference]
        assert server.connections == 1

    def test_some_recipients(self, server: Server, tanja: int):
        server.behaviour = "refuse_some"
        entry = put(tanja, to=["Tanja <tanja@example.com>", "Herr Nobody <nobody@example.com>"])
        (reason,) = deliver(entry)
        assert (type(reason), reason.code) == (Partly, "partly")
        assert reason.detail == "Herr Nobody <nobody@example.com>: 550 5.1.1 No such user here"
        assert server.messages[0].recipients == ["tanja@example.com"]

    def test_who_is_put_off_is_tried_again_and_nobody_else(
        self, app: Flask, server: Server, tanja: int
    ):
        entry_id = self.put_off(app, server, tanja)
        found = stored(entry_id)
        assert (found.state, found.error) == (State.WAITING, "partly")
        assert found.detail == (
            "later@example.com: 450 4.2.0 Greylisted, try again later; "
            "nobody@example.com: 550 5.1.1 No such user here"
        )
        server.behaviour = "normal"
        look_again(app)
        assert [mail.recipients for mail in server.messages] == [
            ["tanja@example.com"],
            ["later@example.com"],
        ]
        assert server.messages[0].parsed["To"] == server.messages[1].parsed["To"]
        assert server.messages[0].reference == server.messages[1].reference
        found = stored(entry_id)
        assert (found.state, found.error) == (State.SENT, "partly")
        assert found.detail == "nobody@example.com: 550 5.1.1 No such user here"

    @pytest.mark.parametrize(
        ("behaviour", "state", "detail"),
        [
            ("put_off_some", State.WAITING, "450 4.2.0 Greylisted, try again later"),
            ("refuse", State.SENT, "550 5.1.1 No such user here"),
        ],
    )
    def test_who_is_refused_again_is_told(
        self, app: Flask, server: Server, tanja: int, behaviour: Any, state: str, detail: str
    ):
        entry_id = self.put_off(app, server, tanja)
        server.behaviour = behaviour
        look_again(app)
        found = stored(entry_id)
        assert (found.state, found.error) == (state, "partly")
        assert f"later@example.com: {detail}" in found.detail
        assert "nobody@example.com: 550 5.1.1 No such user here" in found.detail
        assert len(server.messages) == 1

    def test_who_is_put_off_for_a_day_has_not_got_it(self, app: Flask, server: Server, tanja: int):
        entry_id = self.put_off(app, server, tanja)
        look_again(app, outbox.LONGEST + timedelta(minutes=1))
        assert (stored(entry_id).state, stored(entry_id).error) == (State.FAILED, "partly")
        server.behaviour = "normal"
        outbox.try_again(entry_id)
        db.session.commit()
        look_again(app)
        assert stored(entry_id).state == State.SENT
        assert [len(mail.recipients) for mail in server.messages] == [1, 1]

    def test_what_some_have_got_cannot_be_taken_back(self, app: Flask, server: Server, tanja: int):
        self.put_off(app, server, tanja)
        with pytest.raises(Refused):
            services.unsend(1)

    def put_off(self, app: Flask, server: Server, customer_id: int) -> int:
        """The entry of a mail that one got, and that one gets later, and one never."""
        to = ["tanja@example.com", "later@example.com", "nobody@example.com"]
        services.send_mail([customer_id], outgoing(to=to))
        db.session.commit()
        server.behaviour = "put_off_some"
        Worker(app).look()
        return db.session.scalars(select(ENTRY.id)).one()

    @pytest.mark.parametrize(
        ("error", "kind", "code"),
        [
            (smtplib.SMTPSenderRefused(552, b"5.3.4 too big", "a"), Never, "too_large"),
            (smtplib.SMTPDataError(552, b"5.3.4 too big"), Never, "too_large"),
            (smtplib.SMTPDataError(523, b"5.7.10 too big"), Never, "too_large"),
            (smtplib.SMTPRecipientsRefused({"a": (552, b"full")}), Never, "recipients_refused"),
            (
                smtplib.SMTPRecipientsRefused({"a": (550, b"no"), "b": (450, b"later")}),
                NotNow,
                "busy",
            ),
            (smtplib.SMTPRecipientsRefused({"a": (421, b"bye")}), NotNow, "busy"),
            (smtplib.SMTPSenderRefused(530, b"5.7.0 login", "a"), NotNow, "login_needed"),
            (smtplib.SMTPHeloError(501, b"who?"), Never, "refused"),
        ],
    )
    def test_replies_that_are_rare(
        self,
        server: Server,
        error: Exception,
        kind: type,
        code: str,
        monkeypatch: pytest.MonkeyPatch,
    ):
        def fail(*_arguments: Any) -> None:
            raise error

        road = road_to(server.port)
        monkeypatch.setattr(smtplib.SMTP, "sendmail", fail)
        with pytest.raises(kind) as reason:
            road.send(simple())
        road.close()
        assert reason.value.code == code

    def test_it_is_gone(self, server: Server, tanja: int):
        entry = put(tanja)
        messages.withdraw(1)
        db.session.commit()
        (reason,) = deliver(entry)
        assert (type(reason), reason.code) == (Never, "gone")

    def test_one_of_its_files_is_gone(self, server: Server, tanja: int):
        file = stored_file("Vertrag.pdf", b"only here")
        entry = put(tanja, attachments=[file])
        files.path_of(file.digest).unlink()
        (reason,) = deliver(entry)
        assert (type(reason), reason.code, reason.detail) == (Never, "file_gone", "Vertrag.pdf")


@pytest.mark.usefixtures("account")
class TestBroken:
    """The line breaks in the middle of a mail: it is tried again under the same Message-ID."""

    def test_after_the_content(self, server: Server, tanja: int):
        entry, other = put(tanja), put(tanja)
        server.behaviour = "break"
        with mails.session() as send:
            with pytest.raises(NotNow) as reason:
                send(entry)
            server.behaviour = "normal"
            send(other)
            send(entry)
        assert (reason.value.code, reason.value.ends_round) == ("cut_off", False)
        assert server.references() == [entry.reference, other.reference, entry.reference]
        assert server.connections == 2

    @pytest.mark.usefixtures("hasty")
    def test_no_reply_to_the_content(self, server: Server, tanja: int):
        entry = put(tanja)
        server.behaviour = "stall_data"
        (reason,) = deliver(entry)
        assert (type(reason), reason.code) == (NotNow, "time_out")

    def test_a_late_reply_to_the_content_is_waited_for(
        self, app: Flask, server: Server, tanja: int, monkeypatch: pytest.MonkeyPatch
    ):
        """It is no step like others, and counts for no mail's time: the server has the mail."""
        monkeypatch.setattr(smtp, "STEP", LATE / 2)
        monkeypatch.setattr(smtp, "WHOLE", LATE / 2)
        services.send_mail([tanja], outgoing())
        db.session.commit()
        server.behaviour = "late"
        Worker(app).look()
        assert (len(server.messages), server.connections) == (1, 1)
        assert db.session.scalars(select(ENTRY.state)).one() == State.SENT

    def test_the_last_reply_has_its_time_too(
        self, server: Server, tanja: int, monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.setattr(smtp, "LAST", 0.5)
        server.behaviour = "stall_data"
        (reason,) = deliver(put(tanja))
        assert (type(reason), reason.code) == (NotNow, "time_out")

    def test_after_the_last_reply_a_server_has_to_be_quick_again(self, server: Server):
        road = road_to(server.port)
        road.send(simple())
        assert road._line is not None
        assert road._line.host.sock.gettimeout() == smtp.STEP
        road.close()

    def test_nobody_else_takes_a_mail_while_it_is_tried(self):
        longest = smtp.CONNECTING + smtp.WHOLE + smtp.LAST + 2 * smtp.STEP
        assert timedelta(seconds=longest) < outbox.LEASE

    def test_a_server_that_always_breaks_ends_the_round(
        self, app: Flask, server: Server, tanja: int
    ):
        """Each that it took in breaking will come a second time."""
        for _ in range(10):
            services.send_mail([tanja], outgoing())
        db.session.commit()
        server.behaviour = "break"
        Worker(app).look()
        assert len(server.messages) == server.connections == 3
        waiting = select(ENTRY.error).where(ENTRY.state == State.WAITING, ENTRY.due_at > now())
        assert list(db.session.scalars(waiting)) == ["cut_off"] * 10

    def test_a_server_that_hung_up_meanwhile_is_called_anew(self, context: None, tanja: int):
        """Some do on whoever says nothing for a while."""
        with ExitStack() as stack:
            with sink() as before:
                set_up(before.port)
                first, second = put(tanja), put(tanja)
                send = stack.enter_context(mails.session())
                send(first)
            with sink(port=before.port) as after:
                send(second)
                assert after.references() == [second.reference]


class TestTest:
    """The mail that tries the account."""

    def test_it_goes_out_by_itself(self, server: Server, context: None):
        set_up(server.port)
        services.send_test("anna@example.com")
        db.session.commit()
        assert deliver(take("mail_test"), kind="mail_test") == [None]
        mail = server.messages[0].parsed
        assert mail["To"] == "anna@example.com"
        assert mail["Auto-Submitted"] == "auto-generated"
        assert HOST in mail.get_content()

    def test_it_is_tried_once(self, context: None):
        set_up(free_port())
        services.send_test("anna@example.com")
        db.session.commit()
        (reason,) = deliver(take("mail_test"), kind="mail_test")
        assert (type(reason), reason.code) == (Never, "connection_refused")


@pytest.mark.usefixtures("account")
def test_mails_of_the_application_itself(server: Server):
    delivery.send_system(
        "anna@example.com", "Neues Passwort", "Hier:\nhttps://x", "<1@example.com>"
    )
    mail = server.messages[0].parsed
    assert (mail["Subject"], mail["Message-ID"]) == ("Neues Passwort", "<1@example.com>")
    assert text_of(mail) == "Hier:\nhttps://x\n"
    assert mail.get_content_type() == "text/plain"


def stored(entry_id: int) -> Any:
    """An entry of the outbox as it is now."""
    db.session.rollback()
    return db.session.execute(select(*ENTRY).where(ENTRY.id == entry_id)).one()


def look_again(app: Flask, later: timedelta = timedelta(minutes=30)) -> None:
    """A round of the worker after some time."""
    db.session.rollback()
    with happening(now() + later):
        Worker(app).look()


def text_of(part: Any) -> str:
    """What a part says, with the line ends of the house."""
    return part.get_content().replace("\r\n", "\n")


def raw(mail: Any) -> Any:
    """A mail whose headers are as they went over the line."""
    return message_from_bytes(mail.content)


def trust(server: Server, monkeypatch: pytest.MonkeyPatch, folder: Any) -> None:
    """Whatever the authority of this server says is true, as an operator may decide."""
    assert server.authority is not None
    path = folder / "authority.pem"
    server.authority.cert_pem.write_to_path(path)
    monkeypatch.setenv("SSL_CERT_FILE", str(path))


@contextmanager
def answering(*replies: bytes, pause: float = 0) -> Iterator[int]:
    """A server that gives these replies, one by one, whatever it is told; its port.

    With a `pause` it says the first letter by letter, and with so many seconds between them.
    """
    listener = socket.create_server((HOST, 0))

    def answer() -> None:
        with listener, suppress(OSError):
            line, _address = listener.accept()
            with line:
                for letter in replies[0] if pause else ():
                    line.sendall(bytes([letter]))
                    Event().wait(pause)
                for reply in () if pause else replies:
                    line.sendall(reply)
                    line.recv(1000)

    thread = Thread(target=answer)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        thread.join()
