"""What happens to factura documents: drafted, issued and frozen, answered, cancelled, paid."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import g
from sqlalchemy import func, select
from werkzeug.exceptions import NotFound

from app.core import audit
from app.core.audit import AuditEntry
from app.core.database import db
from app.core.outbox import OutboxEntry
from app.core.problems import Invalid, Refused
from app.domain.addresses.services import add_address, remove_address
from app.domain.customers import services as customers
from app.domain.customers.queries import editable as customer_values_of
from app.domain.factura import checks, queries
from app.domain.factura.models import FacturaDocument, FacturaLine, FacturaSettings, FacturaText
from app.domain.factura.rules import Kind, LineValues, Move
from app.domain.factura.services import (
    add_document,
    add_draft,
    answer,
    cancel,
    change_draft,
    copy,
    discard,
    follow_up,
    issue,
    set_paid,
    set_pdf,
)
from app.domain.settings.models import DEFAULTS as TEAM
from app.domain.settings.models import TeamSettings
from tests.factories import (
    address_values,
    contact_person_values,
    draft_values,
    invoice_values,
    line_values,
)

TODAY = datetime.now(ZoneInfo("Europe/Berlin")).date()
YESTERDAY, TOMORROW = TODAY - timedelta(days=1), TODAY + timedelta(days=1)


@pytest.fixture
def customer_id(make_customer: Callable[..., int], context: None) -> int:
    return make_customer()


@pytest.fixture
def other_id(make_customer: Callable[..., int], context: None) -> int:
    return make_customer(last_name="Berger")


def stored(document_id: int) -> FacturaDocument:
    return db.session.get_one(FacturaDocument, document_id, populate_existing=True)


def issued(customer_id: int, kind: str = "invoice", **over: Any) -> int:
    document_id = add_draft(draft_values(customer_id, kind, **over))
    issue(document_id)
    db.session.commit()
    return document_id


def entries() -> list[AuditEntry]:
    asked = select(AuditEntry).where(AuditEntry.area == "factura").order_by(AuditEntry.id.desc())
    return list(db.session.scalars(asked))


def problems(act: Callable[[], Any]) -> list[tuple[str, str]]:
    with pytest.raises(Invalid) as refusal:
        act()
    db.session.rollback()
    return [(problem.field, problem.code) for problem in refusal.value.problems]


def refusal(act: Callable[[], Any]) -> str:
    with pytest.raises(Refused) as refused:
        act()
    db.session.rollback()
    return str(refused.value.message)


class TestFresh:
    def test_as_the_team_has_it(self, customer_id: int):
        db.session.add(
            FacturaSettings(
                id=1, currency="CHF", is_gross=True, payment_days=10, quote_days=60, version=1
            )
        )
        db.session.flush()
        found = queries.fresh("invoice", customer_id)
        assert (found["currency"], found["is_gross"], found["payment_days"]) == ("CHF", True, 10)
        assert queries.fresh("quote", customer_id)["payment_days"] == 60
        assert queries.fresh("delivery_note", customer_id)["payment_days"] is None

    def test_in_the_customer_s_language_with_its_texts(
        self, make_customer: Callable[..., int], context: None
    ):
        customer_id = make_customer(language="en")
        for language in ("de", "en"):
            block = FacturaText(
                kind="invoice", place="intro", language=language, name="x", text=f"x {language}"
            )
            block.is_default = True
            db.session.add(block)
        db.session.flush()
        found = queries.fresh("invoice", customer_id)
        assert (found["language"], found["intro"]) == ("en", "x en")

    def test_to_the_main_address_even_if_there_are_others(self, customer_id: int):
        add_address(customer_id, address_values(is_billing=True))
        assert queries.fresh("invoice", customer_id)["address_key"] == "main"

    def test_it_can_be_kept_once_it_has_lines(self, customer_id: int):
        for kind in Kind:
            found = queries.fresh(kind, customer_id)
            assert add_draft(found | {"lines": [line_values()]})

    def test_nobody_needs_to_be_chosen_yet(self, context: None):
        found = queries.fresh("quote", None)
        assert found["customer_id"] is None
        assert problems(lambda: add_draft(found)) == [("customer_id", "required")]


class TestDraft:
    def test_it_is_kept_counted_told_and_announced(self, customer_id: int):
        lines = [
            line_values(quantity="2", price="49.90"),
            line_values("Buch", "10", tax="reduced", discount="10", unit="Stück", number="B-1"),
            line_values("Wir freuen uns.", quantity=None, price=None),
        ]
        document_id = add_draft(draft_values(customer_id, lines=lines))
        document = stored(document_id)
        assert (document.state, document.number, document.issued_on) == ("draft", None, None)
        assert (document.net, document.total, document.currency) == (10_880, 12_839, "EUR")
        kept = [(line.amount, line.tax_rate) for line in queries.lines(document_id)]
        assert kept == [(9_980, Decimal(19)), (900, Decimal(7)), (0, Decimal(19))]
        entry = entries()[0]
        assert (entry.action, entry.subject) == ("added", "Tanzkurs Herbst")
        assert ["total", None, "128.39 EUR"] in entry.changes
        assert {"factura_document.changed", "marks.changed"} <= g.announced

    def test_who_began_it_is_known(self, customer_id: int):
        with audit.acting(2, "Ben Staff"):
            document = stored(add_draft(draft_values(customer_id)))
        assert (document.author_id, document.author_name) == (2, "Ben Staff")

    def test_a_form_that_is_sent_twice_is_one_draft(self, customer_id: int):
        values = draft_values(customer_id)
        assert add_draft(values, "k") == add_draft(values, "k") != add_draft(values, "other")
        assert add_draft(values) != add_draft(values)

    @pytest.mark.parametrize("key", ["x" * 5_000, "a\0b", "\ud800"])
    def test_any_key_will_do(self, customer_id: int, key: str):
        values = draft_values(customer_id)
        assert add_draft(values, key) == add_draft(values, key)

    @pytest.mark.parametrize(
        ("service", "rate"),
        [
            ({}, "19"),
            ({"service_on": date(2020, 8, 1)}, "16"),
            ({"service_on": date(2020, 12, 1), "service_until": date(2021, 1, 31)}, "19"),
            ({"service_on": date(2020, 6, 1), "service_until": date(2020, 7, 1)}, "16"),
        ],
    )
    def test_the_rate_is_that_of_the_day_of_the_service(
        self, customer_id: int, service: dict[str, Any], rate: str
    ):
        document_id = add_draft(draft_values(customer_id, **service))
        assert [line.tax_rate for line in queries.lines(document_id)] == [Decimal(rate)]

    def test_the_rates_are_those_of_the_team_s_country(self, customer_id: int):
        db.session.add(TeamSettings(id=1, panels=[], **TEAM | {"country": "CH"}))
        db.session.flush()
        document = stored(add_draft(draft_values(customer_id, currency="CHF")))
        assert document.total == 10_810

    def test_a_treatment_without_tax_charges_none(self, customer_id: int):
        document_id = add_draft(draft_values(customer_id, treatment="reverse_charge"))
        assert stored(document_id).total == stored(document_id).net == 10_000
        assert queries.lines(document_id)[0].tax_rate == 0

    @pytest.mark.parametrize(
        ("over", "problem"),
        [
            ({"subject": "x" * 301}, ("subject", "too_long")),
            ({"lines": [line_values(price=None)]}, ("lines-0-price", "required")),
            ({"lines": [line_values(tax="special")]}, ("lines-0-tax", "unknown")),
            ({"customer_id": None}, ("customer_id", "required")),
            ({"customer_id": 999}, ("customer_id", "required")),
            ({"address_key": "999"}, ("address_key", "unknown")),
            ({"address_key": "0" * 20 + "9" * 30}, ("address_key", "unknown")),
            ({"address_key": "9" * 5_000}, ("address_key", "unknown")),
            ({"person_id": 999}, ("person_id", "unknown")),
        ],
    )
    def test_what_does_not_hold_changes_nothing(
        self,
        customer_id: int,
        changes_nothing: Callable[[], Any],
        over: dict[str, Any],
        problem: tuple[str, str],
    ):
        with changes_nothing():
            assert problems(lambda: add_draft(draft_values(customer_id) | over)) == [problem]

    def test_addresses_and_people_of_others_are_not_there(self, customer_id: int, other_id: int):
        address_id = add_address(other_id, address_values())
        values = draft_values(customer_id, address_key=str(address_id))
        assert problems(lambda: add_draft(values)) == [("address_key", "unknown")]

    def test_nobody_in_the_trash_gets_one(
        self, customer_id: int, changes_nothing: Callable[[], Any]
    ):
        customers.delete_customer(customer_id)
        db.session.commit()
        with changes_nothing():
            found = problems(lambda: add_draft(draft_values(customer_id)))
        assert found == [("customer_id", "required")]

    def test_a_total_that_cannot_be_kept(self, customer_id: int):
        lines = [line_values(quantity="9000", price="1000000000")] * 2
        values = draft_values(customer_id, lines=lines)
        assert problems(lambda: add_draft(values)) == [("lines", "out_of_range")]

    def test_a_line_whose_article_is_gone_stays_as_typed(self, customer_id: int):
        lines = [line_values(article_id=999)]
        document_id = add_draft(draft_values(customer_id, lines=lines))
        assert queries.draft(document_id)["lines"] == [line_values()]

    def test_it_opens_as_it_was_kept(self, customer_id: int):
        address_id = add_address(customer_id, address_values())
        values = draft_values(
            customer_id,
            service_on=date(2026, 11, 1),
            service_until=date(2026, 11, 30),
            due_on=TOMORROW,
            intro="Guten Tag,\n\nhier ist sie.",
            address_key=str(address_id),
            lines=[line_values(quantity="0.3333", price="12.3456"), line_values("B", "1")],
        )
        found = queries.draft(add_draft(values))
        assert {name: found[name] for name in values} == values


class TestChanging:
    def test_it_is_changed_counted_and_told(self, customer_id: int):
        document_id = add_draft(draft_values(customer_id))
        db.session.commit()
        version = queries.draft(document_id)["version"]
        lines = [line_values(price="50"), line_values("Buch", "5", tax="reduced")]
        change_draft(document_id, draft_values(customer_id, lines=lines, subject="Anderes"))
        assert stored(document_id).total == 5_950 + 535
        assert queries.draft(document_id)["version"] != version
        changes = {field: (old, new) for field, old, new in entries()[0].changes}
        assert changes["total"] == ("119.00 EUR", "64.85 EUR")
        assert changes["document_lines"] == (
            ["1 Tanzkurs: 100"],
            ["1 Tanzkurs: 50", "1 Buch: 5"],
        )

    def test_a_word_in_a_line_is_a_new_version(self, customer_id: int):
        document_id = add_draft(draft_values(customer_id))
        db.session.commit()
        version = queries.draft(document_id)["version"]
        change_draft(document_id, draft_values(customer_id, lines=[line_values("Walzer")]))
        assert queries.draft(document_id)["version"] != version

    def test_what_is_the_same_is_no_change(
        self, customer_id: int, changes_nothing: Callable[[], Any]
    ):
        document_id = add_draft(draft_values(customer_id))
        db.session.commit()
        with changes_nothing():
            change_draft(document_id, draft_values(customer_id))
            db.session.commit()

    def test_a_line_whose_article_is_gone_stays_as_typed(self, customer_id: int):
        document_id = add_draft(draft_values(customer_id))
        lines = [line_values("Walzer", article_id=999)]
        change_draft(document_id, draft_values(customer_id, lines=lines))
        db.session.commit()
        assert queries.draft(document_id)["lines"] == [line_values("Walzer")]

    def test_it_may_go_to_somebody_else(self, customer_id: int, other_id: int):
        document_id = add_draft(draft_values(customer_id))
        change_draft(document_id, draft_values(other_id))
        assert queries.count(customer_id) == 0
        assert queries.count(other_id) == 1

    def test_its_kind_and_origin_stay(self, customer_id: int):
        origin = issued(customer_id, "quote")
        document_id = follow_up(origin, "invoice")
        change_draft(document_id, draft_values(customer_id, "quote", origin_id=None))
        assert (stored(document_id).kind, stored(document_id).origin_id) == ("invoice", origin)

    def test_what_was_issued_is_not_changed(
        self, customer_id: int, changes_nothing: Callable[[], Any]
    ):
        document_id = issued(customer_id)
        with changes_nothing():
            refusal(lambda: change_draft(document_id, draft_values(customer_id, subject="x")))
            refusal(lambda: queries.draft(document_id))
            refusal(lambda: discard(document_id))
            refusal(lambda: issue(document_id))

    def test_a_draft_is_thrown_away_with_its_lines(self, customer_id: int):
        document_id = add_draft(draft_values(customer_id))
        db.session.commit()
        discard(document_id)
        db.session.commit()
        assert db.session.scalar(select(func.count()).select_from(FacturaLine)) == 0
        assert entries()[0].action == "discarded"
        assert ["total", "119.00 EUR", None] in entries()[0].changes
        with pytest.raises(NotFound):
            queries.row(document_id)

    @pytest.mark.parametrize(
        "act",
        [
            lambda: change_draft(999, {}),
            lambda: discard(999),
            lambda: issue(999),
            lambda: cancel(999),
            lambda: answer(999, Move.ACCEPT),
            lambda: follow_up(999, "invoice"),
            lambda: copy(999),
            lambda: set_paid(999, 1),
            lambda: queries.row(999),
        ],
    )
    def test_there_must_be_one(self, context: None, act: Callable[[], Any]):
        with pytest.raises(NotFound):
            act()


class TestIssuing:
    def test_it_has_a_number_a_day_and_a_day_to_pay(self, customer_id: int):
        document_id = add_draft(draft_values(customer_id))
        assert issue(document_id) == f"RE-{TODAY.year}-0001"
        document = stored(document_id)
        assert (document.state, document.number) == ("issued", f"RE-{TODAY.year}-0001")
        assert (document.issued_on, document.due_on) == (TODAY, TODAY + timedelta(days=14))
        assert (entries()[0].action, entries()[0].subject) == ("issued", document.number)
        assert "invoice.issued" in g.announced

    def test_the_worker_is_asked_for_its_pdf(self, customer_id: int):
        document_id = issued(customer_id)
        entry = db.session.scalars(select(OutboxEntry)).one()
        assert (entry.kind, entry.payload) == ("factura", {"document_id": document_id})

    def test_a_rolled_back_number_is_given_again(self, customer_id: int):
        document_id = add_draft(draft_values(customer_id))
        db.session.commit()
        first = issue(document_id)
        db.session.rollback()
        assert issue(document_id) == first

    def test_everything_its_paper_shows_is_copied(
        self, make_customer: Callable[..., int], context: None
    ):
        customer_id = make_customer(
            kind="company",
            company="Berger GmbH",
            vat_number="DE136695976",
            first_name="",
            number="7",
        )
        person = contact_person_values(is_main=True)
        person_id = customers.add_contact_person(customer_id, person)
        db.session.add(TeamSettings(id=1, panels=[], **TEAM | {"name": "Tanzstudio"}))
        db.session.add(FacturaSettings(id=1, tax_number="215/1", vat_number="DE1", version=1))
        db.session.flush()
        values = {"treatment": "reverse_charge", "person_id": person_id}
        with audit.acting(2, "Ben Staff"):
            document_id = issued(customer_id, **values)
        frozen = stored(document_id).frozen
        assert frozen is not None
        assert frozen["address"][0] == "Berger GmbH"
        assert "Weiß" in frozen["address"][1]
        assert frozen["postal"]["postcode"] == "50667"
        assert frozen["postal"]["country"] == "DE"
        assert frozen["customer"] == {
            **{"number": "7", "name": "Berger GmbH", "company": "Berger GmbH"},
            **{"vat_number": "DE136695976", "kind": "company"},
        }
        assert (frozen["sender"]["name"], frozen["sender"]["tax_number"]) == ("Tanzstudio", "215/1")
        assert frozen["contact"] == {"name": "Ben Staff", "email": "ben@example.com"}
        assert frozen["taxes"] == [{"code": "exempt", "rate": "0", "net": 10_000, "tax": 0}]
        assert "§ 13b UStG" in frozen["sentence"]
        assert frozen["origin"] is None

    def test_what_changes_later_does_not_reach_it(self, customer_id: int):
        document_id = issued(customer_id)
        before = queries.row(document_id).frozen, queries.lines(document_id)
        moved = customer_values_of(customer_id).values | {"town": "Hamburg", "last_name": "Neu"}
        customers.change_customer(customer_id, moved)
        db.session.commit()
        assert (queries.row(document_id).frozen, queries.lines(document_id)) == before

    def test_it_goes_to_the_address_that_was_chosen(self, customer_id: int):
        address_id = add_address(customer_id, address_values())
        document_id = issued(customer_id, address_key=str(address_id))
        frozen = stored(document_id).frozen
        assert frozen is not None
        assert "Kowalska" in frozen["address"][0]
        assert frozen["postal"]["town"] == "Bonn"

    def test_an_address_beyond_those_offered(self, customer_id: int):
        for _ in range(60):
            address_id = add_address(customer_id, address_values(is_billing=False))
        frozen = stored(issued(customer_id, address_key=str(address_id))).frozen
        assert frozen is not None
        assert frozen["postal"]["town"] == "Bonn"

    def test_an_address_that_went_meanwhile(self, customer_id: int):
        address_id = add_address(customer_id, address_values())
        document_id = add_draft(draft_values(customer_id, address_key=str(address_id)))
        remove_address(customer_id, address_id)
        db.session.commit()
        assert problems(lambda: issue(document_id)) == [("address_key", "unknown")]

    def test_rates_are_those_of_the_day_it_is_issued(self, customer_id: int):
        """A draft of yesterday knows the rates of yesterday."""
        document_id = add_draft(draft_values(customer_id))
        issue(document_id, date(2020, 12, 31))
        assert stored(document_id).total == 11_600

    @pytest.mark.parametrize(
        ("over", "on", "problem"),
        [
            ({}, TOMORROW, ("issued_on", "future")),
            ({"due_on": YESTERDAY}, None, ("due_on", "too_early")),
            ({"lines": []}, None, ("lines", "required")),
            ({"lines": [line_values(price="-1")]}, None, ("lines", "negative")),
            ({"treatment": "intra_community"}, None, ("treatment", "vat_number")),
            ({"treatment": "reverse_charge"}, None, ("treatment", "vat_number")),
            ({"lines": [line_values(tax="zero")]}, date(2022, 1, 1), ("lines-0-tax", "unknown")),
        ],
    )
    def test_what_keeps_it_a_draft(
        self,
        customer_id: int,
        changes_nothing: Callable[[], Any],
        over: dict[str, Any],
        on: date | None,
        problem: tuple[str, str],
    ):
        document_id = add_draft(draft_values(customer_id, **over))
        db.session.commit()
        with changes_nothing():
            assert problems(lambda: issue(document_id, on)) == [problem]

    def test_days_go_the_way_numbers_go(self, customer_id: int):
        issued(customer_id)
        document_id = add_draft(draft_values(customer_id))
        db.session.commit()
        assert problems(lambda: issue(document_id, YESTERDAY)) == [("issued_on", "too_early")]
        assert issue(document_id, TODAY)

    def test_each_kind_has_days_of_its_own(self, customer_id: int):
        issued(customer_id)
        document_id = add_draft(draft_values(customer_id, "quote"))
        assert issue(document_id, YESTERDAY)

    def test_what_was_seen_is_what_is_issued(self, customer_id: int):
        document_id = add_draft(draft_values(customer_id))
        db.session.commit()
        seen = queries.draft(document_id)["version"]
        change_draft(document_id, draft_values(customer_id, subject="Anderes"))
        db.session.commit()
        refusal(lambda: issue(document_id, version=seen))
        assert issue(document_id, version=queries.draft(document_id)["version"])

    def test_nobody_in_the_trash_gets_one(
        self, customer_id: int, changes_nothing: Callable[[], Any]
    ):
        document_id = add_draft(draft_values(customer_id))
        customers.delete_customer(customer_id)
        db.session.commit()
        with changes_nothing():
            refusal(lambda: issue(document_id))

    def test_who_has_one_cannot_be_deleted(self, customer_id: int):
        for kind in Kind:
            issued(customer_id, kind)
        with pytest.raises(Refused):
            customers.delete_customer(customer_id)

    def test_a_discount_line_is_welcome(self, customer_id: int):
        lines = [line_values(), line_values("Rabatt", "-100")]
        document = stored(issued(customer_id, lines=lines))
        assert document.total == 0
        assert queries.open_amounts([customer_id]) == {}

    def test_what_the_law_wants_of_the_team_is_a_warning(self, customer_id: int):
        document_id = add_draft(draft_values(customer_id))
        found = checks.to_issue(stored(document_id))
        assert [(p.field, p.level) for p in found] == [("sender", "warning")]

    @pytest.mark.parametrize(
        ("country", "currency", "is_told"),
        [("DE", "CHF", True), ("DE", "EUR", False), ("CH", "EUR", False), ("AT", "USD", True)],
    )
    def test_the_tax_is_to_be_told_in_the_money_of_the_country(
        self, customer_id: int, country: str, currency: str, is_told: bool
    ):
        db.session.add(TeamSettings(id=1, **TEAM | {"country": country}))
        document_id = add_draft(draft_values(customer_id, currency=currency))
        found = checks.to_issue(stored(document_id))
        assert (("currency", "warning") in [(p.field, p.level) for p in found]) is is_told

    def test_the_team_says_why_something_is_exempt(self, customer_id: int):
        document_id = add_draft(draft_values(customer_id, lines=[line_values(tax="exempt")]))
        found = checks.to_issue(stored(document_id))
        assert ("exempt", "warning") in [(p.code, p.level) for p in found]
        reason = "Steuerfrei nach § 4 Nr. 21 UStG."
        db.session.add(FacturaSettings(id=1, exempt_reason=reason, version=1))
        assert "exempt" not in [p.code for p in checks.to_issue(stored(document_id))]
        issue(document_id)
        taxed = stored(issued(customer_id))
        sentences = [(one.frozen or {})["sentence"] for one in (stored(document_id), taxed)]
        assert sentences == [reason, ""]


class TestAnswers:
    def test_a_quote_is_accepted_and_open_again(self, customer_id: int):
        document_id = issued(customer_id, "quote")
        states = []
        for move in (Move.ACCEPT, Move.REOPEN, Move.DECLINE, Move.REOPEN):
            answer(document_id, move)
            states.append(stored(document_id).state)
        assert states == ["accepted", "issued", "declined", "issued"]
        actions = [entry.action for entry in entries()[:4]]
        assert actions == ["reopened", "declined", "reopened", "accepted"]

    def test_nothing_else_is(self, customer_id: int, changes_nothing: Callable[[], Any]):
        invoice, draft = issued(customer_id), add_draft(draft_values(customer_id, "quote"))
        db.session.commit()
        with changes_nothing():
            refusal(lambda: answer(invoice, Move.ACCEPT))
            refusal(lambda: answer(draft, Move.ACCEPT))
        with pytest.raises(ValueError, match="no answer"):
            answer(draft, Move.DISCARD)


class TestCancelling:
    def test_an_invoice_is_credited_in_full(self, customer_id: int):
        lines = [line_values(quantity="3", price="33.33"), line_values("Buch", "10", tax="reduced")]
        invoice_id = issued(customer_id, lines=lines, service_on=date(2020, 8, 1))
        credit_note_id = cancel(invoice_id)
        assert credit_note_id is not None
        invoice, credit_note = stored(invoice_id), stored(credit_note_id)
        assert (invoice.state, invoice.number) == ("cancelled", f"RE-{TODAY.year}-0001")
        assert (credit_note.kind, credit_note.state) == ("credit_note", "issued")
        assert (credit_note.number, credit_note.origin_id) == (f"GS-{TODAY.year}-0001", invoice_id)
        assert (credit_note.net, credit_note.total) == (invoice.net, invoice.total)
        assert credit_note.subject == f"Storno zu Rechnung {invoice.number}"
        theirs, ours = (queries.lines(one) for one in (invoice_id, credit_note_id))
        assert [line[1:] for line in theirs] == [line[1:] for line in ours]
        assert invoice.frozen is not None
        assert credit_note.frozen is not None
        for name in ("address", "postal", "customer", "taxes"):
            assert credit_note.frozen[name] == invoice.frozen[name]
        assert credit_note.frozen["origin"]["number"] == invoice.number
        assert {"invoice.cancelled", "credit_note.issued"} <= g.announced
        assert queries.open_amounts([customer_id]) == {}

    def test_it_is_about_the_day_of_the_invoice(self, customer_id: int):
        own = add_draft(draft_values(customer_id))
        issue(own, YESTERDAY)
        named = issued(customer_id, service_on=date(2026, 3, 1), service_until=date(2026, 3, 9))
        part = stored(follow_up(named, "credit_note"))
        notes = [stored(note) for note in map(cancel, (own, named)) if note]
        found = [(note.service_on, note.service_until) for note in (*notes, part)]
        period = date(2026, 3, 1), date(2026, 3, 9)
        assert found == [(YESTERDAY, None), period, period]

    @pytest.mark.parametrize(
        ("language", "paid", "closing"),
        [
            ("de", 0, "Die Rechnung {} ist damit aufgehoben."),
            (
                "de",
                2_000,
                "Die Rechnung {} ist damit aufgehoben. "
                "Bereits gezahlte 20,00\xa0€ schreiben wir gut.",
            ),
            ("en", 0, "This cancels invoice {}."),
            (
                "en",
                2_000,
                "This cancels invoice {}. We credit the €20.00 that you have paid already.",
            ),
        ],
    )
    def test_it_promises_only_money_that_was_paid(
        self, customer_id: int, language: str, paid: int, closing: str
    ):
        invoice_id = issued(customer_id, language=language)
        set_paid(invoice_id, paid)
        credit_note_id = cancel(invoice_id)
        assert credit_note_id is not None
        assert stored(credit_note_id).closing == closing.format(stored(invoice_id).number)

    def test_the_worker_makes_the_paper_of_both(self, customer_id: int):
        invoice_id = issued(customer_id)
        credit_note_id = cancel(invoice_id)
        wanted = [entry.payload for entry in db.session.scalars(select(OutboxEntry))]
        assert wanted == [{"document_id": invoice_id}, {"document_id": credit_note_id}]

    def test_it_goes_where_the_invoice_went(self, customer_id: int):
        address_id = add_address(customer_id, address_values())
        invoice_id = issued(customer_id, address_key=str(address_id))
        remove_address(customer_id, address_id)
        credit_note_id = cancel(invoice_id)
        assert credit_note_id is not None
        frozen = stored(credit_note_id).frozen
        assert frozen is not None
        assert frozen["postal"]["town"] == "Bonn"

    def test_one_that_was_taken_over_has_a_line_for_all_of_it(self, customer_id: int):
        invoice_id = add_document(customer_id, invoice_values(issued_on=YESTERDAY, due_on=TODAY))
        credit_note_id = cancel(invoice_id)
        assert credit_note_id is not None
        assert stored(credit_note_id).total == 34_000
        (line,) = queries.lines(credit_note_id)
        assert (line.amount, line.quantity) == (34_000, 1)
        assert "2026-0012" in line.text

    @pytest.mark.parametrize(
        ("country", "day", "net", "total", "tax"),
        [
            ("DE", YESTERDAY, 10_000, 11_900, ("standard", "19")),
            ("DE", YESTERDAY, 333, 356, ("reduced", "7")),
            ("DE", date(2020, 8, 1), 10_000, 11_600, ("standard", "16")),
            ("CH", date(2023, 12, 31), 10_000, 10_770, ("standard", "7.7")),
            ("DE", YESTERDAY, 10_000, 10_000, ("exempt", "0")),
        ],
    )
    def test_the_tax_of_one_that_was_taken_over_is_taken_back(
        self,
        customer_id: int,
        country: str,
        day: date,
        net: int,
        total: int,
        tax: tuple[str, str],
    ):
        db.session.add(TeamSettings(id=1, **TEAM | {"country": country}))
        values = invoice_values(issued_on=day, due_on=None, net=net, total=total)
        credit_note_id = cancel(add_document(customer_id, values))
        assert credit_note_id is not None
        note = stored(credit_note_id)
        group = {"code": tax[0], "rate": tax[1], "net": net, "tax": total - net}
        assert (note.net, note.total, (note.frozen or {})["taxes"]) == (net, total, [group])

    def test_one_of_several_rates_needs_its_lines(
        self, customer_id: int, changes_nothing: Callable[[], Any]
    ):
        values = invoice_values(issued_on=YESTERDAY, due_on=None, net=20_000, total=22_600)
        invoice_id = add_document(customer_id, values)
        db.session.commit()
        with changes_nothing():
            refusal(lambda: cancel(invoice_id))
        lines = [line_values(), line_values(tax="reduced")]
        note = follow_up(invoice_id, "credit_note")
        change_draft(note, queries.draft(note) | {"lines": lines})
        issue(note)
        assert (stored(note).net, stored(note).total) == (20_000, 22_600)

    @pytest.mark.parametrize(
        "kind", ["quote", "order_confirmation", "delivery_note", "pro_forma", "reminder"]
    )
    def test_others_just_keep_their_number(self, customer_id: int, kind: str):
        document_id = issued(customer_id, kind)
        number = stored(document_id).number
        assert cancel(document_id) is None
        assert (stored(document_id).state, stored(document_id).number) == ("cancelled", number)
        refusal(lambda: cancel(document_id))

    def test_not_drafts_nor_credit_notes_nor_twice(
        self, customer_id: int, changes_nothing: Callable[[], Any]
    ):
        draft = add_draft(draft_values(customer_id))
        credit_note = issued(customer_id, "credit_note")
        cancelled = issued(customer_id)
        cancel(cancelled)
        db.session.commit()
        with changes_nothing():
            reasons = {refusal(lambda: cancel(one)) for one in (draft, credit_note, cancelled)}  # noqa: B023
        assert len(reasons) == 3

    def test_not_once_a_part_was_credited(
        self, customer_id: int, changes_nothing: Callable[[], Any]
    ):
        invoice_id = issued(customer_id)
        part = follow_up(invoice_id, "credit_note")
        change_draft(part, queries.draft(part) | {"lines": [line_values(price="40")]})
        issue(part)
        db.session.commit()
        with changes_nothing():
            assert f"GS-{TODAY.year}-0001" in refusal(lambda: cancel(invoice_id))
        rest = follow_up(invoice_id, "credit_note")
        change_draft(rest, queries.draft(rest) | {"lines": [line_values(price="60")]})
        issue(rest)
        db.session.commit()
        assert "schon ganz gutgeschrieben" in refusal(lambda: cancel(invoice_id))

    def test_a_draft_of_a_credit_note_does_not_matter_and_is_of_no_use_any_more(
        self, customer_id: int
    ):
        invoice_id = issued(customer_id)
        draft = follow_up(invoice_id, "credit_note")
        cancel(invoice_id)
        db.session.commit()
        assert ("origin_id", "cancelled") in problems(lambda: issue(draft))


class TestCrediting:
    def part(self, invoice_id: int, price: str) -> int:
        document_id = follow_up(invoice_id, "credit_note")
        change_draft(
            document_id, queries.draft(document_id) | {"lines": [line_values(price=price)]}
        )
        return document_id

    @pytest.mark.parametrize(
        ("country", "over", "on", "total"),
        [
            ("DE", {}, date(2020, 6, 30), 11_900),
            ("DE", {}, date(2020, 12, 31), 11_600),
            ("DE", {"service_on": date(2020, 12, 31)}, date(2021, 1, 4), 11_600),
            (
                "DE",
                {"service_on": date(2020, 12, 1), "service_until": date(2021, 1, 2)},
                date(2021, 1, 4),
                11_900,
            ),
            ("CH", {}, date(2023, 12, 31), 10_770),
            ("CH", {"service_on": date(2023, 12, 31)}, date(2024, 1, 8), 10_770),
            ("CH", {}, date(2024, 1, 1), 10_810),
        ],
    )
    def test_by_the_rate_of_the_invoice(
        self, customer_id: int, country: str, over: dict[str, Any], on: date, total: int
    ):
        db.session.add(TeamSettings(id=1, **TEAM | {"country": country}))
        invoice_id = add_draft(draft_values(customer_id, **over))
        issue(invoice_id, on)
        assert stored(invoice_id).total == total
        rate = queries.lines(invoice_id)[0].tax_rate
        part = self.part(invoice_id, "10")
        change_draft(part, queries.draft(part) | {"service_on": None, "service_until": None})
        issue(part)
        assert queries.lines(part)[0].tax_rate == rate
        rest = self.part(invoice_id, "90")
        issue(rest)
        assert stored(part).total + stored(rest).total == total

    def test_not_more_than_the_invoice(self, customer_id: int):
        invoice_id = issued(customer_id)
        found = problems(lambda: self.part(invoice_id, "100.01"))
        assert found == [("lines", "too_much")]

    def test_not_more_together_with_the_others(self, customer_id: int):
        invoice_id = issued(customer_id)
        first, second = self.part(invoice_id, "60"), self.part(invoice_id, "60")
        issue(first)
        db.session.commit()
        assert problems(lambda: issue(second)) == [("lines", "too_much")]
        change_draft(second, queries.draft(second) | {"lines": [line_values(price="40")]})
        issue(second)
        db.session.commit()
        refusal(lambda: follow_up(invoice_id, "credit_note"))
        assert queries.left_to_credit(stored(invoice_id)) == 0

    def test_the_invoice_tells_what_they_gave_back(self, customer_id: int):
        invoice_id = issued(customer_id)
        issue(self.part(invoice_id, "60"))
        invoice = stored(invoice_id)
        assert 0 < invoice.credited == invoice.total - queries.left_to_credit(invoice)
        issue(self.part(invoice_id, "40"))
        assert stored(invoice_id).credited == invoice.total

    def test_in_the_invoice_s_currency_for_its_customer(self, customer_id: int, other_id: int):
        invoice_id = issued(customer_id)
        document_id = follow_up(invoice_id, "credit_note")
        db.session.commit()
        values = queries.draft(document_id)
        for over, problem in (
            ({"currency": "CHF"}, ("currency", "other")),
            ({"customer_id": other_id}, ("customer_id", "other")),
        ):
            changed = values | over
            assert problems(lambda: change_draft(document_id, changed)) == [problem]  # noqa: B023

    def test_one_of_no_invoice_is_free(self, customer_id: int):
        assert issued(customer_id, "credit_note", lines=[line_values(price="9999")])


class TestReminders:
    def remind(self, invoice_id: int, level: int) -> int:
        customer_id = stored(invoice_id).customer_id
        values = draft_values(customer_id, "reminder", origin_id=invoice_id, reminder_level=level)
        document_id = add_draft(values)
        issue(document_id)
        return document_id

    def test_they_raise_the_level_of_their_invoice(self, customer_id: int):
        invoice_id = issued(customer_id)
        first, second = self.remind(invoice_id, 1), self.remind(invoice_id, 2)
        assert stored(invoice_id).reminder_level == 2
        cancel(first)
        assert stored(invoice_id).reminder_level == 2
        cancel(second)
        assert stored(invoice_id).reminder_level == 0

    def test_a_draft_raises_nothing(self, customer_id: int):
        invoice_id = issued(customer_id)
        values = draft_values(customer_id, "reminder", origin_id=invoice_id, reminder_level=1)
        add_draft(values)
        assert stored(invoice_id).reminder_level == 0

    def test_nobody_is_reminded_of_what_is_cancelled(self, customer_id: int):
        invoice_id = issued(customer_id)
        cancel(invoice_id)
        db.session.commit()
        assert problems(lambda: self.remind(invoice_id, 1)) == [("origin_id", "cancelled")]


class TestFollowUps:
    def test_it_has_the_lines_and_the_texts_of_its_own_kind(self, customer_id: int):
        lines = [line_values(quantity="2"), line_values("Buch", "9", tax="reduced", discount="5")]
        quote_id = issued(customer_id, "quote", lines=lines, intro="Gern bieten wir an:")
        document_id = follow_up(quote_id, "invoice")
        found = queries.draft(document_id)
        fresh = queries.fresh("invoice", customer_id)
        assert found["lines"] == lines
        for name in ("kind", "intro", "closing", "payment_days", "due_on"):
            assert found[name] == fresh[name]
        assert found["subject"] == f"Tanzkurs Herbst (zu Angebot AN-{TODAY.year}-0001)"
        assert stored(document_id).origin_id == quote_id
        frozen = stored(document_id)
        issue(document_id)
        assert frozen.frozen is not None
        assert frozen.frozen["origin"]["number"] == f"AN-{TODAY.year}-0001"

    def test_what_was_delivered_is_charged_of_that_day(self, customer_id: int):
        own = issued(customer_id, "delivery_note")
        named = issued(customer_id, "delivery_note", service_on=date(2026, 3, 1))
        found = [stored(follow_up(note, "invoice")).service_on for note in (own, named)]
        assert found == [TODAY, date(2026, 3, 1)]
        quote_id = issued(customer_id, "quote")
        assert stored(follow_up(quote_id, "invoice")).service_on is None

    def test_the_subject_names_only_the_last(self, customer_id: int):
        quote_id = issued(customer_id, "quote", language="en")
        order_id = follow_up(quote_id, "order_confirmation")
        issue(order_id)
        invoice = stored(follow_up(order_id, "invoice"))
        assert invoice.subject == (f"Tanzkurs Herbst (for order confirmation AB-{TODAY.year}-0001)")

    def test_a_chosen_address_goes_along_only_for_the_same_use(self, customer_id: int):
        address_id = str(add_address(customer_id, address_values()))
        order_id = issued(customer_id, "order_confirmation", address_key=address_id)
        assert stored(follow_up(order_id, "invoice")).address_key == address_id
        delivery_note = follow_up(order_id, "delivery_note")
        assert stored(delivery_note).address_key == "main"

    def test_an_address_that_is_gone_is_the_main_one(self, customer_id: int):
        address_id = add_address(customer_id, address_values())
        order_id = issued(customer_id, "order_confirmation", address_key=str(address_id))
        remove_address(customer_id, address_id)
        assert stored(follow_up(order_id, "invoice")).address_key == "main"
        assert stored(copy(order_id)).address_key == "main"

    @pytest.mark.parametrize(
        ("kind", "state", "wanted"),
        [
            ("invoice", "draft", "credit_note"),
            ("quote", "declined", "invoice"),
            ("quote", "cancelled", "invoice"),
            ("invoice", "issued", "quote"),
            ("credit_note", "issued", "invoice"),
            ("invoice", "issued", "commission"),
        ],
    )
    def test_what_cannot_be_made(
        self,
        customer_id: int,
        changes_nothing: Callable[[], Any],
        kind: str,
        state: str,
        wanted: str,
    ):
        document_id = add_draft(draft_values(customer_id, kind))
        if state != "draft":
            issue(document_id)
        if state == "declined":
            answer(document_id, Move.DECLINE)
        if state == "cancelled":
            cancel(document_id)
        db.session.commit()
        with changes_nothing():
            refusal(lambda: follow_up(document_id, wanted))

    def test_a_double_click_makes_one(self, customer_id: int):
        quote_id = issued(customer_id, "quote")
        assert follow_up(quote_id, "invoice", "k") == follow_up(quote_id, "invoice", "k")
        assert copy(quote_id, "c") == copy(quote_id, "c")

    def test_an_order_of_which_nothing_is_known_begins_empty(self, customer_id: int):
        invoice_id = add_document(customer_id, invoice_values(issued_on=YESTERDAY, due_on=TODAY))
        assert queries.draft(follow_up(invoice_id, "credit_note"))["lines"] == []

    def test_a_copy_is_for_another_day_and_has_no_origin(self, customer_id: int):
        quote_id = issued(customer_id, "quote")
        invoice_id = follow_up(quote_id, "invoice")
        values = queries.draft(invoice_id) | {"service_on": YESTERDAY, "due_on": TOMORROW}
        change_draft(invoice_id, values)
        issue(invoice_id)
        set_level = stored(invoice_id)
        set_level.reminder_level = 2
        db.session.flush()
        document = stored(copy(invoice_id))
        assert (document.kind, document.state, document.origin_id) == ("invoice", "draft", None)
        assert (document.service_on, document.due_on, document.number) == (None, None, None)
        assert (document.reminder_level, document.paid) == (0, 0)
        assert document.subject == "Tanzkurs Herbst"
        assert queries.draft(document.id)["lines"] == [line_values()]

    def test_a_reminder_is_not_copied(self, customer_id: int):
        reminder_id = issued(customer_id, "reminder")
        refusal(lambda: copy(reminder_id))

    def test_what_hangs_together_is_found(self, customer_id: int, count_queries: Callable[[], Any]):
        quote_id = issued(customer_id, "quote")
        order_id = follow_up(quote_id, "order_confirmation")
        issue(order_id)
        made = [follow_up(order_id, kind) for kind in ("delivery_note", "invoice")]
        with count_queries() as sent:
            assert [row.id for row in queries.related(order_id)] == [quote_id, *made]
        assert len(sent) == 2
        assert queries.related(made[0])[0].id == order_id


class TestPaying:
    def test_it_is_announced_when_nothing_is_left(self, customer_id: int):
        invoice_id = issued(customer_id)
        g.announced = set()
        set_paid(invoice_id, 11_899)
        assert "factura_document.changed" in g.announced
        assert "invoice.paid" not in g.announced
        set_paid(invoice_id, 11_900)
        assert "invoice.paid" in g.announced
        g.announced = set()
        set_paid(invoice_id, 12_000)
        assert "invoice.paid" not in g.announced
        set_paid(invoice_id, 0)
        assert stored(invoice_id).paid == 0

    def test_what_is_the_same_is_no_news(self, customer_id: int):
        invoice_id = issued(customer_id)
        g.announced = set()
        set_paid(invoice_id, 0)
        assert g.announced == set()

    def test_only_what_is_issued(self, customer_id: int):
        draft = add_draft(draft_values(customer_id))
        for document_id, paid in ((draft, 1), (issued(customer_id), -1)):
            with pytest.raises(ValueError, match="cannot be paid"):
                set_paid(document_id, paid)


class TestPaper:
    def test_the_first_one_stays(self, customer_id: int):
        document_id = issued(customer_id)
        set_pdf(document_id, "a" * 64, 1)
        set_pdf(document_id, "b" * 64, 2)
        assert (stored(document_id).pdf_digest, stored(document_id).pdf_size) == ("a" * 64, 1)

    def test_a_draft_has_none(self, customer_id: int):
        draft = add_draft(draft_values(customer_id))
        set_pdf(draft, "a" * 64, 1)
        assert stored(draft).pdf_digest is None


class TestTakenOver:
    def test_net_is_the_total_unless_told(self, customer_id: int):
        assert stored(add_document(customer_id, invoice_values())).net == 34_000
        told = add_document(customer_id, invoice_values(number="2", net=28_571))
        assert stored(told).net == 28_571
        assert "factura_document.taken_over" in g.announced


def test_drafts_go_with_their_customer_and_their_lines(customer_id: int):
    add_draft(draft_values(customer_id))
    db.session.commit()
    customers.erase_customers([customer_id])
    db.session.commit()
    for model in (FacturaDocument, FacturaLine):
        assert db.session.scalar(select(func.count()).select_from(model)) == 0


def test_a_document_is_one_row(customer_id: int, count_queries: Callable[[], Any]):
    document_id = issued(customer_id)
    with count_queries() as sent:
        row = queries.row(document_id)
        lines = queries.lines(document_id)
    assert len(sent) == 2
    assert (row.customer_name, row.total, len(lines)) == ("Tanja Müller", 11_900, 1)
    assert row.customer_removed_at is None


def test_sums_are_told_before_anything_is_kept(customer_id: int):
    values = draft_values(customer_id, lines=[LineValues(), line_values(price="119")])
    assert queries.totals_of(values | {"is_gross": True}).net == 10_000
    assert queries.totals_of(values | {"service_on": date(2020, 8, 1)}).tax == 1_904
