"""Templates to begin with: texts in German and English, as files below `archive/`.

A file begins with lines `Name`, `For` (the kinds it is offered as), `Category`, `Subject` and,
where it ends by itself, `Closing: none`; an empty line parts them from the text. The wording of the
mandates is that of the European Payments Council (EPC130-08, in German as the banks give it).
German texts go on after the salutation with a word that has a capital letter anyway, because in
Germany a comma stands before it, and in Switzerland none.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from werkzeug.exceptions import NotFound

from app.domain.templates.rules import Kind

FOLDER = Path(__file__).with_suffix("")
WITHOUT_SHARP_S = {"CH", "LI"}
CLOSINGS = {
    ("de", "mail"): "Freundliche Grüße\n\n{{my_signature}}",
    ("de", "letter"): "Freundliche Grüße\n\n\n\n{{my_name}}\n{{team_name}}",
    ("en", "mail"): "Kind regards\n\n{{my_signature}}",
    ("en", "letter"): "Kind regards\n\n\n\n{{my_name}}\n{{team_name}}",
}


@dataclass(frozen=True, slots=True)
class Draft:
    """A text of the archive for a kind of template; `key` names it within its language."""

    key: str
    kind: str
    language: str
    name: str
    category: str
    subject: str
    body: str


def drafts(kind: str, country: str = "DE") -> list[Draft]:
    """All of this kind, German ones first, as the team's country writes them."""
    return [_written(draft, country) for draft in _all() if draft.kind == kind]


def draft(kind: str, language: str, key: str, country: str = "DE") -> Draft:
    """One of them; NotFound for any other name."""
    for found in drafts(kind, country):
        if (found.language, found.key) == (language, key):
            return found
    raise NotFound


@cache
def _all() -> tuple[Draft, ...]:
    files = sorted(FOLDER.glob("*/*.txt"))
    return tuple(_read(file, kind) for file in files for kind in Kind if kind in _kinds(file))


def _kinds(file: Path) -> list[str]:
    return _parts(file)[0]["For"].split(", ")


def _read(file: Path, kind: str) -> Draft:
    head, body = _parts(file)
    language = file.parent.name
    if head.get("Closing") != "none":
        body = f"{body}\n\n{CLOSINGS[language, kind]}"
    told = (head["Name"], head["Category"], head["Subject"])
    return Draft(file.stem, kind, language, *told, body)


def _parts(file: Path) -> tuple[dict[str, str], str]:
    head, _empty, body = file.read_text("utf-8").partition("\n\n")
    lines = (line.partition(": ") for line in head.splitlines())
    return {name: value for name, _colon, value in lines}, body.strip("\n")


def _written(draft: Draft, country: str) -> Draft:
    """The Swiss write ss where others write ß."""
    if country not in WITHOUT_SHARP_S:
        return draft
    swiss = {name: getattr(draft, name).replace("ß", "ss") for name in ("name", "category", "body")}
    return replace(draft, **swiss)
