"""The page of the articles: the list, the form with the other price, inactive, deletion."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from app.core.database import db
from app.domain.articles import queries, services
from app.domain.articles.queries import Wanted
from app.domain.factura import settings
from tests import hostile
from tests.browserless import Browser
from tests.factories import article_values
from tests.fragments import parts

URL = "/articles"
NEW = f"{URL}/new"
PRICE = f"{URL}/price"


@pytest.fixture
def create(app: Flask) -> Callable[..., int]:
    """Write an article and get its id."""

    def creating(**over: Any) -> int:
        with app.app_context():
            article_id = services.create_article(article_values(**over))
            db.session.commit()
            return article_id

    return creating


def typed(**over: Any) -> dict[str, Any]:
    return {
        "key": "",
        "number": "1001",
        "name": "Übungsabend",
        "text": "",
        "unit": "Abend",
        "price": "12,50",
        "currency": "EUR",
        "is_gross": "net",
        "tax": "standard",
    } | over


def edit(article_id: int) -> str:
    return f"{URL}/{article_id}/edit"


def articles(app: Flask, active: bool | None = None) -> list[Any]:
    with app.app_context():
        return queries.search(Wanted(active=active))[0]


class TestList:
    def test_shows_what_is_active_until_it_is_asked_otherwise(
        self, app: Flask, ben: Browser, create: Callable[..., int]
    ):
        create(name="Offen", price="0.2875", unit="kWh")
        gone = create(name="Früher")
        with app.app_context():
            services.activate_article(gone, False)
            db.session.commit()
        page = ben.get(URL).text
        assert "Offen" in page
        assert "€0.2875 net" in page
        assert "Standard, 19 %" in page
        assert "Früher" not in page
        assert "Früher" in ben.get(f"{URL}?show=inactive").text
        both = ben.get(f"{URL}?show=all").text
        assert "Früher" in both
        assert "2 articles" in both

    def test_answers_the_search_with_the_list_alone(self, ben: Browser, create: Callable[..., int]):
        create(name="Übungsabend")
        create(name="Kurs")
        answer = ben.htmx_get(f"{URL}?q=ubung").text.strip()
        assert answer.startswith('<div id="articles">')
        assert "Übungsabend" in answer
        assert "Kurs" not in answer

    def test_tells_why_it_is_empty(self, ben: Browser, create: Callable[..., int]):
        assert "No articles yet." in ben.get(f"{URL}?show=all").text
        create()
        for query in ("q=nirgends", "show=inactive", "page=2"):
            assert "No article is like this." in ben.get(f"{URL}?{query}").text

    def test_is_paged_and_keeps_what_is_asked(
        self, ben: Browser, create: Callable[..., int], monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.setattr(queries, "PAGE", 1)
        for name in ("Kurs A", "Kurs B", "Kurs C"):
            create(name=name)
        page = ben.get(f"{URL}?q=kurs&show=all&page=2").text
        assert "Kurs B" in page
        assert "Kurs A" not in page
        assert 'rel="prev" href="/articles?q=kurs&amp;show=all"' in page
        assert 'rel="next" href="/articles?q=kurs&amp;show=all&amp;page=3"' in page

    @pytest.mark.parametrize("query", ["page=0", "page=x", f"page={'9' * 30}", "show=x", "sort=x"])
    def test_bears_any_address(self, ben: Browser, create: Callable[..., int], query: str):
        create()
        assert ben.get(f"{URL}?{query}").status_code == 200

    @pytest.mark.parametrize("text", hostile.TEXTS, ids=hostile.called)
    def test_bears_any_search(self, ben: Browser, create: Callable[..., int], text: str):
        create()
        answer = ben.client.get(URL, query_string={"q": text[:3000]})
        assert answer.status_code == 200
        assert not hostile.is_markup_in(answer.text)

    def test_a_reader_sees_no_way_to_change(self, cleo: Browser, create: Callable[..., int]):
        article_id = create(name="Kurs")
        page = cleo.get(URL).text
        assert "Kurs" in page
        assert NEW not in page
        assert edit(article_id) not in page
        assert cleo.get(NEW).status_code == 403


class TestForm:
    def test_offers_the_next_number_and_what_is_usual(
        self, app: Flask, ben: Browser, create: Callable[..., int]
    ):
        create(number="A-17")
        with app.app_context():
            values = {**settings.editable().values, "currency": "CHF", "is_gross": True}
            settings.save_settings(values)
            db.session.commit()
        fields = ben.fields(NEW)
        shown = {name: fields[name] for name in ("number", "currency", "is_gross", "tax")}
        assert shown == {
            "number": "A-18",
            "currency": "CHF",
            "is_gross": "gross",
            "tax": "standard",
        }

    def test_creates(self, app: Flask, ben: Browser):
        assert ben.post(NEW, typed(is_gross="gross")).location == URL
        (row,) = articles(app)
        assert (row.name, f"{row.price}", row.is_gross) == ("Übungsabend", "12.50", True)

    def test_answers_htmx_with_the_list_as_it_is_on_screen(self, ben: Browser):
        address = {"HX-Current-URL": "http://localhost/articles?q=nirgends"}
        fragments, rest = parts(ben.htmx_post(NEW, typed(), headers=address).text)
        assert rest == ""
        assert "No article is like this." in fragments["#articles"]
        assert "Article Übungsabend created" in fragments["#toasts"]

    def test_two_clicks_make_one(self, app: Flask, ben: Browser):
        fields = ben.fields(NEW) | typed(key=ben.fields(NEW)["key"])
        assert len(fields["key"]) == 32
        ben.post(NEW, fields)
        assert ben.post(NEW, fields).status_code == 303
        assert len(articles(app)) == 1

    def test_a_copy_has_all_but_the_number(self, app: Flask, ben: Browser, create: Any):
        article_id = create(name="Kurs", number="7", text="Acht Abende", price="80")
        fields = ben.fields(f"{NEW}?copy={article_id}")
        shown = {name: fields[name] for name in ("name", "number", "text", "price")}
        assert shown["number"] == "8"
        assert (shown["name"], shown["text"]) == ("Kurs", "Acht Abende")
        assert shown["price"].startswith("80")
        assert ben.get(f"{NEW}?copy=999").status_code == 404
        ben.post(NEW, fields)
        assert len(articles(app)) == 2

    @pytest.mark.parametrize(
        ("over", "message"),
        [
            ({"name": " "}, "Please give a name."),
            ({"price": ""}, "Please give a price"),
            ({"price": "1.234"}, "Thousands or decimals?"),
            ({"price": "viel"}, "Please write a number"),
            ({"price": "NaN"}, "Please write a number"),
            ({"price": "-1"}, "A price cannot be below zero."),
            ({"price": "0,00001"}, "at most 4 digits"),
            ({"price": "9" * 39}, "This price is too large."),
            ({"currency": "XXX"}, "Please choose one of the list."),
            ({"tax": "special"}, "Please choose one of the list."),
            ({"is_gross": "x"}, "Please choose one of the list."),
            ({"name": "a\0b"}, "This contains characters that cannot be stored."),
            ({"name": "x" * 1_000_000}, "Please take at most 200 characters."),
        ],
    )
    def test_refuses_at_the_field_and_keeps_what_was_typed(
        self,
        ben: Browser,
        changes_nothing: Callable[[], Any],
        over: dict[str, str],
        message: str,
    ):
        with changes_nothing():
            answer = ben.post(NEW, typed(unit="Fass", **over))
        assert answer.status_code == 422
        assert message in answer.text
        assert 'value="Fass"' in answer.text
        assert over.get("price", "") in answer.text

    def test_a_number_that_another_has_is_told_with_its_name(self, ben: Browser, create: Any):
        create(number="1001", name="Der andere")
        answer = ben.post(NEW, typed())
        assert answer.status_code == 422
        assert "“Der andere” has this number." in answer.text

    def test_saves(self, app: Flask, ben: Browser, create: Any):
        article_id = create(name="Alt")
        fields = ben.fields(edit(article_id))
        assert ben.post(edit(article_id), fields | {"name": "Neu"}).location == URL
        assert [row.name for row in articles(app)] == ["Neu"]

    def test_shows_both_versions_after_a_colleague_saved(
        self, app: Flask, ben: Browser, create: Any
    ):
        article_id = create(name="Alt", price="75")
        fields = ben.fields(edit(article_id))
        with app.app_context():
            services.change_article(article_id, article_values(name="Ihres", price="80"))
            db.session.commit()
        answer = ben.post(edit(article_id), fields | {"name": "Meines"})
        assert answer.status_code == 409
        assert "Meines" in answer.text
        assert "Ihres" in answer.text
        again = {"version": "2", "choose-price": "theirs", "choose-name": "mine"}
        ben.post(edit(article_id), fields | again | {"name": "Meines"})
        (row,) = articles(app)
        assert (row.name, f"{row.price}") == ("Meines", "80")

    def test_nobodys_article_is_not_found(self, ben: Browser):
        assert ben.get(edit(999)).status_code == 404


class TestOtherPrice:
    @pytest.mark.parametrize(
        ("over", "told"),
        [
            ({}, "€14.875 gross, with tax"),
            ({"tax": "reduced"}, "€13.375 gross, with tax"),
            ({"is_gross": "gross", "price": "119"}, "€100.00 net, without tax"),
            ({"currency": "CHF"}, "CHF 14.875 gross, with tax"),
            ({"price": ""}, ""),
            ({"price": "1.234"}, ""),
            ({"price": "-1"}, ""),
            ({"price": "9" * 39}, ""),
            ({"tax": "x"}, ""),
            ({"currency": "x"}, ""),
            ({"name": "", "is_gross": "x"}, "€14.875 gross, with tax"),
        ],
    )
    def test_follows_what_is_typed(
        self, ben: Browser, changes_nothing: Callable[[], Any], over: dict[str, str], told: str
    ):
        with changes_nothing():
            answer = ben.htmx_post(PRICE, typed(**over))
        assert answer.status_code == 200
        assert answer.text.strip().replace("\N{NO-BREAK SPACE}", " ") == told

    def test_stands_in_the_form_from_the_beginning(self, ben: Browser, create: Any):
        article_id = create(price="100")
        assert "€119.00 gross, with tax" in ben.get(edit(article_id)).text

    def test_is_counted_without_script(self, ben: Browser, changes_nothing: Callable[[], Any]):
        with changes_nothing():
            answer = ben.post(NEW, typed(check="1", name=""))
        assert answer.status_code == 200
        assert "€14.875 gross, with tax" in answer.text
        assert "Please give a name." not in answer.text


class TestActivation:
    def test_is_taken_back_by_the_toast(self, app: Flask, ben: Browser, create: Any):
        article_id = create(name="Kurs")
        answer = ben.htmx_post(f"{URL}/{article_id}/activation", {"active": "0"})
        toast = parts(answer.text)[0]["#toasts"]
        assert "Article Kurs is inactive" in toast
        assert articles(app, active=True) == []
        undo = re.search(r'action="([^"]+)"', toast)
        assert undo is not None
        assert ben.post(undo[1].replace("&amp;", "&")).location == URL
        assert len(articles(app, active=True)) == 1


class TestDeletion:
    def test_asks_and_deletes(self, app: Flask, ben: Browser, create: Any):
        article_id = create(name="Kurs")
        url = f"{URL}/{article_id}/deletion"
        assert "Delete article Kurs?" in ben.get(url).text
        assert len(articles(app)) == 1
        assert ben.post(url).location == URL
        assert articles(app) == []
        assert ben.get(url).status_code == 404

    def test_offers_to_set_inactive_what_is_needed(
        self, app: Flask, ben: Browser, create: Any, monkeypatch: pytest.MonkeyPatch
    ):
        article_id = create(name="Kurs")
        monkeypatch.setattr(queries, "ask", lambda *_name, **_facts: [None, "3 documents have it."])
        url = f"{URL}/{article_id}/deletion"
        page = ben.get(url).text
        assert "3 documents have it." in page
        assert f'action="{URL}/{article_id}/activation"' in page
        assert f'action="{url}"' not in page
        refusal = ben.post(url)
        assert refusal.status_code == 409
        assert "3 documents have it." in refusal.text
        assert len(articles(app)) == 1
