"""Articles: what must hold, what happens, by which words they are found, which number is next."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select, text
from werkzeug.exceptions import NotFound

from app.core.audit import AuditEntry
from app.core.database import db, now
from app.core.events import announced
from app.core.problems import Invalid, Refused
from app.domain.articles import queries, rules, services
from app.domain.articles.models import ArticleWord
from app.domain.articles.queries import Wanted
from app.domain.factura.models import FacturaDocument, FacturaLine
from app.domain.settings.services import save_team
from tests.factories import article_values, team_values

TAXES = {"standard": "Standard, 19 %", "reduced": "Reduced, 7 %"}


def create(**over: Any) -> int:
    return services.create_article(article_values(**over))


def names(rows: list[Any]) -> list[str]:
    return [row.name for row in rows]


def problems(**over: Any) -> list[tuple[str, str]]:
    found = rules.check_article(article_values(**over), TAXES)
    return [(problem.field, problem.code) for problem in found]


@pytest.mark.parametrize(
    ("over", "found"),
    [
        ({}, []),
        ({"price": "0", "number": "x" * 40, "unit": ""}, []),
        ({"price": "0.2875"}, []),
        ({"price": "999999999.9999"}, []),
        ({"name": ""}, [("name", "required")]),
        ({"name": "x" * 201, "unit": "x" * 21}, [("name", "too_long"), ("unit", "too_long")]),
        ({"number": "x" * 41}, [("number", "too_long")]),
        ({"text": "x" * 5_001}, [("text", "too_long")]),
        ({"price": None}, [("price", "required")]),
        ({"price": "-0.01"}, [("price", "negative")]),
        ({"price": "1000000000"}, [("price", "too_large")]),
        ({"price": "0.00001"}, [("price", "too_fine")]),
        ({"currency": "XXX"}, [("currency", "unknown")]),
        ({"tax": "special"}, [("tax", "unknown")]),
        ({"tax": None, "currency": None}, [("currency", "unknown"), ("tax", "unknown")]),
    ],
)
def test_what_must_hold(over: dict[str, Any], found: list[tuple[str, str]]):
    assert problems(**over) == found


def test_a_country_without_rates_is_told():
    found = rules.check_article(article_values(), {})
    assert [(problem.field, problem.code) for problem in found] == [("tax", "no_rates")]


@pytest.mark.parametrize(
    ("number", "following"),
    [
        ("1001", "1002"),
        ("0999", "1000"),
        ("99", "100"),
        ("A-099", "A-100"),
        ("K2-7", "K2-8"),
        ("ABC", ""),
        ("10b", ""),
        ("", ""),
    ],
)
def test_the_number_that_follows(number: str, following: str):
    assert rules.following(number) == following


class TestNextNumber:
    def test_begins_somewhere(self, context: None):
        assert queries.next_number() == "1001"

    def test_is_behind_the_highest_of_the_series_of_the_latest(self, context: None):
        for number in ("A-9", "A-100", "B-7", "A-10", ""):
            create(number=number)
        assert queries.next_number() == "A-101"
        create(number="7")
        assert queries.next_number() == "8"

    @pytest.mark.parametrize("number", ["EINS", "9" * 40, "1001b"])
    def test_is_none_where_counting_is_not_possible(self, context: None, number: str):
        create(number=number)
        assert queries.next_number() == ""

    def test_is_always_free(self, context: None):
        create(number="ä-1")
        create(number="A-2")
        free = queries.next_number()
        assert free
        assert queries.taken_by(free) is None


class TestVerbs:
    def test_created_changed_and_told(self, context: None):
        article_id = create(name="Kurs", number="7")
        services.change_article(article_id, article_values(name="Kurs", number="8", price="80.5"))
        created, changed = db.session.scalars(
            select(AuditEntry).where(AuditEntry.area == "articles").order_by(AuditEntry.id)
        )
        assert (created.action, created.subject) == ("created", "Kurs")
        assert changed.changes == [["number", "7", "8"], ["price", "75", "80.5"]]
        assert "article.changed" in announced()
        article = queries.article(article_id)
        assert (article.version, f"{article.price}") == (2, "80.5")

    def test_nothing_changed_tells_nothing(self, context: None):
        article_id = create()
        services.change_article(article_id, article_values(price="75.00"))
        assert queries.article(article_id).version == 1

    def test_the_form_that_is_sent_twice_makes_one(self, context: None):
        first = services.create_article(article_values(), key="k" * 32)
        assert services.create_article(article_values(name="Anders"), key="k" * 32) == first
        assert services.create_article(article_values(), key="") != first

    def test_a_number_belongs_to_one_article_and_none_to_many(self, context: None):
        first = create(number="7", name="Erster")
        create(number="")
        create(number="")
        with pytest.raises(Invalid) as refusal:
            create(number="7")
        (problem,) = refusal.value.problems
        assert (problem.field, problem.code) == ("number", "taken")
        assert "Erster" in str(problem.message)
        services.change_article(first, article_values(number="7", name="Anders"))

    def test_inactive_and_active_again(self, context: None):
        article_id = create()
        services.activate_article(article_id, False)
        assert queries.choices("privat") == []
        services.activate_article(article_id, False)
        services.activate_article(article_id, True)
        assert names(queries.choices("privat")) == ["Privatstunde"]
        asked = select(AuditEntry.action).where(AuditEntry.area == "articles")
        assert list(db.session.scalars(asked)) == ["created", "deactivated", "activated"]

    def test_deleted_with_its_words(self, context: None):
        article_id = create()
        services.delete_article(article_id)
        db.session.expire_all()
        with pytest.raises(NotFound):
            queries.article(article_id)
        assert db.session.scalars(select(ArticleWord.word)).all() == []

    def test_one_that_documents_have_stays(self, make_customer: Any, context: None):
        customer_id = make_customer()
        article_id = create()
        for document_id in (1, 2):
            draft = FacturaDocument(
                id=document_id, customer_id=customer_id, kind="quote", created_at=now()
            )
            lines = [
                FacturaLine(document_id=document_id, position=n, article_id=article_id)
                for n in (1, 2)
            ]
            db.session.add(draft)
            db.session.flush()
            db.session.add_all(lines)
        with pytest.raises(Refused, match="2"):
            services.delete_article(article_id)
        assert queries.article(article_id).version == 1


class TestChoices:
    @pytest.fixture(autouse=True)
    def _articles(self, context: None) -> None:
        for number, name in (
            ("1001", "Übungsabend für Anfänger"),
            ("1002", "Grundkurs Standard/Latein"),
            ("2100", "Tanzschuhe Größe 10"),
            ("A-7", "Müller-Thurgau, 0,75 l"),
            ("", "Saalmiete"),
        ):
            create(number=number, name=name)

    @pytest.mark.parametrize(
        ("typed", "found"),
        [
            ("übungs", ["Übungsabend für Anfänger"]),
            ("UBUNGS", ["Übungsabend für Anfänger"]),
            ("uebungs", ["Übungsabend für Anfänger"]),
            ("anf", ["Übungsabend für Anfänger"]),
            ("anf üb", ["Übungsabend für Anfänger"]),
            ("anf schuh", []),
            ("lat", ["Grundkurs Standard/Latein"]),
            ("tein", []),
            ("100", ["Übungsabend für Anfänger", "Grundkurs Standard/Latein"]),
            (
                "10",
                ["Übungsabend für Anfänger", "Grundkurs Standard/Latein", "Tanzschuhe Größe 10"],
            ),
            ("a-7", ["Müller-Thurgau, 0,75 l"]),
            ("mueller", ["Müller-Thurgau, 0,75 l"]),
            ("%", None),
            ("_", None),
            ("'", None),
            ("nirgends", []),
        ],
    )
    def test_by_number_and_by_the_beginnings_of_words(self, typed: str, found: list[str] | None):
        everything = names(queries.choices(""))
        assert names(queries.choices(typed)) == (everything if found is None else found)

    def test_all_in_the_order_of_names_and_no_more_than_wanted(self):
        everything = names(queries.choices(""))
        assert everything == sorted(
            everything, key=lambda name: rules.sorting("", name)["name_sort"]
        )
        assert names(queries.choices("", limit=2)) == everything[:2]
        assert names(queries.choices("10", limit=2)) == [
            "Übungsabend für Anfänger",
            "Grundkurs Standard/Latein",
        ]

    def test_a_word_that_many_have_is_found_as_well(self):
        for n in range(queries.FEW + 5):
            create(name=f"Vieles {n:04}")
        assert names(queries.choices("vieles", limit=3)) == [f"Vieles {n:04}" for n in range(3)]
        assert names(queries.choices("vieles 0203")) == ["Vieles 0203"]

    def test_they_are_found_by_their_new_words_only(self):
        (row,) = queries.choices("saalmiete")
        services.change_article(row.id, article_values(name="Raum"))
        assert queries.choices("saalmiete") == []
        assert names(queries.choices("raum")) == ["Raum"]

    def test_a_search_reads_the_index_of_the_list_alone(self):
        asked = (
            "SELECT id FROM article WHERE active AND instr(found_by, ' x') ORDER BY name_sort, id"
        )
        plan = str(db.session.execute(text(f"EXPLAIN QUERY PLAN {asked}")).all())
        assert "COVERING INDEX ix_article_name" in plan
        assert "TEMP B-TREE" not in plan


class TestList:
    def test_narrowed_sorted_and_paged(self, context: None, monkeypatch: pytest.MonkeyPatch):
        ids = [
            create(number=number, name=name)
            for number, name in (("10", "Alpha"), ("9", "Beta"), ("100", "Gamma"), ("", "Delta"))
        ]
        services.activate_article(ids[1], False)
        assert names(queries.search(Wanted())[0]) == ["Alpha", "Delta", "Gamma"]
        assert names(queries.search(Wanted(active=False))[0]) == ["Beta"]
        rows, _more = queries.search(Wanted(active=None, sort="number"))
        assert names(rows) == ["Delta", "Beta", "Alpha", "Gamma"]
        assert queries.count(Wanted(active=None, words="a")) == 1
        monkeypatch.setattr(queries, "PAGE", 2)
        rows, is_more = queries.search(Wanted())
        assert (names(rows), is_more) == (["Alpha", "Delta"], True)
        rows, is_more = queries.search(Wanted(page=2))
        assert (names(rows), is_more) == (["Gamma"], False)


@pytest.mark.parametrize(
    ("country", "rates"),
    [
        ("DE", ["19", "7", "0", "0"]),
        ("AT", ["20", "10", "13", "4,9", "0", "0"]),
        ("CH", ["8,1", "2,6", "3,8", "0"]),
        ("FR", []),
    ],
)
def test_tax_codes_with_their_rates(context: None, country: str, rates: list[str]):
    save_team(team_values(country=country))
    offered = queries.taxes(date(2026, 11, 25)).values()
    shown = [told.rpartition(" %")[0].rpartition(" ")[2] for told in offered]
    assert [rate.replace(".", ",") for rate in shown] == rates
