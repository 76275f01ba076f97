"""Templates for the floor, made from the application's own answers.

Wherever an answer shows a value of the rows behind it, the template says which one; the rest is
text. So the floor renders as many values into as much HTML as the application does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from markupsafe import escape

WORDLESS = {"kind", "label", "language", "country", "salutation", "payment_method", "state"}
SHORTEST = 3
ROW = re.compile(r"<tr id=\"customer-.*?</tr>\s*", re.S)


def of_page(html: str, rows: Mapping[str, Any]) -> str:
    """The template of an answer that shows these rows."""
    return _imprint(html, dict(_values(rows)))


def of_list(html: str, row: Mapping[str, Any]) -> str:
    """The template of a list whose first row is this one; all further ones are made like it."""
    first = ROW.search(html)
    if first is None:
        raise RuntimeError("the list is empty")
    last = list(ROW.finditer(html))[-1]
    body = _imprint(first[0], dict(_of_row("row", row)))
    before, after = (_imprint(part, {}) for part in (html[: first.start()], html[last.end() :]))
    return f"{before}{{% for row in rows %}}\n{body}{{% endfor %}}\n{after}"


def _values(rows: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, found in rows.items():
        if isinstance(found, list):
            for index, row in enumerate(found):
                yield from _of_row(f"{name}[{index}]", row)
        else:
            yield from _of_row(name, found)


def _of_row(path: str, row: Any) -> Iterator[tuple[str, str]]:
    for key in row.keys():  # noqa: SIM118 (a Row is no mapping)
        value = "" if row[key] is None else str(escape(row[key]))
        if value and key not in WORDLESS and (len(value) >= SHORTEST or key == "id"):
            yield f"{path}['{key}']", value


def _imprint(html: str, values: Mapping[str, str]) -> str:
    html = re.sub(r"\{(?=[{%#])", "{{ '{' }}", html)
    paths: dict[str, str] = {}
    for path, value in values.items():
        paths.setdefault(value, path)
    if not paths:
        return html
    longest_first = sorted(paths, key=len, reverse=True)
    some = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest_first))})(?!\w)")
    return some.sub(lambda found: f"{{{{ {paths[found[0]]} }}}}", html)
