"""What the pages of the Factura settings show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.core.forms import Form
from app.core.i18n import LANGUAGES, _, today
from app.core.problems import Invalid
from app.domain.articles import tax
from app.domain.factura import archive, ranges, settings, texts
from app.domain.factura.labels import kinds, many, places
from app.domain.factura.rules import Kind
from app.domain.factura.setting_rules import WRITTEN, spoken
from app.domain.settings.queries import team


def page(treatment: str) -> dict[str, Any]:
    """What stands around the form of the defaults."""
    return {
        "lacking": settings.lacking(),
        "sentence": sentence(treatment),
        "ranges": numbering(),
        "own_texts": len(texts.listed()),
    }


def sentence(treatment: str) -> str:
    """What stands on paper instead of tax, in the team's language; empty where tax is charged."""
    country = team().country
    known = treatment in tax.treatments(country)
    return tax.sentence(country, treatment, team().language) if known else ""


def numbering() -> list[dict[str, Any]]:
    """All number ranges with the number each gives next."""
    rows = [settings.number_range(kind) for kind in Kind]
    return [
        {"kind": row.kind, "name": many[Kind(row.kind)], "next": ranges.next_number(row, today())}
        for row in rows
    ]


def example(kind: str, form: Form) -> str:
    """The next number with what is typed; empty while something is wrong with it."""
    if any(form.errors.values()):
        return ""
    try:
        ranges.check_range(kind, form.values(), today())
    except Invalid:
        return ""
    return ranges.next_number(ranges.tried(kind, form.values()), today())


def blocks(arguments: Mapping[str, str]) -> dict[str, Any]:
    """Own text blocks and what the archive offers, for one kind and language or for all."""
    kind, language = _asked(arguments)
    rows = texts.listed()
    drafts = [draft for draft in archive.drafts() if _fits(draft, kind, language)]
    return {
        "kind": kind,
        "language_asked": language,
        "own": [_own(row) for row in rows if _fits(row, kind, language)],
        "drafts": [_offered(draft, rows) for draft in drafts],
        "kinds": {known: kinds[known] for known in WRITTEN},
        "known_languages": LANGUAGES,
    }


def _asked(arguments: Mapping[str, str]) -> tuple[str, str]:
    kind, language = arguments.get("kind", ""), arguments.get("language", "")
    return kind if kind in WRITTEN else "", language if language in dict(LANGUAGES) else ""


def _fits(row: Any, kind: str, language: str) -> bool:
    return row.kind in ("", kind or row.kind) and row.language == (language or row.language)


def _own(row: Any) -> dict[str, Any]:
    return {"id": row.id, "is_default": row.is_default} | _named(row)


def _offered(draft: archive.Draft, rows: Sequence[Any]) -> dict[str, Any]:
    """What the archive has, and whether documents get its words by themselves."""
    is_free = spoken(rows, draft.kind, draft.place, draft.language) is None
    return {
        "key": draft.key,
        "code": draft.language,
        "is_default": draft.is_default and is_free,
    } | _named(draft)


def _named(row: Any) -> dict[str, Any]:
    return {
        "name": row.name,
        "text": row.text,
        "kind": kinds[Kind(row.kind)] if row.kind else _("All documents"),
        "place": places[row.place],
        "language": dict(LANGUAGES)[row.language],
    }
