"""The settings of hint banners: added, previewed, edited, in conflict, moved, copied, deleted."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from app.core.database import db
from app.domain.articles.services import activate_article
from app.domain.banners import queries, rules, services
from app.domain.customers.services import create_customer
from tests import hostile
from tests.browserless import Browser
from tests.domain.test_banners import invoice, make_article
from tests.factories import banner_values, customer_values
from tests.fragments import parts

URL = "/settings/banners"
NEW = f"{URL}/new"


@pytest.fixture
def article(app: Flask) -> int:
    with app.app_context():
        article_id = make_article("SLA Gold", "A-100")
        make_article("SLA Silber", "A-200")
        db.session.commit()
        return article_id


@pytest.fixture
def add(app: Flask, article: int) -> Callable[..., int]:
    """Add a banner and get its id."""

    def adding(**over: Any) -> int:
        with app.app_context():
            banner_id = services.add_banner(banner_values(article, **over))
            db.session.commit()
            return banner_id

    return adding


def filled(anna: Browser, url: str = NEW, **over: Any) -> dict[str, Any]:
    """The form as it is shown, with a banner typed."""
    typed = {"line1": "SLA Gold", "line2": "rund um die Uhr", "article": "A-100 SLA Gold"}
    return anna.fields(url) | typed | over


def stored(app: Flask, banner_id: int = 1) -> dict[str, Any]:
    with app.app_context():
        return queries.editable(queries.banner(banner_id)).values


@pytest.mark.usefixtures("article")
class TestAdding:
    def test_it_stands_in_the_list(self, app: Flask, anna: Browser):
        assert "No hint banners yet" in anna.get(URL).text
        answer = anna.post(NEW, filled(anna, style="pennant", color="#22543D", condition="open"))
        assert (answer.status_code, answer.location) == (303, URL)
        page = anna.get(URL).text
        assert "Banner SLA Gold added" in page
        assert 'data-style="pennant" data-ink="white"' in page
        assert 'fill="#22543d"' in page
        assert "A-100 SLA Gold" in page
        assert "0 customers" in page
        assert stored(app)["color"] == "#22543d"

    def test_a_dialog_answers_with_the_list(self, anna: Browser):
        fresh, remainder = parts(anna.htmx_post(NEW, filled(anna)).text)
        assert set(fresh) == {"#toasts", "#banner-list"}
        assert remainder == ""

    def test_sent_twice_it_is_one(self, app: Flask, anna: Browser):
        form = filled(anna)
        assert [anna.post(NEW, form).status_code for _n in range(2)] == [303, 303]
        with app.app_context():
            assert queries.number() == 1

    @pytest.mark.parametrize(
        "typed", ["A-100", "a-100 sla gold", "sla gold", "gold", "A-100 SLA Gold "]
    )
    def test_an_article_is_known_by_number_or_name(self, app: Flask, anna: Browser, typed: str):
        assert anna.post(NEW, filled(anna, article=typed)).status_code == 303
        assert stored(app)["article"] == "A-100 SLA Gold"

    @pytest.mark.parametrize(
        ("typed", "message"),
        [
            ("", "Please choose an article."),
            ("Platin", "No active article is called that."),
            ("x" * 5000, "No active article is called that."),
            ("sla", "Several articles may be meant: A-100 SLA Gold, A-200 SLA Silber."),
        ],
    )
    def test_or_it_is_asked_for(
        self, anna: Browser, changes_nothing: Callable[[], Any], typed: str, message: str
    ):
        with changes_nothing():
            answer = anna.post(NEW, filled(anna, article=typed, line1=""))
        assert answer.status_code == 422
        assert message in answer.text
        assert "Please write what the banner says." in answer.text
        assert f'value="{typed}"' in answer.text

    @pytest.mark.parametrize("field", ["line1", "line2", "color", "article", "style", "condition"])
    @pytest.mark.parametrize("text", hostile.TEXTS, ids=hostile.called)
    def test_hostile_text(self, app: Flask, anna: Browser, field: str, text: str):
        answer = anna.post(NEW, filled(anna, **{field: text}))
        assert answer.status_code in (303, 413, 422)
        assert not hostile.is_markup_in(answer.text)
        assert not hostile.is_markup_in(anna.get(URL).text)

    def test_the_colour_never_leaves_its_attribute(self, anna: Browser):
        answer = anna.post(NEW, filled(anna, color='#123456"/><script>alert(1)</script>'))
        assert answer.status_code == 422
        assert "Please give a colour like #2b6cb0." in answer.text
        assert "<script>alert" not in answer.text

    def test_when_there_are_enough_none_is_added(self, anna: Browser, add: Callable[..., int]):
        form = filled(anna)
        for _n in range(rules.MOST):
            add()
        page = anna.get(URL).text
        assert "There can be 40 hint banners at most." in page
        assert 'id="banner-new"' not in page
        assert anna.post(NEW, form).status_code == 409


@pytest.mark.usefixtures("article")
class TestPreview:
    def preview(self, anna: Browser, **over: Any) -> str:
        answer = anna.htmx_post(f"{URL}/preview", filled(anna, **over))
        assert answer.status_code == 200
        return answer.text

    def test_it_shows_what_is_typed(self, anna: Browser, changes_nothing: Callable[[], Any]):
        with changes_nothing():
            shown = self.preview(anna, color="#ffee00")
        assert shown.count('data-ink="black"') == 4
        assert "Black is read best on this colour, with a contrast of 17.4 : 1." in shown
        assert "An invoice with the article A-100 SLA Gold is paid in full." in shown

    @pytest.mark.parametrize(
        ("color", "said"),
        [
            ("#ffee00", "On light ground the frame is drawn darker"),
            ("#000033", "On dark ground the frame is drawn lighter"),
            ("#c05621", "The frame is seen well"),
        ],
    )
    def test_it_tells_where_a_frame_is_mended(self, anna: Browser, color: str, said: str):
        assert said in self.preview(anna, style="frame", color=color)

    @pytest.mark.parametrize("over", [{"line1": ""}, {"color": "red"}, {"style": "x"}])
    def test_there_may_be_nothing_to_see_yet(self, anna: Browser, over: dict[str, str]):
        assert "<svg" not in self.preview(anna, **over)

    def test_without_script_a_button_shows_it(
        self, anna: Browser, changes_nothing: Callable[[], Any]
    ):
        with changes_nothing():
            answer = anna.post(NEW, filled(anna, line1="Schau mal", check="1"))
        assert answer.status_code == 200
        assert answer.text.count(">Schau mal</span>") == 4

    def test_articles_are_offered_while_typing(self, app: Flask, anna: Browser, article: int):
        url = f"{URL}/articles?article="
        assert re.findall('value="([^"]+)"', anna.htmx_get(f"{url}sla").text) == [
            "A-100 SLA Gold",
            "A-200 SLA Silber",
        ]
        with app.app_context():
            activate_article(article, False)
            db.session.commit()
        assert "A-100" not in anna.htmx_get(f"{url}sla").text


class TestEditing:
    def test_it_is_saved(self, app: Flask, anna: Browser, add: Callable[..., int]):
        url = f"{URL}/{add()}/edit"
        fields = anna.fields(url)
        assert fields["article"] == "A-100 SLA Gold"
        assert anna.post(url, fields | {"line1": "Gold", "condition": "open"}).status_code == 303
        assert (stored(app)["line1"], stored(app)["condition"]) == ("Gold", "open")

    def test_an_article_that_is_offered_no_more_may_stay(
        self, app: Flask, anna: Browser, article: int, add: Callable[..., int]
    ):
        url = f"{URL}/{add()}/edit"
        with app.app_context():
            activate_article(article, False)
            db.session.commit()
        assert anna.post(url, anna.fields(url) | {"line1": "Gold"}).status_code == 303
        assert anna.post(NEW, filled(anna)).status_code == 422
        assert stored(app)["line1"] == "Gold"

    def test_two_at_once_see_both_versions(
        self, app: Flask, anna: Browser, add: Callable[..., int]
    ):
        url = f"{URL}/{add()}/edit"
        mine = anna.fields(url) | {"line1": "Meins", "style": "frame"}
        anna.post(url, anna.fields(url) | {"line1": "Ihres", "article": "A-200"})
        answer = anna.post(url, mine)
        assert answer.status_code == 409
        for shown in ("Meins", "Ihres", "A-200 SLA Silber", "Frame", "Plate"):
            assert shown in answer.text
        again = mine | {"version": "2", "choose-line1": "theirs"}
        assert anna.post(url, again).status_code == 303
        assert (stored(app)["line1"], stored(app)["style"]) == ("Ihres", "frame")

    def test_of_an_unknown_one(self, anna: Browser):
        for path in ("edit", "deletion"):
            assert anna.get(f"{URL}/999/{path}").status_code == 404
        assert anna.post(f"{URL}/999/place", {"to": "up"}).status_code == 404
        assert anna.get(f"{NEW}?copy=999").status_code == 404

    def test_a_copy_begins_with_the_same(self, app: Flask, anna: Browser, add: Callable[..., int]):
        fields = anna.fields(f"{NEW}?copy={add(style='frame', line2='rund um die Uhr')}")
        assert fields["version"] == ""
        assert anna.post(NEW, fields | {"condition": "open"}).status_code == 303
        one, two = stored(app, 1), stored(app, 2)
        assert two == one | {"condition": "open"}


class TestOrder:
    def test_one_place_at_a_time(self, app: Flask, anna: Browser, add: Callable[..., int]):
        one, two, three = (add(line1=name) for name in "abc")
        assert anna.post(f"{URL}/{three}/place", {"to": "up"}).status_code == 303
        with app.app_context():
            assert queries.order() == [one, three, two]
        answer = anna.htmx_post(f"{URL}/{three}/place", {"to": "up"})
        fresh, _remainder = parts(answer.text)
        assert set(fresh) == {"#banner-list"}
        focused = re.search(r'id="([\w-]+)"\s*autofocus', fresh["#banner-list"])
        assert focused is not None
        assert focused[1] == f"down-{three}"


class TestDeleting:
    def test_it_is_asked_and_done(
        self, app: Flask, anna: Browser, article: int, add: Callable[..., int]
    ):
        with app.app_context():
            customer_id = create_customer(customer_values())
            invoice(customer_id, article)
            db.session.commit()
        url = f"{URL}/{add(condition='open')}/deletion"
        assert "It hangs on 1 customer now" in anna.get(url).text
        assert "SLA Gold" in anna.get(f"/customers/{customer_id}").text
        assert anna.post(url).status_code == 303
        assert "Banner SLA Gold deleted" in anna.get(URL).text
        assert "SLA Gold" not in anna.get(f"/customers/{customer_id}").text

    def test_of_one_that_hangs_on_nobody(self, anna: Browser, add: Callable[..., int]):
        assert "It hangs on no customer now." in anna.get(f"{URL}/{add()}/deletion").text


class TestAccess:
    def test_only_an_admin_changes_them(self, ben: Browser, add: Callable[..., int]):
        banner_id = add()
        for url in (URL, NEW, f"{URL}/{banner_id}/edit", f"{URL}/{banner_id}/deletion"):
            assert ben.get(url).status_code == 403

    def test_the_list_needs_few_statements(
        self, anna: Browser, add: Callable[..., int], count_queries: Callable[[], Any]
    ):
        for _n in range(30):
            add()
        with count_queries() as sent:
            anna.get(URL)
        assert len(sent) <= 4
