"""What the pages of the templates show: the list, the archive, and a template filled in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from flask import url_for

from app.core.i18n import _
from app.core.registry import registry
from app.domain.customers import queries as customers
from app.domain.customers.addressees import Addressee
from app.domain.templates import archive, queries, rules
from app.domain.templates.placeholders import BY_HAND
from app.domain.templates.rules import Kind
from app.shared.preferences import team


@dataclass(frozen=True)
class Group:
    """A heading with the templates below it; the one of those without category has no id."""

    id: int | None
    name: str
    templates: list[Any]


@dataclass(frozen=True)
class Preview:
    """A template as it is filled in for a customer, and what is missing for that.

    `empty` tells the placeholders that nothing is known for, `by_hand` those that only the writer
    can fill in, `unknown` those that there are not, each with the one that may be meant, and
    `incomplete` where half a placeholder stands.
    """

    customer: Any
    subject: list[rules.Piece]
    body: list[rules.Piece]
    empty: str
    unknown: list[tuple[str, str]]
    by_hand: str
    incomplete: str
    values: Mapping[str, str]


def page(kind: str) -> dict[str, Any]:
    """The list of a kind, and the way to the other one."""
    names = {Kind.MAIL: _("E-mails"), Kind.LETTER: _("Letters")}
    tabs = [(url_for(".show", kind=one), name, one == kind) for one, name in names.items()]
    return {"kind": kind, "tabs": tabs, "groups": groups(kind)}


def groups(kind: str) -> list[Group]:
    """All templates of a kind by category; a category shows itself though it holds none."""
    rows = {
        key: list(some)
        for key, some in groupby(queries.listed(kind), key=lambda row: row.category_id)
    }
    found = [Group(row.id, row.name, rows.get(row.id, [])) for row in queries.categories()]
    loose = rows.get(None, [])
    return [*found, Group(None, _("Without category"), loose)] if loose else found


def drafts(kind: str) -> list[tuple[str, list[archive.Draft]]]:
    """What the archive offers, by category."""
    found = archive.drafts(kind, team().country)
    found.sort(key=lambda draft: (draft.language, draft.category))
    return [(name, list(some)) for name, some in groupby(found, key=lambda draft: draft.category)]


def preview(typed: Mapping[str, Any], customer_id: int | None) -> Preview | None:
    """A text as it is now for this customer, or the one who changed last; None without anybody."""
    customer = _customer(customer_id)
    if customer is None:
        return None
    language = typed["language"] if typed["language"] in rules.LANGUAGES else rules.LANGUAGES[0]
    addressee = Addressee(customer.id, language=language)
    values = queries.values_of([addressee])[addressee]
    subject = (typed["subject"] or "")[: rules.LONGEST_SUBJECT]
    body = (typed["body"] or "")[: rules.LONGEST_BODY]
    return Preview(
        customer,
        list(rules.pieces(subject, values)),
        list(rules.pieces(body, values)),
        *_missing(rules.open_in(subject, body), values),
        rules.incomplete(subject, body),
        values,
    )


def palette(found: Preview | None) -> Iterator[tuple[Any, list[tuple[str, str, Any, str]]]]:
    """All placeholders by area: name, as it is typed, label, and what it is for the customer."""
    values = found.values if found else {}
    for group in registry().placeholders:
        yield (
            group.title,
            [
                (name, rules.told([name]), label, values.get(name, ""))
                for name, label in group.names.items()
            ],
        )


def hits(typed: str) -> list[Any]:
    """Customers to preview with."""
    return customers.find(typed, limit=6).rows if typed.strip() else []


def _customer(customer_id: int | None) -> Any:
    if customer_id is not None and customers.customer_exists(customer_id):
        return customers.header(customer_id)
    latest = customers.find("", "-changed", limit=1).rows
    return customers.header(latest[0].id) if latest else None


def _missing(names: list[str], values: Mapping[str, str]) -> tuple[str, list[tuple[str, str]], str]:
    known = queries.known()
    empty = [n for n in names if n in known and n not in BY_HAND and not values.get(n)]
    unknown = [name for name in names if name not in known][: rules.MOST_TOLD]
    meant = [
        (rules.told([n]), queries.called(filter(None, [rules.nearest(n, known)]))) for n in unknown
    ]
    return queries.called(empty), meant, queries.called(n for n in names if n in BY_HAND)
