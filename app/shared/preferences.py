"""Whose language, time zone and name hold for the current request."""

from __future__ import annotations

from flask import g, has_request_context, request, session, url_for
from flask_login import current_user

from app.core import i18n
from app.domain.settings import queries

LAST_LIST = "kundenblick-list"
"""The cookie that keeps the query of the customer list for Back without script."""


def team() -> queries.Team:
    """The team's settings, read once per request."""
    if "team" not in g:
        g.team = queries.team()
    return g.team


def locale() -> str:
    """The user's language (or the browser's, before the login) as the team's country writes it."""
    return i18n.locale_for(_language(), team().country)


def timezone() -> str:
    """The time zone the team works in."""
    return team().time_zone


def last_list(customer_id: int | None = None) -> str:
    """The customer list as this browser saw it last, at the row of this customer."""
    query = request.cookies.get(LAST_LIST, "")
    row = "" if customer_id is None else f"#customer-{customer_id}"
    return url_for("search.show") + (f"?{query}" if query else "") + row


def _language() -> str:
    known = [code for code, _name in i18n.LANGUAGES]
    if not has_request_context():
        return team().language
    if current_user.is_authenticated:
        return current_user.language
    if session.get("language") in known:
        return session["language"]
    return request.accept_languages.best_match(known) or team().language
