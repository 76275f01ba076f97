"""What the pages of imports show."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from flask import url_for

from app.core import auth, files
from app.core.forms import told
from app.core.i18n import _, _n, country_name, number, today
from app.domain.customers.postal import address_lines
from app.domain.customers.rules import display_name
from app.domain.groups import queries as groups
from app.domain.settings.queries import Team
from app.domain.transfer import labels, preview, queries, rows, rules
from app.domain.transfer.chunk import Fate
from app.domain.transfer.preview import Preview
from app.domain.transfer.reading import Unreadable
from app.domain.transfer.rules import State
from app.shared.preferences import team

TOLD = 50
"""Refusals, and skipped rows, that are told before all are asked for."""

IN_THE_NAME = {"kind", "number", "title", "first_name", "last_name", "company"}
IN_THE_ADDRESS = {"street", "house_number", "address_extra", "postcode", "town", "country"}
IN_SIGHT = IN_THE_NAME | IN_THE_ADDRESS | {"emails", "phones"}


def listing(before: int | None) -> dict[str, Any]:
    """A page of imports, newest first."""
    found = queries.batches(before)
    shown = [_batch(row) for row in found.rows]
    return {"batches": shown, "older": found.older, "before": before}


def one(found: Any, arguments: Mapping[str, str]) -> dict[str, Any]:
    """One import, and by its state what it would do, how far it is or what it did."""
    batch = _batch(found)
    if batch["is_preview"]:
        return {"batch": batch} | _preview(found, arguments)
    standing = batch["standing"]
    heading = str(standing.heading) % {"count": number(_done(found))}
    said = {"batch": batch, "heading": heading, "explanation": standing.explanation}
    return said | ({"bar": _bar(found)} if batch["moves"] else _result(found, arguments))


def content(found: Any) -> bytes:
    """The stored file of an import. Raises Unreadable if it is gone."""
    try:
        return files.path_of(found.source or "").read_bytes()
    except (ValueError, FileNotFoundError) as error:
        raise Unreadable(_("The file is not there any more. Please upload it again.")) from error


def _batch(row: Any) -> dict[str, Any]:
    """An import as lists and pages tell of it."""
    cut_off = queries.is_cut_off(row)
    return dict(row._mapping) | {
        "name": _readable(", ".join(row.files)),
        "standing": labels.CUT_OFF[row.state] if cut_off else labels.STATES[row.state],
        "is_preview": row.state == State.PREVIEW,
        "moves": row.state in rules.GOING_ON and not cut_off,
        "is_counted": row.state not in (State.PREVIEW, State.WAITING),
        "has_customers": row.new > row.removed,
        "may_revert": not rules.hindrance_to_revert(row.id, row.state, cut_off, row.new),
        "may_start": not rules.hindrance_to_start(row.id, row.state, cut_off),
    }


def _done(row: Any) -> int:
    return row.new + row.skipped + row.refused


def _bar(row: Any) -> dict[str, Any]:
    """How far an import is, or how far it is taken back."""
    if row.state == State.REVERTING:
        removed = _n(
            "%(num)d customer removed so far",
            "%(count)s customers removed so far",
            row.removed,
            count=number(row.removed),
        )
        return {"value": row.removed, "max": max(row.new, 1), "text": removed}
    counts = {name: number(getattr(row, name)) for name in ("new", "skipped", "refused")}
    told = _("%(new)s new, %(skipped)s skipped, %(refused)s refused", **counts)
    return {"value": _done(row), "max": max(row.records, _done(row), 1), "text": told}


def _preview(found: Any, arguments: Mapping[str, str]) -> dict[str, Any]:
    encoding, separator = arguments.get("encoding", ""), arguments.get("separator", "")
    seen, unreadable = None, None
    try:
        seen = preview.look_into(content(found), today(), encoding, separator)
    except Unreadable as refusal:
        unreadable = refusal.reason
    return {
        "heading": _heading(seen),
        "preview": _seen(seen) if seen else None,
        "unreadable": unreadable,
        "earlier": queries.imported_already(found.digest),
        "empty": rules.NO_ROWS if seen and not seen.about else None,
        "encoding": encoding,
        "separator": separator,
        "encodings": _encodings(seen, encoding),
        "separators": _separators(seen, separator),
        "group_options": groups.options() if auth.may("transfer.edit") else [],
    }


def _heading(seen: Preview | None) -> str:
    if seen is None:
        return _("This cannot be read")
    if not seen.is_whole:
        count = number(seen.about)
        return _("About %(count)s rows; the first ones, as they would be saved", count=count)
    return _n(
        "%(num)d row, as it would be saved", "%(num)d rows, as they would be saved", seen.about
    )


def _offered(names: Mapping[str, Any], chosen: str, recognised: str) -> list[tuple[str, str, bool]]:
    """Values to choose from with their words; the first lets it be recognised."""
    known = {value: str(name) for value, name in names.items()}
    known |= {} if not chosen or chosen in known else {chosen: chosen}
    found = known.get(recognised, recognised)
    first = _("Recognised: %(name)s", name=found) if found and not chosen else _("Recognise it")
    return [("", first, not chosen), *((v, name, v == chosen) for v, name in known.items())]


def _encodings(seen: Preview | None, chosen: str) -> list[tuple[str, str, bool]]:
    """The encodings to choose from, those with and without a mark at the start under one name."""
    recognised = seen.encoding if seen else ""
    for mark in ("-sig", "-le", "-be"):
        recognised = recognised.removesuffix(mark)
    return _offered(labels.ENCODINGS, chosen, recognised)


def _separators(seen: Preview | None, chosen: str) -> list[tuple[str, str, bool]]:
    """The same for what parts the columns; cards have none."""
    if seen and seen.kind == "vcard":
        return []
    recognised = (seen.separator or "one") if seen else ""
    names = labels.SEPARATORS | ({"one": labels.ONE_COLUMN} if recognised == "one" else {})
    return [option for option in _offered(names, chosen, recognised) if option[0] != "one"]


def _seen(seen: Preview) -> dict[str, Any]:
    understood = [
        (
            header,
            "" if header.casefold() == (label := str(labels.columns[field])).casefold() else label,
        )
        for header, field in seen.columns
        if field
    ]
    other = [header for header, field in seen.columns if not field]
    return {
        "is_table": seen.kind == "csv",
        "understood": understood,
        "other": [header for header in other if header],
        "rows": [_row(fate, team()) for fate in seen.fates],
    }


def _row(fate: Fate, home: Team) -> dict[str, Any]:
    """A record as it would be saved."""
    made = fate.made
    values = made.values
    names = [values[name] for name in ("kind", "title", "first_name", "last_name", "company")]
    lines = address_lines(values, home.country, country_name(values["country"]))
    return {
        "line": made.line,
        "name": display_name(*names),
        "number": values["number"],
        "address": lines,
        "reach": [
            *(email["address"] for email in values["emails"]),
            *(phone["number"] for phone in values["phones"]),
        ],
        "facts": list(_facts(fate, home, lines)),
        "comments": made.comments,
        "is_new": fate.is_new,
        "skipped": _skipped(fate),
        "reason": fate.reason,
        "warnings": made.warnings,
    }


def _skipped(fate: Fate) -> str:
    if fate.in_trash:
        return _("skipped: a customer in the trash has the number")
    return _("skipped: the number exists") if fate.is_skipped else ""


def _facts(fate: Fate, home: Team, lines: list[str]) -> Iterator[tuple[Any, str]]:
    """What else the history would tell, but for what goes without saying."""
    usual = {"language": home.language, "payment_method": "invoice"}
    for field, _before, value in rows.told(fate.made):
        is_in_sight = field in IN_SIGHT or any(value == part for part in lines)
        if not is_in_sight and value != usual.get(field):
            yield rows.LABELS.get(field, field), told(value, field)


def _result(found: Any, arguments: Mapping[str, str]) -> dict[str, Any]:
    is_reverted = found.state == State.REVERTED
    paths = {int(key): path for key, path in groups.options()}
    return {
        "counts": list(_counts(found)),
        "in_trash": labels.in_trash(found.in_trash) if found.in_trash else "",
        "refused": _refused(found, _most(arguments, "refused")),
        "skipped": _skipped_rows(found, _most(arguments, "skipped")),
        "joined": [
            (paths[int(key)], url_for("search.show", group=key), number(n))
            for key, n in found.joined.items()
            if int(key) in paths and not is_reverted
        ],
        "kept": queries.numbers_of(found.id, queries.LONGEST_LIST) if is_reverted else [],
        "still_groups": [group_id for group_id in found.groups if group_id in paths],
    }


def _refused(found: Any, most: int | None) -> dict[str, Any]:
    """The rows that were refused, of which the first are kept."""
    kept = queries.refusals(found.id)
    rows = [(_readable(file), line, reason) for file, line, reason in kept[:most]]
    return {"rows": rows, "kept": len(kept)}


def _skipped_rows(found: Any, most: int | None) -> dict[str, Any]:
    """The rows that were skipped, with the customer who has the number, if there still is one."""
    kept = queries.skips(found.id)
    shown = kept[:most]
    owners = queries.customers_numbered(number for _file, _line, number, _in_trash in shown)
    rows = [
        {
            "file": _readable(file),
            "line": line,
            "number": number,
            "in_trash": in_trash,
            "owner": owners.get(number),
        }
        for file, line, number, in_trash in shown
    ]
    return {"rows": rows, "kept": len(kept)}


def _most(arguments: Mapping[str, str], name: str) -> int | None:
    return None if arguments.get(name) == "all" else TOLD


def _readable(file: str) -> str:
    """The name of a file, which the command line may give in bytes that are no text."""
    return file.encode(errors="replace").decode()


def _counts(found: Any) -> Iterator[tuple[str, str]]:
    yield _("new"), number(found.new)
    yield _("skipped, because the number exists"), number(found.skipped)
    yield _("refused"), number(found.refused)
    if found.state in (State.REVERTING, State.REVERTED):
        yield _("removed again"), number(found.removed)
