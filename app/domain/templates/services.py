"""What happens to templates and their categories: written, changed, used, removed, brought back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import update

from app.core import audit
from app.core.database import db, now, table
from app.core.events import announce
from app.core.i18n import _l, _n
from app.core.problems import Invalid, Problem, Refused
from app.domain.templates import queries, rules
from app.domain.templates.models import Template, TemplateCategory

FIELDS = ("name", "language", "subject", "body")


def create_template(kind: str, values: Mapping[str, Any]) -> int:
    """Write a template of this kind (mail or letter) and return its id."""
    _check(kind, values)
    template = Template(kind=kind, created_at=now(), changed_at=now())
    _take(template, values)
    db.session.add(template)
    _tell("created", template, audit.difference({}, _told(template)))
    return template.id


def edit_template(template_id: int, values: Mapping[str, Any]) -> None:
    """Change what a template says, its name, language or category."""
    template = queries.template(template_id)
    _check(template.kind, values)
    before = _told(template)
    _take(template, values)
    if changes := audit.difference(before, _told(template)):
        template.changed_at = now()
        _tell("changed", template, changes)


def use_template(template_id: int) -> None:
    """Note that something was sent with a template, so that it is offered first.

    That is no change of the template: forms that are open stay valid, and no entry is written.
    """
    used = update(table(Template)).where(table(Template).c.id == template_id)
    db.session.execute(used.values(used_at=now()))


def remove_template(template_id: int) -> None:
    """Take a template away; `restore_template` brings it back."""
    template = queries.template(template_id)
    template.removed_at = now()
    _tell("removed", template, audit.difference(_told(template), {}))


def restore_template(template_id: int) -> None:
    """Bring a removed template back, without its category if that is gone meanwhile."""
    template = queries.template(template_id, removed=True)
    template.removed_at = None
    _tell("restored", template, [])


def create_category(name: str) -> int:
    """Create a category and return its id. Raises Invalid for a name that one has."""
    _check_category(name)
    category = TemplateCategory(name=name, name_sort=rules.sort_key(name))
    db.session.add(category)
    _tell_category("category_created", category, audit.difference({}, {"name": name}))
    return category.id


def rename_category(category_id: int, name: str) -> None:
    """Give a category another name. Raises Invalid for a name that another one has."""
    category = queries.category(category_id)
    _check_category(name, category_id)
    changes = audit.difference({"name": category.name}, {"name": name})
    if changes:
        category.name, category.name_sort = name, rules.sort_key(name)
        _tell_category("category_renamed", category, changes)


def delete_category(category_id: int) -> None:
    """Delete a category for good; refused while it holds templates.

    Removed templates that can still be brought back come back without it.
    """
    category = queries.category(category_id)
    if reason := hindrance_to_delete(category_id):
        raise Refused(reason)
    of_it = update(table(Template)).where(table(Template).c.category_id == category_id)
    db.session.execute(of_it.values(category_id=None))
    db.session.delete(category)
    _tell_category("category_deleted", category, audit.difference({"name": category.name}, {}))


def hindrance_to_delete(category_id: int) -> Any:
    """Why a category cannot be deleted, or None."""
    held = queries.held_by(category_id)
    if not held:
        return None
    return _n(
        "It holds %(num)d template. Put it into another category or delete it first.",
        "It holds %(num)d templates. Put them into another category or delete them first.",
        held,
    )


def _check(kind: str, values: Mapping[str, Any]) -> None:
    problems = rules.check_template({**values, "kind": kind}, queries.known())
    category_id = values["category_id"]
    if category_id is not None and category_id not in {row.id for row in queries.categories()}:
        message = _l("This category is gone. Please choose another one.")
        problems.append(Problem("category_id", "unknown", message))
    if problems:
        raise Invalid(problems)


def _check_category(name: str, category_id: int | None = None) -> None:
    others = [row.name_sort for row in queries.categories() if row.id != category_id]
    if problems := rules.check_category(name, others):
        raise Invalid(problems)


def _take(template: Template, values: Mapping[str, Any]) -> None:
    for field in (*FIELDS, "category_id"):
        setattr(template, field, values[field])
    template.name_sort = rules.sort_key(template.name)


def _told(template: Template) -> dict[str, Any]:
    """A template as the trail keeps it."""
    told = {field: getattr(template, field) for field in FIELDS}
    names = {row.id: row.name for row in queries.categories()}
    return told | {"category": names.get(template.category_id or 0)}


def _tell(action: str, template: Template, changes: list[audit.Change]) -> None:
    db.session.flush()
    audit.record("templates", action, subject=template.name, changes=changes)
    announce("template.changed")


def _tell_category(action: str, category: TemplateCategory, changes: list[audit.Change]) -> None:
    db.session.flush()
    audit.record("templates", action, subject=category.name, changes=changes)
    announce("template.changed")
