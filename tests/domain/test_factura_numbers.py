"""Numbers of documents: without a gap, without a double, in the order of their days."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest

from app.core.database import db
from app.core.i18n import today
from app.core.problems import Invalid
from app.domain.factura import numbering, queries
from app.domain.factura.models import NumberRange
from app.domain.factura.rules import Kind
from app.domain.factura.services import add_document, add_draft, cancel, issue
from app.domain.settings.models import DEFAULTS as TEAM
from app.domain.settings.models import TeamSettings
from tests.factories import draft_values, invoice_values
from torture.numbers import trial


@pytest.fixture
def customer_id(make_customer: Callable[..., int], context: None) -> int:
    return make_customer()


def issued(customer_id: int, kind: str = "invoice", on: date | None = None) -> str:
    return issue(add_draft(draft_values(customer_id, kind)), on)


def counted(kind: str = "invoice", **over: object) -> None:
    values = {"prefix": "RE-", "with_year": True, "digits": 4, "start": 1} | over
    db.session.merge(NumberRange(kind=kind, **values))
    db.session.flush()


class TestRanges:
    def test_each_kind_counts_by_itself(self, customer_id: int):
        year = today().year
        prefixes = {
            **{Kind.QUOTE: "AN", Kind.ORDER_CONFIRMATION: "AB", Kind.DELIVERY_NOTE: "LS"},
            **{Kind.INVOICE: "RE", Kind.CREDIT_NOTE: "GS", Kind.PRO_FORMA: "PF"},
            Kind.REMINDER: "MA",
        }
        for n in (1, 2):
            for kind, prefix in prefixes.items():
                assert issued(customer_id, kind) == f"{prefix}-{year}-{n:04}"

    def test_an_english_team_has_other_letters(self, customer_id: int):
        db.session.add(TeamSettings(id=1, panels=[], **TEAM | {"language": "en"}))
        db.session.flush()
        assert issued(customer_id).startswith("IN-")

    @pytest.mark.parametrize(
        ("over", "number"),
        [
            ({"prefix": "", "with_year": False, "digits": 1}, "1"),
            ({"prefix": "R", "with_year": False, "start": 1234567}, "R1234567"),
            ({"prefix": "NR-", "with_year": False, "start": 1, "digits": 6}, "NR-000001"),
            ({"start": 500}, "RE-{year}-0500"),
        ],
    )
    def test_as_the_team_wants_it(self, customer_id: int, over: dict, number: str):
        counted(**over)
        assert issued(customer_id) == number.format(year=today().year)

    def test_every_year_begins_anew(self, customer_id: int):
        year = today().year
        assert issued(customer_id, on=date(year - 1, 12, 30)) == f"RE-{year - 1}-0001"
        assert issued(customer_id) == f"RE-{year}-0001"
        assert issued(customer_id, on=date(year - 1, 12, 31)) == f"RE-{year - 1}-0002"

    def test_without_the_year_it_goes_on(self, customer_id: int):
        counted(with_year=False)
        assert issued(customer_id, on=date(today().year - 1, 12, 31)) == "RE-0001"
        assert issued(customer_id) == "RE-0002"

    def test_another_prefix_goes_on_counting(self, customer_id: int):
        issued(customer_id)
        counted(prefix="R/")
        assert issued(customer_id) == f"R/{today().year}-0002"

    def test_a_larger_start_is_jumped_to_and_a_smaller_one_is_not(self, customer_id: int):
        counted(start=10)
        assert issued(customer_id).endswith("-0010")
        counted(start=100)
        assert issued(customer_id).endswith("-0100")
        counted(start=1)
        assert issued(customer_id).endswith("-0101")

    def test_more_than_its_digits_is_no_end(self, customer_id: int):
        counted(digits=2, start=99)
        assert [issued(customer_id)[-3:] for _ in range(3)] == ["-99", "100", "101"]

    def test_what_is_there_already_is_stepped_over(self, customer_id: int):
        year = today().year
        for n in (1, 2, 4):
            number = f"RE-{year}-{n:04}"
            values = invoice_values(number=number, issued_on=today(), due_on=None)
            add_document(customer_id, values)
        assert [issued(customer_id)[-1] for _ in range(3)] == ["3", "5", "6"]

    def test_what_another_kind_has_is_stepped_over(self, customer_id: int):
        year = today().year
        number = f"RE-{year}-0001"
        values = invoice_values(kind="quote", number=number, issued_on=today(), due_on=None)
        add_document(customer_id, values)
        assert issued(customer_id) == f"RE-{year}-0002"
        add_document(customer_id, values | {"kind": "invoice"})  # other programs were free

    def test_no_prefix_makes_one_number_of_two_documents(self, customer_id: int):
        year = today().year
        counted("credit_note", prefix=f"RE-{year}-", with_year=False)
        numbers = [issued(customer_id, kind) for kind in ("invoice", "credit_note") * 2]
        assert numbers == [f"RE-{year}-{n:04}" for n in (1, 2, 3, 4)]

    def test_nor_do_prefixes_that_change_places(self, customer_id: int):
        year = today().year
        issued(customer_id)
        counted(prefix="GS-")
        counted("credit_note", prefix="RE-")
        assert issued(customer_id, "credit_note") == f"RE-{year}-0002"
        assert issued(customer_id) == f"GS-{year}-0002"

    def test_the_team_s_language_changes_no_range_that_has_begun(self, customer_id: int):
        year = today().year
        team = TeamSettings(id=1, **TEAM | {"language": "de"})
        db.session.add(team)
        assert issued(customer_id) == f"RE-{year}-0001"
        team.language = "en"
        db.session.flush()
        assert issued(customer_id) == f"RE-{year}-0002"
        assert issued(customer_id, "quote") == f"QU-{year}-0001"

    def test_a_credit_note_that_cancels_has_the_next(self, customer_id: int):
        first = add_draft(draft_values(customer_id))
        issue(first)
        issued(customer_id, "credit_note")
        credit_note_id = cancel(first)
        assert credit_note_id is not None
        assert queries.row(credit_note_id).number == f"GS-{today().year}-0002"


class TestDays:
    def test_not_before_the_last_of_its_year(self, customer_id: int):
        year = today().year - 1
        issued(customer_id, on=date(year, 6, 15))
        draft = add_draft(draft_values(customer_id))
        for day in (date(year, 6, 14), date(year, 1, 1)):
            with pytest.raises(Invalid) as refusal:
                issue(draft, day)
            assert [p.code for p in refusal.value.problems] == ["too_early"]
        assert issue(draft, date(year, 6, 15)) == f"RE-{year}-0002"

    def test_what_was_taken_over_from_the_future_stops_nobody(self, customer_id: int):
        ahead = today() + timedelta(days=3)
        add_document(customer_id, invoice_values(issued_on=ahead, due_on=None))
        assert numbering.last_day("invoice", today(), today()) is None
        assert issued(customer_id)


@pytest.mark.apart
def test_four_issue_at_once_some_change_their_mind_and_one_is_killed(tmp_path: Path):
    """`make torture` does it with eight and more often."""
    outcome = trial(tmp_path, processes=4, each=50, kills=1)
    assert outcome.is_good, outcome
    assert outcome.kills == 1
    assert outcome.rolled_back
    assert outcome.issued.total() >= 200
