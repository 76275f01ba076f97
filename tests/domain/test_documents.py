"""Documents: what their names may be, what happens to them, what is found."""

from __future__ import annotations

import io
import re
import threading
import unicodedata
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

import pytest
from flask import Flask, g
from sqlalchemy import select
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import NotFound

from app.core import files, paging
from app.core.audit import AuditEntry
from app.core.database import db, now
from app.core.problems import Invalid, Refused
from app.domain.customers.models import Customer
from app.domain.customers.services import erase_customers
from app.domain.documents import queries, rules, services
from app.domain.documents.models import Document
from app.domain.documents.services import Upload
from tests import hostile

MB = 1024 * 1024


def bytes_of(text: str) -> io.BytesIO:
    return io.BytesIO(text.encode())


def named(header: str) -> str:
    """The name that a browser takes out of a Content-Disposition."""
    found = re.search(r"; filename\*=UTF-8''(\S+)$", header)
    assert found
    return unquote(found[1])


class TestNames:
    @pytest.mark.parametrize("name", hostile.FILE_NAMES, ids=hostile.called)
    def test_whatever_it_is_it_stays(self, name: str):
        assert rules.stored_name(name) == name

    @pytest.mark.parametrize(
        ("sent", "stored"),
        [
            ("", "unnamed"),
            (" \t", "unnamed"),
            ("\0", "unnamed"),
            ("a\0b\r\nSet-Cookie: x\x7f.pdf", "a b  Set-Cookie: x .pdf"),
            ("a\ud800.pdf", "a?.pdf"),
            ("\u200b\u202e", "unnamed"),
            ("x" * 1001, "x" * 1000),
            ("x" * 2000 + ".pdf", "x" * 996 + ".pdf"),
            ("x." + "y" * 2000, ("x." + "y" * 2000)[:1000]),
        ],
    )
    def test_what_no_row_can_hold_is_replaced(self, sent: str, stored: str):
        assert rules.stored_name(sent) == stored

    def test_letters_stay_as_they_were_composed(self):
        name = unicodedata.normalize("NFD", "März.pdf")
        assert rules.stored_name(name) == name

    def test_what_has_no_name_is_called_so_in_the_language_of_the_user(self, context: None):
        assert rules.stored_name(" ") == "unbenannt"

    @pytest.mark.parametrize(
        ("name", "ending"),
        [
            ("a.PDF", "pdf"),
            ("a.tar.gz", "gz"),
            ("a", ""),
            (".profile", ""),
            ("a.", ""),
            ("a.b c", ""),
            ("../../passwd", ""),
        ],
    )
    def test_ending(self, name: str, ending: str):
        assert rules.ending(name) == ending

    @pytest.mark.parametrize("name", ["x.html", "x.svg", "x.xml", "x.js", "x.exe", "pdf", "x"])
    def test_what_a_browser_would_run_is_anything(self, name: str):
        assert rules.media_type(name) == "application/octet-stream"

    @pytest.mark.parametrize(
        ("name", "kind"),
        [("a.pdf", "PDF"), ("evil\u202egnp.exe", "EXE"), ("a", ""), ("a.b c", ""), ("a.שלום", "")],
    )
    def test_it_is_told_whatever_a_name_looks_like(self, name: str, kind: str):
        assert rules.kind(name) == kind

    @pytest.mark.parametrize(
        ("name", "typed", "stored"),
        [
            ("Scan.pdf", "Vertrag", "Vertrag.pdf"),
            ("evil.html", "../../etc/passwd", "../../etc/passwd.html"),
            ("Scan.PDF", "Vertrag.pdf", "Vertrag.pdf"),
            ("Scan.pdf", "Vertrag.txt", "Vertrag.txt"),
            ("Scan.pdf", "Liste.numbers", "Liste.numbers"),
            ("Scan.pdf", "Brief vom 3.12.2026", "Brief vom 3.12.2026.pdf"),
            ("Scan.pdf", "Vertrag Nr. 5", "Vertrag Nr. 5.pdf"),
            ("Plan.sketch", "Entwurf.sketch", "Entwurf.sketch"),
            ("Scan", "Vertrag", "Vertrag"),
            ("Scan.pdf", "", ""),
        ],
    )
    def test_a_typed_one_keeps_the_ending(self, name: str, typed: str, stored: str):
        assert rules.renamed(name, typed) == stored

    def test_what_it_is(self):
        assert rules.media_type("Foto.JPEG") == "image/jpeg"
        assert (rules.icon("x.XLSX"), rules.icon("x.bin")) == ("columns-3", "file")


class TestDisposition:
    @pytest.mark.parametrize("name", hostile.FILE_NAMES, ids=hostile.called)
    def test_the_name_survives(self, name: str):
        header = rules.disposition(name)
        assert named(header) == name
        assert header.isascii()
        assert header.isprintable()

    @pytest.mark.parametrize(
        ("name", "plain"),
        [
            ("Anmeldung März.pdf", "Anmeldung Marz.pdf"),
            ('a"b\\c/d;%41.pdf', "a_b_c_d__41.pdf"),
            ("../../x", "_.._x"),
            (".htaccess", "htaccess"),
            ("...", "unnamed"),
            ("שלום.pdf", "____.pdf"),
            ("ä" * 300 + ".pdf", "a" * 100 + ".pdf"),
        ],
    )
    def test_and_a_plain_one_for_old_programs(self, name: str, plain: str):
        assert f'attachment; filename="{plain}"; ' in rules.disposition(name)


@pytest.fixture
def customer_id(make_customer: Callable[..., int], context: None) -> int:
    return make_customer()


@pytest.fixture
def other_id(make_customer: Callable[..., int], context: None) -> int:
    return make_customer(last_name="Berger")


@pytest.fixture
def add(customer_id: int) -> Callable[..., int]:
    """Give the customer a document; what that announced is forgotten."""

    def adding(name: str, content: str = "", owner: int = customer_id) -> int:
        upload = services.keep_upload(name, bytes_of(content or name), MB)
        (document_id,) = services.add_documents(owner, [upload])
        g.announced.clear()
        return document_id

    return adding


def stored(document_id: int) -> Document:
    return db.session.get_one(Document, document_id, populate_existing=True)


def told(customer_id: int) -> tuple[str, list[Any]]:
    """Action and changes of the newest entry of the audit trail."""
    entry = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc()).limit(1)).one()
    assert (entry.customer_id, entry.area) == (customer_id, "documents")
    return entry.action, entry.changes


def found(customer_id: int, words: str, before: int | None = None) -> list[str]:
    return [row.name for row in queries.search(customer_id, words, before).rows]


class TestUploading:
    def test_they_are_there_and_told(self, customer_id: int):
        changed = db.session.get_one(Customer, customer_id).changed_at
        uploads = [services.keep_upload(name, bytes_of(name), MB) for name in ("März.pdf", "b")]
        first, second = services.add_documents(customer_id, uploads)
        document = stored(first)
        assert (document.name, document.size) == ("März.pdf", 9)
        assert document.media_type == "application/pdf"
        assert files.path_of(document.digest).read_text() == "März.pdf"
        assert told(customer_id) == (
            "uploaded",
            [["name", None, "März.pdf"], ["name", None, "b"]],
        )
        assert "document.changed" in g.announced
        assert [row.id for row in queries.latest(customer_id)] == [second, first]
        customer = db.session.get_one(Customer, customer_id, populate_existing=True)
        assert customer.changed_at > changed

    @pytest.mark.parametrize(("size", "fits"), [(0, True), (10, True), (11, False)])
    def test_the_limit(self, customer_id: int, size: int, fits: bool):
        before = {path for path in files.root().rglob("*") if path.is_file()}
        if fits:
            assert services.keep_upload("x", io.BytesIO(b"L" * size), 10).file.size == size
            return
        with pytest.raises(Invalid) as refusal:
            services.keep_upload("x", io.BytesIO(b"L" * size), 10)
        assert [problem.code for problem in refusal.value.problems] == ["too_large"]
        assert {path for path in files.root().rglob("*") if path.is_file()} == before

    def test_it_is_read_from_the_beginning(self, customer_id: int):
        source = bytes_of("all of it")
        source.read(4)
        assert services.keep_upload("x", source, MB).file.size == 9

    def test_a_customer_who_went_meanwhile(
        self, customer_id: int, changes_nothing: Callable[[], Any]
    ):
        upload = services.keep_upload("x", bytes_of("x"), MB)
        with changes_nothing(), pytest.raises(Refused):
            services.add_documents(999, [upload])

    def test_the_same_content_twice_at_once(self, app: Flask, make_customer: Callable[..., int]):
        customer_id = make_customer()
        start = threading.Barrier(4)
        content = b"the very same" * 100_000

        def upload() -> None:
            with app.app_context():
                start.wait()
                kept = services.keep_upload("same.pdf", io.BytesIO(content), 10 * MB)
                services.add_documents(customer_id, [kept])
                db.session.commit()

        threads = [threading.Thread(target=upload) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        with app.app_context():
            rows = db.session.scalars(select(Document)).all()
            assert len(rows) == 4
            assert len({row.digest for row in rows}) == 1
            path = files.path_of(rows[0].digest)
            assert path.read_bytes() == content
            assert not list(files.root().glob("tmp*"))


class TestRenaming:
    def test_it_is_called_otherwise_and_told(self, customer_id: int, add: Callable[..., int]):
        document_id = add("Scan001.pdf")
        services.rename_document(customer_id, document_id, {"name": "Vertrag März.txt"})
        document = stored(document_id)
        assert (document.name, document.media_type) == ("Vertrag März.txt", "text/plain")
        assert document.version == 2
        assert told(customer_id) == ("renamed", [["name", "Scan001.pdf", "Vertrag März.txt"]])
        assert found(customer_id, "maerz") == ["Vertrag März.txt"]
        assert found(customer_id, "scan") == []

    def test_it_keeps_its_ending(self, customer_id: int, add: Callable[..., int]):
        document_id = add("Scan001.pdf")
        services.rename_document(customer_id, document_id, {"name": "Vertrag"})
        document = stored(document_id)
        assert (document.name, document.media_type) == ("Vertrag.pdf", "application/pdf")
        assert told(customer_id) == ("renamed", [["name", "Scan001.pdf", "Vertrag.pdf"]])

    @pytest.mark.parametrize("name", ["x.pdf", "  two  blanks \u202e"])
    def test_the_same_again_is_no_change(
        self, customer_id: int, add: Callable[..., int], name: str, changes_nothing: Callable
    ):
        document_id = add(name)
        db.session.commit()
        with changes_nothing():
            typed = rules.stored_name(name).strip().replace("  ", " ").replace("\u202e", "")
            services.rename_document(customer_id, document_id, {"name": typed.strip()})
            db.session.commit()
        assert stored(document_id).name == name

    @pytest.mark.parametrize(("name", "code"), [("", "required"), ("x" * 997, "too_long")])
    def test_bad_names(self, customer_id: int, add: Callable[..., int], name: str, code: str):
        document_id = add("x.pdf")
        with pytest.raises(Invalid) as refusal:
            services.rename_document(customer_id, document_id, {"name": name})
        assert [(p.field, p.code) for p in refusal.value.problems] == [("name", code)]
        assert stored(document_id).name == "x.pdf"

    def test_changed_by_somebody_at_the_same_moment(
        self, customer_id: int, add: Callable[..., int]
    ):
        """The lock keeps two writers apart; whoever read before the other wrote is refused."""
        document_id = add("x.pdf")
        db.session.commit()
        read = queries.document(customer_id, document_id)
        db.session.connection().exec_driver_sql("UPDATE document SET version = 2")
        with pytest.raises(StaleDataError):
            services.rename_document(customer_id, document_id, {"name": "y.pdf"})
        db.session.rollback()
        assert read.name == "x.pdf"


class TestRemoving:
    def test_it_is_gone_and_comes_back(self, customer_id: int, add: Callable[..., int]):
        document_id = add("x.pdf")
        digest = stored(document_id).digest
        services.remove_document(customer_id, document_id)
        assert told(customer_id) == ("removed", [["name", "x.pdf", None]])
        assert queries.latest(customer_id) == []
        assert queries.count(customer_id) == 0
        assert found(customer_id, "x") == []
        assert digest in queries.needed_files(digest[:2])
        for verb in (
            lambda: services.remove_document(customer_id, document_id),
            lambda: services.rename_document(customer_id, document_id, {"name": "y"}),
            lambda: queries.document(customer_id, document_id),
        ):
            with pytest.raises(NotFound):
                verb()
        services.restore_document(customer_id, document_id)
        assert told(customer_id) == ("restored", [["name", None, "x.pdf"]])
        assert found(customer_id, "") == ["x.pdf"]
        with pytest.raises(NotFound):
            services.restore_document(customer_id, document_id)

    def test_nobody_elses(self, customer_id: int, other_id: int, add: Callable[..., int]):
        document_id = add("x.pdf")
        for verb in (services.remove_document, services.restore_document, queries.document):
            with pytest.raises(NotFound):
                verb(other_id, document_id)
        with pytest.raises(NotFound):
            services.rename_document(other_id, document_id, {"name": "y"})

    def test_the_trash_is_emptied_by_the_day(self, customer_id: int, add: Callable[..., int]):
        kept, removed, later = add("kept"), add("removed"), add("later")
        services.remove_document(customer_id, removed)
        db.session.flush()
        before = now()
        services.remove_document(customer_id, later)
        db.session.flush()
        services.forget_removed(before)
        assert set(db.session.scalars(select(Document.id))) == {kept, later}

    def test_a_customer_who_leaves_takes_them_along(
        self, customer_id: int, other_id: int, add: Callable[..., int]
    ):
        add("x.pdf")
        theirs = add("x.pdf", owner=other_id)
        assert queries.belonging(customer_id) == ["1 Dokument"]
        digest = stored(theirs).digest
        erase_customers([customer_id])
        assert list(db.session.scalars(select(Document.id))) == [theirs]
        assert queries.needed_files(digest[:2]) == {
            digest: f"Dokument {theirs} von Kunde {other_id}"
        }
        assert queries.belonging(customer_id) == []


class TestSearching:
    NAME = "Überweisung_März 2026 (Kopie) Müller-Lüdenscheidt 🦄 K-10.PDF"

    @pytest.mark.parametrize(
        ("words", "hit"),
        [
            *(("überweisung", True), ("UBERWEISUNG", True), ("ueberweisung", True)),
            *(("marz", True), ("maerz 2026", True), ("2026 über", True), ("weis", True)),
            *((".pdf", True), ("pdf", True), ("kopie", True), ("(kopie)", True), ("k-10", True)),
            *(("muellerluedenscheidt", True), ("müller-lüd", True), ("🦄", True), ("", True)),
            *(("%", False), ("*", False), ("[q]", False), ("2027", False), ("über april", False)),
            *(("🐴", False), ("\0", True), ("[", False)),
        ],
    )
    def test_every_word_must_be_in_the_name(
        self, customer_id: int, add: Callable[..., int], words: str, hit: bool
    ):
        add(self.NAME)
        add("Ganz anders.txt")
        assert (self.NAME in found(customer_id, words)) == hit

    @pytest.mark.parametrize("words", ["März", "marz", "maerz"])
    def test_composed_letters_find_decomposed_ones(
        self, customer_id: int, add: Callable[..., int], words: str
    ):
        name = unicodedata.normalize("NFD", "Anmeldung März.pdf")
        add(name)
        assert found(customer_id, words) == [name]

    def test_page_by_page(self, customer_id: int, other_id: int):
        kept = services.keep_upload("x", bytes_of("x"), MB)
        for number in range(2 * paging.PAGE + 3):
            services.add_documents(customer_id, [Upload(f"Nr {number}.pdf", kept.file)])
            if number % 50 == 0:
                services.add_documents(other_id, [Upload("Fremd.pdf", kept.file)])
        pages, before = [], None
        while True:
            page = queries.search(customer_id, "nr", before)
            pages.append([row.name for row in page.rows])
            before = page.older
            if before is None:
                break
        assert [len(page) for page in pages] == [50, 50, 3]
        assert [name for page in pages for name in page] == [
            f"Nr {n}.pdf" for n in range(102, -1, -1)
        ]

    def test_a_full_last_page_has_no_next(self, customer_id: int):
        kept = services.keep_upload("x", bytes_of("x"), MB)
        services.add_documents(customer_id, [Upload("x", kept.file)] * paging.PAGE)
        assert queries.search(customer_id, "", None).older is None
        assert queries.count(customer_id) == paging.PAGE
