"""Documents on the overview and their own page: uploaded, handed out, renamed, removed, found."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from html import unescape
from typing import Any
from urllib.parse import quote, unquote

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from app.core import files
from app.core.database import db
from app.domain.documents import queries, services
from app.domain.documents.services import Upload
from tests import hostile
from tests.browserless import Browser, FormReader
from tests.fragments import parts

ONE = "/customers/1"
URL = f"{ONE}/documents"
NEW = f"{URL}/new"
LIMIT = 25 * 1024 * 1024


@pytest.fixture
def customer_id(make_customer: Callable[..., int]) -> int:
    customer_id = make_customer()
    assert customer_id == 1
    return customer_id


@pytest.fixture
def add(app: Flask, customer_id: int) -> Callable[..., int]:
    def adding(name: str, content: bytes = b"content") -> int:
        with app.app_context():
            upload = services.keep_upload(name, io.BytesIO(content), LIMIT)
            (document_id,) = services.add_documents(customer_id, [upload])
            db.session.commit()
            return document_id

    return adding


@pytest.fixture
def stored(app: Flask) -> Callable[[], list[str]]:
    """The names that are stored, the newest first."""

    def reading() -> list[str]:
        with app.app_context():
            return [row.name for row in queries.search(1, "", None).rows]

    return reading


@pytest.fixture
def on_disk(app: Flask) -> Callable[[], set[str]]:
    """What lies in the folder of stored files."""

    def listing() -> set[str]:
        with app.app_context():
            return {path.name for path in files.root().rglob("*") if path.is_file()}

    return listing


def sent(*contents: tuple[str, bytes], token: str = "", stored: str = "") -> dict[str, Any]:
    """The body of an upload as Chromium writes it, whatever the names are."""
    field = '--b\r\nContent-Disposition: form-data; name="{}"\r\n\r\n{}\r\n'
    values = {"csrf_token": token, "stored": stored}
    pieces = [field.format(*value).encode() for value in values.items()]
    for name, content in contents:
        written = name.replace("\r", "%0D").replace("\n", "%0A").replace('"', "%22").encode()
        pieces.append(
            b'--b\r\nContent-Disposition: form-data; name="files"; filename="%b"\r\n'
            b"Content-Type: text/html\r\n\r\n%b\r\n" % (written, content)
        )
    body = b"".join([*pieces, b"--b--\r\n"])
    return {"data": body, "content_type": "multipart/form-data; boundary=b"}


def upload(browser: Browser, *contents: tuple[str, bytes], **more: Any) -> TestResponse:
    """Send files as a browser without script does."""
    return browser.client.post(NEW, **sent(*contents, token=browser.token), **more)


def htmx_upload(
    browser: Browser, *contents: tuple[str, bytes], panels: str = "", stored: str = ""
) -> TestResponse:
    """Send files as the script does, which tells how many went before."""
    headers = {"HX-Request": "true", "HX-Request-Type": "partial", "X-Panels": panels}
    headers |= {"X-CSRFToken": browser.token}
    return browser.client.post(NEW, **sent(*contents, stored=stored), headers=headers)


def names(html: str) -> list[str]:
    """The names of the documents in some HTML."""
    return [unescape(name) for name in re.findall(r'title="[^"]*"><bdi>(.*?)</bdi></a>', html)]


class TestPanel:
    def test_the_last_five(self, ben: Browser, add: Callable[..., int]):
        for number in range(7):
            add(f"Nr {number}.pdf")
        html = ben.htmx_get(f"{URL}/panel").text
        assert names(html) == [f"Nr {n}.pdf" for n in (6, 5, 4, 3, 2)]
        assert "5 of 7" in html
        assert "all 7" in html

    def test_what_a_row_tells(self, ben: Browser, customer_id: int):
        upload(ben, ("Liste.xlsx", b"x" * 1_500_000))
        html = ben.get(ONE).text
        assert "XLSX · 1.4\N{NO-BREAK SPACE}MB · " in html
        assert "Ben Staff" in html
        assert "#i-columns-3" in html

    def test_nothing_yet(self, ben: Browser, customer_id: int):
        assert "No documents yet." in ben.get(ONE).text
        assert "No documents yet." in ben.get(URL).text

    def test_a_reader_reads(self, cleo: Browser, add: Callable[..., int]):
        add("x.pdf")
        for html in (cleo.get(ONE).text, cleo.get(URL).text):
            assert names(html) == ["x.pdf"]
            for hidden in ("data-upload", "/removal", "/documents/1/edit"):
                assert hidden not in html
        assert 'id="documents-new-why">Your role does not allow this.' in cleo.get(ONE).text
        assert cleo.get(f"{URL}/1").status_code == 200

    @pytest.mark.parametrize("url", [ONE, URL, NEW])
    def test_the_form_works_without_script(self, ben: Browser, customer_id: int, url: str):
        page = ben.get(url).text
        form = re.search(r'<form class="drop"[^>]*>', page)
        assert form
        for attribute in (
            'method="post"',
            f'action="{NEW}"',
            'enctype="multipart/form-data"',
        ):
            assert attribute in form[0]
        assert f'data-limit="{LIMIT}"' in page


class TestUploading:
    def test_one_with_script(self, ben: Browser, customer_id: int):
        answer = htmx_upload(ben, ("März.pdf", b"x"), panels="header,master,documents")
        found, remainder = parts(answer.text)
        assert (answer.status_code, remainder) == (200, "")
        assert sorted(found) == ["#panel-documents", "#toasts"]
        assert names(found["#panel-documents"]) == ["März.pdf"]
        assert "“\u2068März.pdf\u2069” is uploaded" in found["#toasts"]

    @pytest.mark.parametrize(
        ("before", "told"),
        [
            ("0", "“\u2068c.pdf\u2069” is uploaded"),
            ("2", "3 documents uploaded"),
            ("-2", "“\u2068c.pdf\u2069” is uploaded"),
            ("two", "“\u2068c.pdf\u2069” is uploaded"),
            ("9" * 40, "“\u2068c.pdf\u2069” is uploaded"),
        ],
    )
    def test_several_with_script_are_one_sum(
        self, ben: Browser, customer_id: int, before: str, told: str
    ):
        assert told in htmx_upload(ben, ("c.pdf", b"c"), stored=before).text

    def test_several_without_script(
        self, ben: Browser, customer_id: int, stored: Callable[[], list[str]]
    ):
        answer = upload(ben, ("a.pdf", b"a"), ("b.pdf", b"b"), ("leer.txt", b""), ("", b"nameless"))
        assert (answer.status_code, answer.location) == (303, ONE)
        assert stored() == ["unnamed", "leer.txt", "b.pdf", "a.pdf"]
        assert "4 documents uploaded" in ben.get(ONE).text

    @pytest.mark.parametrize("send", [upload, htmx_upload])
    @pytest.mark.parametrize("contents", [[], [("", b"")]])
    def test_nothing_chosen(
        self,
        ben: Browser,
        customer_id: int,
        send: Callable[..., TestResponse],
        contents: list[tuple[str, bytes]],
        changes_nothing: Callable[[], Any],
    ):
        with changes_nothing():
            answer = send(ben, *contents)
        assert answer.status_code == 422
        assert "Please choose a file." in answer.text
        assert "data-upload" in answer.text

    def test_of_several_the_large_one_is_refused_and_named(
        self,
        ben: Browser,
        customer_id: int,
        stored: Callable[[], list[str]],
        on_disk: Callable[[], set[str]],
    ):
        before = on_disk()
        large = ("Film.mov", b"x" * (LIMIT + 1))
        assert upload(ben, large, ("a.pdf", b"only this")).status_code == 303
        assert stored() == ["a.pdf"]
        assert len(on_disk() - before - {".lock"}) == 1
        page = ben.get(ONE).text
        assert "“\u2068a.pdf\u2069” is uploaded" in page
        assert "\u2068Film.mov\u2069 is larger than 25 MB and was not uploaded." in page

    def test_a_large_one_alone(
        self, ben: Browser, customer_id: int, changes_nothing: Callable[[], Any]
    ):
        large = ("Film.mov", b"x" * (LIMIT + 1))
        with changes_nothing():
            page, toast = upload(ben, large), htmx_upload(ben, large)
        assert (page.status_code, toast.status_code) == (413, 413)
        assert "is larger than 25 MB and was not uploaded." in page.text
        assert "data-upload" in page.text
        assert toast.text.startswith('<div class="toast" data-kind="error" role="alert">')
        assert "Film.mov\u2069 is larger than 25 MB and was not uploaded." in toast.text

    def test_exactly_the_limit(self, ben: Browser, customer_id: int):
        assert upload(ben, ("x", b"x" * LIMIT)).status_code == 303

    @pytest.mark.parametrize("who", ["cleo", "eve"])
    def test_nothing_is_stored_for_whom_it_is_not_allowed(
        self,
        who: str,
        customer_id: int,
        request: pytest.FixtureRequest,
        on_disk: Callable[[], set[str]],
    ):
        before = on_disk()
        answer = upload(request.getfixturevalue(who), ("x", b"never stored"))
        assert answer.status_code in (302, 403)
        assert on_disk() == before

    def test_nor_for_a_customer_who_is_not_there(
        self, ben: Browser, on_disk: Callable[[], set[str]]
    ):
        before = on_disk()
        answer = ben.client.post(
            "/customers/9/documents/new", **sent(("x", b"no"), token=ben.token)
        )
        assert answer.status_code == 404
        assert on_disk() == before

    def test_others_may_write_while_it_is_stored(
        self,
        ben: Browser,
        app: Flask,
        customer_id: int,
        monkeypatch: pytest.MonkeyPatch,
    ):
        keep_all = files.keep_all

        def keeping(source: Any) -> files.Stored:
            with db.engine.connect().execution_options(read_only=False) as other, other.begin():
                other.exec_driver_sql("UPDATE customer SET town = 'Bonn'")
            return keep_all(source)

        monkeypatch.setattr(files, "keep_all", keeping)
        assert upload(ben, ("x", b"x")).status_code == 303
        assert "Bonn" in ben.get(ONE).text


class TestNames:
    @pytest.mark.parametrize("name", hostile.FILE_NAMES, ids=hostile.called)
    def test_there_and_back(
        self, ben: Browser, customer_id: int, name: str, stored: Callable[[], list[str]]
    ):
        assert upload(ben, (name, b"x")).status_code == 303
        assert stored() == [name]
        header = ben.get(f"{URL}/1").headers["Content-Disposition"]
        assert unquote(header.partition("filename*=UTF-8''")[2]) == name
        for url in (ONE, URL, f"{URL}/1/edit", f"{ONE}/history"):
            page = ben.get(url)
            assert page.status_code == 200
            assert not hostile.is_markup_in(page.text)
        assert names(ben.get(ONE).text) == [name]

    def test_line_ends_and_control_characters(
        self, ben: Browser, customer_id: int, stored: Callable[[], list[str]]
    ):
        upload(ben, ("a\r\nX-Evil: 1\n\x01\x7f.pdf", b"x"))
        assert stored() == ["a  X-Evil: 1   .pdf"]
        answer = ben.get(f"{URL}/1")
        assert "X-Evil" not in answer.headers
        assert answer.headers["Content-Disposition"].isprintable()

    @pytest.mark.parametrize(
        ("written", "name"),
        [
            (b'filename="a\\"b.pdf"', 'a"b.pdf'),
            (b"filename=plain.pdf", "plain.pdf"),
            (b"filename*=UTF-8''M%C3%A4rz.pdf", "März.pdf"),
            (b'filename="M\xc3\xa4rz.pdf"', "März.pdf"),
        ],
    )
    def test_as_other_programs_write_them(
        self,
        ben: Browser,
        customer_id: int,
        written: bytes,
        name: str,
        stored: Callable[[], list[str]],
    ):
        body = b'--b\r\nContent-Disposition: form-data; name="files"; %b\r\n\r\nx\r\n--b--\r\n'
        answer = ben.client.post(
            NEW,
            data=body % written,
            content_type="multipart/form-data; boundary=b",
            headers={"X-CSRFToken": ben.token},
        )
        assert answer.status_code == 303
        assert stored() == [name]

    @pytest.mark.parametrize("text", hostile.TEXTS, ids=hostile.called)
    def test_hostile_ones(self, ben: Browser, customer_id: int, text: str):
        answer = htmx_upload(ben, (text[:100_000], b"x"), panels="documents,documents@detail")
        assert answer.status_code < 500
        assert not hostile.is_markup_in(answer.text)
        for url in (ONE, URL, f"{ONE}/history", f"{URL}?q={quote(text[:300])}"):
            page = ben.get(url)
            assert page.status_code == 200
            assert not hostile.is_markup_in(page.text)

    def test_no_utf8(self, ben: Browser, customer_id: int, changes_nothing: Callable[[], Any]):
        body = (
            b'--b\r\nContent-Disposition: form-data; name="files"; filename="\xff"\r\n\r\nx\r\n'
            b"--b--\r\n"
        )
        with changes_nothing():
            answer = ben.client.post(
                NEW,
                data=body,
                content_type="multipart/form-data; boundary=b",
                headers={"X-CSRFToken": ben.token},
            )
        assert 400 <= answer.status_code < 500


class TestHandingOut:
    PAGE = b"<script>alert(document.domain)</script>"

    @pytest.mark.parametrize("query", ["", "?inline=1&disposition=inline", "?mimetype=text/html"])
    @pytest.mark.parametrize("name", ["x.html", "x.svg", "x.pdf", "x.txt", "x"])
    def test_never_to_be_shown(self, ben: Browser, add: Callable[..., int], name: str, query: str):
        answer = ben.get(f"{URL}/{add(name, self.PAGE)}{query}")
        assert (answer.status_code, answer.data) == (200, self.PAGE)
        headers = answer.headers
        assert headers["Content-Disposition"].startswith("attachment; ")
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
        assert headers["Cache-Control"] == "no-store"
        assert headers["Content-Type"] in (
            "application/octet-stream",
            "application/pdf",
            "text/plain",
        )

    def test_a_part_of_it(self, ben: Browser, add: Callable[..., int]):
        url = f"{URL}/{add('x.pdf', b'0123456789')}"
        answer = ben.get(url, headers={"Range": "bytes=2-4"})
        assert (answer.status_code, answer.data) == (206, b"234")
        assert answer.headers["Content-Disposition"].startswith("attachment; ")
        assert answer.headers["Content-Security-Policy"].startswith("sandbox")
        assert ben.get(url, headers={"Range": "bytes=20-"}).status_code == 416

    def test_its_file_is_missing(self, ben: Browser, app: Flask, add: Callable[..., int]):
        document_id = add("x.pdf", b"soon missing")
        with app.app_context():
            files.path_of(queries.document(1, document_id).digest).unlink()
        for send in (ben.get, ben.htmx_get):
            answer = send(f"{URL}/{document_id}")
            assert answer.status_code == 410
            assert "The file is missing on the server." in answer.text

    def test_nobody_elses(
        self, ben: Browser, eve: Browser, add: Callable[..., int], make_customer: Callable[..., int]
    ):
        document_id, other = add("x.pdf"), make_customer()
        assert ben.get(f"/customers/{other}/documents/{document_id}").status_code == 404
        assert ben.get(f"{URL}/999").status_code == 404
        assert eve.get(f"{URL}/{document_id}").status_code == 302
        ben.post(f"{URL}/{document_id}/removal")
        assert ben.get(f"{URL}/{document_id}").status_code == 404


class TestRenaming:
    def test_it_opens_as_page_and_as_dialog(self, ben: Browser, add: Callable[..., int]):
        url = f"{URL}/{add('x.pdf')}/edit"
        page, dialog = ben.get(url).text, ben.htmx_get(url).text
        assert "<html" in page
        assert "<html" not in dialog
        for html in (page, dialog):
            assert FormReader.read(html)["name"] == "x.pdf"

    def test_renaming(self, ben: Browser, add: Callable[..., int], stored: Callable[[], list[str]]):
        url = f"{URL}/{add('x.pdf')}/edit"
        typed = ben.fields(url) | {"name": "  Vertrag  März.docx "}
        found, remainder = parts(ben.htmx_post(url, typed, panels="documents@detail").text)
        assert remainder == ""
        assert names(found["#detail-documents"]) == ["Vertrag März.docx"]
        assert stored() == ["Vertrag März.docx"]
        assert "Document renamed" in ben.get(f"{ONE}/history").text

    @pytest.mark.parametrize(
        ("name", "sentence"),
        [
            ("  ", "Please give it a name."),
            ("x" * 1001, "at most 1000 characters"),
            ("a\0b", "characters that cannot be stored"),
        ],
    )
    def test_bad_names(
        self,
        ben: Browser,
        add: Callable[..., int],
        name: str,
        sentence: str,
        changes_nothing: Callable[[], Any],
    ):
        url = f"{URL}/{add('x.pdf')}/edit"
        typed = ben.fields(url) | {"name": name}
        with changes_nothing():
            for send in (ben.post, ben.htmx_post):
                answer = send(url, typed)
                assert answer.status_code == 422
                assert sentence in answer.text
                assert FormReader.read(answer.text)["name"] == name.strip().replace("\0", "")

    @pytest.mark.parametrize("send", ["post", "htmx_post"])
    def test_a_conflict_shows_both(
        self,
        ben: Browser,
        anna: Browser,
        add: Callable[..., int],
        stored: Callable[[], list[str]],
        send: str,
    ):
        url = f"{URL}/{add('x.pdf')}/edit"
        mine = ben.fields(url) | {"name": "meins.pdf"}
        assert anna.post(url, anna.fields(url) | {"name": "ihrs.pdf"}).status_code == 303
        answer = getattr(ben, send)(url, mine)
        assert answer.status_code == 409
        assert "<span>meins.pdf</span>" in answer.text
        assert "<span>ihrs.pdf</span>" in answer.text
        fields = FormReader.read(answer.text)
        assert ben.post(url, fields | {"choose-name": "mine"}).status_code == 303
        assert stored() == ["meins.pdf"]


class TestRemoving:
    def test_with_script_and_undo(self, ben: Browser, add: Callable[..., int]):
        document_id = add("x.pdf")
        answer = ben.htmx_post(f"{URL}/{document_id}/removal", panels="documents")
        found, rest = parts(answer.text)
        assert (rest, names(found["#panel-documents"])) == ("", [])
        undo = re.search(r'hx-post="([^"]+)"', found["#toasts"])
        assert undo
        assert "“\u2068x.pdf\u2069” removed" in found["#toasts"]
        found, rest = parts(ben.htmx_post(undo[1], panels="documents").text)
        assert names(found["#panel-documents"]) == ["x.pdf"]
        assert "“\u2068x.pdf\u2069” is back" in found["#toasts"]

    def test_without_script_and_undo(self, ben: Browser, add: Callable[..., int]):
        answer = ben.post(f"{URL}/{add('x.pdf')}/removal")
        assert (answer.status_code, answer.location) == (303, ONE)
        page = ben.get(ONE).text
        undo = re.search(r'action="([^"]+/restoration)"', page)
        assert undo
        assert names(page) == []
        ben.post(undo[1])
        assert names(ben.get(ONE).text) == ["x.pdf"]

    def test_nobody_elses(
        self,
        ben: Browser,
        add: Callable[..., int],
        make_customer: Callable[..., int],
        changes_nothing: Callable[[], Any],
    ):
        document_id, other = add("x.pdf"), make_customer()
        with changes_nothing():
            for url in (f"/customers/{other}/documents/{document_id}", f"{URL}/999"):
                assert ben.get(f"{url}/edit").status_code == 404
                for verb in ("edit", "removal", "restoration"):
                    assert ben.post(f"{url}/{verb}", {"name": "x"}).status_code == 404
                    assert ben.htmx_post(f"{url}/{verb}", {"name": "x"}).status_code == 404


class TestDetailPage:
    def test_search_and_turning_pages(self, ben: Browser, app: Flask, add: Callable[..., int]):
        add("first")
        with app.app_context():
            kept = services.keep_upload("x", io.BytesIO(b"x"), 10)
            for number in range(120):
                word = "Überweisung" if number % 2 else "Mahnung"
                services.add_documents(1, [Upload(f"{word} {number}.pdf", kept.file)])
            db.session.commit()
        page = ben.get(f"{URL}?q=ueberweisung").text
        assert len(names(page)) == 50
        assert names(page)[0] == "Überweisung 119.pdf"
        older = re.search(r'rel="next" href="([^"]+)"', page)
        assert older
        page = ben.get(unescape(older[1])).text
        assert names(page) == [f"Überweisung {n}.pdf" for n in range(19, 0, -2)]
        assert 'rel="next"' not in page
        assert 'rel="prev"' in page

    def test_nothing_found(self, ben: Browser, add: Callable[..., int]):
        add("x.pdf")
        page = ben.get(f"{URL}?q=zwei").text
        assert "No document is called like that." in page
        assert "Show all documents" in page

    @pytest.mark.parametrize(
        "query",
        ["q=%00", "q=%ED%A0%80", "before=x", "before=-1", "before=" + "9" * 30, "q=" + "x" * 3000],
    )
    def test_broken_urls(self, ben: Browser, add: Callable[..., int], query: str):
        add("x.pdf")
        for send in (ben.get, ben.htmx_get):
            assert send(f"{URL}?{query}").status_code == 200
