"""What keeps a draft from being kept, and what may be done with a document in which state."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from app.core.problems import Refused
from app.domain.articles.tax import NEEDS_VAT_NUMBER, Treatment
from app.domain.factura import rules
from app.domain.factura.rules import FOLLOW_UPS, MOVES, Kind, Move, State
from app.domain.factura.subjects import about, cancelling, joined
from tests.factories import draft_values, line_values

ANSWERED_OR_KEPT = (Kind.QUOTE, Kind.CREDIT_NOTE)


def codes(problems: list[Any]) -> list[tuple[str, str]]:
    return [(problem.field, problem.code) for problem in problems]


def checked(**over: Any) -> list[tuple[str, str]]:
    values = draft_values(1) | over
    return codes(rules.check_draft(values, values["lines"]))


class TestDraft:
    @pytest.mark.parametrize(
        ("over", "problem"),
        [
            ({"kind": "commission"}, ("kind", "unknown")),
            ({"language": "fr"}, ("language", "unknown")),
            ({"treatment": "smuggled"}, ("treatment", "unknown")),
            ({"currency": "DEM"}, ("currency", "unknown")),
            ({"subject": "x" * 301}, ("subject", "too_long")),
            ({"subject": "a\0b"}, ("subject", "unstorable")),
            ({"subject": "\ud800"}, ("subject", "unstorable")),
            ({"intro": "x" * 20_001}, ("intro", "too_long")),
            ({"closing": "\ud800"}, ("closing", "unstorable")),
            ({"service_until": date(2026, 11, 1)}, ("service_on", "required")),
            (
                {"service_on": date(2026, 11, 2), "service_until": date(2026, 11, 1)},
                ("service_until", "too_early"),
            ),
            ({"service_on": date(202, 11, 1)}, ("service_on", "out_of_range")),
            ({"due_on": date(2206, 11, 1)}, ("due_on", "out_of_range")),
            ({"payment_days": -1}, ("payment_days", "out_of_range")),
            ({"payment_days": 3651}, ("payment_days", "out_of_range")),
            ({"payment_days": 1.5}, ("payment_days", "out_of_range")),
            ({"customer_id": 2**63}, ("customer_id", "unknown")),
            ({"person_id": -1}, ("person_id", "unknown")),
            ({"address_key": "second"}, ("address_key", "unknown")),
            ({"address_key": ""}, ("address_key", "unknown")),
            ({"address_key": "9" * 5000}, ("address_key", "unknown")),
            ({"address_key": "٣"}, ("address_key", "unknown")),
            ({"lines": [line_values()] * 501}, ("lines", "too_many")),
        ],
    )
    def test_what_does_not_hold(self, over: dict[str, Any], problem: tuple[str, str]):
        assert checked(**over) == [problem]

    @pytest.mark.parametrize(
        "over",
        [
            {},
            {"lines": []},
            {"lines": [line_values()] * 500},
            {"payment_days": None, "due_on": date(2020, 1, 1)},
            {"payment_days": 0, "intro": "Guten Tag,\n\nhier ist die Rechnung."},
            {"service_on": date(2026, 11, 1), "service_until": date(2026, 11, 1)},
            {"address_key": "17", "person_id": 3},
            {"kind": "quote", "currency": "JPY", "language": "en", "is_gross": True},
        ],
    )
    def test_what_holds(self, over: dict[str, Any]):
        assert checked(**over) == []

    @pytest.mark.parametrize(
        ("over", "problem"),
        [
            ({"text": ""}, ("text", "required")),
            ({"text": "x" * 5001}, ("text", "too_long")),
            ({"text": "a\0"}, ("text", "unstorable")),
            ({"number": "x" * 41}, ("number", "too_long")),
            ({"unit": "x" * 21}, ("unit", "too_long")),
            ({"unit": "\ud800"}, ("unit", "unstorable")),
            ({"tax": "luxury"}, ("tax", "unknown")),
            ({"article_id": 2**63}, ("article_id", "unknown")),
            ({"quantity": None}, ("quantity", "required")),
            ({"price": None}, ("price", "required")),
            ({"quantity": "0.00001"}, ("quantity", "decimals")),
            ({"price": "1.00001"}, ("price", "decimals")),
            ({"discount": "0.001"}, ("discount", "decimals")),
            ({"discount": "101"}, ("discount", "out_of_range")),
            ({"discount": "-1"}, ("discount", "out_of_range")),
            ({"discount": "100.01"}, ("discount", "out_of_range")),
            ({"quantity": "1000000001"}, ("quantity", "out_of_range")),
            ({"price": "-1000000000001"}, ("price", "out_of_range")),
            ({"price": "NaN"}, ("price", "out_of_range")),
            ({"quantity": "Infinity"}, ("quantity", "out_of_range")),
            ({"quantity": "1000000", "price": "100000000"}, ("price", "out_of_range")),
        ],
    )
    def test_a_line_that_does_not_hold(self, over: dict[str, Any], problem: tuple[str, str]):
        field, code = problem
        found = checked(lines=[line_values(), line_values(**over)])
        assert found == [(f"lines-1-{field}", code)]

    @pytest.mark.parametrize(
        "over",
        [
            {"quantity": None, "price": None},
            {"quantity": "0"},
            {"quantity": "0.0001", "price": "-0.0001"},
            {"discount": "100"},
            {"discount": "33.33"},
            {"text": "Tanzkurs\nmontags um 19 Uhr"},
        ],
    )
    def test_a_line_that_holds(self, over: dict[str, Any]):
        assert checked(lines=[line_values(**over)]) == []

    def test_only_a_delivery_note_does_without_prices(self):
        lines = [line_values(price=None)]
        for kind in Kind:
            expected = [] if kind == Kind.DELIVERY_NOTE else [("lines-0-price", "required")]
            assert checked(kind=kind, lines=lines) == expected


class TestIssue:
    def checked(
        self, total: int = 100, vat_number: str = "", country: str = "DE", **over: Any
    ) -> list[Any]:
        values = draft_values(1, **over)
        facts = {"total": total, "vat_number": vat_number, "country": country}
        return codes(rules.check_issue(values, values["lines"], **facts))

    @pytest.mark.parametrize("kind", Kind)
    def test_without_a_line_that_counts_there_is_nothing_to_issue(self, kind: Kind):
        for lines in ([], [line_values(quantity=None, price=None)]):
            expected = [] if kind == Kind.REMINDER else [("lines", "required")]
            assert self.checked(kind=kind, lines=lines) == expected

    def test_the_total_is_not_below_nothing(self):
        assert self.checked(total=-1) == [("lines", "negative")]
        assert self.checked(total=0) == [("lines", "zero")]
        assert self.checked(total=0, kind="quote") == []

    def test_what_counts_nothing_is_worth_a_warning(self):
        lines = [line_values(), line_values(quantity="0")]
        assert self.checked(lines=lines) == [("lines", "zero")]

    @pytest.mark.parametrize("treatment", Treatment)
    def test_what_is_for_businesses_needs_a_vat_number(self, treatment: Treatment):
        expected = [("treatment", "vat_number")] if treatment in NEEDS_VAT_NUMBER else []
        assert self.checked(treatment=treatment) == expected
        assert self.checked(treatment=treatment, vat_number="ATU12345678") == []

    @pytest.mark.parametrize(
        ("country", "vat_number", "is_fine"),
        [
            ("DE", "ATU13585627", True),
            ("DE", "EL094259216", True),
            ("DE", "XI110305878", True),
            ("DE", "DE136695976", False),
            ("DE", "CHE107787577MWST", False),
            ("DE", "GB980780684", False),
            ("AT", "DE136695976", True),
            ("AT", "ATU13585627", False),
        ],
    )
    def test_what_leaves_for_the_eu_goes_to_another_country_of_it(
        self, country: str, vat_number: str, is_fine: bool
    ):
        told: dict[str, Any] = {"country": country, "vat_number": vat_number}
        expected = [] if is_fine else [("treatment", "vat_number")]
        assert self.checked(treatment="intra_community", **told) == expected
        assert self.checked(treatment="reverse_charge", **told) == []


class TestRates:
    def checked(self, country: str, on: date, **over: Any) -> list[Any]:
        values = draft_values(1, **over)
        return codes(rules.check_rates(values, values["lines"], country, on))

    def test_a_rate_is_there_on_the_day_of_the_service(self):
        lines = [line_values(), line_values(tax="zero")]
        assert self.checked("DE", date(2023, 1, 1), lines=lines) == []
        assert self.checked("DE", date(2022, 12, 31), lines=lines) == [("lines-1-tax", "unknown")]
        assert self.checked("CH", date(2023, 1, 1), lines=lines) == [("lines-1-tax", "unknown")]

    def test_where_no_tax_is_charged_the_rate_does_not_matter(self):
        lines = [line_values(tax="special")]
        assert self.checked("DE", date(2026, 1, 1), lines=lines, treatment="export") == []

    def test_a_text_has_no_tax(self):
        lines = [line_values(quantity=None, price=None, tax="special")]
        assert self.checked("DE", date(2026, 1, 1), lines=lines) == []

    def test_only_what_the_law_of_the_country_knows(self):
        found = self.checked("CH", date(2026, 1, 1), treatment="intra_community")
        assert found == [("treatment", "unknown")]


class TestMoves:
    def test_drafts_are_changed_issued_or_thrown_away(self):
        for kind in Kind:
            assert set(rules.allowed(kind, State.DRAFT)) == {Move.EDIT, Move.ISSUE, Move.DISCARD}

    @pytest.mark.parametrize(
        ("kind", "state", "moves"),
        [
            *((kind, "cancelled", []) for kind in Kind),
            *(
                (kind, "issued", ["cancel"])
                for kind in Kind
                if kind not in ("quote", "credit_note")
            ),
            ("credit_note", "issued", []),
            ("quote", "issued", ["cancel", "accept", "decline"]),
            ("quote", "accepted", ["reopen", "cancel"]),
            ("quote", "declined", ["reopen"]),
        ],
    )
    def test_what_may_be_done_afterwards(self, kind: str, state: str, moves: list[str]):
        assert list(rules.allowed(kind, state)) == moves

    def test_nothing_leads_back_to_a_draft_and_nothing_issued_is_gone(self):
        for kind, table in MOVES.items():
            for (state, move), becomes in table.items():
                assert becomes is None or becomes in rules.states(kind)
                assert (becomes == State.DRAFT) == (move == Move.EDIT)
                assert (becomes is None) == (move == Move.DISCARD)
                assert (state == State.DRAFT) == (move in (Move.EDIT, Move.ISSUE, Move.DISCARD))

    def test_every_state_of_a_kind_is_reached(self):
        for kind, table in MOVES.items():
            reached = {State.DRAFT, *filter(None, table.values())}
            if kind == Kind.CREDIT_NOTE:
                reached.add(State.CANCELLED)  # only of documents taken over
            assert reached == set(rules.states(kind))

    def test_what_is_not_in_the_table_is_refused_with_a_reason(self):
        for kind in Kind:
            for state in rules.states(kind):
                for move in Move:
                    if (state, move) in MOVES[kind]:
                        assert rules.moved(kind, state, move) == MOVES[kind][state, move]
                    else:
                        with pytest.raises(Refused) as refusal:
                            rules.moved(kind, state, move)
                        assert str(refusal.value.message)

    def test_what_follows_what(self):
        assert set(FOLLOW_UPS) == set(Kind)
        assert rules.follow_ups("quote", "issued") == FOLLOW_UPS[Kind.QUOTE]
        assert rules.follow_ups("quote", "accepted") == FOLLOW_UPS[Kind.QUOTE]
        for state in ("draft", "declined", "cancelled"):
            assert rules.follow_ups("quote", state) == ()

    def test_goods_go_elsewhere_than_paper(self):
        assert rules.same_use("quote", "invoice")
        assert not rules.same_use("delivery_note", "invoice")
        assert not rules.same_use("order_confirmation", "delivery_note")


class TestSubject:
    @pytest.mark.parametrize(
        ("own", "before", "subject"),
        [
            ("", "", "zu Angebot AN-1"),
            ("Tanzkurs", "", "Tanzkurs (zu Angebot AN-1)"),
            ("Tanzkurs (zu Rechnung RE-1)", "zu Rechnung RE-1", "Tanzkurs (zu Angebot AN-1)"),
            ("zu Rechnung RE-1", "zu Rechnung RE-1", "zu Angebot AN-1"),
            ("Tanzkurs (zu zweit)", "", "Tanzkurs (zu zweit) (zu Angebot AN-1)"),
        ],
    )
    def test_it_names_what_it_was_made_from(self, own: str, before: str, subject: str):
        assert joined(own, about("de", "quote", "AN-1"), before) == subject

    def test_in_the_language_of_the_document(self):
        assert about("en", "order_confirmation", "OC-1") == "for order confirmation OC-1"
        assert cancelling("de", "invoice", "RE-1") == "Storno zu Rechnung RE-1"

    def test_a_copy_names_nothing(self):
        assert joined("Tanzkurs (zu Angebot AN-1)", "", "zu Angebot AN-1") == "Tanzkurs"

    def test_it_stays_within_its_length(self):
        assert len(joined("x" * 300, "zu Angebot " + "9" * 40)) == 300
