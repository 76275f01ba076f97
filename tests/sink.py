"""A real mail server on loopback that takes everything in, or behaves badly as it is told.

    with sink() as server:
        …                           # send to 127.0.0.1, server.port
        assert [mail.recipients for mail in server.messages] == [["lena@example.com"]]

`behaviour` may be changed while it runs. What it took is in `messages`, in the order of its
replies; `connections` counts who came.
"""

from __future__ import annotations

import asyncio
import email
import email.policy
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import EmailMessage
from threading import Event, Thread
from typing import Any, Literal

import trustme
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

Behaviour = Literal[
    "normal",
    "busy",  # 4xx on the recipient
    "busy_data",  # 4xx on the content
    "refuse_sender",  # 5xx on the sender
    "refuse",  # 5xx on every recipient
    "refuse_some",  # 5xx on recipients whose address holds "nobody"
    "put_off_some",  # the same, and 4xx on those whose address holds "later"
    "refuse_data",  # 5xx on the content
    "stall",  # never answers the greeting
    "stall_data",  # takes the content and never replies
    "late",  # takes the content and says so when LATE seconds are over
    "break",  # takes the content and ends the connection before the reply
    "hang_up",  # ends the connection instead of a greeting
]
HOST = "127.0.0.1"
LATE = 2


@dataclass(frozen=True)
class Mail:
    """One message as it went over the line."""

    sender: str
    recipients: list[str]
    content: bytes

    @property
    def parsed(self) -> EmailMessage:
        message = email.message_from_bytes(self.content, policy=email.policy.default)
        assert isinstance(message, EmailMessage)
        return message

    @property
    def reference(self) -> str:
        """Its Message-ID."""
        return str(self.parsed["Message-ID"])


@dataclass
class Server:
    """The sink while it runs.

    Whoever wants to disturb a delivery at its worst moment is called `on_recipient` before a
    recipient is accepted, `on_bytes` when some of the content has arrived, `on_content` when all of
    it has, and `on_reply` right after the reply that accepts it was sent.
    """

    behaviour: Behaviour = "normal"
    port: int = 0
    authority: trustme.CA | None = None
    messages: list[Mail] = field(default_factory=list)
    connections: int = 0
    logins: list[tuple[str, str]] = field(default_factory=list)
    on_recipient: Callable[[], None] | None = None
    on_bytes: Callable[[], None] | None = None
    on_content: Callable[[Mail], None] | None = None
    on_reply: Callable[[Mail], None] | None = None

    def references(self) -> list[str]:
        return [mail.reference for mail in self.messages]


@contextmanager
def sink(
    *,
    behaviour: Behaviour = "normal",
    tls: Literal["", "starttls", "tls"] = "",
    names: tuple[str, ...] = (HOST,),
    certificate: Literal["good", "expired", "own"] = "good",
    user: str = "",
    password: str = "",
    port: int = 0,
    takes_letters: bool = False,
) -> Iterator[Server]:
    """Run the server, on a free port if none is given.

    With `tls` it has a certificate of `server.authority` for these `names` (or one that it made
    itself), with `user` it wants a login; `takes_letters` offers SMTPUTF8.
    """
    server = Server(behaviour, port or free_port())
    context, options = None, {"hostname": "sink.example.com", "timeout": 60}
    options |= {"enable_SMTPUTF8": takes_letters}
    if tls:
        server.authority = trustme.CA()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        _certify(server.authority, certificate, names, context)
    if tls == "starttls":
        options |= {"tls_context": context, "require_starttls": True}
    if user:
        options |= {"authenticator": _Logins(server, user, password), "auth_required": True}
        options |= {"auth_require_tls": bool(tls)}
    with _running(server, options, context if tls == "tls" else None):
        yield server


def free_port() -> int:
    """A port that nobody listens on: for a sink, or as that of a server that is down."""
    with socket.create_server((HOST, 0)) as listener:
        return listener.getsockname()[1]


def _certify(
    authority: trustme.CA, certificate: str, names: tuple[str, ...], context: ssl.SSLContext
) -> None:
    if certificate == "own":
        with authority.cert_pem.tempfile() as chain, authority.private_key_pem.tempfile() as key:
            context.load_cert_chain(chain, key)
    else:
        past = datetime(2020, 1, 1, tzinfo=UTC) if certificate == "expired" else None
        authority.issue_cert(*names, not_after=past).configure_cert(context)


@contextmanager
def _running(
    server: Server, options: dict[str, Any], context: ssl.SSLContext | None
) -> Iterator[None]:
    """Answer in a thread of its own, until the block ends; then every connection ends."""
    loop, started, stop = asyncio.new_event_loop(), Event(), asyncio.Event()
    lines: list[_Mute | _Line] = []

    def line() -> _Mute | _Line:
        server.connections += 1
        if server.behaviour in ("stall", "hang_up"):
            lines.append(_Mute(hangs_up=server.behaviour == "hang_up"))
        else:
            lines.append(_Line(server, options, loop))
        return lines[-1]

    async def serve() -> None:
        async with await loop.create_server(line, HOST, server.port, ssl=context):
            started.set()
            await stop.wait()
            for open_line in lines:
                if isinstance(open_line.transport, asyncio.Transport):
                    open_line.transport.abort()

    def run() -> None:
        with asyncio.Runner(loop_factory=lambda: loop) as runner:
            runner.run(serve())

    thread = Thread(target=run)
    thread.start()
    assert started.wait(10), "the sink did not start"
    try:
        yield
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()


class _Mute(asyncio.Protocol):
    """A connection on which nothing is ever said."""

    def __init__(self, *, hangs_up: bool):
        self._hangs_up = hangs_up
        self.transport: Any = None

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        if self._hangs_up:
            transport.abort()


class _Line(SMTP):
    """A connection; `taken` is what the next reply accepts, `arriving` whether content comes."""

    def __init__(self, server: Server, options: dict[str, Any], loop: Any):
        super().__init__(_Handler(server), loop=loop, **options)
        if "authenticator" in options and "tls_context" not in options:  # it knows no other TLS
            self._auth_require_tls = False
        self._server = server
        self.taken: Mail | None = None
        self.arriving = False

    def data_received(self, data: bytes) -> None:
        if self.arriving and self._server.on_bytes:
            self._server.on_bytes()
        super().data_received(data)

    async def push(self, status: Any) -> None:
        mail, self.taken = self.taken, None
        self.arriving = str(status).startswith("354")
        await super().push(status)
        if mail is not None and self._server.on_reply:
            self._server.on_reply(mail)


class _Handler:
    def __init__(self, server: Server):
        self._server = server

    async def handle_MAIL(
        self, _line: Any, _session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        if self._server.behaviour == "refuse_sender":
            return "550 5.7.1 Sender refused"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(
        self, _line: Any, _session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        behaviour = self._server.behaviour
        if self._server.on_recipient:
            self._server.on_recipient()
        if behaviour == "busy":
            return "450 4.2.1 Mailbox busy, try again later"
        if behaviour == "put_off_some" and "later" in address:
            return "450 4.2.0 Greylisted, try again later"
        is_nobody = behaviour in ("refuse_some", "put_off_some") and "nobody" in address
        if behaviour == "refuse" or is_nobody:
            return "550 5.1.1 No such user here"
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 OK"

    async def handle_DATA(self, line: Any, _session: Any, envelope: Any) -> str:
        mail = Mail(envelope.mail_from, list(envelope.rcpt_tos), envelope.original_content)
        if self._server.on_content:
            self._server.on_content(mail)
        behaviour = self._server.behaviour
        if behaviour == "refuse_data":
            return "554 5.7.1 Message refused"
        if behaviour == "busy_data":
            return "451 4.3.0 Try again later"
        if behaviour == "stall_data":
            await asyncio.Event().wait()
        if behaviour == "late":
            await asyncio.sleep(LATE)
        self._server.messages.append(mail)
        if behaviour == "break":
            line.transport.abort()
            await asyncio.Event().wait()
        line.taken = mail
        return "250 OK, taken"


class _Logins:
    def __init__(self, server: Server, user: str, password: str):
        self._server, self._right = server, (user, password)

    def __call__(
        self, _line: Any, _session: Any, _envelope: Any, _mechanism: str, told: Any
    ) -> AuthResult:
        assert isinstance(told, LoginPassword)
        login = told.login.decode(), told.password.decode()
        self._server.logins.append(login)
        return AuthResult(success=login == self._right, handled=False)
