"""Text blocks: what the team says before and after the lines of its documents."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import bindparam, select, update
from werkzeug.exceptions import NotFound

from app.core import audit
from app.core.database import db, now, table
from app.core.events import announce
from app.core.forms import Editable
from app.core.problems import Invalid
from app.domain.factura import setting_rules
from app.domain.factura.models import FacturaText

MOST = 500

TEXT = table(FacturaText).c
LISTED = (
    select(TEXT.id, TEXT.kind, TEXT.place, TEXT.language, TEXT.name, TEXT.text, TEXT.is_default)
    .where(TEXT.removed_at.is_(None))
    .order_by(TEXT.language, TEXT.kind, TEXT.place.desc(), TEXT.is_default.desc(), TEXT.name)
    .limit(MOST)
)
KEYED = select(TEXT.id).where(TEXT.key == bindparam("key"))
ELSE_DEFAULT = update(table(FacturaText)).where(
    TEXT.kind == bindparam("of_kind"),
    TEXT.place == bindparam("of_place"),
    TEXT.language == bindparam("of_language"),
    TEXT.id != bindparam("text_id"),
    TEXT.is_default,
)


def listed() -> list[Any]:
    """All blocks of the team: id, kind, place, language, name, text, is_default."""
    return list(db.session.execute(LISTED))


def block(text_id: int, *, removed: bool = False) -> FacturaText:
    """A block; NotFound if there is none."""
    found = db.session.get(FacturaText, text_id)
    if found is None or (found.removed_at is not None) != removed:
        raise NotFound
    return found


def editable(text: FacturaText) -> Editable:
    """A block as its form shows it."""
    return Editable(_told(text), str(text.version))


def create_text(values: Mapping[str, Any], key: str | None = None) -> int:
    """Write a block and return its id; the second time with the same `key` it is there."""
    if key and (text_id := db.session.scalar(KEYED, {"key": key})):
        return text_id
    _check(values)
    text = FacturaText(key=key or None)
    _take(text, values)
    db.session.add(text)
    _tell("text_created", text, audit.difference({}, _told(text)))
    return text.id


def change_text(text_id: int, values: Mapping[str, Any]) -> None:
    """Change a block; documents that have its words already keep them."""
    text = block(text_id)
    _check(values)
    before = _told(text)
    _take(text, values)
    if changes := audit.difference(before, _told(text)):
        _tell("text_changed", text, changes)


def remove_text(text_id: int) -> None:
    """Take a block away; `restore_text` brings it back."""
    text = block(text_id)
    text.removed_at = now()
    _tell("text_removed", text, audit.difference(_told(text), {}))


def restore_text(text_id: int) -> None:
    """Bring a removed block back; it is the default again only if no other is meanwhile."""
    text = block(text_id, removed=True)
    text.is_default = text.is_default and not _has_default(text)
    text.removed_at = None
    _tell("text_restored", text, [])


def _check(values: Mapping[str, Any]) -> None:
    if problems := setting_rules.check_text(values):
        raise Invalid(problems)


def _take(text: FacturaText, values: Mapping[str, Any]) -> None:
    for field in setting_rules.TEXT:
        setattr(text, field, values[field])


def _has_default(text: FacturaText) -> bool:
    place = (text.kind, text.place, text.language)
    return any(row.is_default and (row.kind, row.place, row.language) == place for row in listed())


def _told(text: FacturaText) -> dict[str, Any]:
    return {field: getattr(text, field) for field in setting_rules.TEXT}


def _tell(action: str, text: FacturaText, changes: list[audit.Change]) -> None:
    db.session.flush()
    if text.is_default and text.removed_at is None:
        _be_the_only_default(text)
    audit.record("factura", action, subject=text.name, changes=changes)
    announce("factura_settings.changed")


def _be_the_only_default(text: FacturaText) -> None:
    """The one that was the default before is changed as well, so forms of it go stale."""
    place = {"of_kind": text.kind, "of_place": text.place, "of_language": text.language}
    changed = ELSE_DEFAULT.values(is_default=False, version=TEXT.version + 1)
    db.session.execute(changed, {**place, "text_id": text.id})
