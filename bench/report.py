"""docs/benchmarks.md: the generated parts are written anew, what people wrote around them stays."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from bench.houses import ROOT
from bench.rounds import Found, Table
from bench.work import Work

FILE = ROOT / "docs" / "benchmarks.md"
Line = Sequence[str]


def put(part: str, text: str) -> None:
    """Write a generated part between its two marks."""
    page = FILE.read_text()
    marked = re.compile(rf"(<!-- {part} -->\n).*?(<!-- /{part} -->)", re.S)
    if not marked.search(page):
        raise RuntimeError(f"{FILE} has no place for {part}")
    FILE.write_text(marked.sub(lambda found: f"{found[1]}{text}\n{found[2]}", page))


def of_house(works: Iterable[Work], table: Table, house: str) -> str:
    """The table of one house: what was measured, its floor, and the bar."""
    head = ("work", "kB", "p50", "p95", "floor p50", "floor p95", "× floor", "bar", "")
    lines = [_line(work, table[work.key, house]) for work in works]
    return _table(head, lines)


def of_growth(works: Iterable[Work], table: Table, small: str, large: str) -> str:
    """How much slower the large house is, beside the floor's own growth.

    For the customer with many comments the floor's growth is no excuse: it asks the same statement.
    """
    head = ("work", small, large, "growth", "floor's growth", "bar", "")
    return _table(head, [_growth(w, table[w.key, small], table[w.key, large]) for w in works])


def of_others(lines: Iterable[tuple[str, str, str, bool | None]]) -> str:
    """What is no request: work, measured, bar, and whether it holds."""
    return _table(
        ("work", "measured", "bar", ""),
        [(work, measured, bar, _mark(holds)) for work, measured, bar, holds in lines],
    )


def holds(work: Work, found: Found) -> bool | None:
    """Whether the bars of a kind of work hold; None if it has none."""
    reached = found.p95() if work.tail else found.p50()
    kept = []
    if work.ratio:
        kept.append(found.ratio(tail=work.tail) <= work.ratio)
    if work.most:
        kept.append(reached <= work.most)
    return all(kept) if kept else None


def _line(work: Work, found: Found) -> Line:
    times = (found.p50(), found.p95(), found.floor_p50(), found.floor_p95())
    return (
        work.label,
        f"{found.size / 1000:.1f}",
        *(f"{time:.2f}" for time in times),
        f"{found.ratio(tail=work.tail):.1f}",
        work.bar(),
        _mark(holds(work, found)),
    )


def _growth(work: Work, small: Found, large: Found) -> Line:
    of = (Found.p95, Found.floor_p95) if work.tail else (Found.p50, Found.floor_p50)
    growth, floor = (measure(large) / measure(small) for measure in of)
    return (
        work.label,
        f"{of[0](small):.2f} ms",
        f"{of[0](large):.2f} ms",
        f"{growth:.2f} ×",
        f"{floor:.2f} ×",
        "≤ 1.5 ×" if work.one else "≤ 1.5 × or the floor's",
        _mark(growth <= (1.5 if work.one else max(1.5, floor))),
    )


def _mark(holds: bool | None) -> str:
    return {True: "holds", False: "**missed**", None: ""}[holds]


def _table(head: Line, lines: Iterable[Line]) -> str:
    rule = ["---"] + ["---:"] * (len(head) - 3) + ["---"] * 2
    rows = [head, rule, *lines]
    return "\n".join("| " + " | ".join(row) + " |" for row in rows) + "\n"
