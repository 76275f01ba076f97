"""Rendering: templates get what every page shows, and a few words to speak of values.

Templates are rendered straight from the environment with one dictionary. Flask's context
processors would cost more than many panels.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, MutableMapping
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, cast

import flask.templating
from flask import Flask, current_app, g, get_flashed_messages, request, url_for
from flask_login import current_user
from flask_wtf.csrf import generate_csrf
from jinja2 import StrictUndefined
from markupsafe import Markup, escape

from app.core import auth, i18n
from app.core.registry import Page, registry

STATIC = Path(__file__).parents[2] / "static"
# Punctuation at the end belongs to the sentence; a bracket to the address if it was opened there.
_IN_BRACKETS = r"\([^\s<>\"'()]*\)"
LINK = re.compile(
    rf"\bhttps?://(?:[^\s<>\"'()]|{_IN_BRACKETS})*(?:[^\s<>\"'().,;:!?\]]|{_IN_BRACKETS})", re.I
)


class Environment(flask.templating.Environment):
    """Flask's environment, with its globals in one plain dictionary.

    Every template and include begins by copying them; from a chain of mappings that is slow.
    """

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        return {**self.globals, **d} if d else self.globals


def init_app(app: Flask, team: Callable[[], Any]) -> None:
    """`team` answers the team's name and logo for the current request."""
    environment = app.jinja_env
    environment.undefined = StrictUndefined
    environment.trim_blocks = environment.lstrip_blocks = True
    app.extensions["team"] = team
    environment.globals.update(
        asset=asset,
        stylesheets=stylesheets,
        scripts=scripts,
        csrf_token=csrf_token,
        navigation=navigation,
        sections=sections,
        languages=i18n.LANGUAGES,
        country_name=i18n.country_name,
        draw_icon=draw_icon,
    )
    environment.globals.pop("get_flashed_messages", get_flashed_messages)
    environment.filters.update(
        day=i18n.day,
        moment=i18n.moment,
        number=i18n.number,
        money=i18n.money,
        price=i18n.price,
        iban=grouped,
        prose=prose,
    )


def render(template: str, /, **context: Any) -> Markup:
    """The HTML of a template with these values."""
    html = current_app.jinja_env.get_template(template).render(frame_of_request() | context)
    return Markup(html)


def frame_of_request() -> dict[str, Any]:
    """What every template may name without being given it."""
    if "frame" not in g:
        from app.core.responses import is_fragment, take_toasts

        fragment, user = is_fragment(), cast(Any, current_user)._get_current_object()
        g.frame = {
            "shell": "layouts/dialog.html" if fragment else "layouts/page.html",
            "in_dialog": fragment,
            "print_view": "print" in request.args,
            "language": i18n.language(),
            "_": i18n.words().say,
            "current_user": user,
            "may": partial(auth.grants, user.role) if user.is_authenticated else _nothing,
            "team": current_app.extensions["team"](),
            "subject": partial(_subject, request.view_args or {}),
            "login_url": "/login",
            "toasts": take_toasts,
            "letters": user.is_authenticated and user.letter_keys,
        }
    return g.frame


def _subject(arguments: dict[str, Any]) -> tuple[str, str] | None:
    """Whose page this is and where theirs is, for pages that do not begin with the header."""
    if (customer_id := arguments.get("customer_id")) is None:
        return None
    name = current_app.extensions["customer_name"](customer_id)
    return (name, url_for("overview.show", customer_id=customer_id)) if name else None


def _nothing(_permission: str) -> bool:
    return False


def csrf_token() -> str:
    """The token of this session, made once per request."""
    try:
        return g.csrf
    except AttributeError:
        g.csrf = generate_csrf()
        return g.csrf


def navigation() -> list[dict[str, Any]]:
    """The entries of the main navigation this user may open."""
    return [
        {
            "label": page.label,
            "url": url_for(f"{page.key}.show"),
            "icon": page.icon,
            "current": request.blueprint == page.key or page in _sections(),
        }
        for page in registry().navigation()
        if page.area in ("own", "public") or auth.may(f"{page.area}.view")
    ]


def sections() -> list[dict[str, Any]]:
    """The tabs beside the settings page on screen."""
    return [
        {
            "label": page.section,
            "url": url_for(f"{page.key}.show"),
            "current": request.blueprint == page.key,
        }
        for page in _sections()
    ]


def _sections() -> list[Page]:
    """The sections of the area that the page on screen is of; a panel is of none."""
    page = registry().pages.get(request.blueprint or "")
    return registry().sections(page.area) if page else []


@lru_cache(maxsize=256)
def asset(path: str) -> str:
    """The URL of a static file, changing with its content, so it may be cached for ever."""
    content = (STATIC / path).read_bytes()
    return f"/static/{path}?v={hashlib.sha256(content).hexdigest()[:12]}"


@lru_cache(maxsize=1)
def stylesheets() -> list[str]:
    """The style sheets of every page; what they say wins by layer and not by their order."""
    first, last = "css/layers.css", "css/print.css"
    found = {f"css/{file.name}" for file in (STATIC / "css").glob("*.css")}
    return [asset(path) for path in (first, *sorted(found - {first, last}))]


@lru_cache(maxsize=1)
def scripts() -> list[str]:
    """The modules every page loads, after htmx."""
    return [asset(file.name) for file in sorted(STATIC.glob("*.js"))]


@lru_cache(maxsize=256)
def draw_icon(name: str) -> Markup:
    """An icon of the sprite; it says nothing to screen readers."""
    sprite = asset("icons.svg")
    return Markup(
        '<svg class="icon" width="16" height="16" aria-hidden="true"><use href="{}#i-{}"/></svg>'
    ).format(sprite, name)


def grouped(iban: str | None) -> str:
    """An IBAN in groups of four."""
    return " ".join((iban or "")[i : i + 4] for i in range(0, len(iban or ""), 4))


def prose(text: str | None) -> Markup:
    """What a person typed: plain text with its line breaks kept and web addresses linked."""
    pieces, end = [], 0
    for found in LINK.finditer(text or ""):
        url = found.group()
        pieces.append(escape((text or "")[end : found.start()]))
        pieces.append(Markup('<a href="{0}" rel="noopener noreferrer">{0}</a>').format(url))
        end = found.end()
    pieces.append(escape((text or "")[end:]))
    return Markup("").join(pieces).replace("\n", Markup("<br>\n"))
