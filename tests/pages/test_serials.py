"""Serials on their pages: chosen in the list, checked, started, followed, held back, called off."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from app.core import audit, outbox
from app.core.database import db, now
from app.core.files import keep
from app.core.outbox import Never, OutboxEntry
from app.domain.customers import services as customers
from app.domain.groups import services as groups
from app.domain.mailing.models import MailAccount
from app.domain.messages.models import Message
from app.domain.serials import queries
from app.domain.serials.models import Serial, SerialRecipient
from app.domain.serials.production import produce
from app.domain.serials.rules import State
from app.domain.templates.models import Template
from app.domain.templates.services import create_template
from app.shared.chosen import MOST
from tests import hostile
from tests.browserless import Browser, FormReader
from tests.fragments import parts
from tests.mails import set_up

MAILS, LETTERS = "/serials/mails", "/serials/letters"
BODY = "{{salutation}}\n\nIhre Nummer ist {{customer_number}}.\n\n{{birthday}}"


@pytest.fixture
def template_id(app: Flask) -> int:
    """A mail template that names a birthday; mails can be sent."""
    return add_template(app)


@pytest.fixture
def crowd(template_id: int, make_customer: Callable[..., int]) -> list[int]:
    """Five customers with a birthday in the order of their names, and one without."""
    ids = [
        make_customer(last_name=f"Meier {n}", birthday=now().date().replace(year=1990))
        for n in range(5)
    ]
    return [*ids, make_customer(last_name="Ohne", birthday=None)]


@pytest.fixture
def draft(ben: Browser, crowd: list[int], template_id: int) -> str:
    """The address of a serial that is to be checked."""
    return drafted(ben, crowd, template_id)


@pytest.fixture
def running(app: Flask, ben: Browser, draft: str) -> str:
    """The address of a serial whose five mails are in the outbox."""
    start(ben, draft)
    work(app)
    return draft


def add_template(app: Flask, kind: str = "mail", body: str = BODY) -> int:
    with app.app_context():
        set_up()
        values = {"name": "Sommer <b>", "language": "de", "category_id": None}
        template_id = create_template(kind, values | {"subject": "Fest <i>", "body": body})
        db.session.commit()
        return template_id


def ticks(ids: list[int]) -> dict[str, Any]:
    return {"customer": [str(customer_id) for customer_id in ids], "found": ""}


def drafted(browser: Browser, ids: list[int], template_id: int, url: str = MAILS) -> str:
    chosen = ticks(ids) | {"begun": "1", "template_id": str(template_id), "address": "main"}
    answer = browser.post(url, chosen)
    assert answer.status_code == 303
    return answer.location


def start(browser: Browser, url: str) -> Any:
    seen = re.search(r'name="seen" value="(\w+)"', browser.get(url).text)
    assert seen
    return browser.post(f"{url}/start", {"seen": seen[1]})


def work(app: Flask) -> None:
    """Let the worker make what waits, as the colleague who started it."""
    with app.app_context(), audit.acting(2, "Ben Staff"):
        for serial_id in db.session.scalars(select(Serial.id)).all():
            db.session.rollback()
            for _step in produce(serial_id):
                db.session.commit()


def deliver(app: Flask, count: int = 99) -> None:
    with app.app_context():
        while count and (entry := outbox.take(["mail"])):
            outbox.confirm(entry.id)
            count -= 1


def stored(app: Flask, model: Any = Serial) -> list[Any]:
    with app.app_context():
        return list(db.session.scalars(select(model)))


def rows(html: str) -> list[str]:
    """The names in the list of recipients."""
    return re.findall(r'<tr id="recipient-\d+">.*?<a href="[^"]+">([^<]*),', html, re.S)


def tabs(html: str) -> dict[str, str]:
    found = re.findall(r'<a href="[^"]+show=\w+[^>]*>([^<]+) <span class="count">(\d+)', html)
    return {name.strip(): count for name, count in found}


class TestChoosing:
    @pytest.mark.parametrize("send", ["post", "htmx_post"])
    @pytest.mark.parametrize("url", [MAILS, LETTERS])
    def test_the_dialog_asks_for_a_template(
        self,
        app: Flask,
        ben: Browser,
        crowd: list[int],
        url: str,
        send: str,
        changes_nothing: Callable[[], Any],
    ):
        add_template(app, "letter")
        with changes_nothing():
            answer = getattr(ben, send)(url, ticks(crowd[:3]))
        assert answer.status_code == 200
        assert ("<html" in answer.text) == (send == "post")
        assert ("E-mail to 3 customers" if url == MAILS else "Letter to 3 customers") in answer.text
        assert answer.text.count('name="customer"') == 3
        assert answer.text.count('name="template_id"') == 1
        assert answer.text.count('name="address"') == (0 if url == MAILS else 3)
        assert "Sommer &lt;b&gt;" in answer.text

    def test_the_list_offers_it_to_those_who_may(
        self, ben: Browser, cleo: Browser, crowd: list[int]
    ):
        page = ben.get("/customers").text
        assert f'formaction="{MAILS}"' in page
        assert f'formaction="{LETTERS}"' in page
        assert MAILS not in cleo.get("/customers").text

    def test_everybody_found(self, ben: Browser, crowd: list[int], template_id: int):
        fields = FormReader.read(ben.htmx_post(MAILS, {"all": "1", "found": "q=meier"}).text)
        assert (fields["all"], fields["found"]) == ("1", "q=meier")
        assert "customer" not in fields
        answer = ben.htmx_post(MAILS, fields | {"template_id": str(template_id)})
        url = answer.headers["HX-Redirect"]
        assert tabs(ben.get(url).text) == {"Get it": "5", "Left out": "0"}

    def test_without_templates(self, ben: Browser, make_customer: Callable[..., int]):
        answer = ben.htmx_post(MAILS, ticks([make_customer()]))
        assert "There are no e-mail templates yet." in answer.text
        assert 'href="/templates' in answer.text

    @pytest.mark.parametrize("sent", ["", "x", "999", "0", "9" * 30, "-1"])
    def test_no_such_template(
        self, ben: Browser, crowd: list[int], sent: str, changes_nothing: Callable[[], Any]
    ):
        with changes_nothing():
            for send in (ben.post, ben.htmx_post):
                answer = send(MAILS, ticks(crowd) | {"begun": "1", "template_id": sent})
                assert answer.status_code == 422
                assert 'id="template_id-error"' in answer.text
                assert answer.text.count('name="customer"') == 6

    def test_a_letter_is_no_mail(self, app: Flask, ben: Browser, crowd: list[int]):
        letter = add_template(app, "letter")
        data = ticks(crowd) | {"begun": "1", "template_id": str(letter)}
        assert ben.htmx_post(MAILS, data).status_code == 422
        data |= {"address": "elsewhere"}
        assert ben.htmx_post(LETTERS, data).status_code == 422

    @pytest.mark.parametrize("url", [MAILS, LETTERS])
    def test_nobody_is_ticked(
        self, ben: Browser, crowd: list[int], url: str, changes_nothing: Callable[[], Any]
    ):
        with changes_nothing():
            for data in ({}, {"begun": "1"}, {"customer": "999"}, {"all": "1", "found": "q=zzz"}):
                answer = ben.htmx_post(url, data)
                assert answer.status_code == 422
                assert "Please select at least one customer first." in answer.text

    def test_too_many(self, ben: Browser, crowd: list[int], monkeypatch: pytest.MonkeyPatch):
        assert MOST > 5
        monkeypatch.setattr("app.domain.serials.rules.MOST", {"mail": 5, "letter": 6})
        assert ben.htmx_post(MAILS, ticks(crowd)).status_code == 409
        assert ben.htmx_post(LETTERS, ticks(crowd)).status_code == 200

    @pytest.mark.parametrize("text", hostile.TEXTS, ids=hostile.called)
    def test_hostile_text(self, ben: Browser, crowd: list[int], template_id: int, text: str):
        full = ticks(crowd[:1]) | {"begun": "1", "template_id": str(template_id)}
        for field in (*full, "address", "all", "version"):
            for url in (MAILS, LETTERS):
                answer = ben.htmx_post(url, full | {field: text})
                assert answer.status_code in (200, 409, 422)
                assert not hostile.is_markup_in(answer.text)


class TestChecking:
    def test_who_gets_it_and_who_does_not(
        self, ben: Browser, draft: str, changes_nothing: Callable[[], Any]
    ):
        with changes_nothing():
            page = ben.get(draft).text
        assert "5 customers get it" in page
        assert "1 customer is left out:" in page
        assert "1: nothing to fill in for “Birthday” ({{birthday}})" in unescape(page)
        assert "Whoever gets no information is always left out." in page
        assert "Send 5 mails" in page
        assert rows(page) == [f"Meier {n}" for n in range(5)]
        assert "Sommer &lt;b&gt;" in page
        assert "Fest &lt;i&gt;" in page
        left_out = ben.get(f"{draft}?show=left_out").text
        assert rows(left_out) == ["Ohne"]
        assert "nothing to fill in for “Birthday” ({{birthday}})" in unescape(left_out)

    @pytest.mark.parametrize(("kind", "url"), [("mail", MAILS), ("letter", LETTERS)])
    def test_half_a_placeholder_goes_to_nobody(
        self, app: Flask, ben: Browser, crowd: list[int], changes_nothing: Any, kind: str, url: str
    ):
        template_id = add_template(app, kind)
        with app.app_context():
            halves = update(Template).where(Template.id == template_id)
            db.session.execute(halves.values(body="Hallo {{last_name"))  # as it was saved before
            db.session.commit()
        draft = drafted(ben, crowd, template_id, url)
        told = "A placeholder of the template is incomplete: “Hallo {{last_name”"
        assert told in unescape(ben.get(draft).text)
        seen = stored(app)[-1].digest
        with changes_nothing():
            answer = ben.post(f"{draft}/start", {"seen": seen})
        assert answer.status_code == 409
        assert told in unescape(answer.text)

    def test_another_language_is_told(
        self, ben: Browser, crowd: list[int], template_id: int, make_customer: Callable[..., int]
    ):
        other = make_customer(last_name="Zola", language="fr", birthday=now().date())
        page = ben.get(drafted(ben, [*crowd, other], template_id)).text
        assert "1 of them has another language than the template (German); it goes anyway." in page
        assert "French" in page

    def test_several_with_one_address_are_told(
        self, ben: Browser, template_id: int, make_customer: Callable[..., int]
    ):
        emails = [{"label": "", "address": "a@example.com"}]
        ids = [make_customer(emails=emails, birthday=now().date()) for _n in range(3)]
        ids += [make_customer(emails=[], birthday=now().date()) for _n in range(2)]
        page = ben.get(drafted(ben, ids, template_id)).text
        assert "3 customers get it" in page
        assert "1 e-mail address belongs to several customers; a mail goes there for each:" in page
        assert "<bdi>3: a@example.com</bdi>" in page

    def test_a_preview_of_each(self, ben: Browser, draft: str):
        first = ben.get(draft).text
        assert "<mark>Sehr geehrte Frau Meier 0,</mark>" in first
        assert "1 of 5" in first
        fragment = ben.htmx_get(f"{draft}/preview?n=2").text
        assert "<html" not in fragment
        assert "<mark>Sehr geehrte Frau Meier 1,</mark>" in fragment
        assert f'href="{draft}/preview?n=1"' in fragment
        assert f'href="{draft}/preview?n=3"' in fragment
        page = ben.get(f"{draft}/preview?n=2").text
        assert "<html" in page
        assert "Meier 1,</mark>" in page
        assert "n=6" not in ben.get(f"{draft}/preview?n=5").text

    def test_a_preview_tells_what_is_different_by_now(
        self, app: Flask, ben: Browser, draft: str, crowd: list[int]
    ):
        with app.app_context():
            groups.stop_information(crowd[0])
            db.session.commit()
        assert "By now: gets no information" in ben.get(draft).text

    @pytest.mark.parametrize("n", ["", "0", "-1", "x", "99", "9" * 18, "9" * 40])
    def test_no_such_preview(self, ben: Browser, draft: str, n: str):
        for send in (ben.get, ben.htmx_get):
            assert send(f"{draft}/preview?n={n}").status_code == 200

    @pytest.mark.parametrize(
        "query",
        ["show=x", "show=made", "page=0", "page=9", "page=" + "9" * 18, "q=" + "x" * 3000, "q=%00"],
    )
    def test_broken_urls(self, ben: Browser, draft: str, query: str):
        for send in (ben.get, ben.htmx_get):
            assert send(f"{draft}?{query}").status_code == 200
        assert ben.get("/serials/999").status_code == 404

    def test_nobody_gets_it(self, ben: Browser, crowd: list[int], template_id: int):
        url = drafted(ben, crowd[-1:], template_id)
        page = ben.get(url).text
        assert "0 customers get it" in page
        assert rows(page) == ["Ohne"]
        assert 'aria-disabled="true"' in page
        assert "Nobody gets this." in page
        assert ben.post(f"{url}/start", {"seen": "x"}).status_code == 409

    def test_without_a_mail_server(self, app: Flask, ben: Browser, draft: str):
        with app.app_context():
            db.session.execute(MailAccount.__table__.delete())  # type: ignore[attr-defined]
            db.session.commit()
        page = ben.get(draft).text
        assert "No mail server is set up yet" in page
        assert 'aria-disabled="true"' in page

    def test_who_may_only_look(self, cleo: Browser, draft: str):
        page = cleo.get(draft).text
        assert "5 customers get it" in page
        assert f"{draft}/start" not in page


class TestStarting:
    def test_it_is_started_once(self, app: Flask, ben: Browser, anna: Browser, draft: str):
        assert start(ben, draft).status_code == 303
        seen = stored(app)[0].digest
        for browser in (anna, ben):
            again = browser.post(f"{draft}/start", {"seen": seen})
            assert (again.status_code, again.location) == (303, draft)
        kinds = [entry.kind for entry in stored(app, OutboxEntry)]
        assert kinds == ["serial"]
        assert stored(app)[0].user_name == "Ben Staff"
        work(app)
        assert len(stored(app, Message)) == 5

    def test_what_changed_meanwhile_is_shown_first(
        self, app: Flask, ben: Browser, draft: str, crowd: list[int]
    ):
        with app.app_context():
            customers.delete_customer(crowd[0])
            db.session.commit()
        answer = start(ben, draft)
        assert (answer.status_code, answer.location) == (303, f"{draft}?changed=1")
        page = ben.get(answer.location).text
        assert "Meanwhile something has changed" in page
        assert "4 customers get it" in page
        assert "is in the trash" in page
        assert stored(app)[0].state == State.DRAFT
        assert start(ben, draft).location == draft
        assert stored(app)[0].state == State.PREPARING

    def test_what_was_never_seen_is_not_started(
        self, ben: Browser, draft: str, changes_nothing: Callable[[], Any]
    ):
        with changes_nothing():
            for seen in ("", "0" * 16, "\0"):
                assert ben.post(f"{draft}/start", {"seen": seen}).status_code == 409

    def test_discarded(self, app: Flask, ben: Browser, draft: str):
        assert ben.post(f"{draft}/removal").location == "/serials"
        assert ben.get(draft).status_code == 404
        assert stored(app) == []


class TestFollowing:
    def test_it_is_polled_until_the_end(self, app: Flask, ben: Browser, draft: str):
        start(ben, draft)
        page = ben.get(f"{draft}?show=waiting").text
        assert "Being made" in page
        assert 'value="0" max="5"' in page
        assert "The worker is not running." in page
        poll = re.search(r'hx-get="([^"]+)" hx-trigger="every 1s"', page)
        assert poll
        assert unescape(poll[1]) == f"{draft}?show=waiting"
        work(app)
        deliver(app, 2)
        state = ben.htmx_get(unescape(poll[1])).text
        assert "<html" not in state
        assert "Being sent" in state
        assert "2 of 5 sent, 1 left out" in state
        assert rows(state) == ["Meier 2", "Meier 3", "Meier 4"]
        deliver(app)
        state = ben.htmx_get(draft).text
        assert "Finished" in state
        assert "<progress" not in state
        assert "every 1s" not in state

    def test_every_fate_has_its_tab(self, app: Flask, ben: Browser, running: str):
        with app.app_context():
            for _n in range(2):
                entry = outbox.take(["mail"])
                assert entry is not None
                outbox.fail(entry.id, Never("refused", "550 No such user"))
        deliver(app, 1)
        page = ben.get(running).text
        assert tabs(page) == {
            "All": "6",
            "Waiting": "2",
            "Sent": "1",
            "Failed": "2",
            "Left out": "1",
        }
        failed = ben.get(f"{running}?show=failed").text
        assert rows(failed) == ["Meier 0", "Meier 1"]
        assert "550 No such user" in failed
        assert 'href="/customers/1/messages/1"' in failed
        assert rows(ben.get(f"{running}?show=failed&q=10002").text) == ["Meier 1"]
        nobody = ben.get(f"{running}?q=zzz").text
        assert "Nobody of them is found by these words." in nobody
        found, rest = parts(ben.htmx_post(f"{running}/retry").text)
        assert rest == ""
        assert "What failed is tried again" in found["#toasts"]
        work(app)
        deliver(app)
        assert "5 of 5 sent" in ben.get(running).text

    def test_the_list_by_pages(
        self, app: Flask, ben: Browser, running: str, monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.setattr(queries, "PAGE", 2)
        page = ben.get(f"{running}?q=meier").text
        assert rows(page) == ["Meier 0", "Meier 1"]
        following = re.search(r'rel="next" href="([^"]+)"', page)
        assert following
        page = ben.get(unescape(following[1])).text
        assert rows(page) == ["Meier 2", "Meier 3"]
        assert "3–4" in page
        assert 'value="meier"' in page
        assert 'rel="prev"' in page

    def test_what_keeps_it_is_told(self, app: Flask, ben: Browser, draft: str):
        start(ben, draft)
        with app.app_context():
            entry = outbox.take(["serial"])
            assert entry is not None
            outbox.fail(entry.id, Never("broken"))
        page = ben.get(draft).text
        assert "Broken off" in page
        assert "every 1s" not in page
        assert ben.post(f"{draft}/continuation").location == draft
        assert "Being made" in ben.get(draft).text

    def test_all_serials(self, app: Flask, ben: Browser, running: str):
        page = ben.get("/serials").text
        assert "Sommer &lt;b&gt;" in page
        assert "Being sent" in page
        assert "Ben Staff" in page

    def test_none_yet(self, ben: Browser):
        assert "No serials yet." in ben.get("/serials").text
        assert "Nothing is further back." in ben.get("/serials?before=1").text

    def test_a_bounded_number_of_questions(
        self, ben: Browser, running: str, count_queries: Callable[[], Any]
    ):
        for url in (running, "/serials"):
            with count_queries() as sent:
                assert ben.get(url).status_code == 200
            assert len(sent) <= 12


class TestHoldingBack:
    @pytest.mark.parametrize("send", ["post", "htmx_post"])
    def test_paused_and_gone_on(self, app: Flask, ben: Browser, running: str, send: str):
        here = {"HX-Current-URL": f"http://localhost{running}?show=waiting"}
        answer = getattr(ben, send)(f"{running}/pause", headers=here)
        if send == "htmx_post":
            found, rest = parts(answer.text)
            assert rest == ""
            assert "Paused" in found["#serial-state"]
            assert 'name="show" value="waiting"' in found["#serial-state"]
        else:
            assert answer.location == running
        page = ben.get(running).text
        assert "Paused" in page
        assert "every 1s" not in page
        deliver(app)
        assert "0 of 5 sent" in ben.get(running).text
        getattr(ben, send)(f"{running}/continuation")
        work(app)
        deliver(app)
        assert "5 of 5 sent" in ben.get(running).text

    def test_what_cannot_be(self, ben: Browser, draft: str, changes_nothing: Callable[[], Any]):
        with changes_nothing():
            for verb in ("pause", "continuation", "retry", "cancellation"):
                assert ben.htmx_post(f"{draft}/{verb}").status_code == 409
                assert ben.post(f"/serials/999/{verb}").status_code == 404
            assert ben.get(f"{draft}/cancellation").status_code == 409
        start(ben, draft)
        assert ben.post(f"{draft}/removal").status_code == 409


class TestCallingOff:
    def test_the_dialog_says_what_is_lost(
        self, app: Flask, ben: Browser, running: str, changes_nothing: Callable[[], Any]
    ):
        deliver(app, 1)
        with changes_nothing():
            dialog = ben.htmx_get(f"{running}/cancellation").text
        assert "4 mails have not been sent yet and will not be sent." in dialog
        found, rest = parts(ben.htmx_post(f"{running}/cancellation").text)
        assert rest == ""
        assert "Called off" in found["#serial-state"]
        work(app)
        deliver(app)
        page = ben.get(running).text
        assert "1 of 5 sent, 4 called off, 1 left out" in page
        assert "Fest &lt;i&gt;" in ben.get("/customers/1/messages").text
        assert "Fest &lt;i&gt;" not in ben.get("/customers/2/messages").text


class TestAfterARestore:
    """What waited when the backup was made has perhaps left since."""

    @pytest.fixture
    def restored(self, app: Flask, ben: Browser, draft: str) -> str:
        """A serial that was about to be made."""
        start(ben, draft)
        self.restore(app)
        return draft

    def restore(self, app: Flask) -> None:
        with app.app_context(), db.engine.begin() as connection:
            outbox.doubt_all(connection)

    @pytest.mark.parametrize("send", ["post", "htmx_post"])
    def test_it_is_asked_before_it_goes_on(
        self, ben: Browser, restored: str, send: str, changes_nothing: Callable[[], Any]
    ):
        url = f"{restored}/continuation"
        with changes_nothing():
            page = ben.get(restored).text
            assert "It waited when the backup was made that is in place now." in page
            assert "Something went wrong" not in page
            assert f'hx-get="{url}"' in page
            for asked in (ben.htmx_get(url), ben.get(url), getattr(ben, send)(url)):
                assert "whoever has got one would get it a second time" in asked.text
        assert getattr(ben, send)(url, {"sure": "1"}).status_code in (200, 303)
        page = ben.get(restored).text
        assert "Being made" in page
        assert "backup" not in page

    @pytest.mark.parametrize("send", ["post", "htmx_post"])
    def test_it_is_asked_before_mails_are_tried_again(
        self, app: Flask, ben: Browser, running: str, send: str, changes_nothing: Callable[[], Any]
    ):
        deliver(app, 2)
        self.restore(app)
        url = f"{running}/retry"
        with changes_nothing():
            assert "Try the failed again…" in ben.get(running).text
            for asked in (ben.htmx_get(url), ben.get(url), getattr(ben, send)(url)):
                assert "whoever has got one would get it a second time" in asked.text
        getattr(ben, send)(url, {"sure": "1"})
        work(app)
        deliver(app)
        assert "5 of 5 sent" in ben.get(running).text

    def test_nothing_is_asked_otherwise(self, app: Flask, ben: Browser, running: str):
        with app.app_context():
            entry = outbox.take(["mail"])
            assert entry is not None
            outbox.fail(entry.id, Never("refused"))
        assert "Try the failed again…" not in ben.get(running).text
        assert ben.get(f"{running}/retry").location == running
        assert ben.post(f"{running}/retry").location == running
        ben.post(f"{running}/pause")
        assert ben.get(f"{running}/continuation").location == running


def ended(**values: Any) -> None:
    """A serial of letters is at its end."""
    at_its_end = {"state": State.MADE, "kind": "letter", "finished_at": now()}
    db.session.execute(update(Serial).values(**at_its_end, **values))
    db.session.execute(update(OutboxEntry).values(state="sent", done_at=now()))
    db.session.commit()


def stored_file(data: bytes, first: int = 1, last: int = 5, lost: int = 0) -> dict[str, Any]:
    return {
        "name": keep(data),
        "size": 2_000_000,
        "first": first,
        "last": last,
        "lost": lost,
    }


class TestLetters:
    def test_checked_like_mails(self, app: Flask, ben: Browser, make_customer: Callable[..., int]):
        letter = add_template(app, "letter", "{{salutation}}")
        nothing = dict.fromkeys(("street", "house_number", "postcode", "town"), "")
        ids = [
            make_customer(last_name="Meier", emails=[]),
            make_customer(last_name="Ohne", **nothing),
        ]
        url = drafted(ben, ids, letter, LETTERS)
        page = ben.get(url).text
        assert "Make 1 letter" in page
        assert "Frau Tanja Meier, Hauptstraße 5a, 50667 Köln" in page
        assert "1: the postal address is incomplete: Street, Postcode, Town" in page
        assert f'hx-get="{url}/preview?n=1" hx-trigger="load, click"' in page

    def test_the_file_is_only_handed_out_to_be_kept(self, app: Flask, ben: Browser, draft: str):
        start(ben, draft)
        assert ben.get(f"{draft}/letters.pdf").status_code == 404
        with app.app_context():
            ended(files=[stored_file(b"%PDF-1.7 serial")])
        assert "All letters as PDF (1.9" in ben.get(draft).text
        answer = ben.get(f"{draft}/letters.pdf")
        assert answer.data == b"%PDF-1.7 serial"
        assert answer.headers["Content-Disposition"].startswith(
            'attachment; filename="serial-1.pdf"'
        )
        assert "sandbox" in answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "no-store"

    def test_too_many_for_one_file(self, app: Flask, ben: Browser, draft: str):
        start(ben, draft)
        with app.app_context():
            ended(files=[stored_file(b"one", 1, 1400), stored_file(b"two", 1401, 2000)])
        page = ben.get(draft).text
        assert "Letters 1–1,400 as PDF (1.9" in page
        assert "Letters 1,401–2,000 as PDF (1.9" in page
        assert f'href="{draft}/letters.pdf?part=2"' in page
        assert ben.get(f"{draft}/letters.pdf").data == b"one"
        answer = ben.get(f"{draft}/letters.pdf?part=2")
        assert answer.data == b"two"
        assert 'filename="serial-1-2.pdf"' in answer.headers["Content-Disposition"]
        for part in ("3", "9" * 18):
            assert ben.get(f"{draft}/letters.pdf?part={part}").status_code == 404
        for part in ("", "0", "-1", "x"):
            assert ben.get(f"{draft}/letters.pdf?part={part}").data == b"one"

    def test_what_is_missing_in_the_file_is_told(self, app: Flask, ben: Browser, draft: str):
        start(ben, draft)
        with app.app_context():
            ended(files=[stored_file(b"one", lost=1), stored_file(b"two", lost=2)])
        page = ben.get(draft).text
        assert "3 letters could not be read any more and are missing in the file." in page

    def test_a_file_that_is_gone_is_told(self, app: Flask, ben: Browser, draft: str):
        start(ben, draft)
        with app.app_context():
            made = update(SerialRecipient).where(SerialRecipient.state == "waiting")
            db.session.execute(made.values(state="made", message_id=1))
            ended(files=[stored_file(b"one")])
        told = "There is no file of all letters any more"
        assert told not in ben.get(draft).text
        with app.app_context():
            customers.erase_customers([1])
            db.session.commit()
        page = ben.get(draft).text
        assert told in page
        assert "letters.pdf" not in page
        assert "4 of 4 made" in page

    def test_called_off(self, app: Flask, ben: Browser, make_customer: Callable[..., int]):
        letter = add_template(app, "letter", "{{salutation}}")
        url = drafted(ben, [make_customer(), make_customer()], letter, LETTERS)
        start(ben, url)
        assert "2 letters have not been made yet" in ben.htmx_get(f"{url}/cancellation").text
        ben.post(f"{url}/cancellation")
        work(app)
        assert "0 of 2 made, 2 called off" in ben.get(url).text
