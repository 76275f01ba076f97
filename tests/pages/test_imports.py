"""The import as a page: looked at, started, done by a process of its own, taken back."""

from __future__ import annotations

import io
import re
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import delete, func, select, update
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, encode_multipart

from app.core import background, files, sweep
from app.core.audit import AuditEntry
from app.core.database import db, now, short_transaction
from app.domain.comments.models import Comment
from app.domain.comments.services import write_comment
from app.domain.customers.models import Customer
from app.domain.customers.services import create_customer, delete_customer
from app.domain.groups.models import Group, GroupMember
from app.domain.groups.services import create_group
from app.domain.team import services as team
from app.domain.transfer import export, queries, rules, services
from app.domain.transfer.models import ImportBatch
from app.domain.transfer.rules import State
from tests.browserless import Browser
from tests.factories import customer_values

Jobs = list[tuple[str, ...]]

TABLE = (
    "Kundennummer;Nachname;E-Mail;Gruppen;Tanzlevel\n"
    "7;Adam;adam@example.com;Salsa;Silber\n"
    "8;Eva;x;;\n"
    "9;Kain;;;\n"
    "7;Set;;;\n"
)

HEADINGS = {
    State.WAITING: "Import is starting …",
    State.RUNNING: "Import is running …",
    State.REVERTING: "Import is being reverted …",
}


@pytest.fixture
def jobs(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Jobs:
    """The jobs that were started, which nobody does."""
    started: Jobs = []
    monkeypatch.setitem(app.config, "BACKGROUND", lambda *command: started.append(command))
    return started


def upload(who: Browser, data: str | bytes, name: str = "kunden.csv") -> TestResponse:
    data = data.encode() if isinstance(data, str) else data
    sent = {"csrf_token": who.token, "file": FileStorage(io.BytesIO(data), name)}
    boundary, body = encode_multipart(sent)
    kind = f"multipart/form-data; boundary={boundary}"
    return who.client.post("/imports", data=body, content_type=kind, buffered=True)


def uploaded(who: Browser, data: str | bytes = TABLE, name: str = "kunden.csv") -> str:
    """The address of an import that is looked at."""
    answer = upload(who, data, name)
    assert answer.status_code == 303, answer.text
    return answer.location


def run(app: Flask, jobs: Jobs) -> Result:
    """Do the job that was started last."""
    return app.test_cli_runner().invoke(args=list(jobs[-1]))


def started(who: Browser, jobs: Jobs, data: str | bytes = TABLE, **more: Any) -> str:
    """The address of an import that was started and done."""
    url = uploaded(who, data)
    assert who.post(f"{url}/start", more).status_code == 303
    result = run(who.app, jobs)
    assert result.exit_code == 0, result.output
    return url


def batch(app: Flask, batch_id: int = 1) -> Any:
    with app.app_context():
        return queries.shown(batch_id)


def names(app: Flask) -> list[str]:
    with app.app_context():
        return list(db.session.scalars(select(Customer.name).order_by(Customer.id)))


def stored(app: Flask) -> list[Path]:
    root = Path(app.config["DATA"]) / "files"
    return [path for path in root.rglob("*") if path.is_file() and len(path.name) == 64]


def change(app: Flask, **values: Any) -> None:
    with app.app_context():
        db.session.execute(update(ImportBatch).values(**values))
        db.session.commit()


@pytest.fixture(autouse=True)
def _no_files(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweep, "SOON", 0)  # these files come and go within a test
    for path in stored(app):
        path.unlink()


class TestUpload:
    def test_it_leads_to_the_preview_and_changes_nobody(self, app: Flask, ben: Browser):
        url = uploaded(ben)
        assert url == "/imports/1"
        assert batch(app).state == State.PREVIEW
        assert batch(app).user_name == "Ben Staff"
        assert names(app) == []
        assert len(stored(app)) == 1

    def test_a_file_must_be_chosen(self, ben: Browser, changes_nothing: Callable[[], Any]):
        with changes_nothing():
            answer = ben.post("/imports", {"file": (io.BytesIO(b""), "")})
        assert answer.status_code == 422
        assert "Please choose a file." in answer.text

    @pytest.mark.parametrize(
        ("data", "reason"),
        [
            (b"PK\x03\x04" + bytes(1000), "This is a spreadsheet or an archive"),
            (b"%PDF-1.7\n" + bytes(1000), "neither a table as CSV nor a vCard"),
            (b"\xd0\xcf\x11\xe0" + bytes(1000), "This is an old Office file"),
            (b"", "The file is empty."),
            (b" \n" * 1000, "The file is empty."),
            (b"a" * (25 * 1024 * 1024 + 1), "The file is larger than 25 MB."),
        ],
        ids=["zip", "pdf", "office", "empty", "blank", "large"],
    )
    def test_what_can_be_no_table_is_refused_at_the_field(
        self,
        app: Flask,
        ben: Browser,
        data: bytes,
        reason: str,
        changes_nothing: Callable[[], Any],
    ):
        with changes_nothing():
            answer = upload(ben, data)
        assert answer.status_code == 422
        assert reason in answer.text
        assert 'aria-invalid="true"' in answer.text
        assert stored(app) == []

    def test_more_than_the_server_takes_in(self, ben: Browser):
        answer = upload(ben, b"a" * (27 * 1024 * 1024))
        assert answer.status_code == 413
        assert "More than 25 MB" in answer.text

    def test_the_operators_limit_counts(self, app: Flask, ben: Browser, monkeypatch: Any):
        monkeypatch.setitem(app.config, "UPLOAD_LIMIT", 1024 * 1024)
        assert "at most 1 MB" in ben.get("/imports").text
        assert "larger than 1 MB" in upload(ben, b"a" * (1024 * 1024 + 1)).text

    @pytest.mark.parametrize(
        "name", ["Kundenübersicht <b>.csv", "../../x.csv", "a" * 300 + ".csv", "\u202ecsv.exe"]
    )
    def test_the_file_is_called_as_it_was(self, ben: Browser, name: str):
        page = ben.get(uploaded(ben, name=name))
        assert page.status_code == 200
        assert "<b>.csv" not in page.text

    def test_what_nobody_started_for_30_days_is_forgotten(self, app: Flask, ben: Browser):
        with app.app_context():
            old = services.prepare_import("old.csv", files.keep(b"Nachname\nAlt\n"))
            db.session.commit()
        path = stored(app)[0]
        assert ben.get(f"/imports/{old}").status_code == 200
        change(app, at=now() - rules.KEPT - timedelta(hours=1))
        uploaded(ben)
        page = ben.get("/imports").text
        assert "kunden.csv" in page
        assert "old.csv" not in page
        assert path.exists(), "it was stored after that: somebody may just be bringing the same"

    def test_emptying_the_trash_forgets_them_too(self, app: Flask, ben: Browser):
        old, young = uploaded(ben), uploaded(ben, name="young.csv")
        with app.app_context():
            values = {"at": now() - rules.KEPT - timedelta(hours=1)}
            db.session.execute(update(ImportBatch).where(ImportBatch.id == 1).values(values))
            db.session.commit()
        assert app.test_cli_runner().invoke(args=["customers", "purge-trash"]).exit_code == 0
        assert ben.get(old).status_code == 404
        assert ben.get(young).status_code == 200


class TestPreview:
    def test_rows_as_they_would_be_saved(self, ben: Browser):
        page = ben.get(uploaded(ben)).text
        assert "4 rows, as they would be saved" in page
        assert "Adam" in page
        assert "adam@example.com" in page
        assert "This is not an e-mail address." in page
        assert "skipped: the number exists" in page
        assert "Recognised: UTF-8" in page
        assert "Recognised: Semicolon ;" in page
        assert "Tanzlevel: Silber" in page
        assert "kept together in one comment" in page

    @pytest.mark.parametrize(
        ("date", "reason"),
        [
            ("31.02.1999", "There is no day 31.02.1999."),
            ("99.99.9999", "There is no day 99.99.9999."),
            ("neulich", "neulich is no date; write it as 31.12.1990 or 1990-12-31."),
            ("03/04/2024", "The date 03/04/2024 is ambiguous; write it as"),
        ],
    )
    def test_what_is_wrong_with_a_date(self, ben: Browser, date: str, reason: str):
        table = f"Nachname;Geburtstag\nAdam;{date}\nEva;12/25/1990\n"
        assert reason in ben.get(uploaded(ben, table)).text

    def test_the_same_file_again_is_noticed(self, app: Flask, ben: Browser, jobs: Jobs):
        first, twin = uploaded(ben), uploaded(ben)
        told = "This file was imported already:"
        assert told not in ben.get(twin).text
        ben.post(f"{first}/start")
        for state in (State.WAITING, State.FINISHED):
            assert batch(app).state == state
            page = ben.get(twin).text
            assert told in page
            assert f'<a href="{first}">import 1 of ' in page
            if state == State.WAITING:
                run(app, jobs)
        assert told not in ben.get(uploaded(ben, TABLE + "10;Lot;;;\n")).text
        ben.post(f"{first}/reversal")
        run(app, jobs)
        assert told not in ben.get(twin).text

    def test_an_iban_is_masked(self, ben: Browser):
        page = ben.get(uploaded(ben, "Nachname;IBAN\nAdam;DE89370400440532013000\n")).text
        assert "DE89 •••• 3000" in page
        assert "DE89370400440532013000" not in page

    def test_encoding_and_separator_can_be_chosen(self, ben: Browser):
        url = uploaded(ben, "Vorname,Nachname\nŁukasz,Żak\n".encode("cp1250"))
        assert "Łukasz" not in ben.get(url).text
        for page in (
            ben.get(f"{url}?encoding=cp1250&separator=,").text,
            ben.htmx_get(f"{url}?encoding=cp1250&separator=,").text,
        ):
            assert "Łukasz Żak" in page
            assert 'name="encoding" form="import-start" value="cp1250"' in page
            assert 'name="separator" form="import-start" value=","' in page
        assert '<option value="cp1250" selected>' in ben.get(f"{url}?encoding=cp1250").text

    def test_the_fragment_is_the_preview_alone(self, ben: Browser):
        fragment = ben.htmx_get(uploaded(ben)).text
        assert fragment.lstrip().startswith(("{#", "<section")), fragment[:80]
        assert "<html" not in fragment
        assert "<select" not in fragment

    @pytest.mark.parametrize(
        ("query", "reason"),
        [
            ("separator=,", "There is no column for a name or a company"),
            ("encoding=rot13", "There is no encoding rot13"),
            ("encoding=zip", "There is no encoding zip"),
            ("separator=%22", "cannot separate columns"),
            ("separator=ab", "cannot separate columns"),
            ("encoding=%00", "There is no encoding"),
        ],
    )
    def test_what_cannot_be_read_that_way(self, ben: Browser, query: str, reason: str):
        answer = ben.get(f"{uploaded(ben)}?{query}")
        assert answer.status_code == 200
        assert reason in answer.text
        assert 'name="encoding"' in answer.text
        assert "Import now" not in answer.text
        assert "Discard this file" in answer.text

    @pytest.mark.parametrize(
        "data",
        [
            b'"' * (25 * 1024 * 1024),
            b"\0" * (25 * 1024 * 1024),
            b"Nachname;Ort\n" + b";" * (24 * 1024 * 1024),
            b"Nachname\n" + b'"\n' * 1_900_000,
            bytes(range(256)) * 50_000,
            b"BEGIN:VCARD\n" * 100_000,
        ],
        ids=["quotes", "nuls", "separators", "quoted lines", "binary", "cards"],
    )
    def test_hostile_files_are_answered(self, ben: Browser, data: bytes):
        url = uploaded(ben, data)
        begun = time.process_time()
        assert ben.get(url).status_code == 200
        assert time.process_time() - begun < 10

    def test_foreign_markup_stays_text(self, ben: Browser):
        hostile = "<script>alert(1)</script>"
        page = ben.get(uploaded(ben, f"Nachname;{hostile}\n{hostile};{hostile}\n")).text
        assert hostile not in page

    def test_headings_alone_are_not_started(
        self, ben: Browser, jobs: Jobs, changes_nothing: Callable[[], Any]
    ):
        url = uploaded(ben, "Nachname;Ort\n")
        page = ben.get(url).text
        assert "There is no row below the headings" in page
        assert 'aria-disabled="true" tabindex="0" id="import-now"' in page
        assert 'data-kind="primary"' not in page
        with changes_nothing():
            answer = ben.post(f"{url}/start")
        assert answer.status_code == 409
        assert "There is no row below the headings" in answer.text

    def test_a_file_that_is_gone(self, app: Flask, ben: Browser):
        url = uploaded(ben)
        stored(app)[0].unlink()
        assert "not there any more" in ben.get(url).text
        assert ben.post(f"{url}/start").status_code == 409

    def test_it_asks_few_questions(self, ben: Browser, count_queries: Callable[[], Any]):
        url = uploaded(ben)
        with count_queries() as sent:
            ben.get(url)
        assert len(sent) <= 12

    def test_a_reader_sees_it_and_nothing_to_press(self, ben: Browser, cleo: Browser):
        url = uploaded(ben)
        page = cleo.get(url).text
        assert "Adam" in page
        assert "Import now" not in page
        assert "Show preview" not in cleo.get("/imports").text
        for path in ("start", "removal", "reversal"):
            assert cleo.post(f"{url}/{path}").status_code == 403

    def test_it_speaks_german(self, app: Flask):
        with app.app_context():
            team.create_user(email="gerda@example.com", name="Gerda", role="staff", language="de")
            db.session.commit()
        gerda = Browser(app, "gerda@example.com")
        page = gerda.get(uploaded(gerda)).text
        assert "4 Zeilen, wie sie gespeichert würden" in page
        assert "Erkannt: UTF-8" in page
        assert "Das ist keine E-Mail-Adresse." in page


@pytest.fixture
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if it had taken minutes: then a file may go at once."""
    monkeypatch.setattr(sweep, "SOON", 0)


class TestDiscard:
    @pytest.mark.usefixtures("unhurried")
    def test_file_and_import_are_gone(self, app: Flask, ben: Browser):
        url = uploaded(ben)
        assert ben.post(f"{url}/removal").location == "/imports"
        assert ben.get(url).status_code == 404
        assert stored(app) == []

    def test_its_number_is_not_given_again(self, ben: Browser):
        """Its page may still be open somewhere, with a button that imports."""
        discarded = uploaded(ben)
        ben.post(f"{discarded}/removal")
        assert uploaded(ben) != discarded
        assert ben.post(f"{discarded}/start").status_code == 404

    def test_a_file_that_another_import_needs_stays(self, app: Flask, ben: Browser):
        first, second = uploaded(ben), uploaded(ben)
        ben.post(f"{second}/removal")
        assert "4 rows" in ben.get(first).text

    def test_not_what_was_started(self, ben: Browser, jobs: Jobs):
        url = started(ben, jobs)
        assert ben.post(f"{url}/removal").status_code == 409


class TestStart:
    def test_a_process_is_told_after_the_commit(
        self, app: Flask, ben: Browser, monkeypatch: pytest.MonkeyPatch
    ):
        seen: list[Any] = []

        def look(*command: str) -> None:
            seen.append((*command, db.session.scalar(select(ImportBatch.state))))
            db.session.rollback()

        monkeypatch.setitem(app.config, "BACKGROUND", look)
        url = uploaded(ben)
        assert ben.post(f"{url}/start").location == url
        assert seen == [("jobs", "import", "1", "--user", "2", "waiting")]
        page = ben.get(url).text
        assert "Import is starting" in page
        assert 'hx-trigger="every 1s"' in page

    def test_its_result(self, app: Flask, ben: Browser, jobs: Jobs):
        url = started(ben, jobs)
        assert names(app) == ["Adam", "Kain"]
        page = ben.get(url).text
        assert "Import finished" in page
        assert re.findall(r"<dd>(\d+)</dd>", page) == ["2", "1", "1"]
        assert "E-mail addresses: This is not an e-mail address." in page
        assert "hx-trigger" not in ben.htmx_get(url).text
        assert batch(app).source is None

    def test_skipped_rows_are_told_with_whom_they_meet(
        self, app: Flask, ben: Browser, jobs: Jobs, count_queries: Callable[[], Any]
    ):
        with app.app_context():
            there = create_customer(customer_values(number="7", last_name="Vorher"))
            delete_customer(create_customer(customer_values(number="9")))
            db.session.commit()
        url = started(ben, jobs, "Kundennummer;Nachname\n7;Adam\n8;Eva\n9;Kain\n")
        with count_queries() as sent:
            page = ben.get(url).text
        assert len(sent) <= 10
        assert "2 skipped rows" in page
        assert f'Number 7 exists. <a href="/customers/{there}">' in page
        assert "Number 9 is that of a customer in the trash. <a" in page

    def test_many_skipped_rows_are_bounded(self, app: Flask, ben: Browser, jobs: Jobs):
        url = started(ben, jobs, "Kundennummer;Nachname\n" + "7;Adam\n" * 1501)
        page = ben.get(url).text
        assert "1,500 skipped rows" in page
        assert page.count("Number 7 exists.") == 50
        assert "Show all 1,000" in page
        page = ben.get(f"{url}?skipped=all").text
        assert page.count("Number 7 exists.") == 1000
        assert "Only the first 1,000 are kept." in page

    def test_it_is_done_by_whoever_started_it(self, app: Flask, ben: Browser, jobs: Jobs):
        started(ben, jobs)
        with app.app_context():
            entries = select(AuditEntry.user_name).where(AuditEntry.action == "imported")
            assert set(db.session.scalars(entries)) == {"Ben Staff"}
            assert set(db.session.scalars(select(Comment.author_name))) == {"Ben Staff"}

    def test_it_speaks_the_language_of_whoever_started_it(self, app: Flask, jobs: Jobs):
        with app.app_context():
            team.create_user(email="gerda@example.com", name="Gerda", role="staff", language="de")
            db.session.commit()
        gerda = Browser(app, "gerda@example.com")
        page = gerda.get(started(gerda, jobs)).text
        assert "Das ist keine E-Mail-Adresse." in page
        with app.app_context():
            assert db.session.scalars(select(Comment.body)).all() == [
                "Aus dem Import:\nTanzlevel: Silber"
            ]

    @pytest.mark.usefixtures("unhurried")
    def test_the_file_is_deleted_when_it_is_done(self, app: Flask, ben: Browser, jobs: Jobs):
        started(ben, jobs)
        assert stored(app) == []

    def test_groups_of_the_file_and_those_chosen(self, app: Flask, ben: Browser, jobs: Jobs):
        with app.app_context():
            values = {"name": "Neue", "parent_id": None, "no_information": False}
            chosen = create_group(values)
            db.session.commit()
        assert "Neue" in ben.get(uploaded(ben)).text
        url = started(ben, jobs, groups=[str(chosen)])
        with app.app_context():
            member = select(Group.name, Customer.name).select_from(GroupMember)
            member = member.join(Group, Group.id == GroupMember.group_id)
            member = member.join(Customer, Customer.id == GroupMember.customer_id)
            assert set(map(tuple, db.session.execute(member))) == {
                ("Neue", "Adam"),
                ("Neue", "Kain"),
                ("Salsa", "Adam"),
            }
        page = " ".join(re.sub(r"<[^>]+>", " ", ben.get(url).text).split())
        assert "Neue 2" in page
        assert "Salsa 1" in page

    @pytest.mark.parametrize(
        "group", ["999", "0", "-1", "x", "²", "", "9" * 18, "9" * 30, "9" * 5000]
    )
    def test_not_with_groups_that_are_not_there(
        self, ben: Browser, jobs: Jobs, group: str, changes_nothing: Callable[[], Any]
    ):
        url = uploaded(ben)
        with changes_nothing():
            answer = ben.post(f"{url}/start", {"groups": ["1", group]})
        assert answer.status_code == 409
        assert "A group that was chosen is gone. Please choose again." in answer.text
        assert jobs == []

    def test_the_trail_names_the_groups(self, app: Flask, ben: Browser, jobs: Jobs):
        with app.app_context():
            below = {"name": "Neue", "parent_id": 1, "no_information": False}
            chosen = create_group(below)
            db.session.commit()
        started(ben, jobs, groups=[str(chosen)])
        with app.app_context():
            changes = select(AuditEntry.changes).where(AuditEntry.action == "started")
            assert db.session.scalars(changes).one() == [
                ["files", None, ["kunden.csv"]],
                ["groups", None, ["Keine Informationen › Neue"]],
            ]

    def test_a_number_in_the_trash_is_told(self, app: Flask, ben: Browser, jobs: Jobs):
        with app.app_context():
            delete_customer(create_customer(customer_values(number="7")))
            create_customer(customer_values(number="9"))
            db.session.commit()
        page = ben.get(uploaded(ben)).text
        assert page.count("skipped: a customer in the trash has the number") == 2
        assert page.count("skipped: the number exists") == 1
        page = ben.get(started(ben, jobs)).text
        assert "2 skipped rows have the numbers of customers in the trash." in page
        assert batch(app, 2).skipped == 3

    def test_a_group_deleted_meanwhile_stops_nobody(self, app: Flask, ben: Browser, jobs: Jobs):
        url = uploaded(ben)
        ben.post(f"{url}/start", {"groups": "1"})
        with app.app_context():
            db.session.execute(delete(Group))
            db.session.commit()
        assert run(app, jobs).exit_code == 0
        assert names(app) == ["Adam", "Kain"]

    def test_as_it_was_looked_at(self, app: Flask, ben: Browser, jobs: Jobs):
        data = "Vorname|Nachname\nŁukasz|Żak\n".encode("cp1250")
        started(ben, jobs, data, encoding="cp1250", separator="|")
        assert names(app) == ["Łukasz Żak"]

    def test_twice_is_once(self, app: Flask, ben: Browser, jobs: Jobs):
        url = uploaded(ben)
        assert ben.post(f"{url}/start").status_code == 303
        again = ben.post(f"{url}/start")
        assert again.status_code == 409
        assert "has been started already" in again.text
        assert len(jobs) == 1
        assert run(app, jobs).exit_code == 0
        second = run(app, jobs)
        assert second.exit_code == 1
        assert "does not wait to be run" in second.output
        assert names(app) == ["Adam", "Kain"]

    @pytest.mark.parametrize("sent", [{"encoding": "rot13"}, {"separator": ","}])
    def test_not_what_cannot_be_read(
        self, ben: Browser, jobs: Jobs, sent: dict[str, str], changes_nothing: Callable[[], Any]
    ):
        url = uploaded(ben)
        with changes_nothing():
            assert ben.post(f"{url}/start", sent).status_code == 409
        assert jobs == []

    def test_what_breaks_is_told(self, app: Flask, ben: Browser, jobs: Jobs, monkeypatch: Any):
        monkeypatch.setattr(services, "CHUNK", 1)
        url = uploaded(ben)
        ben.post(f"{url}/start")
        write = services.write
        calls: list[int] = []

        def failing(*arguments: Any) -> Any:
            calls.append(1)
            if len(calls) > 1:
                raise OSError("disk")
            return write(*arguments)

        monkeypatch.setattr(services, "write", failing)
        assert run(app, jobs).exit_code == 1
        page = ben.get(url).text
        assert "Import failed after 2 rows" in page
        assert "Revert import" in page
        assert names(app) == ["Adam"]

    def test_what_nobody_takes_up_can_be_started_again(self, app: Flask, ben: Browser, jobs: Jobs):
        url = uploaded(ben, "Vorname,Nachname\nŁukasz,Żak\n".encode("cp1250"))
        ben.post(f"{url}/start", {"encoding": "cp1250", "separator": ",", "groups": "1"})
        change(app, beat_at=now() - 2 * rules.SILENCE)
        assert "Import could not be started" in ben.get(url).text
        again = ben.fields(url)
        assert again == {"encoding": "cp1250", "separator": ",", "groups": "1"}
        assert ben.post(f"{url}/start", again).status_code == 303
        assert run(app, jobs).exit_code == 0
        assert names(app) == ["Łukasz Żak"]
        assert batch(app).joined == {"1": 1}

    def test_it_can_even_when_a_group_is_gone(self, app: Flask, ben: Browser, jobs: Jobs):
        url = uploaded(ben)
        ben.post(f"{url}/start", {"groups": "1"})
        change(app, beat_at=now() - 2 * rules.SILENCE)
        with app.app_context():
            db.session.execute(delete(Group))
            db.session.commit()
        assert ben.post(f"{url}/start", ben.fields(url)).status_code == 303
        assert run(app, jobs).exit_code == 0
        assert names(app) == ["Adam", "Kain"]


class TestProgress:
    def test_it_is_shown_while_the_process_lives(self, app: Flask, ben: Browser, jobs: Jobs):
        url = uploaded(ben, "Nachname\n" + "Adam\n" * 100)
        ben.post(f"{url}/start")
        change(app, state=State.RUNNING, new=40, skipped=9, refused=1)
        with app.app_context(), background.holding(rules.job(1)):
            page = ben.htmx_get(url).text
        assert '<progress class="import-bar" value="50" max="100"' in page
        assert "40 new, 9 skipped, 1 refused" in page
        assert 'hx-trigger="every 1s"' in page

    def test_a_process_that_lives_may_be_silent(self, app: Flask, ben: Browser, jobs: Jobs):
        url = uploaded(ben)
        ben.post(f"{url}/start")
        for state, told in HEADINGS.items():
            change(app, state=state, beat_at=now() - 2 * rules.SILENCE)
            with app.app_context(), background.holding(rules.job(1)):
                assert told in ben.htmx_get(url).text
                refused = ben.post(f"{url}/reversal")
                assert refused.status_code == 409
        assert len(jobs) == 1

    @pytest.mark.usefixtures("unhurried")
    def test_without_the_process_it_was_cut_off(self, app: Flask, ben: Browser, jobs: Jobs):
        url = uploaded(ben)
        ben.post(f"{url}/start")
        change(app, state=State.RUNNING, new=3000, beat_at=now())
        answer = ben.htmx_get(url)
        assert answer.status_code == 200
        assert "Import was cut off after 3,000 rows" in answer.text
        assert "hx-trigger" not in answer.text
        assert "Revert import" in answer.text
        assert "cut off" in ben.get("/imports").text
        assert len(stored(app)) == 1
        ben.post(f"{url}/reversal")
        assert run(app, jobs).exit_code == 0
        assert stored(app) == []

    def test_a_process_that_ends_while_one_looks_was_not_cut_off(
        self, app: Flask, ben: Browser, jobs: Jobs, monkeypatch: pytest.MonkeyPatch
    ):
        url = uploaded(ben)
        ben.post(f"{url}/start")
        change(app, state=State.RUNNING, beat_at=now() - 2 * rules.SILENCE)

        def ending(_job: str) -> bool:
            with short_transaction() as connection:
                connection.execute(update(ImportBatch).values(state=State.FINISHED))
            return False

        monkeypatch.setattr(background, "is_held", ending)
        answer = ben.htmx_get(url).text
        assert "cut off" not in answer
        assert 'hx-trigger="every 1s"' in answer
        assert "cut off" not in ben.htmx_get(url).text

    def test_what_was_stopped_writes_no_more(self, app: Flask, ben: Browser, monkeypatch: Any):
        """A process thought dead wakes up after its import was taken back."""
        monkeypatch.setattr(services, "CHUNK", 1)
        uploaded(ben)
        with app.app_context():
            db.session.execute(update(ImportBatch).values(state=State.WAITING))
            steps = services.run_import(1, services.now().date())
            for _step in range(4):
                next(steps)
                db.session.commit()
            services._write(1, state=State.REVERTING)
            db.session.commit()
            with pytest.raises(services.Refused):
                list(steps)
            db.session.rollback()
        assert names(app) == ["Adam"]


class TestCustomers:
    def test_they_are_reached_from_the_result(self, app: Flask, ben: Browser, jobs: Jobs):
        url = started(ben, jobs)
        assert f'href="{url}/customers"' in ben.get(url).text
        with app.app_context():
            found = db.session.execute(select(Customer.name, Customer.id))
            ids = {row.name: row.id for row in found}
            delete_customer(ids["Kain"])
            db.session.commit()
        page = ben.get(f"{url}/customers").text
        assert f'<a href="/customers/{ids["Adam"]}">Adam</a></th>' in page
        assert f'<a href="/customers/{ids["Kain"]}">Kain</a> <span class="badge"' in page

    def test_only_those_of_this_import(self, ben: Browser, jobs: Jobs):
        first = started(ben, jobs)
        second = started(ben, jobs, "Nachname\nNoah\n")
        assert "Noah" not in ben.get(f"{first}/customers").text
        assert "Adam" not in ben.get(f"{second}/customers").text

    def test_by_pages(self, ben: Browser, jobs: Jobs, count_queries: Callable[[], Any]):
        url = started(ben, jobs, "Nachname\n" + "".join(f"Kunde {i:03}\n" for i in range(120)))
        seen: list[str] = []
        address: str | None = f"{url}/customers"
        while address:
            with count_queries() as sent:
                page = ben.get(address).text
            assert len(sent) <= 5
            seen += re.findall(r">Kunde (\d+)</a>", page)
            found = re.search(r'rel="next" href="([^"]+)"', page)
            address = found[1] if found else None
        assert seen == [f"{i:03}" for i in reversed(range(120))]

    def test_nobody(self, ben: Browser, jobs: Jobs):
        url = started(ben, jobs, "Nachname;E-Mail\nAdam;x\n")
        assert f"{url}/customers" not in ben.get(url).text
        assert "This import has added nobody." in ben.get(f"{url}/customers").text
        url = started(ben, jobs, "Nachname\nAdam\n")
        ben.post(f"{url}/reversal")
        run(ben.app, jobs)
        assert f"{url}/customers" not in ben.get(url).text
        assert "None of its customers is there any more." in ben.get(f"{url}/customers").text
        assert ben.get("/imports/99/customers").status_code == 404


class TestRefused:
    def test_as_a_table(self, app: Flask, ben: Browser, jobs: Jobs):
        url = started(ben, jobs, "Nachname;E-Mail\n;=cmd\nAdam;\n")
        answer = ben.get(f"{url}/refused.csv")
        assert answer.headers["Content-Disposition"].startswith("attachment")
        lines = answer.get_data(as_text=True).splitlines()
        assert lines[0] == "\ufeffFile;Line;Reason"
        assert lines[1].startswith("kunden.csv;2;")

    @pytest.mark.parametrize(
        "name", ["=1+1.csv", "+49.csv", "+1+cmd", "+", "-5", "-5.csv", "@x.csv"]
    )
    def test_nothing_in_it_is_run(self, ben: Browser, jobs: Jobs, name: str):
        url = uploaded(ben, "Nachname\n" + "x" * 101 + "\n", name)
        ben.post(f"{url}/start")
        run(ben.app, jobs)
        assert f"\n'{name};2;" in ben.get(f"{url}/refused.csv").text

    @pytest.mark.parametrize("phone", ["+49 221 98765", "+49 (0)221/987-65", "+4922198765"])
    def test_phone_numbers_stay_as_they_are(self, phone: str):
        assert export.table([[phone, 1, "x"]]) == f"\ufeff{phone};1;x\r\n"

    @pytest.mark.parametrize("cell", ["+49\t1", "+49 A1", "+49+1", "+49*2", "+٤٩", "\t1", "\r1"])
    def test_what_only_begins_like_one_does_not(self, cell: str):
        assert export.table([[cell]]).lstrip('\ufeff"').startswith(f"'{cell}")

    def test_not_before_it_has_ended(self, app: Flask, ben: Browser, jobs: Jobs):
        url = uploaded(ben)
        assert ben.get(f"{url}/refused.csv").status_code == 409
        ben.post(f"{url}/start")
        answer = ben.get(f"{url}/refused.csv")
        assert answer.status_code == 409
        assert "Import 1 has not ended yet." in answer.text
        run(app, jobs)
        assert ben.get(f"{url}/refused.csv").status_code == 200

    def test_many_are_bounded(self, app: Flask, ben: Browser, jobs: Jobs):
        url = started(ben, jobs, "Nachname\n" + ("x" * 101 + "\n") * 1500)
        page = ben.get(url).text
        assert "1,500 refused rows" in page
        assert page.count("<tr>") < 60
        assert "Show all 1,000" in page
        page = ben.get(f"{url}?refused=all").text
        assert page.count("<tr>") == 1001
        assert "Only the first 1,000 are kept." in page


class TestRevert:
    def test_it_asks_first(self, ben: Browser, jobs: Jobs, changes_nothing: Callable[[], Any]):
        url = started(ben, jobs)
        with changes_nothing():
            dialog = ben.htmx_get(f"{url}/reversal").text
        assert "2 customers came with this import." in dialog
        assert 'data-kind="danger"' in dialog

    def test_whom_nobody_touched_is_removed(self, app: Flask, ben: Browser, jobs: Jobs):
        url = started(ben, jobs)
        with app.app_context():
            kain = db.session.scalars(select(Customer.id).where(Customer.number == "9")).one()
            write_comment(kain, {"body": "Hat angerufen."})
            db.session.commit()
        assert ben.post(f"{url}/reversal").location == url
        assert jobs[-1] == ("jobs", "revert", "1", "--user", "2")
        assert "Import is being reverted" in ben.get(url).text
        assert run(app, jobs).exit_code == 0
        assert names(app) == ["Kain"]
        page = ben.get(url).text
        assert "Import reverted" in page
        assert "Kept, because somebody has touched them: 9" in page
        with app.app_context():
            assert db.session.scalar(select(func.count()).select_from(GroupMember)) == 0
            assert "Salsa" in set(db.session.scalars(select(Group.name)))
            entry = select(AuditEntry.user_name).where(AuditEntry.action == "reverted")
            assert db.session.scalars(entry).all() == ["Ben Staff"]

    def test_who_lies_in_the_trash_stays_there(self, app: Flask, ben: Browser, jobs: Jobs):
        url = started(ben, jobs)
        with app.app_context():
            delete_customer(
                db.session.scalars(select(Customer.id).where(Customer.number == "7")).one()
            )
            db.session.commit()
        ben.post(f"{url}/reversal")
        run(app, jobs)
        assert names(app) == ["Adam"]

    def test_not_where_nobody_was_new(self, ben: Browser, jobs: Jobs):
        url = started(ben, jobs, "Nachname;E-Mail\nAdam;x\n")
        assert "Revert import" not in ben.get(url).text
        assert 'id="import-1-revert"' not in ben.get("/imports").text
        for answer in (ben.get(f"{url}/reversal"), ben.post(f"{url}/reversal")):
            assert answer.status_code == 409
            assert "Import 1 has added nobody." in answer.text

    def test_not_twice_and_not_before_it_is_done(self, app: Flask, ben: Browser, jobs: Jobs):
        url = uploaded(ben)
        assert ben.post(f"{url}/reversal").status_code == 409
        ben.post(f"{url}/start")
        assert ben.post(f"{url}/reversal").status_code == 409
        run(app, jobs)
        assert ben.post(f"{url}/reversal").status_code == 303
        again = ben.post(f"{url}/reversal")
        assert again.status_code == 409
        assert "is being reverted already" in again.text
        run(app, jobs)
        for answer in (ben.post(f"{url}/reversal"), ben.get(f"{url}/reversal")):
            assert answer.status_code == 409
            assert "has been reverted already" in answer.text

    def test_one_that_was_cut_off_goes_on(self, app: Flask, ben: Browser, jobs: Jobs):
        url = started(ben, jobs)
        ben.post(f"{url}/reversal")
        change(app, beat_at=now() - 2 * rules.SILENCE)
        assert "Reverting was cut off" in ben.get(url).text
        assert ben.post(f"{url}/reversal").status_code == 303
        run(app, jobs)
        assert names(app) == []


class TestList:
    def test_nothing_yet(self, ben: Browser):
        assert "Nothing has been imported yet." in ben.get("/imports").text

    def test_earlier_imports(self, ben: Browser, jobs: Jobs):
        started(ben, jobs)
        uploaded(ben, name="zweite.csv")
        page = ben.get("/imports").text
        assert page.index("zweite.csv") < page.index("kunden.csv")
        assert "not started" in page
        assert "finished" in page
        assert page.count('id="import-1-revert"') == 1
        assert 'id="import-2-revert"' not in page

    def test_it_is_paged(self, app: Flask, ben: Browser, count_queries: Callable[[], Any]):
        with app.app_context():
            for number in range(25):
                services.end_batch(services.begin_batch([f"datei-{number}.csv"]))
            db.session.commit()
        with count_queries() as sent:
            page = ben.get("/imports").text
        assert len(sent) <= 6
        assert "datei-24.csv" in page
        assert "datei-4.csv" not in page
        assert "datei-4.csv" in ben.get("/imports?before=6").text

    def test_a_file_of_the_command_with_a_name_that_is_no_text(self, app: Flask, ben: Browser):
        with app.app_context():
            batch_id = services.begin_batch(["/tmp/\udcff.csv"])
            services.refuse_file(batch_id, "/tmp/\udcff.csv", "Nothing in it.")
            services.end_batch(batch_id)
            db.session.commit()
        for path in ("/imports", "/imports/1", "/imports/1/refused.csv"):
            assert ben.get(path).status_code == 200

    def test_unknown_ones(self, ben: Browser):
        for path in ("/imports/99", "/imports/99/refused.csv", "/imports/99/reversal"):
            assert ben.get(path).status_code == 404
        for path in ("start", "removal", "reversal"):
            assert ben.post(f"/imports/99/{path}").status_code in (404, 409)

    def test_a_stranger_is_led_to_the_login(self, eve: Browser):
        assert eve.get("/imports").status_code == 302
