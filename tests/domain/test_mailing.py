"""Mails are put into the outbox and taken back; the account is set up, changed and removed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.exceptions import NotFound

from app.core import audit, outbox
from app.core.audit import AuditEntry
from app.core.database import db
from app.core.outbox import OutboxEntry
from app.core.problems import Invalid, Refused
from app.domain.mailing import labels, queries, services
from app.domain.mailing.models import MailAccount
from app.domain.messages.models import Message
from tests.mails import account_values, outgoing, set_up, take

pytestmark = pytest.mark.usefixtures("context")


@pytest.fixture
def tanja(make_customer: Callable[..., int]) -> int:
    return make_customer()


def message(message_id: int = 1) -> Message:
    found = db.session.get(Message, message_id, populate_existing=True)
    assert found is not None
    return found


def entry_of(message_id: int = 1) -> OutboxEntry:
    found = db.session.get(OutboxEntry, message(message_id).outbox_id, populate_existing=True)
    assert found is not None
    return found


def told(area: str = "mailing") -> list[Any]:
    entries = db.session.scalars(select(AuditEntry).where(AuditEntry.area == area))
    return [(entry.action, entry.subject, entry.changes) for entry in entries]


class TestSending:
    def test_it_waits_and_is_a_message_of_the_customer(self, tanja: int):
        set_up()
        with audit.acting(2, "Ben Staff"):
            message_id = services.send_mail(
                [tanja], outgoing(bcc=["b@example.com"]), delay=timedelta(seconds=10)
            )
        sent, entry = message(message_id), entry_of(message_id)
        assert (sent.channel, sent.direction, sent.author_name) == ("mail", "out", "Ben Staff")
        assert sent.envelope == {
            "sender": "Tanzstudio Lindenhof <info@lindenhof.example>",
            "to": ["Tanja Müller <tanja@example.com>"],
            "cc": [],
            "bcc": ["b@example.com"],
        }
        assert (entry.kind, entry.payload, entry.state, entry.user_id) == ("mail", {}, "waiting", 2)
        assert entry.due_at - entry.created_at == timedelta(seconds=10)
        db.session.commit()
        assert outbox.take(["mail"]) is None

    def test_its_reference_ends_in_the_domain_of_the_team(self, tanja: int):
        set_up(from_address="info@tanzstudio-müller.example")
        alone = entry_of(services.send_mail([tanja], outgoing()))
        ((_message, entry_id),) = services.send_mails([(tanja, outgoing())], batch=1)
        test_id = services.send_test("ben@example.com")
        others = [db.session.get_one(OutboxEntry, found) for found in (entry_id, test_id)]
        for entry in (alone, *others):
            assert entry.reference.endswith("@xn--tanzstudio-mller-uzb.example>")

    def test_what_is_wrong_is_not_sent(self, tanja: int):
        set_up()
        with pytest.raises(Invalid) as refusal:
            services.send_mail([tanja], outgoing(to=["x"], subject=""))
        assert [problem.field for problem in refusal.value.problems] == ["to", "subject"]
        assert db.session.scalar(select(OutboxEntry.id)) is None

    def test_without_an_account_nothing_is_sent(self, tanja: int):
        with pytest.raises(Refused) as refusal:
            services.send_mail([tanja], outgoing())
        assert refusal.value.message == queries.hindrance()
        assert db.session.scalar(select(OutboxEntry.id)) is None

    def test_it_is_taken_back(self, tanja: int):
        set_up()
        message_id = services.send_mail([tanja], outgoing())
        services.unsend(message_id)
        assert message(message_id).removed_at is not None
        assert entry_of(message_id).state == "cancelled"
        with pytest.raises(NotFound):
            services.unsend(message_id)

    def test_what_the_worker_has_cannot_be_taken_back(self, tanja: int):
        set_up()
        message_id = services.send_mail([tanja], outgoing())
        db.session.commit()
        take()
        with pytest.raises(Refused):
            services.unsend(message_id)
        assert message(message_id).removed_at is None

    def test_what_was_no_mail_cannot_be_taken_back(self):
        with pytest.raises(NotFound):
            services.unsend(999)


class TestAccount:
    def test_it_is_set_up_changed_and_removed(self):
        assert queries.account() is None
        services.save_account(account_values(host="a.example.com", security="tls"))
        assert queries.hindrance() is None
        services.save_account(account_values(host="b.example.com", security="tls"))
        services.remove_account()
        assert queries.hindrance() == queries.NO_ACCOUNT
        assert [(action, subject) for action, subject, _changes in told()] == [
            ("set_up", "a.example.com"),
            ("changed", "b.example.com"),
            ("removed", "b.example.com"),
        ]
        with pytest.raises(NotFound):
            services.remove_account()

    def test_saving_the_same_tells_nothing(self):
        services.save_account(account_values())
        services.save_account(account_values())
        assert len(told()) == 1

    def test_the_password_is_encrypted_and_told_to_nobody(self):
        login = {"username": "info", "password": "streng geheim"}
        services.save_account(account_values(**login))
        account = queries.account()
        assert account is not None
        assert "geheim" not in account.secret
        assert queries.password(account) == "streng geheim"
        assert "geheim" not in repr(told())
        assert ["password", None, "•••"] in told()[0][2]

    def test_an_empty_password_keeps_the_one_that_is_stored(self):
        services.save_account(account_values(username="info", password="geheim"))
        services.save_account(account_values(username="info", from_name="Neu"))
        account = queries.account()
        assert account is not None
        assert queries.password(account) == "geheim"

    def test_without_a_user_the_password_is_forgotten(self):
        services.save_account(account_values(username="info", password="geheim"))
        services.save_account(account_values())
        account = queries.account()
        assert account is not None
        assert account.secret == ""

    def test_after_a_change_of_the_secret_key_it_must_be_typed_again(
        self, app: Flask, monkeypatch: pytest.MonkeyPatch
    ):
        services.save_account(account_values(username="info", password="geheim"))
        monkeypatch.setitem(app.config, "SECRET_KEY", "o" * 48)
        account = queries.account()
        assert account is not None
        assert queries.password(account) is None
        with pytest.raises(Invalid) as refusal:
            services.save_account(account_values(username="info"))
        assert refusal.value.problems[0].field == "password"
        services.save_account(account_values(username="info", password="neu"))
        assert queries.password(account) == "neu"

    def test_nothing_wrong_is_saved(self):
        with pytest.raises(Invalid):
            services.save_account(account_values(host=""))
        assert db.session.scalar(select(MailAccount.id)) is None

    def test_a_test_needs_an_account(self):
        with pytest.raises(Refused):
            services.send_test("anna@example.com")


def test_every_advice_is_about_a_known_error():
    assert labels.advice.keys() <= labels.errors.keys()
