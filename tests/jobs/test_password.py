"""The worker sends one-time links to whom they belong, by a real mail server on loopback."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from sqlalchemy import select, update

from app.core import outbox
from app.core.database import db
from app.core.outbox import ENTRY
from app.core.worker import Worker
from app.domain.mailing.models import MailAccount
from app.domain.settings.models import TeamSettings
from app.domain.settings.queries import settings
from app.domain.team import services
from app.domain.team.models import User
from tests.browserless import Browser
from tests.sink import Server, sink

ANNA = "anna@example.com"


@pytest.fixture
def server(app: Flask) -> Iterator[Server]:
    """A mail server, and the account of the team there."""
    with sink() as server:
        with app.app_context():
            account = MailAccount(id=1, host="127.0.0.1", port=server.port, security="none")
            account.from_name, account.from_address = "Tanzschule Ritter", "post@example.com"
            account.secret = ""
            db.session.add_all([account, settings()])
            db.session.flush()
            db.session.execute(update(TeamSettings).values(name="Tanzschule Ritter"))
            db.session.commit()
        yield server


@pytest.fixture
def ask(app: Flask) -> Callable[[str], str]:
    """Ask for a link and let the worker work; how that ended."""

    def asking(email: str) -> str:
        with app.app_context():
            services.ask_for_link(email)
            db.session.commit()
        Worker(app).look()
        with app.app_context():
            last = select(ENTRY.state).order_by(ENTRY.id.desc()).limit(1)
            return db.session.scalar(last) or ""

    return asking


def change(app: Flask, **values: object) -> None:
    with app.app_context():
        db.session.execute(update(User).where(User.email == ANNA).values(**values))
        db.session.commit()


def test_the_link_arrives_and_opens_the_door(
    server: Server, ask: Callable[[str], str], eve: Browser
):
    assert ask("Anna@Example.COM") == outbox.State.SENT
    (mail,) = server.messages
    assert mail.recipients == [ANNA]
    assert mail.parsed["Subject"] == "A new password for Tanzschule Ritter"
    text = mail.parsed.get_content()
    assert "Hello Anna Admin," in text
    assert "once and for an hour" in text
    (link,) = re.findall(r"http://127\.0\.0\.1:8000(/access/\S+)", text)
    page = eve.post(
        link, {"password": "Vier Esel in der Sonne", "repeated": "Vier Esel in der Sonne"}
    )
    assert (page.status_code, page.location) == (303, "/")
    assert eve.get(link).status_code == 410


def test_the_mail_speaks_the_users_language(app: Flask, server: Server, ask: Callable[[str], str]):
    change(app, language="de")
    ask(ANNA)
    assert server.messages[0].parsed["Subject"] == "Ein neues Passwort für Tanzschule Ritter"


def test_an_address_of_nobody_gets_nothing(server: Server, ask: Callable[[str], str]):
    assert ask("anne@example.com") == outbox.State.SENT
    assert not server.connections


def test_who_may_not_sign_in_gets_nothing(app: Flask, server: Server, ask: Callable[[str], str]):
    change(app, active=False)
    ask(ANNA)
    assert not server.messages


def test_sessions_go_on_until_a_password_is_chosen(
    server: Server, ask: Callable[[str], str], anna: Browser
):
    """Whoever knows the address of a colleague must not be able to sign them out."""
    ask(ANNA)
    assert anna.get("/customers").status_code == 200


@pytest.mark.parametrize("behaviour", ["busy", "hang_up", "busy_data"])
def test_when_the_server_cannot_it_is_tried_again(
    server: Server, ask: Callable[[str], str], behaviour: str
):
    server.behaviour = behaviour  # type: ignore[assignment]
    assert ask(ANNA) == outbox.State.WAITING
    assert not server.messages
