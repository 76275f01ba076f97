"""Rounds of measuring: turn by turn the application and its floor, which see the same day."""

from __future__ import annotations

import gc
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median, quantiles

from bench.site import Site
from bench.visitor import FRAGMENT, Answer, Ask, Visitor
from bench.work import Work

WARM_UP = 10
CROWD = 8
"""Visitors at once, for the memory."""


@dataclass
class Found:
    """Milliseconds of one kind of work in one house, a list per round; bytes of its answer."""

    app: list[list[float]] = field(default_factory=list)
    floor: list[list[float]] = field(default_factory=list)
    size: int = 0

    def p50(self) -> float:
        return median(median(times) for times in self.app)

    def p95(self) -> float:
        return median(_p95(times) for times in self.app)

    def floor_p50(self) -> float:
        return median(median(times) for times in self.floor)

    def floor_p95(self) -> float:
        return median(_p95(times) for times in self.floor)

    def ratio(self, *, tail: bool) -> float:
        """How many times the floor, the median of the rounds."""
        of = _p95 if tail else median
        return median(of(a) / of(b) for a, b in zip(self.app, self.floor, strict=True))


Table = dict[tuple[str, str], Found]


def measure(sites: Sequence[tuple[str, Site]], works: Sequence[Work], rounds: int) -> Table:
    """Every kind of work in every house, in so many interleaved rounds."""
    table: Table = {(work.key, name): Found() for work in works for name, _site in sites}
    for name, site in sites:
        for work in works:
            table[work.key, name].size = _warm_up(site, work)
    gc.disable()
    for turn in range(rounds):
        for work in works:
            for name, site in sites:
                above, below = _round(site, work, WARM_UP + turn * work.turns)
                table[work.key, name].app.append(above)
                table[work.key, name].floor.append(below)
        gc.collect()
    gc.enable()
    return table


def _warm_up(site: Site, work: Work) -> int:
    """Bytes of the application's answer; the floor's must be about as large to be its floor."""
    above = sum(len(_above(site, work, n).body) for n in range(WARM_UP))
    below = sum(len(_below(site, work, n).body) for n in range(WARM_UP))
    if abs(above - below) > 0.15 * above:
        raise RuntimeError(f"{work.label}: {above} bytes, but {below} on the floor")
    return above // WARM_UP


def hello(visitor: Visitor, turns: int = 300) -> float:
    """The p50 of a bare Flask application that says hello, in ms."""
    return median(visitor.send(Ask("/hello")).seconds * 1000 for _ in range(turns))


def crowd(site: Site, visits: int = 60) -> None:
    """Many at once: overviews, searches and dialogs, as the memory bar asks."""

    def visit(k: int) -> None:
        visitor = Visitor(site.app.port)
        visitor.cookies, visitor.token = dict(site.visitor.cookies), site.visitor.token
        for n in range(visits):
            id = site.ids[(n * CROWD + k) % len(site.ids)]
            visitor.send(Ask(f"/customers/{id}"))
            visitor.send(Ask(f"/customers?q={'abdefghklmnrstuw'[n % 16]}", FRAGMENT))
            visitor.send(Ask(f"/customers/{id}/bank/edit", FRAGMENT))
        visitor.close()

    threads = [threading.Thread(target=visit, args=(k,)) for k in range(CROWD)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _round(site: Site, work: Work, first: int) -> tuple[list[float], list[float]]:
    """Milliseconds of the application and of the floor, by turns."""
    times = [
        (_above(site, work, n).seconds * 1000, _below(site, work, n).seconds * 1000)
        for n in range(first, first + work.turns)
    ]
    return [above for above, _ in times], [below for _, below in times]


def _above(site: Site, work: Work, n: int) -> Answer:
    return _good(work, site.visitor.send(work.app(site.visitor, n, site.customer(work, n))))


def _below(site: Site, work: Work, n: int) -> Answer:
    return _good(work, site.below.send(work.floor(n, site.customer(work, n))))


def _good(work: Work, answer: Answer) -> Answer:
    if answer.status != 200:
        raise RuntimeError(f"{work.label}: answered {answer.status}")
    return answer


def _p95(times: list[float]) -> float:
    return quantiles(times, n=20)[18]
