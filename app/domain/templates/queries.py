"""What is asked about templates, and what their placeholders stand for."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, func, select
from werkzeug.exceptions import NotFound

from app.core.database import db, table
from app.core.forms import Editable
from app.core.i18n import _
from app.core.registry import registry
from app.domain.customers.addressees import Addressee
from app.domain.templates import rules
from app.domain.templates.models import Template, TemplateCategory
from app.domain.templates.placeholders import BY_HAND

LATELY = 3
"""Templates that were used last, offered before all others."""

TEMPLATE, CATEGORY = table(Template).c, table(TemplateCategory).c
LISTED = (
    select(
        TEMPLATE.id,
        TEMPLATE.name,
        TEMPLATE.language,
        TEMPLATE.subject,
        TEMPLATE.used_at,
        TEMPLATE.changed_at,
        TEMPLATE.category_id,
        CATEGORY.name.label("category"),
    )
    .select_from(
        table(Template).outerjoin(table(TemplateCategory), CATEGORY.id == TEMPLATE.category_id)
    )
    .where(TEMPLATE.kind == bindparam("kind"), TEMPLATE.removed_at.is_(None))
    .order_by(CATEGORY.name_sort.is_(None), CATEGORY.name_sort, TEMPLATE.name_sort, TEMPLATE.id)
)
OFFERED = LISTED.add_columns(TEMPLATE.body)
CATEGORIES = select(CATEGORY.id, CATEGORY.name, CATEGORY.name_sort).order_by(CATEGORY.name_sort)
HELD = select(func.count()).where(
    TEMPLATE.category_id == bindparam("category_id"), TEMPLATE.removed_at.is_(None)
)


@dataclass(frozen=True, slots=True)
class Choice:
    """A template to choose; `group` is the heading it stands under."""

    id: int
    name: str
    category: str
    language: str
    group: str


def values_of(
    addressees: Sequence[Addressee], text_names: Collection[str] | None = None
) -> dict[Addressee, dict[str, str]]:
    """What the placeholders stand for, for each of these addressees (up to 1,000).

    Only the areas are asked that one of `text_names` belongs to; None asks them all. What is not
    known is left out or empty.
    """
    found: dict[Addressee, dict[str, str]] = {addressee: {} for addressee in addressees}
    needed = [
        group.load
        for group in registry().placeholders
        if text_names is None or not group.names.keys().isdisjoint(text_names)
    ]
    for load in dict.fromkeys(needed):  # several groups of an area are answered at once
        for addressee, values in load(addressees).items():
            found[addressee].update(values)
    return found


def known() -> dict[str, Any]:
    """Every placeholder there is, with its label."""
    return {name: label for group in registry().placeholders for name, label in group.names.items()}


def called(names: Iterable[str]) -> str:
    """Placeholders for a sentence, each behind its label: "“Amount” ({{amount}})"."""
    return rules.told(names, known())


def choices(kind: str, language: str) -> list[Choice]:
    """What can be chosen for somebody of this language, in the order it is offered.

    First what was used last, then the others by category. What can be sent as it is stands before
    what needs something written by hand, and both before what is in another language; so do the
    categories that hold such.
    """
    rows = list(db.session.execute(OFFERED, {"kind": kind}))
    used = [row for row in rows if row.used_at is not None and row.language == language]
    lately = sorted(used, key=lambda row: row.used_at, reverse=True)[:LATELY]
    others = [row for row in rows if row not in lately]
    ranks = {row.id: (row.language != language, _is_by_hand(row)) for row in others}
    best: dict[str | None, tuple[bool, bool]] = {}
    for row in others:
        best[row.category] = min(ranks[row.id], best.get(row.category, ranks[row.id]))
    places = {category: place for place, category in enumerate(best)}
    others.sort(key=lambda row: (best[row.category], places[row.category], ranks[row.id]))
    return [
        *(_choice(row, _("Used last")) for row in lately),
        *(_choice(row, row.category or _("Without category")) for row in others),
    ]


def listed(kind: str) -> list[Any]:
    """All templates of a kind by category and name; those without a category stand last."""
    return list(db.session.execute(LISTED, {"kind": kind}))


def template(template_id: int, kind: str | None = None, *, removed: bool = False) -> Template:
    """A template, of this kind if told; NotFound for any other."""
    found = db.session.get(Template, template_id)
    if found is None or (found.removed_at is not None) != removed:
        raise NotFound
    if kind is not None and found.kind != kind:
        raise NotFound
    return found


def editable(template: Template) -> Editable:
    """A template as its form shows it."""
    values = {
        "name": template.name,
        "category_id": str(template.category_id or ""),
        "language": template.language,
        "subject": template.subject,
        "body": template.body,
    }
    return Editable(values, str(template.version))


def categories() -> list[Any]:
    """All categories by name: id, name, name_sort."""
    return list(db.session.execute(CATEGORIES))


def category(category_id: int) -> TemplateCategory:
    """A category; NotFound if there is none."""
    found = db.session.get(TemplateCategory, category_id)
    if found is None:
        raise NotFound
    return found


def held_by(category_id: int) -> int:
    """How many templates a category holds."""
    return db.session.scalar(HELD, {"category_id": category_id}) or 0


def _is_by_hand(row: Any) -> bool:
    """Whether only the writer knows something that it says."""
    return not BY_HAND.keys().isdisjoint(rules.names(f"{row.subject}\n{row.body}"))


def _choice(row: Any, group: str) -> Choice:
    return Choice(row.id, row.name, row.category or "", row.language, group)
