"""Users and their passwords: what must hold, and what happens."""

from __future__ import annotations

import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from itsdangerous import TimestampSigner
from sqlalchemy import select, update

from app import create_app
from app.config import configuration
from app.core import events
from app.core.audit import AuditEntry
from app.core.database import db, now
from app.core.problems import Invalid, Refused
from app.domain.team import links, passwords, queries, rules, services
from app.domain.team.models import LoginAttempt, User

GOOD = "Drei Ziegen im Regen"


def codes(problems: Any) -> list[tuple[str, str]]:
    return [(problem.field, problem.code) for problem in problems]


def values(**over: Any) -> dict[str, Any]:
    return {"name": "Dora", "email": "dora@example.com", "role": "staff", "language": "de"} | over


def user(email: str) -> User:
    found = queries.user_by_email(email)
    assert found is not None
    return found


def last_entry() -> AuditEntry:
    return db.session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()  # type: ignore[return-value]


class TestRules:
    @pytest.mark.parametrize(
        ("password", "code"),
        [
            ("", "too_short"),
            ("kurz", "too_short"),
            ("x" * 9, "too_short"),
            ("Drei Ziegen " * 20, "too_long"),
            ("x" * 10_000, "too_long"),
            ("aaaaaaaaaaaa", "obvious"),
            ("1234567890", "obvious"),
            ("abcdefghijkl", "obvious"),
            ("Passwort2026!", "obvious"),
            ("dora@example.com", "obvious"),
            ("Dora Dorfmann", "obvious"),
            ("Kundenblick1", "obvious"),
        ],
    )
    def test_refused_passwords(self, password: str, code: str):
        found = rules.check_password(
            password, password, email="dora@example.com", name="Dora Dorfmann"
        )
        assert codes(found) == [("password", code)]

    @pytest.mark.parametrize(
        "password", [GOOD, "ünïcödé-Zeichen", "emoji 🐐🐐 Ziege", "x y" * 20 + "abc"]
    )
    def test_good_passwords(self, password: str):
        assert rules.check_password(password, password, email="d@e.de", name="D") == []

    def test_both_must_be_the_same(self):
        found = rules.check_password(GOOD, GOOD + "!", email="d@e.de", name="D")
        assert codes(found) == [("repeated", "different")]

    def test_keyboards_may_compose_differently(self):
        composed, decomposed = "Möwenschwarm", "Mo\u0308wenschwarm"
        assert rules.check_password(composed, decomposed, email="d@e.de", name="D") == []

    @pytest.mark.parametrize(
        "email", ["a@b.de", "müller@käse.de", "anna@firma.local", "ben@localhost", "c@x.test"]
    )
    def test_addresses_taken(self, email: str):
        assert rules.check_user(values(email=email)) == []

    @pytest.mark.parametrize(
        "email",
        ["anna", "@b.de", "a@", "a b@c.de", "a@b@c.de", "a@.de", "x" * 260 + "@b.de", "a@b\0.de"],
    )
    def test_addresses_refused(self, email: str):
        assert codes(rules.check_user(values(email=email))) == [("email", "malformed")]

    def test_everything_missing(self):
        found = rules.check_user({"name": "", "email": "", "role": "", "language": ""})
        assert [problem.field for problem in found] == ["name", "email", "role", "language"]

    @pytest.mark.parametrize(
        ("account", "network", "braked"), [(9, 29, False), (10, 10, True), (0, 30, True)]
    )
    def test_the_brake(self, account: int, network: int, braked: bool):
        assert rules.is_braked(account, network) is braked


@pytest.mark.usefixtures("context")
class TestVerbs:
    def test_create(self):
        made = services.create_user(**values(email=" Dora@Example.COM "))
        assert (made.email, made.password, made.active) == ("dora@example.com", None, True)
        assert (last_entry().area, last_entry().action, last_entry().subject) == (
            "team",
            "created",
            "Dora",
        )
        assert "user.changed" in events.announced()

    @pytest.mark.parametrize(
        "email", ["anna@example.com", "ANNA@EXAMPLE.COM", " Anna@example.com "]
    )
    def test_an_address_is_taken_however_it_is_written(self, email: str):
        with pytest.raises(Invalid) as refusal:
            services.create_user(**values(email=email))
        assert codes(refusal.value.problems) == [("email", "taken")]

    @pytest.mark.parametrize("over", [{"role": "boss"}, {"language": "fr"}, {"name": ""}])
    def test_create_refuses(self, over: dict[str, Any]):
        with pytest.raises(Invalid):
            services.create_user(**values(**over))
        assert queries.user_by_email("dora@example.com") is None

    def test_change(self):
        ben = user("ben@example.com")
        version = ben.version
        services.change_user(ben.id, values(name="Benno", email="Ben@example.com", role="admin"))
        assert (ben.name, ben.role, ben.email) == ("Benno", "admin", "ben@example.com")
        assert ben.version == version + 1
        assert ["role", "staff", "admin"] in last_entry().changes

    def test_change_to_a_taken_address(self):
        with pytest.raises(Invalid):
            services.change_user(user("ben@example.com").id, values(email="anna@example.com"))

    def test_the_last_admin_stays(self):
        anna = user("anna@example.com")
        with pytest.raises(Refused):
            services.change_user(anna.id, values(email=anna.email, role="staff"))
        with pytest.raises(Refused):
            services.deactivate_user(anna.id)
        assert (anna.role, anna.active) == ("admin", True)

    def test_an_admin_who_never_came_does_not_count(self):
        anna = user("anna@example.com")
        anna.password = "hash"
        invited = services.create_user(**values(role="admin"))
        assert queries.last_admin() == anna.id
        services.deactivate_user(invited.id)
        services.reactivate_user(invited.id)
        invited.password = "hash"
        db.session.flush()
        assert queries.last_admin() is None
        services.deactivate_user(anna.id)

    def test_deactivate_and_reactivate(self):
        ben = user("ben@example.com")
        key = ben.fs_uniquifier
        services.deactivate_user(ben.id)
        assert not ben.active
        assert ben.fs_uniquifier != key
        assert last_entry().action == "deactivated"
        services.reactivate_user(ben.id)
        assert ben.active
        assert last_entry().action == "reactivated"

    def test_preferences(self):
        ben = user("ben@example.com")
        services.choose_preferences(ben.id, {"language": "de", "letter_keys": True})
        assert (ben.language, ben.letter_keys) == ("de", True)
        assert last_entry().action == "preferences_changed"
        with pytest.raises(Invalid):
            services.choose_preferences(ben.id, {"language": "xx"})

    def test_the_first_admin_is_first_or_not_at_all(self):
        with pytest.raises(Refused):
            services.create_first_admin(
                email="x@example.com", name="X", language="de", password_hash="hash"
            )


@pytest.mark.usefixtures("context")
class TestPasswords:
    def test_kept_as_argon2id(self, tmp_path: Path):
        app = create_app(configuration(data=tmp_path, secret_key="k" * 48))
        with app.app_context():
            assert passwords.hashed(GOOD).startswith("$argon2id$v=19$m=19456,t=2,p=1$")

    def test_opens(self):
        ben = user("ben@example.com")
        assert not passwords.opens(ben, "")
        ben.password = passwords.hashed("Mo\u0308wenschwarm")
        assert passwords.opens(ben, "Möwenschwarm")
        for wrong in ("", "möwenschwarm", GOOD, "\0", "Möwenschwarm\0", "x" * 10_000):
            assert not passwords.opens(ben, wrong)
        ben.active = False
        assert not passwords.opens(ben, "Möwenschwarm")
        assert not passwords.opens(None, GOOD)


@pytest.mark.usefixtures("context")
class TestLinks:
    def test_begins_with_the_base_url(self):
        link = links.access_link(user("ben@example.com"))
        assert link.startswith("http://127.0.0.1:8000/access/")
        assert links.first_run_link().startswith("http://127.0.0.1:8000/first-run?token=")

    def test_opens_once(self):
        ben = user("ben@example.com")
        token = links.access_link(ben).rpartition("/")[2]
        assert links.access_of(token).user is ben
        services.set_password(ben, passwords.hashed(GOOD))
        assert links.access_of(token).user is None

    def test_dies_with_a_newer_one_and_with_deactivation(self):
        ben = user("ben@example.com")
        first = links.access_link(ben).rpartition("/")[2]
        services.renew_link(ben.id)
        second = links.access_link(ben).rpartition("/")[2]
        assert links.access_of(first).user is None
        assert links.access_of(second).user is ben
        services.deactivate_user(ben.id)
        assert links.access_of(second).user is None
        with pytest.raises(Refused):
            services.renew_link(ben.id)

    def test_dies_of_age(self, app, monkeypatch):
        token = links.access_link(user("ben@example.com")).rpartition("/")[2]
        monkeypatch.setitem(app.config, "SECURITY_RESET_PASSWORD_WITHIN", timedelta(seconds=-1))
        assert links.access_of(token).user is None
        assert not links.access_of(token).forged

    @pytest.mark.parametrize(("age", "opens"), [(0, (True, True)), (3700, (True, False))])
    def test_who_forgot_the_password_has_an_hour(
        self, age: int, opens: tuple[bool, bool], monkeypatch: pytest.MonkeyPatch
    ):
        ben = user("ben@example.com")
        made = [links.access_link(ben), links.forgotten_link(ben)]
        by_now = time.time() + age
        monkeypatch.setattr(TimestampSigner, "get_timestamp", lambda _signer: int(by_now))
        found = [links.access_of(link.rpartition("/")[2]) for link in made]
        assert tuple(access.user is ben for access in found) == opens
        assert not any(access.forged for access in found)

    def test_what_was_sent_for_a_forgotten_password_opens_once(self):
        ben = user("ben@example.com")
        token = links.forgotten_link(ben).rpartition("/")[2]
        services.set_password(ben, passwords.hashed(GOOD))
        assert links.access_of(token).user is None

    @pytest.mark.parametrize("token", ["x", "ü", "a.b.c", "", "." * 500])
    def test_made_up_ones(self, token: str):
        assert links.access_of(token).forged


@pytest.mark.usefixtures("context")
class TestAttempts:
    def test_ten_per_account_and_network(self):
        tries = [services.admit_attempt("anna@example.com", "10.0.0.1") for _ in range(12)]
        assert tries == [True] * 10 + [False] * 2
        assert services.admit_attempt("anna@example.com", "10.0.0.2")
        assert services.admit_attempt("ben@example.com", "10.0.0.1")

    def test_thirty_per_network(self):
        tries = [services.admit_attempt(f"{n}@example.com", "10.0.0.1") for n in range(31)]
        assert tries == [True] * 30 + [False]

    def test_they_fade(self):
        for _ in range(10):
            services.admit_attempt("anna@example.com", "10.0.0.1")
        earlier = now() - timedelta(minutes=11)
        db.session.execute(update(LoginAttempt).values(at=earlier))
        db.session.commit()
        assert services.admit_attempt("anna@example.com", "10.0.0.1")

    def test_success_forgets_its_own(self):
        for network in ("10.0.0.1", "10.0.0.2"):
            services.admit_attempt("anna@example.com", network)
        services.forget_attempts("anna@example.com", "10.0.0.1")
        assert db.session.scalars(select(LoginAttempt.network)).all() == ["10.0.0.2"]
