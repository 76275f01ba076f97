"""Whatever is done in whatever order: what was issued stays, numbers have no gap, states follow."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from sqlalchemy import select
from werkzeug.exceptions import NotFound

from app.core.database import db, table
from app.core.i18n import today
from app.core.problems import Invalid, Refused
from app.domain.factura import queries, rules, services
from app.domain.factura.models import FacturaDocument, FacturaLine
from app.domain.factura.rules import FOLLOW_UPS, MOVES, Kind, Move, State
from tests.factories import draft_values, line_values

MAY_CHANGE = {"state", "paid", "credited", "reminder_level", "pdf_digest", "pdf_size", "version"}
"""What of an issued document is not frozen."""
SEEDS = range(12)
STEPS = 50

DOCUMENT, LINE = table(FacturaDocument).c, table(FacturaLine).c
Seen = dict[int, tuple[Any, list[Any]]]


class Walk:
    """A random walk through everything that can be done with documents."""

    def __init__(self, customer_ids: list[int], seed: int):
        self.customer_ids, self.random = customer_ids, Random(seed)
        self.frozen: Seen = {}
        self.states: dict[int, str] = {}
        self.done: Counter[str] = Counter()
        self.add()
        db.session.commit()
        self.states = {document_id: row["state"] for document_id, row in everything()[0].items()}

    def step(self) -> None:
        """Do something, sensible or not; what is refused or rolled back has changed nothing."""
        act = self.random.choice(self.acts())
        before = everything()
        try:
            act()
            is_kept = self.random.random() > 0.1
        except (Refused, Invalid, NotFound):
            is_kept = False
        if is_kept:
            db.session.commit()
            self.done[act.__name__] += 1
        else:
            db.session.rollback()
            assert everything() == before
        self.check()

    def acts(self) -> list[Callable[[], Any]]:
        often = [self.add, self.issue, self.follow_up]
        rarely = [self.change, self.discard, self.answer, self.cancel, self.copy, self.pay]
        return [*often, *often, *rarely, self.remind]

    def any(self) -> int:
        return self.random.choice(list(self.states) or [0])

    def values(self, kind: str | None = None) -> dict[str, Any]:
        prices = ("100", "33.33", "0.005", "-20", "19.99")
        rates = ("standard", "reduced", "exempt")
        lines = [
            line_values(
                price=self.random.choice(prices),
                quantity=self.random.choice(("1", "2.5", "0.3333")),
                tax=self.random.choice(rates),
            )
            for _ in range(self.random.randint(0, 4))
        ]
        return draft_values(
            self.random.choice(self.customer_ids),
            kind or self.random.choice(list(Kind)),
            is_gross=self.random.random() < 0.5,
            lines=lines,
        )

    def add(self) -> None:
        services.add_draft(self.values())

    def issue(self) -> None:
        late = self.random.choice((None, None, None, today() - timedelta(days=1)))
        services.issue(self.any(), late)

    def change(self) -> None:
        services.change_draft(self.any(), self.values())

    def discard(self) -> None:
        services.discard(self.any())

    def answer(self) -> None:
        services.answer(self.any(), self.random.choice((Move.ACCEPT, Move.DECLINE, Move.REOPEN)))

    def cancel(self) -> None:
        services.cancel(self.any())

    def copy(self) -> None:
        services.copy(self.any())

    def follow_up(self) -> None:
        services.follow_up(self.any(), self.random.choice(list(Kind)))

    def pay(self) -> None:
        document_id = self.any()
        if queries.row(document_id).state != State.DRAFT:
            services.set_paid(document_id, self.random.choice((0, 50, 10_000, 99_999)))

    def remind(self) -> None:
        found = queries.row(self.any())
        values = self.values("reminder") | {"customer_id": found.customer_id}
        values |= {"origin_id": found.id, "reminder_level": self.random.randint(1, 3)}
        services.issue(services.add_draft(values))

    def check(self) -> None:
        rows, lines = everything()
        self._check_what_was_issued(rows, lines)
        self._check_moves(rows)
        self._check_numbers(rows)
        self._check_sums(rows, lines)

    def _check_what_was_issued(self, rows: dict[int, Any], lines: dict[int, list[Any]]) -> None:
        for document_id, row in rows.items():
            if row["state"] != State.DRAFT:
                now = ({k: v for k, v in row.items() if k not in MAY_CHANGE}, lines[document_id])
                assert self.frozen.setdefault(document_id, now) == now
        assert set(self.frozen) <= set(rows), "an issued document is gone"

    def _check_moves(self, rows: dict[int, Any]) -> None:
        for document_id, row in rows.items():
            before, state, kind = self.states.get(document_id), row["state"], row["kind"]
            if before is None:
                assert state == State.DRAFT or kind in (Kind.CREDIT_NOTE, Kind.REMINDER)
            elif before != state:
                moves = MOVES[Kind(kind)]
                assert state in {moves[was, move] for was, move in moves if was == before}
        for gone in set(self.states) - set(rows):
            assert self.states[gone] == State.DRAFT
        self.states = {document_id: row["state"] for document_id, row in rows.items()}

    def _check_numbers(self, rows: dict[int, Any]) -> None:
        of_kind = defaultdict(list)
        for row in rows.values():
            assert (row["number"] is None) == (row["state"] == State.DRAFT)
            if row["number"]:
                of_kind[row["kind"], row["issued_on"].year].append(
                    (int(row["number"].rpartition("-")[2]), row["issued_on"])
                )
        for found in of_kind.values():
            found.sort()
            assert [number for number, _day in found] == list(range(1, len(found) + 1))
            assert [day for _number, day in found] == sorted(day for _number, day in found)

    def _check_sums(self, rows: dict[int, Any], lines: dict[int, list[Any]]) -> None:
        credited: Counter[int] = Counter()
        for document_id, row in rows.items():
            of_lines = sum(line["amount"] for line in lines[document_id])
            assert (row["total"] if row["is_gross"] else row["net"]) == of_lines
            if row["frozen"]:
                assert row["total"] >= 0
                taxes = row["frozen"]["taxes"]
                assert sum(group["net"] for group in taxes) == row["net"]
                assert sum(group["net"] + group["tax"] for group in taxes) == row["total"]
            if row["kind"] == Kind.CREDIT_NOTE and row["origin_id"] and row["number"]:
                credited[row["origin_id"]] += row["total"]
        for invoice_id, total in credited.items():
            assert total <= rows[invoice_id]["total"]
        for document_id, row in rows.items():
            if (row["kind"], row["state"]) == (Kind.INVOICE, State.CANCELLED):
                assert credited[document_id] == row["total"]


def everything() -> tuple[dict[int, Any], dict[int, list[Any]]]:
    documents = {row.id: dict(row._mapping) for row in db.session.execute(select(*DOCUMENT))}
    lines: dict[int, list[Any]] = {document_id: [] for document_id in documents}
    for line in db.session.execute(select(*LINE).order_by(LINE.document_id, LINE.position)):
        lines[line.document_id].append(dict(line._mapping))
    db.session.rollback()
    return documents, lines


@pytest.fixture
def customer_ids(make_customer: Callable[..., int], context: None) -> list[int]:
    return [make_customer(), make_customer(last_name="Berger")]


@pytest.mark.apart
def test_no_walk_leads_where_it_must_not(customer_ids: list[int]):
    done: Counter[str] = Counter()
    for seed in SEEDS:
        walk = Walk(customer_ids, seed)
        for _ in range(STEPS):
            walk.step()
        done += walk.done
    assert set(done) >= {"issue", "cancel", "answer", "follow_up", "discard", "pay", "remind"}


def test_a_short_walk(customer_ids: list[int]):
    walk = Walk(customer_ids, 7)
    for _ in range(40):
        walk.step()
    assert walk.done["issue"]


def test_what_can_be_made_can_be_made_of_it(customer_ids: list[int]):
    """Every follow-up that the table names can be begun, changed and issued."""
    for kind, made in FOLLOW_UPS.items():
        for other in made:
            origin = services.add_draft(draft_values(customer_ids[0], kind))
            services.issue(origin)
            follow_up = services.follow_up(origin, other)
            assert rules.follow_ups(kind, State.ISSUED)
            assert services.issue(follow_up)
