"""The road to the mail server: Flask-Mail's connection, made safe, and what goes wrong on it.

Flask-Mail 0.10 waits for ever for a server that says nothing, and with STARTTLS takes any
certificate. Here each step has its time, the whole has less than the lease of an entry in the
outbox, and certificates are verified. What goes wrong becomes a code of `labels.errors`.

Only for its last word a server gets very long: it has the mail then, and whoever gives up sends it
a second time. Those whom it puts off (greylisting) are tried again, without those who have it.

A fault of the road ends the round: what else waits would fail as well. One that hits in the middle
of a mail may be that mail's own, so only several of them in a row end the round.
"""

from __future__ import annotations

import smtplib
import socket
import ssl
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from threading import Timer
from typing import Any
from urllib.parse import urlsplit

import flask_mail
from flask import current_app

from app.core.outbox import Never, NotNow, Partly, Undelivered
from app.domain.mailing import headers
from app.domain.mailing.headers import NotOneAddress
from app.domain.mailing.mime import SafeMessage

CONNECTING = 10
"""Seconds until the server has to have taken the call."""
STEP = 30
"""Seconds for each thing it is told."""
WHOLE = 180
"""Seconds until the server has the mail, calling included; a last step may still take its own."""
LAST = 600
"""Seconds for the word that it keeps the mail (RFC 5321, 4.5.3.2.6)."""
MOST_MAILS = 50
"""Mails by one connection; many servers end it after 100."""
MOST_CUT_OFF = 3
"""Mails in a row in the middle of which the line broke."""
BLOCK = 64 * 1024
"""Bytes that are sent within STEP, so that a large mail has time on a slow line."""
LONGEST_WORD = 200

Replies = dict[str, tuple[int, bytes]]
"""What a server said of recipients."""

EXPIRED = 10
OWN = (18, 19)
OTHER_NAME = (62, 64)
"""What OpenSSL calls the faults of a certificate (X509_V_ERR_*)."""


@dataclass(frozen=True, slots=True)
class Account:
    """How to reach the mail server; `password` is the readable one."""

    host: str
    port: int
    security: str
    username: str
    password: str


class Road:
    """The way to the mail server for one round.

    Called with the first mail, again when it broke and after MOST_MAILS; `close` hangs up.
    """

    def __init__(self, account: Account):
        self._mail = SafeMail(account)
        self._line: SafeConnection | None = None
        self._is_late = False
        self._cut_off = 0

    def send(self, message: SafeMessage) -> None:
        """Send a mail to those who are still to get it.

        Raises NotNow, Never, or Partly where some recipients were refused. NotNow where some were
        put off and others accepted: it keeps who was.
        """
        self._is_late = False
        with _alarm(WHOLE, self._cut) as set_to:
            line = self._open()
            try:
                refused = line.send(message, lambda: set_to(LAST))
            except NotOneAddress as error:
                raise Never("unwritable") from error
            except (smtplib.SMTPException, OSError) as error:
                raise self._fault(error, line) from error
        self._cut_off = 0
        if line.num_emails >= MOST_MAILS:
            self.close()
        if rest := _rest(message, refused):
            raise rest

    def close(self) -> None:
        """Hang up."""
        line, self._line = self._line, None
        if line is not None:
            line.hang_up()

    def _open(self) -> SafeConnection:
        """The line, called anew if nobody is there any more."""
        if self._line is not None and not self._line.is_alive():
            self.close()
        if self._is_late:
            raise NotNow("time_out", ends_round=True)
        if self._line is None:
            self._line = self._mail.connect()
            try:
                self._line.__enter__()
            except Undelivered:
                self.close()
                raise
        return self._line

    def _fault(self, error: Exception, line: SafeConnection) -> Undelivered:
        fault = _of_mail(error)
        if fault is None:
            self.close()
            self._cut_off += 1
            code = "time_out" if self._is_late or _is_time_out(error) else "cut_off"
            return NotNow(code, ends_round=self._cut_off >= MOST_CUT_OFF)
        self._cut_off = 0
        if line.is_gone() or (isinstance(fault, NotNow) and fault.ends_round):
            self.close()
        return fault

    def _cut(self) -> None:
        """The time is over: a server may answer letter by letter, each of them in time."""
        self._is_late, line = True, self._line
        if line is not None:
            line.cut()


class SafeMail(flask_mail.Mail):
    """Flask-Mail for an account that is a row and no configuration."""

    def __init__(self, account: Account):
        self.account = account
        self.app = None
        self.state = self.init_mail(
            {
                "MAIL_SERVER": account.host,
                "MAIL_PORT": account.port,
                "MAIL_USE_SSL": account.security == "tls",
                "MAIL_USE_TLS": account.security == "starttls",
                "MAIL_USERNAME": account.username,
                "MAIL_PASSWORD": account.password,
                "MAIL_SUPPRESS_SEND": False,
            }
        )

    def connect(self) -> SafeConnection:
        return SafeConnection(self)


class SafeConnection(flask_mail.Connection):
    """A call to the mail server, which can be cut off."""

    mail: SafeMail
    host: Any

    def __init__(self, mail: SafeMail):
        super().__init__(mail)  # pyright: ignore[reportArgumentType]
        self._is_cut = False

    def configure_host(self) -> Any:
        """Call the server, agree on encryption, log in. Raises NotNow, which ends the round."""
        try:
            self._call()
            self._log_in()
        except (smtplib.SMTPException, OSError, UnicodeError) as error:
            fault = _of_road(error)
            code = "time_out" if self._is_cut else fault.code
            raise NotNow(code, self._harmless(fault.detail), ends_round=True) from error
        return self.host

    def send(self, message: SafeMessage, handed_over: Callable[[], None]) -> Replies:  # pyright: ignore[reportIncompatibleMethodOverride]
        """Send a mail to those who are still to get it, in their order; whom the server refused.

        `handed_over` is called when it has all and only its last word is missing.
        """
        sender, _everybody = message.envelope()
        options = ["SMTPUTF8", "BODY=8BITMIME"] if message.needs_utf8() else []
        self.host.handed_over = handed_over
        try:
            refused = self.host.sendmail(
                sender, list(message.missing()), message.as_bytes(), options
            )
        except smtplib.SMTPRecipientsRefused as error:
            if self.is_gone() or not message.done:
                raise
            return error.recipients  # but others have it
        self.num_emails += 1
        return refused

    def is_alive(self) -> bool:
        """Whether the server still listens; it is told to forget the mail before (RSET)."""
        if self.is_gone():
            return False
        try:
            return self.host.rset()[0] == 250
        except (smtplib.SMTPException, OSError):
            return False

    def is_gone(self) -> bool:
        return self.host is None or self.host.sock is None

    def hang_up(self) -> None:
        """End the call; whatever the server still has to say does not matter."""
        if self.host is not None:
            with suppress(smtplib.SMTPException, OSError), _alarm(CONNECTING, self.cut):
                self.host.quit()
            self.host.close()

    def cut(self) -> None:
        """Let whoever waits for the server wait no longer."""
        self._is_cut = True
        sock = None if self.host is None else self.host.sock
        if sock is not None:
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)

    def _call(self) -> None:
        account = self.mail.account
        context = None if account.security == "none" else ssl.create_default_context()
        if account.security == "tls":
            self.host = _TimedTLS(account.host, context=context)
        else:
            self.host = _Timed(account.host)
        self.host.call(account.port)
        if self._is_cut:  # while there was nothing to cut yet
            raise TimeoutError
        if account.security == "starttls":
            self.host.ehlo_or_helo_if_needed()
            if not self.host.has_extn("starttls"):
                raise _Fault("no_starttls")
            self.host.starttls(context=context)

    def _log_in(self) -> None:
        account = self.mail.account
        if not account.username:
            return
        self.host.ehlo_or_helo_if_needed()
        if not self.host.has_extn("auth"):
            raise _Fault("no_login")
        self.host.login(account.username, account.password)

    def _harmless(self, said: str) -> str:
        """What the server said, unless it repeats the password."""
        account = self.mail.account
        secrets = [account.password, f"\0{account.username}\0{account.password}"]
        shown = [*secrets, *(b64encode(secret.encode()).decode() for secret in secrets)]
        is_told = account.password and any(secret in said for secret in shown)
        return "" if is_told else said


class _Timed(smtplib.SMTP):
    """A server that has to answer in time."""

    def __init__(self, host: str, **more: Any):
        super().__init__(local_hostname=_own_name(), timeout=CONNECTING, **more)
        self._host = host  # whose certificate it has to be
        self.handed_over: Callable[[], None] = lambda: None

    def call(self, port: int) -> None:
        """Connect and hear who it is."""
        code, said = self.connect(self._host, port)
        if code != 220:
            self.close()
            raise smtplib.SMTPConnectError(code, said)

    def data(self, msg: Any) -> tuple[int, bytes]:
        try:
            return super().data(msg)
        finally:
            if self.sock is not None:
                self.sock.settimeout(STEP)

    def send(self, s: Any) -> None:
        data = s.encode(self.command_encoding) if isinstance(s, str) else s
        for at in range(0, len(data), BLOCK):
            super().send(data[at : at + BLOCK])
        if isinstance(s, bytes) and self.sock is not None:  # a mail; commands are text
            self.sock.settimeout(LAST)
            self.handed_over()

    def _get_socket(self, host: str, port: int, timeout: float) -> Any:
        connected = super()._get_socket(host, port, timeout)  # type: ignore[misc]
        connected.settimeout(STEP)
        return connected


class _TimedTLS(_Timed, smtplib.SMTP_SSL):
    """The same, encrypted from the first letter on."""


@contextmanager
def _alarm(seconds: float, act: Callable[[], None]) -> Iterator[Callable[[float], None]]:
    """Do something when this takes too long; what it yields sets it to other seconds from now."""
    timers: list[Timer] = []

    def set_to(seconds: float) -> None:
        for timer in timers:
            timer.cancel()
        timers[:] = [Timer(seconds, act)]
        timers[0].daemon = True
        timers[0].start()

    set_to(seconds)
    try:
        yield set_to
    finally:
        timers[0].cancel()


class _Fault(smtplib.SMTPException):
    """Something the server should offer and does not."""

    def __init__(self, code: str):
        super().__init__(code)
        self.code = code


def _own_name() -> str:
    """Who calls. The name of this machine would have to be looked up, which may take long."""
    host = urlsplit(current_app.config["BASE_URL"]).hostname or "localhost"
    return f"[{host}]" if host.replace(".", "").isdecimal() else host


def _of_road(error: Exception) -> NotNow:
    """Why the server could not be reached, or not be used."""
    match error:
        case _Fault():
            return NotNow(error.code)
        case ssl.SSLCertVerificationError():
            return NotNow(_certificate(error))
        case ssl.SSLError():
            return NotNow("no_tls")
        case socket.gaierror() | UnicodeError():
            return NotNow("name_unknown")
        case ConnectionRefusedError():
            return NotNow("connection_refused")
        case smtplib.SMTPAuthenticationError():
            is_busy = _is_temporary(error.smtp_code)
            said = _words(error.smtp_code, error.smtp_error)
            return NotNow("busy" if is_busy else "login_refused", said)
        case smtplib.SMTPResponseException() if error.smtp_code > 0:
            return NotNow("busy", _words(error.smtp_code, error.smtp_error))
        case smtplib.SMTPResponseException():
            return NotNow("no_mail_server")  # what somebody else says there is nobody's business
        case smtplib.SMTPServerDisconnected():
            return NotNow("time_out" if _is_time_out(error) else "cut_off")
        case smtplib.SMTPException():
            return NotNow("no_login")
    return NotNow("time_out" if _is_time_out(error) else "unreachable")


def _of_mail(error: Exception) -> Undelivered | None:
    """Why the server did not take a mail; None if the line broke."""
    match error:
        case smtplib.SMTPSenderRefused():
            return _refusal(error.smtp_code, error.smtp_error, "sender_refused")
        case smtplib.SMTPRecipientsRefused():
            return _all_refused(error.recipients)
        case smtplib.SMTPDataError():
            return _refusal(error.smtp_code, error.smtp_error, "refused")
        case smtplib.SMTPNotSupportedError():
            return Never("foreign_letters")
        case smtplib.SMTPResponseException():
            return _refusal(error.smtp_code, error.smtp_error, "refused")
    return None


def _rest(message: SafeMessage, refused: Replies) -> Undelivered | None:
    """What remains of a mail that some have got; None if all have."""
    missing = message.missing()
    told = {**message.refused} | {to: f"{missing[to]}: {_words(*refused[to])}" for to in refused}
    put_off = {to for to, (code, _text) in refused.items() if _is_temporary(code)}
    said = "; ".join(told.values())
    if put_off:
        keep = {
            "done": [*message.done, *(to for to in missing if to not in refused)],
            "refused": {to: told[to] for to in told if to not in put_off},
        }
        return NotNow("partly", said, keep=keep)
    return Partly("partly", said) if told else None


def _all_refused(recipients: Replies) -> Undelivered:
    said = list(recipients.values())
    code, text = next((reply for reply in said if _is_temporary(reply[0])), said[0])
    return _refusal(code, text, "recipients_refused")


def _refusal(code: int, text: bytes | str, otherwise: str) -> Undelivered:
    said = _words(code, text)
    if code == 421:
        return NotNow("busy", said, ends_round=True)
    if _is_temporary(code):
        return NotNow("busy", said)
    if code == 530:
        return NotNow("login_needed", said, ends_round=True)
    if code in (523, 552) and otherwise != "recipients_refused":
        return Never("too_large", said)
    return Never(otherwise, said)


def _certificate(error: ssl.SSLCertVerificationError) -> str:
    known = {EXPIRED: "certificate_expired"}
    known |= dict.fromkeys(OWN, "certificate_own") | dict.fromkeys(OTHER_NAME, "certificate_name")
    return known.get(error.verify_code, "certificate")


def _is_temporary(code: int) -> bool:
    return 400 <= code < 500


def _is_time_out(error: BaseException) -> bool:
    return isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError)


def _words(code: int, text: bytes | str) -> str:
    """A reply in one line: "550 5.1.1 No such user here"."""
    said = text.decode(errors="replace") if isinstance(text, bytes) else text
    return headers.line(f"{code} {said}")[:LONGEST_WORD]
