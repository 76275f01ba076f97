"""Sends the one-time links that were asked for: "forgot password"."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from flask_babel import force_locale

from app.core.i18n import _, locale_for
from app.core.jobs import Deliver, Delivery
from app.domain.mailing import delivery
from app.domain.settings.queries import team
from app.domain.team import links, queries
from app.domain.team.models import User
from app.domain.team.services import LINK

KEPT = timedelta(days=7)


@contextmanager
def _session() -> Iterator[Deliver]:
    yield _deliver


def _deliver(entry: Any) -> None:
    """Send the link, in the user's language; an address that is nobody's gets nothing."""
    user = queries.user_by_email(entry.payload["email"])
    if user is not None and user.active:
        to, (subject, text) = user.email, _letter(user)
        delivery.send_system(to, subject, text, entry.reference)


def _letter(user: User) -> tuple[str, str]:
    """Subject and text."""
    ours = team()
    with force_locale(locale_for(user.language, ours.country)):
        subject = _("A new password for %(team)s", team=ours.name or "Kundenblick")
        paragraphs = (
            _("Hello %(name)s,", name=user.name),
            _("somebody asked for a new password for your account. Here you choose one:"),
            links.forgotten_link(user),
            _("The link works once and for an hour."),
            _("If it was not you, do nothing: your password stays as it is."),
        )
        return subject, "\n\n".join(paragraphs) + "\n"


job = Delivery(kind=LINK, session=_session, kept=KEPT)
