"""Factura settings: the defaults of new documents, number ranges, text blocks, what is lacking."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select
from werkzeug.exceptions import NotFound

from app.core import numbers
from app.core.audit import AuditEntry
from app.core.database import db, now
from app.core.i18n import _
from app.core.problems import Invalid
from app.domain.articles import labels, tax
from app.domain.factura import archive, numbering, ranges, setting_rules, settings, texts
from app.domain.factura.labels import kinds
from app.domain.factura.models import FacturaDocument, FacturaSettings
from app.domain.factura.rules import Kind
from app.domain.settings.services import save_team
from tests.factories import team_values, text_values

DAY = date(2026, 11, 25)
LANGUAGES = ("de", "en")


def defaults(**over: Any) -> dict[str, Any]:
    return {
        "currency": "EUR",
        "is_gross": False,
        "treatment": "taxed",
        "payment_days": 14,
        "quote_days": 30,
        "tax_number": "",
        "vat_number": "",
        "exempt_reason": "",
    } | over


def of_range(**over: Any) -> dict[str, Any]:
    return {"prefix": "RE-", "with_year": True, "digits": 4, "start": 1} | over


def refused(verb: Any, *arguments: Any) -> list[tuple[str, str]]:
    with pytest.raises(Invalid) as refusal:
        verb(*arguments)
    return [(problem.field, problem.code) for problem in refusal.value.problems]


class TestDefaults:
    @pytest.mark.parametrize(
        ("country", "currency", "days"), [("DE", "EUR", 14), ("AT", "EUR", 14), ("CH", "CHF", 30)]
    )
    def test_are_those_of_the_country_and_not_stored(
        self, context: None, country: str, currency: str, days: int
    ):
        save_team(team_values(country=country))
        row = settings.settings()
        assert (row.currency, row.payment_days, row.is_gross) == (currency, days, False)
        assert db.session.get(FacturaSettings, 1) is None
        assert settings.editable().version == ""

    def test_are_saved_and_told(self, context: None):
        settings.save_settings(defaults(payment_days=0, vat_number="de 136 695 976"))
        entry = db.session.scalar(select(AuditEntry).where(AuditEntry.area == "factura"))
        assert entry is not None
        assert entry.action == "settings_changed"
        assert entry.changes == [["payment_days", 14, 0], ["vat_number", "", "DE136695976"]]
        assert settings.editable().version == "1"
        settings.save_settings(defaults(payment_days=0, vat_number="DE136695976"))
        assert settings.editable().version == "1"

    @pytest.mark.parametrize(
        ("over", "found"),
        [
            ({"currency": "XXX"}, [("currency", "unknown")]),
            ({"currency": None}, [("currency", "unknown")]),
            ({"treatment": "free"}, [("treatment", "unknown")]),
            ({"payment_days": None}, [("payment_days", "out_of_range")]),
            ({"payment_days": 366}, [("payment_days", "out_of_range")]),
            ({"quote_days": 0}, [("quote_days", "out_of_range")]),
            ({"tax_number": "1" * 41}, [("tax_number", "too_long")]),
            ({"exempt_reason": "x" * 301}, [("exempt_reason", "too_long")]),
            ({"vat_number": "DE136695977"}, [("vat_number", "malformed")]),
            ({"vat_number": "DE12"}, [("vat_number", "malformed")]),
        ],
    )
    def test_what_must_hold(self, context: None, over: dict[str, Any], found: list[Any]):
        assert refused(settings.save_settings, defaults(**over)) == found
        assert db.session.get(FacturaSettings, 1) is None

    def test_switzerland_has_no_intra_community_supply(self, context: None):
        save_team(team_values(country="CH"))
        values = defaults(treatment="intra_community")
        assert refused(settings.save_settings, values) == [("treatment", "unknown")]


class TestLacking:
    @pytest.mark.parametrize(
        ("country", "treatment", "needed"),
        [
            ("DE", "taxed", "either"),
            ("DE", "small_business", "either"),
            ("DE", "export", "either"),
            ("DE", "intra_community", "vat"),
            ("DE", "reverse_charge", "vat"),
            ("AT", "intra_community", "vat"),
            ("AT", "taxed", "vat"),
            ("AT", "small_business", ""),
            ("CH", "taxed", "vat"),
            ("CH", "small_business", ""),
            ("FR", "taxed", "either"),
        ],
    )
    def test_which_number_the_law_wants(self, country: str, treatment: str, needed: str):
        assert setting_rules.needed_number(country, treatment) == needed

    def test_all_of_it_before_anything_is_said(self, context: None):
        assert settings.lacking() == [
            _("the team's name"),
            _("the team's street"),
            _("the team's postcode"),
            _("the team's town"),
            _("the team's tax number or VAT number"),
        ]

    def test_nothing_any_more(self, context: None):
        save_team(team_values())
        assert settings.lacking() == [_("the team's tax number or VAT number")]
        settings.save_settings(defaults(tax_number="214/5678/1234"))
        assert settings.lacking() == []

    def test_it_is_the_document_s_treatment_that_counts(self, context: None):
        save_team(team_values())
        settings.save_settings(defaults(tax_number="214/5678/1234"))
        assert settings.lacking("intra_community") == [_("the team's VAT number")]
        assert settings.lacking("export") == []

    def test_austria_wants_the_vat_number(self, context: None):
        save_team(team_values(country="AT"))
        settings.save_settings(defaults(tax_number="12 345/6789"))
        assert settings.lacking() == [_("the team's VAT number")]
        settings.save_settings(defaults(vat_number="U13585627"))
        assert settings.settings().vat_number == "ATU13585627"
        assert settings.lacking() == []


class TestRanges:
    def test_every_kind_has_one_that_no_other_has(self, context: None):
        for language in LANGUAGES:
            save_team(team_values(language=language))
            found = {settings.number_range(kind).prefix for kind in Kind}
            assert len(found) == len(Kind)

    @pytest.mark.parametrize(
        ("over", "shown"),
        [
            ({}, "RE-2026-0001"),
            ({"start": 37}, "RE-2026-0037"),
            ({"with_year": False, "digits": 1}, "RE-1"),
            ({"prefix": "", "digits": 6}, "2026-000001"),
            ({"start": 123456}, "RE-2026-123456"),
        ],
    )
    def test_what_comes_next_is_what_is_given(
        self, context: None, over: dict[str, Any], shown: str
    ):
        values = of_range(**over)
        assert ranges.next_number(ranges.tried("invoice", values), DAY) == shown
        ranges.save_range("invoice", values, DAY)
        assert ranges.next_number(settings.number_range("invoice"), DAY) == shown
        assert numbering.take("invoice", DAY) == shown

    def test_another_prefix_goes_on_counting(self, context: None):
        for _number in range(3):
            numbering.take("invoice", DAY)
        ranges.save_range("invoice", of_range(prefix="R/"), DAY)
        assert numbering.take("invoice", DAY) == "R/2026-0004"

    def test_a_new_year_begins_at_the_start(self, context: None):
        ranges.save_range("invoice", of_range(start=5), DAY)
        numbering.take("invoice", DAY)
        assert numbering.take("invoice", date(2027, 1, 2)) == "RE-2027-0005"

    def test_a_number_that_a_document_has_is_stepped_over(self, make_customer: Any, context: None):
        customer_id = make_customer()
        for number in ("RE-2026-0001", "RE-2026-0002"):
            values = {"kind": "invoice", "state": "issued", "number": number, "issued_on": DAY}
            db.session.add(FacturaDocument(customer_id=customer_id, created_at=now(), **values))
        db.session.flush()
        assert ranges.next_number(settings.number_range("invoice"), DAY) == "RE-2026-0003"
        assert numbering.take("invoice", DAY) == "RE-2026-0003"

    def test_a_start_below_what_was_given_is_refused_with_the_reason(self, context: None):
        numbers.take("factura:invoice:2026", 37)
        with pytest.raises(Invalid) as refusal:
            ranges.save_range("invoice", of_range(start=37), DAY)
        (problem,) = refusal.value.problems
        assert (problem.field, problem.code) == ("start", "given")
        assert "37" in str(problem.message)
        ranges.save_range("invoice", of_range(start=1, prefix="R-"), DAY)
        ranges.save_range("invoice", of_range(start=38), DAY)
        assert numbering.take("invoice", DAY) == "RE-2026-0038"

    @pytest.mark.parametrize(
        ("over", "found"),
        [
            ({"prefix": "AN-"}, [("prefix", "taken")]),
            ({"prefix": "AN-2026-", "with_year": False}, [("prefix", "taken")]),
            ({"prefix": "AN-2031-", "with_year": False}, [("prefix", "taken")]),
            ({"prefix": "Rechnung Nr. "}, [("prefix", "malformed")]),
            ({"prefix": "R\u202e"}, [("prefix", "malformed")]),
            ({"prefix": "../A/"}, [("prefix", "malformed")]),
            ({"prefix": "/A"}, [("prefix", "malformed")]),
            ({"prefix": "x" * 21}, [("prefix", "too_long")]),
            ({"digits": 0}, [("digits", "out_of_range")]),
            ({"digits": 10}, [("digits", "out_of_range")]),
            ({"start": 0}, [("start", "out_of_range")]),
            (
                {"start": None, "digits": None},
                [("digits", "out_of_range"), ("start", "out_of_range")],
            ),
            ({"start": 10**9}, [("start", "out_of_range")]),
        ],
    )
    def test_what_must_hold(self, context: None, over: dict[str, Any], found: list[Any]):
        assert refused(ranges.save_range, "invoice", of_range(**over), DAY) == found

    def test_it_is_told(self, context: None):
        ranges.save_range("invoice", of_range(digits=5), DAY)
        entry = db.session.scalar(select(AuditEntry).where(AuditEntry.action == "range_changed"))
        assert entry is not None
        assert (entry.subject, entry.changes) == (str(kinds[Kind.INVOICE]), [["digits", 4, 5]])


class TestTexts:
    def test_the_archive_speaks_as_long_as_the_team_does_not(self, context: None):
        usual = settings.default_text("invoice", "closing", "de")
        assert usual == archive.text("invoice", "closing", "de")
        text_id = texts.create_text(text_values(text="Danke."))
        assert settings.default_text("invoice", "closing", "de") == "Danke."
        assert settings.default_text("invoice", "closing", "en") != "Danke."
        texts.change_text(text_id, text_values(is_default=False))
        assert settings.default_text("invoice", "closing", "de") == ""
        texts.remove_text(text_id)
        assert settings.default_text("invoice", "closing", "de") == usual

    def test_one_for_all_kinds_stands_where_none_of_its_own_does(self, context: None):
        texts.create_text(text_values(kind="", text="Für alle"))
        texts.create_text(text_values(kind="quote", text="Nur Angebote"))
        assert settings.default_text("invoice", "closing", "de") == "Für alle"
        assert settings.default_text("quote", "closing", "de") == "Nur Angebote"
        rows = settings.texts("quote", "closing", "de")
        assert [row.text for row in rows] == ["Nur Angebote", "Für alle"]

    def test_there_is_one_default(self, context: None):
        first = texts.create_text(text_values(text="Erster"))
        other = texts.create_text(text_values(place="intro"))
        second = texts.create_text(text_values(text="Zweiter"))
        db.session.expire_all()
        assert not texts.block(first).is_default
        assert texts.block(first).version == 2
        assert texts.block(other).is_default
        assert settings.default_text("invoice", "closing", "de") == "Zweiter"
        texts.remove_text(second)
        texts.change_text(first, text_values(text="Erster"))
        texts.restore_text(second)
        assert not texts.block(second).is_default
        assert settings.default_text("invoice", "closing", "de") == "Erster"

    def test_removed_and_brought_back(self, context: None):
        text_id = texts.create_text(text_values())
        texts.remove_text(text_id)
        assert texts.listed() == []
        with pytest.raises(NotFound):
            texts.block(text_id)
        texts.restore_text(text_id)
        assert [row.is_default for row in texts.listed()] == [True]
        asked = select(AuditEntry.action).where(AuditEntry.area == "factura")
        assert list(db.session.scalars(asked)) == ["text_created", "text_removed", "text_restored"]

    def test_the_form_that_is_sent_twice_makes_one(self, context: None):
        first = texts.create_text(text_values(), key="k" * 32)
        assert texts.create_text(text_values(), key="k" * 32) == first

    @pytest.mark.parametrize(
        ("over", "found"),
        [
            ({"kind": "reminder"}, [("kind", "unknown")]),
            ({"place": None}, [("place", "unknown")]),
            ({"language": "fr"}, [("language", "unknown")]),
            ({"name": "", "text": ""}, [("name", "required"), ("text", "required")]),
            ({"text": "x" * 5_001}, [("text", "too_long")]),
        ],
    )
    def test_what_must_hold(self, context: None, over: dict[str, Any], found: list[Any]):
        assert refused(texts.create_text, text_values(**over)) == found


class TestArchive:
    def test_has_something_for_every_kind_place_and_language(self):
        for kind in setting_rules.WRITTEN:
            for place in setting_rules.PLACES:
                for language in LANGUAGES:
                    is_said_by_the_sheet = (kind, place) == (Kind.PRO_FORMA, "closing")
                    assert bool(archive.text(kind, place, language)) != is_said_by_the_sheet

    def test_all_of_it_may_be_kept_and_each_place_has_one_default(self):
        places = []
        for draft in archive.drafts():
            values = {field: getattr(draft, field) for field in setting_rules.TEXT}
            assert setting_rules.check_text(values) == []
            assert archive.draft(draft.language, draft.key) == draft
            if draft.is_default:
                places.append((draft.kind, draft.place, draft.language))
        assert len(places) == len(set(places)) == len(setting_rules.WRITTEN) * 4 - 2

    def test_they_can_be_used_in_switzerland(self):
        assert not any("ß" in draft.name + draft.text for draft in archive.drafts())

    def test_nothing_else_is_found(self):
        with pytest.raises(NotFound):
            archive.draft("de", "../en/quote-intro")


def test_every_treatment_and_code_has_its_word():
    assert set(labels.treatments) == set(tax.Treatment)
    assert set(labels.taxes) == set(tax.Code)
