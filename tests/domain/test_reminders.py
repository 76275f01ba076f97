"""Who is due for a reminder, and what happens when one is made, cancelled, paused."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from babel.support import NullTranslations
from sqlalchemy import select, update

from app.core import i18n
from app.core.audit import AuditEntry
from app.core.database import db, now
from app.core.problems import Invalid, Refused
from app.domain.customers import services as customers
from app.domain.customers.models import Customer
from app.domain.factura import queries as documents
from app.domain.factura import services as factura
from app.domain.factura.models import FacturaDocument, FacturaLine
from app.domain.reminders import queries, services
from app.domain.reminders.models import ReminderLevel, ReminderPause, ReminderRun
from app.domain.reminders.queries import Asked
from app.domain.reminders.rules import LEVELS
from app.domain.reminders.services import Wanted
from app.domain.settings.services import save_team
from tests.factories import customer_values, invoice_values, team_values

TODAY = date(2026, 11, 26)


@pytest.fixture(autouse=True)
def _in_context(context: None) -> None:
    """Every test here asks and changes within an application context."""


@pytest.fixture
def customer() -> int:
    return customers.create_customer(customer_values())


Invoice = Callable[..., int]


@pytest.fixture
def invoice(customer: int) -> Invoice:
    """Keep an issued invoice that was due so many days ago; its id."""
    numbers = iter(range(1, 10_000))

    def make(days: int | None = 10, **over: Any) -> int:
        due_on = None if days is None else TODAY - timedelta(days)
        issued_on = (due_on or TODAY) - timedelta(14)
        owner = over.pop("customer_id", customer)
        values = {"number": f"RE-{next(numbers)}", "issued_on": issued_on, "due_on": due_on}
        return factura.add_document(owner, invoice_values(**values | over))

    return make


def wanted(invoice_id: int, level: int = 1, on: date = TODAY) -> Wanted:
    return Wanted(invoice_id, level, queries.invoice(invoice_id, on).last_id)


def remind(invoice_id: int, level: int = 1, on: date = TODAY, **more: Any) -> Any:
    made = services.make_reminder(wanted(invoice_id, level, on), on=on, **more)
    return documents.document(made)


def ids(level: int = 0, day: date = TODAY) -> list[int]:
    return [row.id for row in queries.due(Asked(level), day)[0]]


def stored(document_id: int) -> FacturaDocument:
    db.session.expire_all()
    return db.session.get_one(FacturaDocument, document_id)


def level_values(**over: Any) -> dict[str, Any]:
    level = queries.editable(queries.level(1)).values
    return {**level, **over}


class TestDue:
    @pytest.mark.parametrize(
        ("days", "is_due"), [(6, False), (7, True), (8, True), (400, True), (0, False), (-5, False)]
    )
    def test_after_the_days_of_the_first_level(self, invoice: Invoice, days: int, is_due: bool):
        made = invoice(days)
        assert (made in ids()) is is_due
        assert queries.count(Asked(), TODAY) == is_due

    @pytest.mark.parametrize(
        "over",
        [
            {"paid": 34_000},
            {"state": "cancelled"},
            {"kind": "quote"},
            {"kind": "credit_note"},
            {"reminder_level": 3},
            {"total": 0},
        ],
    )
    def test_what_is_not_owed_is_not_reminded(self, invoice: Invoice, over: dict[str, Any]):
        invoice(30, **over)
        assert ids() == []

    def test_without_a_day_it_is_due_never(self, invoice: Invoice):
        invoice(None)
        assert ids() == []

    def test_partly_paid_is_still_owed(self, invoice: Invoice):
        made = invoice(30, paid=33_999)
        assert ids() == [made]

    def test_not_whoever_is_in_the_trash(self, invoice: Invoice):
        invoice(30)
        db.session.execute(update(Customer).values(removed_at=now()))
        assert ids() == []
        assert queries.count(Asked(), TODAY) == 0

    def test_the_oldest_first_and_page_by_page(
        self, invoice: Invoice, monkeypatch: pytest.MonkeyPatch
    ):
        made = [invoice(days) for days in (10, 30, 10, 20)]
        expected = [made[1], made[3], made[0], made[2]]
        assert ids() == expected
        seen: list[int] = []
        monkeypatch.setattr(queries, "PAGE", 1)
        while len(seen) < 10:
            rows, is_more = queries.due(Asked(after=seen[-1] if seen else None), TODAY)
            seen += [row.id for row in rows[:1]]
            if not is_more:
                break
        assert seen == expected

    def test_the_next_level_counts_from_the_last_reminder(self, invoice: Invoice):
        made = invoice(30)
        remind(made, 1, TODAY - timedelta(13))
        assert ids() == []
        assert ids(day=TODAY + timedelta(1)) == [made]
        assert ids(2, TODAY + timedelta(1)) == [made]
        assert ids(1, TODAY + timedelta(1)) == []

    def test_a_level_that_is_off_is_left_out(self, invoice: Invoice):
        services.save_level(1, level_values(active=False))
        ten, fourteen = invoice(10), invoice(14)
        assert ids() == [fourteen]
        assert ids(1) == []
        services.save_level(3, level_values(active=False))
        services.save_level(2, level_values(active=False))
        assert ten not in ids()

    def test_after_the_last_level_nothing_comes(self, invoice: Invoice):
        made = invoice(90)
        for level, days in ((1, 60), (2, 40), (3, 20)):
            assert ids(day=TODAY - timedelta(days)) == [made]
            remind(made, level, TODAY - timedelta(days))
        assert ids() == []

    def test_the_rules_say_the_same_as_the_database(self, invoice: Invoice):
        levels = queries.levels()
        for days in range(60, 0, -3):  # numbers are given in the order of days
            made = invoice(days)
            if days > 21:
                remind(made, 1, TODAY - timedelta(days - 8))
        found = set(ids())
        rows = [
            queries.invoice(row, TODAY)
            for row in db.session.scalars(
                select(FacturaDocument.id).where(FacturaDocument.kind == "invoice")
            )
        ]
        assert found == {
            row.id for row in rows if (n := queries.next_of(row, levels)) and n.on <= TODAY
        }
        assert found

    @pytest.mark.parametrize("name", ["PICKED", "PICKED_AFTER", "COUNT"])
    def test_it_is_picked_from_the_index_alone(self, name: str):
        asked = getattr(queries, name).compile(db.engine)
        facts = queries._facts(0, TODAY) | {"after_due": TODAY, "after_id": 1}
        values = [facts.get(name, asked.params[name]) for name in asked.positiontup or ()]
        plan = db.session.connection().exec_driver_sql(
            f"EXPLAIN QUERY PLAN {asked}", tuple(map(str, values))
        )
        steps = [row[3] for row in plan]
        index = "SEARCH factura_document USING COVERING INDEX ix_factura_document_due"
        assert any(step.startswith(index) for step in steps)
        assert not any("TEMP B-TREE" in step for step in steps)


class TestMaking:
    def test_it_asks_for_what_is_open_and_raises_the_level(self, invoice: Invoice, customer: int):
        made = invoice(10, paid=4_000)
        reminder = remind(made)
        assert (reminder.kind, reminder.state, reminder.origin_id) == ("reminder", "issued", made)
        assert (reminder.total, reminder.net, reminder.reminder_level) == (30_000, 30_000, 1)
        assert reminder.customer_id == customer
        assert reminder.issued_on == TODAY
        assert reminder.due_on == TODAY + timedelta(7)
        assert stored(made).reminder_level == 1
        assert reminder.number

    def test_the_words_are_filled_in(self, invoice: Invoice):
        reminder = remind(invoice(10))
        assert reminder.subject == "Zahlungserinnerung zur Rechnung RE-1"
        assert reminder.intro.startswith("Sehr geehrte Frau Müller,")
        assert "16. November 2026" in reminder.intro
        assert "340,00" in reminder.closing
        assert "3. Dezember 2026" in reminder.closing
        assert "{{" not in reminder.intro + reminder.closing

    @pytest.mark.parametrize("language", ["de", "en"])
    @pytest.mark.parametrize("level", [1, 2, 3])
    def test_what_is_asked_for_is_the_total(self, invoice: Invoice, level: int, language: str):
        made = invoice(10)
        stored(made).language = language
        row = queries.invoice(made, TODAY)
        words = queries.filled(row, queries.level(level), fee=500, on=TODAY)["closing"]
        assert "340" not in words
        assert {"de": "Gesamtbetrag", "en": "the total"}[language] in words

    @pytest.mark.parametrize("level", LEVELS)
    @pytest.mark.parametrize(("language", "told"), [("de", "nicht vollständig"), ("en", "in full")])
    def test_the_usual_words_are_true_when_a_part_was_paid(
        self, invoice: Invoice, level: int, language: str, told: str
    ):
        made = invoice(1, paid=4_000)
        stored(made).language = language
        intro = remind(made, level).intro
        assert told in intro
        assert " 1 " not in intro

    def test_in_the_language_of_the_invoice(self, invoice: Invoice):
        made = invoice(10)
        stored(made).language = "en"
        reminder = remind(made)
        assert reminder.subject == "Payment reminder for invoice RE-1"
        assert reminder.language == "en"
        assert "Dear Ms Müller," in reminder.intro

    @pytest.mark.parametrize("country", ["DE", "AT", "CH", "LI"])
    def test_the_fee_is_a_line_without_tax(self, invoice: Invoice, country: str):
        save_team(team_values(country=country))
        currency = queries.fee_currency()
        services.save_level(1, level_values(fee=Decimal("5.50")))
        reminder = remind(invoice(10, currency=currency))
        lines = db.session.scalars(
            select(FacturaLine).where(FacturaLine.document_id == reminder.id)
        ).all()
        assert [line.amount for line in lines] == [34_000, 550]
        assert all(line.tax_rate == 0 for line in lines)
        assert (reminder.net, reminder.total) == (34_550, 34_550)

    def test_no_fee_in_another_currency(self, invoice: Invoice):
        services.save_level(1, level_values(fee=Decimal(5)))
        assert remind(invoice(10, currency="CHF")).total == 34_000

    def test_no_fee_if_nobody_wants_it(self, invoice: Invoice):
        services.save_level(1, level_values(fee=Decimal(5)))
        assert remind(invoice(10), with_fee=False).total == 34_000

    def test_own_words(self, invoice: Invoice):
        texts = {"subject": "Bitte zahlen", "intro": "Hallo", "closing": "Bis bald"}
        reminder = remind(invoice(10), texts=texts)
        assert (reminder.subject, reminder.intro, reminder.closing) == tuple(texts.values())

    @pytest.mark.parametrize(
        "over",
        [
            {"intro": "Noch {{open_amount}}"},
            {"closing": "{{ halb"},
            {"subject": ""},
            {"intro": "x" * 5_001},
        ],
    )
    def test_nothing_leaves_with_a_placeholder(self, invoice: Invoice, over: dict[str, str]):
        texts = {"subject": "Bitte", "intro": "", "closing": ""} | over
        with pytest.raises(Invalid):
            remind(invoice(10), texts=texts)

    @pytest.mark.parametrize(
        ("days", "over"),
        [
            (10, {"paid": 34_000}),
            (10, {"state": "cancelled"}),
            (0, {}),
            (-3, {}),
            (None, {}),
        ],
    )
    def test_nobody_is_reminded_of_what_is_not_due(
        self, invoice: Invoice, days: int | None, over: dict[str, Any]
    ):
        made = invoice(days, **over)
        with pytest.raises(Refused):
            remind(made)

    def test_not_at_a_level_that_is_off(self, invoice: Invoice):
        services.save_level(1, level_values(active=False))
        with pytest.raises(Refused, match=r"Stufe|level"):
            remind(invoice(10))

    def test_not_if_somebody_was_quicker(self, invoice: Invoice):
        made = invoice(10)
        as_seen = wanted(made)
        remind(made)
        with pytest.raises(Refused):
            services.make_reminder(as_seen, on=TODAY)
        assert stored(made).reminder_level == 1

    def test_a_form_that_is_sent_twice_is_one_reminder(self, invoice: Invoice):
        made = invoice(10)
        as_seen = wanted(made)
        once = services.make_reminder(as_seen, key="k", on=TODAY)
        assert services.make_reminder(as_seen, key="k", on=TODAY) == once

    def test_cancelling_takes_the_level_back(self, invoice: Invoice):
        made = invoice(40)
        first = remind(made, 1, TODAY - timedelta(20))
        second = remind(made, 2)
        assert stored(made).reminder_level == 2
        factura.cancel(second.id)
        assert stored(made).reminder_level == 1
        assert ids() == [made]
        factura.cancel(first.id)
        assert stored(made).reminder_level == 0
        assert remind(made, 1).reminder_level == 1

    def test_the_history_knows_it(self, invoice: Invoice, customer: int):
        remind(invoice(10))
        told = db.session.scalars(
            select(AuditEntry.action).where(AuditEntry.customer_id == customer)
        ).all()
        assert told[-2:] == ["added", "issued"]


class TestRuns:
    def run(self, wants: list[Wanted], key: str = "key") -> ReminderRun:
        run_id, _is_new = services.begin_run(key)
        for _step in services.make_reminders(run_id, wants):
            db.session.commit()
        return db.session.get_one(ReminderRun, run_id)

    @pytest.fixture(autouse=True)
    def _today(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(services, "today", lambda: TODAY)

    def test_one_that_is_refused_stops_no_other(self, invoice: Invoice):
        good, paid, other = invoice(10), invoice(10, paid=34_000), invoice(20)
        run = self.run([wanted(good), Wanted(paid, 1, 0), Wanted(999, 1, 0), wanted(other)])
        made = [result[2] is not None for result in run.results]
        assert made == [True, False, False, True]
        assert [bool(result[3]) for result in run.results] == [False, True, True, False]
        assert run.finished_at
        assert stored(good).reminder_level == stored(other).reminder_level == 1
        assert stored(paid).reminder_level == 0
        numbers = [stored(result[2]).number for result in run.results if result[2]]
        assert len(set(numbers)) == 2

    def test_why_there_is_none_is_told_in_the_language_of_the_reader(
        self, invoice: Invoice, monkeypatch: pytest.MonkeyPatch
    ):
        words = {"due_on": TODAY + timedelta(5)}
        run = self.run([Wanted(invoice(10, paid=34_000), 1, 0), Wanted(invoice(**words), 1, 0)])
        told = [i18n.retold(sentence) for result in run.results for sentence in result[3]]
        assert told[0] == "Diese Rechnung ist bezahlt."
        monkeypatch.setattr(i18n, "_catalogue", NullTranslations)
        told = [i18n.retold(sentence) for result in run.results for sentence in result[3]]
        assert told[0] == "This invoice is paid."
        assert told[1].startswith("This invoice is not overdue yet: it is due on 01.12.2026")

    def test_a_run_that_made_nothing_is_not_among_what_was_made(self, invoice: Invoice):
        paid = invoice(10, paid=34_000)
        nothing = self.run([Wanted(paid, 1, 0)], "nothing")
        some = self.run([Wanted(paid, 1, 0), wanted(invoice(10))], "some")
        assert [row.id for row in queries.runs(None).rows] == [some.id]
        assert queries.run(nothing.id).results

    def test_a_refused_one_takes_no_number(self, invoice: Invoice):
        run = self.run([Wanted(invoice(10, paid=34_000), 1, 0), wanted(invoice(10))])
        assert (stored(run.results[1][2]).number or "").endswith("0001")

    def test_a_form_that_is_sent_twice_is_one_run(self, invoice: Invoice):
        made = invoice(10)
        run = self.run([wanted(made)])
        assert services.begin_run("key") == (run.id, False)

    def test_not_too_many_at_once(self, monkeypatch: pytest.MonkeyPatch):
        with pytest.raises(Refused):
            self.run([Wanted(1, 1, 0)] * 51)

    def test_what_was_made_is_kept_if_it_is_broken_off(self, invoice: Invoice):
        first, second = invoice(10), invoice(10)
        run_id, _is_new = services.begin_run("broken")
        steps = services.make_reminders(run_id, [wanted(first), wanted(second)])
        next(steps)
        db.session.commit()
        db.session.rollback()
        run = db.session.get_one(ReminderRun, run_id)
        assert [result[0] for result in run.results] == [first]
        assert run.finished_at is None
        assert ids() == [second]


class TestPauses:
    @pytest.fixture(autouse=True)
    def _today(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for module in (services, queries):
            monkeypatch.setattr(module, "today", lambda: TODAY)

    @pytest.mark.parametrize("is_whole", [True, False])
    def test_nobody_is_reminded_before_that_day(
        self, invoice: Invoice, customer: int, is_whole: bool
    ):
        paused, other = invoice(10), invoice(10)
        until = TODAY + timedelta(30)
        values = {"until": until, "reason": "Ratenzahlung"}
        services.pause_reminding(customer, None if is_whole else paused, values)
        assert ids() == ([] if is_whole else [other])
        assert paused in ids(day=until)
        with pytest.raises(Refused):
            remind(paused)
        (row,) = queries.pauses()
        assert (row.until, row.reason) == (until, "Ratenzahlung")

    def test_it_is_changed_and_taken_back(self, invoice: Invoice, customer: int):
        paused = invoice(10)
        for days in (10, 20):
            services.pause_reminding(
                customer, paused, {"until": TODAY + timedelta(days), "reason": ""}
            )
        (row,) = queries.pauses()
        assert row.until == TODAY + timedelta(20)
        services.resume_reminding(row.id)
        assert ids() == [paused]

    def test_it_goes_with_its_customer(self, customer: int):
        services.pause_reminding(customer, None, {"until": TODAY + timedelta(1), "reason": ""})
        services.forget_customers([customer])
        assert db.session.scalar(select(ReminderPause.id)) is None


class TestLevels:
    def test_asking_writes_nothing(self):
        assert [level.days for level in queries.levels()] == [7, 14, 14]
        assert [level.fee for level in queries.levels()] == [0, 0, 0]
        assert db.session.scalar(select(ReminderLevel.level)) is None

    def test_it_is_changed_and_set_back(self):
        services.save_level(2, level_values(days=5, fee=Decimal("2.50"), subject_de="Bitte!"))
        level = queries.level(2)
        assert (level.days, level.fee, level.text("subject", "de")) == (5, 250, "Bitte!")
        assert queries.level(1).days == 7
        services.reset_level(2)
        assert queries.level(2) == queries.default(2)
        told = db.session.scalars(
            select(AuditEntry.action).where(AuditEntry.area == "reminders")
        ).all()
        assert list(told) == ["level_changed", "level_reset"]

    @pytest.mark.parametrize(
        "over",
        [{"days": None}, {"fee": Decimal("0.001")}, {"fee": Decimal(-1)}, {"subject_de": ""}],
    )
    def test_what_does_not_hold_changes_nothing(self, over: Mapping[str, Any]):
        with pytest.raises(Invalid):
            services.save_level(1, level_values(**over))
        assert db.session.scalar(select(ReminderLevel.level)) is None

    def test_no_sharp_s_in_switzerland(self):
        save_team(team_values(country="CH"))
        assert "ß" not in str(queries.levels())
        assert "Grüssen" in queries.level(1).text("closing", "de")
