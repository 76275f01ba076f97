"""Comments on the overview and on their own page: written, edited, pinned, removed, found."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from html import unescape
from typing import Any

import pytest
from flask import Flask

from app.core.database import db
from app.core.templating import prose
from app.domain.comments import queries, services
from tests import hostile
from tests.browserless import Browser, FormReader
from tests.fragments import parts

ONE = "/customers/1"
URL = f"{ONE}/comments"
NEW = f"{URL}/new"


@pytest.fixture
def customer_id(make_customer: Callable[..., int]) -> int:
    customer_id = make_customer()
    assert customer_id == 1
    return customer_id


@pytest.fixture
def write(app: Flask, customer_id: int) -> Callable[..., int]:
    def writing(body: str, **more: Any) -> int:
        with app.app_context():
            comment_id = services.write_comment(customer_id, {"body": body, **more})
            db.session.commit()
            return comment_id

    return writing


@pytest.fixture
def bodies(app: Flask) -> Callable[[], list[str]]:
    """What is stored, the newest first."""

    def reading() -> list[str]:
        with app.app_context():
            return [row.body for row in queries.search(1, "", None).rows]

    return reading


def notes(html: str) -> list[str]:
    """The texts of the comments in some HTML."""
    found = re.findall(r'<div class="note-text" hx-ignore>(.*?)</div>', html, re.S)
    return [unescape(re.sub(r"<[^>]+>", "", note)) for note in found]


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("a\nb\n\nc", "a<br>\nb<br>\n<br>\nc"),
        ("<b> & \"x\" 'y'", "&lt;b&gt; &amp; &#34;x&#34; &#39;y&#39;"),
        ("https://a.example.", "[https://a.example]."),
        ("(https://a.example/x)", "([https://a.example/x])"),
        (
            "see https://a.example/x, or http://b.example!",
            "see [https://a.example/x], or [http://b.example]!",
        ),
        ("https://a.example/?a=1&b=2", "[https://a.example/?a=1&amp;b=2]"),
        ("<https://a.example>", "&lt;[https://a.example]&gt;"),
        ('"https://a.example"', "&#34;[https://a.example]&#34;"),
        (
            "https://de.wikipedia.org/wiki/Kiel_(Stadt)",
            "[https://de.wikipedia.org/wiki/Kiel_(Stadt)]",
        ),
        (
            "(https://de.wikipedia.org/wiki/Kiel_(Stadt)).",
            "([https://de.wikipedia.org/wiki/Kiel_(Stadt)]).",
        ),
        ("HTTPS://A.example", "[HTTPS://A.example]"),
        ("https://a.example/ü?q=ß#x", "[https://a.example/ü?q=ß#x]"),
        ("javascript:alert(1)", "javascript:alert(1)"),
        (
            "data:text/html,x mailto:a@b.example ftp://a",
            "data:text/html,x mailto:a@b.example ftp://a",
        ),
        ("https://", "https://"),
        ("https://...", "https://..."),
        ("xhttps://a.example", "xhttps://a.example"),
        ("https://a.example\nhttp://b.example", "[https://a.example]<br>\n[http://b.example]"),
        ("", ""),
        (None, ""),
    ],
)
def test_prose(text: str | None, html: str):
    expected = re.sub(r"\[(.*?)\]", r'<a href="\1" rel="noopener noreferrer">\1</a>', html)
    assert str(prose(text)) == expected


class TestPanel:
    def test_it_shows_the_last_five_pinned_first(
        self, ben: Browser, customer_id: int, write: Callable[..., int]
    ):
        for number in range(7):
            write(f"Nr. {number}", pinned=number == 1)
        html = ben.htmx_get(f"{URL}/panel").text
        assert notes(html) == ["Nr. 1", "Nr. 6", "Nr. 5", "Nr. 4", "Nr. 3"]
        assert html.count("data-pinned") == 1
        assert "5 of 7" in html
        assert "all 7" in html

    def test_text_and_lines(self, ben: Browser, write: Callable[..., int]):
        write("Eins <b>\nzwei https://a.example/x.")
        html = ben.get(ONE).text
        assert "Eins &lt;b&gt;<br>\nzwei" in html
        assert (
            '<a href="https://a.example/x" rel="noopener noreferrer">https://a.example/x</a>.'
            in html
        )

    def test_author_and_time(self, ben: Browser, write: Callable[..., int]):
        write("Vom System")
        ben.post(NEW, {"body": "Von Ben"})
        html = ben.get(ONE).text
        assert "<strong>Ben Staff</strong>" in html
        assert "<strong>System</strong>" in html
        assert "edited" not in html

    def test_a_reader_reads(self, cleo: Browser, write: Callable[..., int]):
        write("Hallo")
        for html in (cleo.get(ONE).text, cleo.get(URL).text):
            assert notes(html) == ["Hallo"]
            for hidden in (
                "<textarea",
                "/removal",
                "/pin",
                "/comments/1/edit",
                'href="/customers/1/comments/new"',
            ):
                assert hidden not in html
        assert 'id="comments-new-why">Your role does not allow this.' in cleo.get(ONE).text

    def test_nothing_yet(self, ben: Browser, customer_id: int):
        assert "No comments yet" in ben.get(ONE).text
        assert "No comments yet" in ben.get(URL).text


class TestComposer:
    """The field on the panel itself: it posts to the dialog's address."""

    def test_success_is_fragments_only(self, ben: Browser, customer_id: int):
        html = ben.get(ONE).text
        form = re.search(r'<form class="composer-note"[^>]*>', html)
        assert form
        for attribute in (
            f'action="{NEW}"',
            f'hx-post="{NEW}"',
            'hx-target="#dialog"',
            "swapEmpty:true",
        ):
            assert attribute in form[0]
        answer = ben.htmx_post(NEW, {"body": "Neu"}, panels="header,master,comments")
        found, remainder = parts(answer.text)
        assert (answer.status_code, remainder) == (200, "")
        assert sorted(found) == ["#panel-comments", "#toasts"]
        assert notes(found["#panel-comments"]) == ["Neu"]

    def test_a_refusal_opens_the_dialog(
        self, ben: Browser, customer_id: int, changes_nothing: Callable[[], Any]
    ):
        with changes_nothing():
            answer = ben.htmx_post(NEW, {"body": " \n "}, panels="comments")
        assert answer.status_code == 422
        assert "Please write something." in answer.text
        assert 'id="dialog-title"' in answer.text

    def test_without_script(self, ben: Browser, customer_id: int, bodies: Callable[[], list[str]]):
        answer = ben.post(NEW, {"body": "Neu"})
        assert (answer.status_code, answer.location) == (303, ONE)
        assert bodies() == ["Neu"]


class TestDialog:
    def test_it_opens_as_page_and_as_dialog(self, ben: Browser, write: Callable[..., int]):
        edit = f"{URL}/{write('Alt')}/edit"
        for url, body in ((NEW, ""), (edit, "Alt")):
            page, dialog = ben.get(url).text, ben.htmx_get(url).text
            assert "<html" in page
            assert "<html" not in dialog
            for html in (page, dialog):
                assert FormReader.read(html)["body"].strip() == body
                assert f'action="{url}"' in html

    def test_editing(
        self, ben: Browser, write: Callable[..., int], bodies: Callable[[], list[str]]
    ):
        url = f"{URL}/{write('Alt')}/edit"
        typed = ben.fields(url) | {"body": "Neu\r\n\r\n  eingerückt  "}
        found, remainder = parts(ben.htmx_post(url, typed, panels="comments@detail,header").text)
        assert remainder == ""
        assert list(found) == ["#toasts", "#detail-comments"]
        assert "edited" in found["#detail-comments"]
        assert bodies() == ["Neu\n\n  eingerückt"]
        assert "Comment changed" in ben.get(f"{ONE}/history").text

    def test_lines_survive_opening_and_saving(
        self, ben: Browser, write: Callable[..., int], bodies: Callable[[], list[str]]
    ):
        comment_id = write("  vorn\nEins\n\nZwei <b>")
        url = f"{URL}/{comment_id}/edit"
        body = ben.fields(url)["body"].removeprefix("\r\n").removeprefix("\n")
        assert body.replace("\r\n", "\n") == "  vorn\nEins\n\nZwei <b>"
        ben.post(url, ben.fields(url) | {"body": body})
        assert bodies() == ["  vorn\nEins\n\nZwei <b>"]

    @pytest.mark.parametrize("send", ["post", "htmx_post"])
    def test_a_conflict_shows_both(
        self,
        ben: Browser,
        anna: Browser,
        write: Callable[..., int],
        bodies: Callable[[], list[str]],
        send: str,
    ):
        url = f"{URL}/{write('Alt')}/edit"
        mine = ben.fields(url) | {"body": "Meins <x>"}
        assert anna.post(url, anna.fields(url) | {"body": "Ihrs"}).status_code == 303
        answer = getattr(ben, send)(url, mine)
        assert answer.status_code == 409
        assert "Saved meanwhile" in answer.text
        assert "<span>Meins &lt;x&gt;</span>" in answer.text
        assert "<span>Ihrs</span>" in answer.text
        assert bodies() == ["Ihrs"]
        fields = FormReader.read(answer.text)
        assert fields["body"].strip() == "Meins <x>"
        assert ben.post(url, fields | {"choose-body": "theirs"}).status_code == 303
        assert bodies() == ["Ihrs"]

    def test_it_is_gone_meanwhile(
        self, ben: Browser, write: Callable[..., int], changes_nothing: Callable[[], Any]
    ):
        comment_id = write("Alt")
        url = f"{URL}/{comment_id}/edit"
        typed = ben.fields(url)
        ben.post(f"{URL}/{comment_id}/removal")
        with changes_nothing():
            assert ben.post(url, typed).status_code == 404
            toast = ben.htmx_post(url, typed)
        assert toast.status_code == 404
        assert toast.text.startswith('<div class="toast"')

    def test_too_long_keeps_everything(self, ben: Browser, customer_id: int):
        answer = ben.htmx_post(NEW, {"body": "ab " * 10_000})
        assert answer.status_code == 422
        assert "at most 20000 characters" in answer.text
        assert FormReader.read(answer.text)["body"].strip() == ("ab " * 10_000).strip()

    def test_a_character_nobody_can_store_costs_nothing_else(self, ben: Browser, customer_id: int):
        answer = ben.htmx_post(NEW, {"body": "Lang und\nbreit\0."})
        assert answer.status_code == 422
        assert FormReader.read(answer.text)["body"].strip() == "Lang und\nbreit."

    @pytest.mark.parametrize("text", hostile.TEXTS, ids=hostile.called)
    def test_hostile_text(self, ben: Browser, write: Callable[..., int], text: str):
        edit = f"{URL}/{write('Alt')}/edit"
        for send in (ben.htmx_post, ben.post):
            for url, form in ((NEW, {}), (edit, ben.fields(edit))):
                for field in ("body", "version", "choose-body", "csrf"):
                    answer = send(url, form | {field: text})
                    assert answer.status_code in (200, 303, 409, 422)
                    assert not hostile.is_markup_in(answer.text)
        for url in (ONE, URL, f"{ONE}/history"):
            page = ben.get(url)
            assert page.status_code == 200
            assert not hostile.is_markup_in(page.text)


class TestFollowUp:
    def test_a_comment_with_a_day_and_a_person(self, ben: Browser, customer_id: int):
        fields = ben.fields(NEW)
        assert (fields["follow_up_on"], fields["follow_up_by"]) == ("", "2")
        typed = fields | {"body": "Nachfassen", "follow_up_on": "2026-03-02", "follow_up_by": "1"}
        found, rest = parts(ben.htmx_post(NEW, typed, panels="comments").text)
        assert rest == ""
        assert "due since 2 Mar 2026 · Anna Admin" in found["#panel-comments"]
        edit = ben.fields(f"{URL}/1/edit")
        assert (edit["follow_up_on"], edit["follow_up_by"]) == ("2026-03-02", "1")
        assert '<details class="fold" open>' in ben.get(f"{URL}/1/edit").text

    def test_done_and_open_again_on_the_panel(self, ben: Browser, write: Callable[..., int]):
        write("Nachfassen", follow_up_on=date(2026, 3, 2), follow_up_by=1)
        found, rest = parts(ben.htmx_post(f"{URL}/1/finish", panels="comments").text)
        assert rest == ""
        assert re.search(r"done \d+ \w+ \d{4} · Anna Admin", found["#panel-comments"])
        undo = re.search(r'hx-post="([^"]+)"', found["#toasts"])
        assert undo
        found, rest = parts(ben.htmx_post(undo[1], panels="comments").text)
        assert "due since 2 Mar 2026 · Anna Admin" in found["#panel-comments"]

    def test_without_script_one_comes_back_to_the_overview(
        self, ben: Browser, write: Callable[..., int]
    ):
        write("Nachfassen", follow_up_on=date(2026, 3, 2), follow_up_by=1)
        answer = ben.post(f"{URL}/1/finish")
        assert (answer.status_code, answer.location) == (303, ONE)

    def test_bad_days_keep_everything_and_stay_in_sight(
        self, ben: Browser, customer_id: int, changes_nothing: Callable[[], Any]
    ):
        typed = ben.fields(NEW) | {"body": "Nachfassen", "follow_up_on": "30.02.2026"}
        with changes_nothing():
            answer = ben.htmx_post(NEW, typed)
        assert answer.status_code == 422
        assert "This is no date." in answer.text
        assert 'value="30.02.2026"' in answer.text
        assert '<details class="fold" open>' in answer.text

    def test_it_is_gone_meanwhile(
        self, ben: Browser, write: Callable[..., int], changes_nothing: Callable[[], Any]
    ):
        write("Nachfassen")
        with changes_nothing():
            answer = ben.htmx_post(f"{URL}/1/finish")
        assert answer.status_code == 409
        assert "nothing to follow up here" in answer.text

    def test_a_person_alone_is_no_follow_up_and_no_conflict(
        self, ben: Browser, write: Callable[..., int]
    ):
        url = f"{URL}/{write('Alt')}/edit"
        mine = ben.fields(url)
        ben.post(f"{URL}/1/pin", {"pinned": "1"})
        answer = ben.post(url, mine | {"body": "Neu"})
        assert answer.status_code == 409
        assert (
            "Who follows up" not in answer.text.split('id="comment-form"')[1].split("<details")[0]
        )


class TestPinning:
    def test_up_and_back(self, ben: Browser, write: Callable[..., int]):
        first, _second = write("Eins"), write("Zwei")
        found, rest = parts(
            ben.htmx_post(f"{URL}/{first}/pin", {"pinned": "1"}, panels="comments").text
        )
        assert rest == ""
        assert notes(found["#panel-comments"]) == ["Eins", "Zwei"]
        assert ben.post(f"{URL}/{first}/pin", {"pinned": "0"}).status_code == 303
        assert notes(ben.get(ONE).text) == ["Zwei", "Eins"]

    def test_pinning_is_no_edit(self, ben: Browser, write: Callable[..., int]):
        ben.post(f"{URL}/{write('Eins')}/pin", {"pinned": "1"})
        assert "edited" not in ben.get(URL).text

    def test_the_button_says_what_it_does(self, ben: Browser, write: Callable[..., int]):
        comment_id = write("Eins")
        assert re.search(r'name="pinned" value="1".*?>Pin<', re.sub(r"\s+", " ", ben.get(URL).text))
        ben.post(f"{URL}/{comment_id}/pin", {"pinned": "1"})
        assert re.search(
            r'name="pinned" value="0".*?>Unpin<', re.sub(r"\s+", " ", ben.get(URL).text)
        )


class TestRemoving:
    def test_with_script_and_undo(self, ben: Browser, write: Callable[..., int]):
        comment_id = write("Eins")
        answer = ben.htmx_post(f"{URL}/{comment_id}/removal", panels="comments,history@detail")
        found, rest = parts(answer.text)
        assert rest == ""
        assert notes(found["#panel-comments"]) == []
        undo = re.search(r'hx-post="([^"]+)"', found["#toasts"])
        assert undo
        found, rest = parts(ben.htmx_post(undo[1], panels="comments").text)
        assert notes(found["#panel-comments"]) == ["Eins"]

    def test_without_script_and_undo(self, ben: Browser, write: Callable[..., int]):
        answer = ben.post(f"{URL}/{write('Eins')}/removal")
        assert (answer.status_code, answer.location) == (303, ONE)
        page = ben.get(ONE).text
        undo = re.search(r'action="([^"]+/restoration)"', page)
        assert undo
        assert notes(page) == []
        ben.post(undo[1])
        assert notes(ben.get(ONE).text) == ["Eins"]

    def test_nobody_elses(
        self,
        ben: Browser,
        write: Callable[..., int],
        make_customer: Callable[..., int],
        changes_nothing: Callable[[], Any],
    ):
        comment_id, other = write("Eins"), make_customer()
        with changes_nothing():
            for url in (f"/customers/{other}/comments/{comment_id}", f"{URL}/999"):
                assert ben.get(f"{url}/edit").status_code == 404
                for verb in ("edit", "pin", "removal", "restoration"):
                    assert ben.post(f"{url}/{verb}", {"body": "x"}).status_code == 404
                    assert ben.htmx_post(f"{url}/{verb}", {"body": "x"}).status_code == 404


class TestDetailPage:
    def test_search_and_turning_pages(self, ben: Browser, write: Callable[..., int], app: Flask):
        with app.app_context():
            for number in range(120):
                services.write_comment(
                    1, {"body": f"{'Überweisung' if number % 2 else 'Mahnung'} {number}"}
                )
            db.session.commit()
        page = ben.get(f"{URL}?q=überweisung").text
        assert len(notes(page)) == 50
        assert notes(page)[0] == "Überweisung 119"
        older = re.search(r'rel="next" href="([^"]+)"', page)
        assert older
        page = ben.get(unescape(older[1])).text
        assert notes(page) == [f"Überweisung {n}" for n in range(19, 0, -2)]
        assert 'rel="next"' not in page
        newer = re.search(r'rel="prev" href="([^"]+)"', page)
        assert newer
        first = notes(ben.get(unescape(newer[1])).text)
        assert first == [f"Überweisung {n}" for n in range(119, 20, -2)]
        assert 'value="überweisung"' in page

    def test_nothing_found(self, ben: Browser, write: Callable[..., int]):
        write("Eins")
        page = ben.get(f"{URL}?q=zwei").text
        assert "No comment contains these words." in page
        assert "Show all comments" in page

    @pytest.mark.parametrize(
        "query",
        ["q=%00", "q=%ED%A0%80", "before=x", "before=-1", "before=" + "9" * 30, "q=" + "x" * 3000],
    )
    def test_broken_urls(self, ben: Browser, write: Callable[..., int], query: str):
        write("Eins")
        for send in (ben.get, ben.htmx_get):
            assert send(f"{URL}?{query}").status_code == 200

    def test_a_fresh_page_keeps_its_search(self, ben: Browser, write: Callable[..., int]):
        write("Eins")
        comment_id = write("Zwei")
        here = {"HX-Current-URL": f"http://localhost{URL}?q=zwei"}
        answer = ben.htmx_post(
            f"{URL}/{comment_id}/pin", {"pinned": "1"}, panels="comments@detail", headers=here
        )
        assert notes(parts(answer.text)[0]["#detail-comments"]) == ["Zwei"]
