"""`python -m bench --customers 10000 100000`, `--one` and `--large`."""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

from bench import billing, bulk, houses, machine, report, rounds, sending, site
from bench.houses import House, Kind
from bench.site import Site
from bench.visitor import FRAGMENT, Ask
from bench.work import FACTURA, OF_ONE, OUTGOING, USUAL, WITH_GROUPS, Work

PORT = 8150
SMALL_LEAN = Kind(10_000, lean=True, rows_of_one=100, documents=10_000)
LARGE_LEAN = Kind(1_000_000, lean=True, rows_of_one=40_000, documents=1_000_000)
SMALL_WITH_ONE = Kind(10_000, lean=True, rows_of_one=40_000)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--customers", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--large", action="store_true", help="a million lean customers instead")
    parser.add_argument("--one", action="store_true", help="one customer with many rows instead")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--port", type=int, default=PORT, help="the first of some free ports")
    given = parser.parse_args()
    part, kinds, works = _asked(given)
    begun = time.perf_counter()
    text = _measured([houses.kept(kind) for kind in kinds], works, given.rounds, given.port)
    text += f"\nMeasured in {(time.perf_counter() - begun) / 60:.1f} minutes.\n"
    report.put(part, text)
    print(text)


def _asked(given: argparse.Namespace) -> tuple[str, list[Kind], tuple[Work, ...]]:
    """The part of the report, the houses and the kinds of work."""
    if given.large:
        return "bench-large", [SMALL_LEAN, LARGE_LEAN], (*USUAL, *OF_ONE, *FACTURA)
    if given.one:
        return "bench-one", [SMALL_LEAN, SMALL_WITH_ONE], OF_ONE
    return "bench", [Kind(n) for n in given.customers], (*USUAL, *WITH_GROUPS, *OUTGOING, *FACTURA)


def _measured(built: Sequence[House], works: Sequence[Work], count: int, port: int) -> str:
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        sites: list[tuple[str, Site]] = []
        for n, house in enumerate(built):
            folder = Path(name) / str(n)
            folder.mkdir()
            opened = stack.enter_context(site.opened(house, works, folder, port + 2 * n))
            sites.append((_called(house.kind), opened))
        table = rounds.measure(sites, works, count)
        parts = [_head(sites, count)]
        for called, one in sites:
            parts += [f"### {called}\n", report.of_house(works, table, called)]
            parts.append(report.of_others(_others(one, works, table, called, Path(name))))
        if len(sites) > 1:
            small, large = sites[0][0], sites[-1][0]
            parts += ["### Growth\n", report.of_growth(works, table, small, large)]
        return "\n".join(parts)


def _called(kind: Kind) -> str:
    lean = "lean" if kind.lean else "rich"
    one = f", one with {kind.rows_of_one:,} rows of each kind" if kind.rows_of_one else ""
    documents = f", {kind.documents:,} factura documents" if kind.documents else ""
    return f"{kind.customers:,} {lean} customers{one}{documents}"


def _head(sites: Sequence[tuple[str, Site]], count: int) -> str:
    hello = rounds.hello(sites[0][1].below)
    return (
        f"{datetime.now(UTC):%Y-%m-%d}. {machine.description()}.\n\n"
        f"Milliseconds at the visitor, medians of {count} interleaved rounds. "
        f"A bare Flask application says hello in {hello:.2f} ms.\n"
    )


def _others(
    one: Site, works: Sequence[Work], table: rounds.Table, called: str, folder: Path
) -> list[tuple[str, str, str, bool | None]]:
    """Memory, weight, import and seed."""
    rounds.crowd(one)
    now, most = one.app.memory()
    page = machine.compressed(one.visitor.send(Ask(f"/customers/{one.ids[0]}")).body)
    listed = machine.compressed(one.visitor.send(Ask("/customers")).body)
    dialog = machine.compressed(
        one.visitor.send(Ask(f"/customers/{one.ids[0]}/master/edit", FRAGMENT)).body
    )
    script = machine.scripts()
    seconds, raw = bulk.import_both(one.house, _folder(folder, f"{called}, import"))
    seed = one.house.seconds
    sent = _sent(one, _folder(folder, f"{called}, sending"), works)
    limit = 120 if one.house.kind.customers == 100_000 else None
    return [
        (
            "memory of the web process under load",
            f"{now:.0f} MB (at most {most:.0f})",
            "≤ 150 MB",
            most <= 150,
        ),
        ("overview, compressed", f"{page:.1f} kB", "≤ 15 kB", page <= 15),
        ("customer list, compressed", f"{listed:.1f} kB", "≤ 15 kB", listed <= 15),
        ("largest dialog, compressed", f"{dialog:.1f} kB", "≤ 15 kB", dialog <= 15),
        ("all scripts, compressed", f"{script:.1f} kB", "≤ 20 kB", script <= 20),
        ("all styles, compressed", f"{machine.styles():.1f} kB", "–", None),
        (
            f"{bulk.ROWS:,} rows imported",
            f"{seconds:.1f} s ({seconds / raw:.1f} × raw inserts)",
            "≤ 5 s",
            seconds <= 5,
        ),
        *sent,
        ("seed", f"{seed:.0f} s", "≤ 120 s" if limit else "–", seed <= limit if limit else None),
    ]


def _sent(
    one: Site, folder: Path, works: Sequence[Work]
) -> list[tuple[str, str, str, bool | None]]:
    """Letters and mails to many, where they are asked for."""
    if not set(OUTGOING) <= set(works):
        return []
    house, other = one.house.copy(folder / "above"), one.house.copy(folder / "below")
    letter, bare = sending.one_letter(house)
    letters, mails = sending.many_letters(house, bare), sending.many_mails(house, other)
    spent = billing.document(house)
    return [
        (
            "one letter, from its values to the PDF",
            f"{letter:.1f} ms ({letter / bare:.2f} × the bare renderer)",
            "≤ 1.2 ×",
            letter <= 1.2 * bare,
        ),
        (
            f"{sending.LETTERS:,} letters, stored and in one PDF",
            f"{letters.made:.1f} s ({letters.made / letters.floor:.2f} × bare, on every core)",
            "–",
            None,
        ),
        (
            f"{sending.MAILS:,} template mails checked and committed",
            f"{mails.committed:.1f} s",
            "≤ 5 s",
            mails.committed <= 5,
        ),
        (
            "… until all stand in the outbox",
            f"{mails.made:.1f} s ({mails.made / mails.floor:.1f} × raw inserts)",
            "≤ 5 s",
            mails.made <= 5,
        ),
        (
            f"a document of {billing.LINES} lines kept as a draft",
            f"{spent.saved:.1f} ms ({spent.saved / spent.inserted:.1f} × raw inserts)",
            "–",
            None,
        ),
        (
            "… issued, its PDF drawn and stored",
            f"{spent.issued:.0f} ms, {spent.drawn:.0f} ms of it drawing",
            "–",
            None,
        ),
    ]


def _folder(parent: Path, called: str) -> Path:
    folder = parent / called
    folder.mkdir()
    return folder


if __name__ == "__main__":
    main()
