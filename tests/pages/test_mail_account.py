"""The mail server's page: saved, refused, in conflict, tried, removed."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from app.core import background, outbox, queue
from app.core.database import db
from app.core.outbox import BROKEN, Never
from app.domain.mailing import queries
from app.domain.mailing.models import MailAccount
from tests import hostile, mails
from tests.browserless import Browser, FormReader
from tests.fragments import parts
from tests.mails import set_up
from tests.sink import sink

URL = "/settings/mail"
TESTS = f"{URL}/tests"


@pytest.fixture
def account(app: Flask) -> None:
    """An account with a login."""
    with app.app_context():
        set_up(username="info", password="streng-geheim")


def shown(anna: Browser) -> dict[str, Any]:
    """The form of the account as it is shown; the one that tries it comes after."""
    return FormReader.read(anna.get(URL).text.partition('class="mail-try"')[0])


def filled(anna: Browser, **over: Any) -> dict[str, Any]:
    """The form as it is shown, with a server and a sender typed."""
    typed = {"host": "127.0.0.1", "security": "none", "from_address": "info@example.com"}
    return shown(anna) | typed | over


class TestSettingUp:
    def test_the_form_begins_with_what_is_usual(self, anna: Browser):
        form = shown(anna)
        assert (form["port"], form["security"], form["sends_as"]) == ("587", "starttls", "team")
        assert "Does it work?" not in anna.get(URL).text
        assert f'href="{URL}" aria-current="page">E-mail</a>' in anna.get(URL).text

    def test_it_is_saved(self, app: Flask, anna: Browser):
        answer = anna.post(URL, filled(anna, username="info", password="geheim"))
        assert (answer.status_code, answer.location) == (303, URL)
        page = anna.get(URL).text
        assert "Mail server saved" in page
        assert 'value="127.0.0.1"' in page
        assert "Does it work?" in page
        with app.app_context():
            stored = queries.account()
            assert stored is not None
            assert queries.password(stored) == "geheim"

    @pytest.mark.usefixtures("account")
    def test_an_empty_password_keeps_the_stored_one(self, app: Flask, anna: Browser):
        page = anna.get(URL).text
        assert "Leave it empty to keep the one that is stored." in page
        assert anna.post(URL, shown(anna) | {"from_name": "Neu"}).status_code == 303
        with app.app_context():
            stored = queries.account()
            assert stored is not None
            assert (stored.from_name, queries.password(stored)) == ("Neu", "streng-geheim")

    @pytest.mark.usefixtures("account")
    def test_the_password_is_on_no_page(self, anna: Browser):
        wrong = filled(anna, username="info", password="neu-geheim", port="x")
        pages = [anna.get(URL), anna.post(URL, wrong), anna.get(f"{URL}/removal")]
        for page in pages:
            assert "geheim" not in page.text

    def test_all_errors_stand_at_their_fields(
        self, anna: Browser, changes_nothing: Callable[[], Any]
    ):
        sent = filled(anna, host="a b", port="70000", from_address="x", from_name="Mein Name")
        with changes_nothing():
            answer = anna.post(URL, sent)
        assert answer.status_code == 422
        for field in ("host", "port", "from_address"):
            assert f'id="{field}-error"' in answer.text
        for typed in ("a b", "70000", "Mein Name"):
            assert f'value="{typed}"' in answer.text

    def test_a_typed_password_must_be_typed_again_after_another_error(self, anna: Browser):
        answer = anna.post(URL, filled(anna, host="", username="info", password="geheim"))
        assert answer.status_code == 422
        assert "Please type the password again." in answer.text
        assert "geheim" not in answer.text.replace("geheimnis", "")

    @pytest.mark.usefixtures("account")
    def test_two_at_once_see_both_versions(self, anna: Browser):
        mine = shown(anna) | {"from_name": "Mein"}
        anna.post(URL, shown(anna) | {"from_name": "Ihr"})
        answer = anna.post(URL, mine)
        assert answer.status_code == 409
        assert "Saved meanwhile by Anna Admin" in answer.text
        again = mine | {"version": "2", "choose-from_name": "theirs"}
        assert anna.post(URL, again).status_code == 303
        assert shown(anna)["from_name"] == "Ihr"

    def test_removed_meanwhile_it_is_a_conflict(self, app: Flask, anna: Browser):
        with app.app_context():
            set_up()
        mine = shown(anna)
        anna.post(f"{URL}/removal")
        answer = anna.post(URL, mine)
        assert answer.status_code == 409
        assert 'value="127.0.0.1"' in answer.text

    @pytest.mark.parametrize("text", hostile.TEXTS, ids=hostile.called)
    def test_hostile_text(self, anna: Browser, changes_nothing: Callable[[], Any], text: str):
        fields = ("host", "port", "security", "username", "password", "from_address", "sends_as")
        for field in (*fields, "version", "choose-host"):
            with changes_nothing():
                answer = anna.post(URL, filled(anna, port="x") | {field: text})
            assert answer.status_code in (409, 422)
            assert not hostile.is_markup_in(answer.text)

    def test_what_travels_open_is_told(self, app: Flask, anna: Browser):
        with app.app_context():
            set_up(host="mail.example.com", security="none")
        assert "others can read on the way" in anna.get(URL).text
        with app.app_context():
            set_up(host="127.0.0.1", security="none")
        assert "others can read on the way" not in anna.get(URL).text

    @pytest.mark.usefixtures("account")
    def test_another_secret_key_is_told(
        self, app: Flask, anna: Browser, monkeypatch: pytest.MonkeyPatch
    ):
        with app.app_context():
            stored = db.session.get(MailAccount, 1)
            assert stored is not None
            stored.secret = "gAAAAA-of-another-key"
            db.session.commit()
        page = anna.get(URL)
        assert page.status_code == 200
        assert "The stored password cannot be read any more" in page.text

    @pytest.mark.usefixtures("account")
    def test_only_admins(self, ben: Browser, cleo: Browser, changes_nothing: Callable[[], Any]):
        for browser in (ben, cleo):
            for url in (URL, f"{URL}/removal", f"{TESTS}/1"):
                assert browser.get(url).status_code == 403
            with changes_nothing():
                for url in (URL, f"{URL}/removal", TESTS):
                    assert browser.post(url, {"host": "x"}).status_code == 403


@pytest.mark.usefixtures("account")
class TestRemoving:
    def test_the_dialog_tells_what_waits(self, app: Flask, anna: Browser):
        with app.app_context():
            for _ in range(2):
                outbox.put("mail")
            db.session.commit()
        dialog = anna.htmx_get(f"{URL}/removal").text
        assert "127.0.0.1" in dialog
        assert "2 e-mails wait and go out once a mail server is set up again." in dialog

    def test_it_is_gone(self, app: Flask, anna: Browser):
        answer = anna.htmx_post(f"{URL}/removal")
        assert answer.headers["HX-Redirect"] == URL
        with app.app_context():
            assert queries.account() is None
        assert anna.get(f"{URL}/removal").status_code == 404
        assert anna.post(f"{URL}/removal").status_code == 404


class TestTrying:
    @pytest.fixture(autouse=True)
    def _account(self, app: Flask) -> None:
        with app.app_context():
            set_up()

    def test_with_script_the_state_is_asked_for(self, anna: Browser):
        found, rest = parts(anna.htmx_post(TESTS).text)
        assert (list(found), rest) == (["#mail-test"], "")
        assert f'hx-get="{TESTS}/1"' in found["#mail-test"]
        assert 'hx-trigger="every 1s"' in found["#mail-test"]

    def test_without_script(self, anna: Browser):
        answer = anna.post(TESTS)
        assert (answer.status_code, answer.location) == (303, f"{TESTS}/1")
        page = anna.get(answer.location).text
        assert "The worker is not running" in page
        assert "See how far it is" in page
        assert 'value="127.0.0.1"' in page

    def test_it_goes_to_whoever_asks(self, app: Flask, anna: Browser):
        anna.post(TESTS)
        with app.app_context():
            entry = mails.take("mail_test")
            assert entry.payload["to"] == "anna@example.com"

    def test_every_state_is_told(self, app: Flask, anna: Browser):
        anna.post(TESTS)
        with app.app_context(), background.holding(queue.WORKER):
            assert "The worker takes it in a moment." in self.state(anna)
            entry = mails.take("mail_test")
            assert "Talking to the mail server" in self.state(anna)
            outbox.confirm(entry.id)
        assert "To anna@example.com. Please look whether it arrives" in self.state(anna)
        assert "hx-trigger" not in self.state(anna)

    @pytest.mark.parametrize(
        ("reason", "sentences"),
        [
            (
                Never("login_refused", "535 5.7.8 <b>no</b>"),
                [
                    "refuses the user or the password",
                    "want a password of its own",
                    "The server says: 535 5.7.8 &lt;b&gt;no&lt;/b&gt;",
                ],
            ),
            (Never("certificate_own"), ["made its certificate itself", "SSL_CERT_FILE"]),
            (Never(BROKEN, "c0ffee"), ["Something broke. Reference: c0ffee"]),
        ],
    )
    def test_what_is_wrong_is_told_in_plain_words(
        self, app: Flask, anna: Browser, reason: Never, sentences: list[str]
    ):
        anna.post(TESTS)
        with app.app_context():
            outbox.fail(mails.take("mail_test").id, reason)
        state = self.state(anna)
        assert "hx-trigger" not in state
        for sentence in sentences:
            assert sentence in state

    def test_the_whole_way(self, app: Flask, anna: Browser):
        with sink() as server, app.app_context():
            set_up(server.port)
            anna.post(TESTS)
            entry = mails.take("mail_test")
            assert mails.deliver(entry, kind="mail_test") == [None]
            outbox.confirm(entry.id)
        assert server.messages[0].recipients == ["anna@example.com"]
        assert re.search(r'data-state="good".*Sent<', self.state(anna), re.S)

    def test_nothing_to_see(self, app: Flask, anna: Browser):
        with app.app_context():
            outbox.put("password", {"to": "ben@example.com"})
            db.session.commit()
        for number in (1, 999, 2**63 - 1):
            answer = anna.htmx_get(f"{TESTS}/{number}")
            assert answer.status_code == 200
            assert "There is no such test any more." in answer.text
            assert "hx-trigger" not in answer.text

    def state(self, anna: Browser) -> str:
        answer = anna.htmx_get(f"{TESTS}/1")
        assert answer.status_code == 200
        return answer.text


def test_without_an_account_nothing_is_tried(anna: Browser, changes_nothing: Callable[[], Any]):
    with changes_nothing():
        assert anna.post(TESTS).status_code == 409
