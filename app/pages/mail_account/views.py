"""What the page of the mail server shows."""

from __future__ import annotations

from typing import Any

from flask_login import current_user

from app.core import i18n, queue
from app.core.database import now
from app.core.i18n import _
from app.core.outbox import BROKEN, State
from app.domain.mailing import queries, rules
from app.domain.mailing.labels import advice, errors
from app.domain.mailing.models import MailAccount


def shown(account: MailAccount | None, test: dict[str, Any] | None = None) -> dict[str, Any]:
    """What stands beside the form: warnings, and the test once there is an account."""
    return {
        "is_set_up": account is not None,
        "warnings": _warnings(account) if account else [],
        "has_password": bool(account and account.secret),
        "test": test or {"kind": ""},
        "test_address": current_user.email,
    }


def test(entry_id: int) -> dict[str, Any]:
    """How far a test got: `kind` and `mark` are its badge, `text` says more; `moves` asks again."""
    entry = queries.test_entry(entry_id)
    if entry is None or entry.state == State.CANCELLED:
        return _state("neutral", _("Gone"), _("There is no such test any more."))
    if entry.state == State.SENT:
        to = entry.payload["to"]
        text = _("To %(to)s. Please look whether it arrives, also among spam.", to=to)
        return _state("good", _("Sent"), text)
    if entry.state == State.FAILED:
        return _failed(entry)
    return _state(*_on_its_way(entry), moves=True, id=entry_id)


def waiting() -> str:
    """How many mails wait, in words; empty if none does."""
    count = queries.waiting()
    if not count:
        return ""
    return i18n._n(
        "%(count)s e-mail waits and goes out once a mail server is set up again.",
        "%(count)s e-mails wait and go out once a mail server is set up again.",
        count,
        count=i18n.count(count),
    )


def _warnings(account: MailAccount) -> list[str]:
    found = []
    if queries.password(account) is None:
        text = _(
            "The stored password cannot be read any more, because the server's secret key has "
            "changed. Nothing is sent until you type it again and save."
        )
        found.append(text)
    if rules.is_open(account):
        text = _("Without encryption others can read on the way what your e-mails say.")
        found.append(text)
    return found


def _failed(entry: Any) -> dict[str, Any]:
    unknown = _("Something broke. Reference: %(code)s", code=entry.detail)
    known = entry.error in errors and entry.error != BROKEN
    return _state(
        "bad",
        _("Not sent"),
        str(errors[entry.error]) if known else unknown,
        advice=str(advice.get(entry.error, "")),
        heard=entry.detail if known else "",
    )


def _on_its_way(entry: Any) -> tuple[str, str, str]:
    if entry.lease_until is not None and entry.lease_until >= now():
        return "info", _("On its way"), _("Talking to the mail server …")
    if queue.is_working():
        return "info", _("Waits"), _("The worker takes it in a moment.")
    text = _("The worker is not running, so nothing is sent. Whoever runs the server starts it.")
    return "warn", _("Waits"), text


def _state(kind: str, mark: str, text: str, **more: Any) -> dict[str, Any]:
    told = {"kind": kind, "mark": mark, "text": text}
    return told | {"moves": False, "advice": "", "heard": "", "id": 0} | more
