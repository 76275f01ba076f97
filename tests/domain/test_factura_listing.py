"""All documents of the house: found by every filter and word, paged, added up, written down."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from itertools import product
from typing import Any

import pytest
from sqlalchemy import bindparam, insert, select, text, update

from app.core import paging
from app.core.database import db, now, table
from app.core.i18n import today
from app.domain.articles.services import create_article
from app.domain.customers import services as customers
from app.domain.factura import columns, dealings, export, index, listing, rules, services
from app.domain.factura.listing import Wanted
from app.domain.factura.models import FacturaDocument, FacturaEntry
from app.domain.factura.queries import UNPAID
from app.domain.factura.rules import Kind, State, Status
from app.domain.factura.services import add_document
from tests.factories import (
    article_values,
    customer_values,
    draft_values,
    invoice_values,
    line_values,
)
from tests.plans import plans

pytestmark = pytest.mark.usefixtures("context")


@pytest.fixture
def customer_id(make_customer: Callable[..., int]) -> int:
    return make_customer()


@pytest.fixture
def other_id(make_customer: Callable[..., int]) -> int:
    return make_customer(first_name="Jörg", last_name="Weiß", emails=[], phones=[])


def generated(customer_id: int) -> list[dict[str, Any]]:
    """Every kind in every state, invoices paid, due and reminded in all ways."""
    day = today()
    days = (None, day - timedelta(days=1), day, day + timedelta(days=1))
    paid_and_credited = ((0, 0), (1, 0), (100, 0), (100, 100), (130, 0))
    invoices = product([Kind.INVOICE], State, paid_and_credited, (0, 100), days, range(5))
    others = product(
        [k for k in Kind if k != Kind.INVOICE], State, ((0, 0), (100, 0)), (100,), days[:2], (0, 1)
    )
    rows = []
    for kind, state, (paid, credited), total, due_on, level in [*invoices, *others]:
        if state in rules.states(kind):
            issued_on = None if state == State.DRAFT else day - timedelta(days=len(rows) % 90 + 1)
            rows.append(
                {
                    "customer_id": customer_id,
                    "kind": kind,
                    "state": state,
                    "number": f"N-{len(rows)}" if issued_on else None,
                    "issued_on": issued_on,
                    "due_on": due_on,
                    "total": total,
                    "paid": paid,
                    "credited": credited,
                    "reminder_level": level,
                    "created_at": now(),
                }
            )
    return rows


def status_of(row: Any) -> Status:
    return rules.status(
        row.kind,
        row.state,
        paid=row.paid,
        credited=row.credited,
        total=row.total,
        due_on=row.due_on,
        reminder_level=row.reminder_level,
        today=today(),
    )


@pytest.fixture
def everything(customer_id: int, other_id: int) -> list[Any]:
    """Documents of every kind, state and status, of two customers in two currencies."""
    rows = [
        row | {"customer_id": (customer_id, other_id)[n % 2], "currency": ("EUR", "CHF")[n % 3 > 1]}
        for n, row in enumerate(generated(customer_id))
    ]
    db.session.execute(insert(FacturaDocument), [row | {"net": row["total"] - 7} for row in rows])
    give_back()
    index.rebuild()
    return list(db.session.execute(select(*table(FacturaDocument).c)))


def give_back() -> None:
    """Let credit notes, some of them drafts, be of some of the invoices that were cancelled."""
    document = table(FacturaDocument)
    notes = select(document.c.id).where(document.c.kind == "credit_note")
    invoices = select(document.c.id).where(
        document.c.kind == "invoice", document.c.state == "cancelled"
    )
    pairs = zip(db.session.scalars(notes), db.session.scalars(invoices), strict=False)
    of = update(document).where(document.c.id == bindparam("note"))
    values = [{"note": note, "invoice": invoice} for note, invoice in pairs]
    db.session.execute(of.values(origin_id=bindparam("invoice")), values)


def pages(wanted: Wanted) -> list[int]:
    """The ids of everything that is wanted, page by page."""
    found: list[int] = []
    before = None
    while True:
        page = listing.search(wanted, before)
        found += [row.id for row in page.rows]
        before = page.older
        if before is None:
            return found
        assert len(page.rows) == paging.PAGE


def is_wanted(row: Any, wanted: Wanted) -> bool:
    """The same, said by looking at a row."""
    shown = status_of(row)
    owes = rules.remainder(row.kind, row.state, row.paid, row.total) > 0
    dated = wanted.since or wanted.until
    return (
        wanted.kind in ("", row.kind)
        and wanted.currency in ("", row.currency)
        and wanted.customer_id in (None, row.customer_id)
        and (owes if wanted.status == UNPAID else wanted.status in ("", shown))
        and (not dated or row.issued_on is not None)
        and (not wanted.since or row.issued_on >= wanted.since)
        and (not wanted.until or row.issued_on <= wanted.until)
    )


def in_order(rows: list[Any]) -> list[int]:
    order = sorted(rows, key=lambda row: (row.issued_on is None, row.issued_on or date.min, row.id))
    return [row.id for row in reversed(order)]


STATUSES = ["", UNPAID, *Status]


class TestFilters:
    @pytest.mark.parametrize("status", STATUSES)
    def test_each_finds_what_the_rows_say_in_order(self, everything: list[Any], status: str):
        day = today()
        periods = [(None, None), (day - timedelta(days=40), None), (None, day - timedelta(days=70))]
        for kind, currency, (since, until), customer_id, words in product(
            ["", "invoice", "quote", "reminder"], ["", "CHF"], periods, [None, 1], ["", "müller"]
        ):
            wanted = Wanted("", kind, status, since, until, customer_id, currency)
            expected = [row for row in everything if is_wanted(row, wanted)]
            if words:
                wanted = Wanted(words, kind, status, since, until, customer_id, currency)
                expected = [row for row in expected if row.customer_id == 1]
            assert pages(wanted) == in_order(expected), wanted

    def test_every_status_is_there(self, everything: list[Any]):
        assert {status_of(row) for row in everything} == set(Status)

    @pytest.mark.parametrize("status", STATUSES)
    def test_the_sums_of_each(self, everything: list[Any], status: str):
        day = today()
        notes = [row for row in everything if (row.kind, row.state) == ("credit_note", "issued")]
        given_back = {row.origin_id for row in notes}
        for kind, since, customer_id, words in product(
            ["", "invoice"], [None, day - timedelta(days=40)], [None, 1], ["", "müller"]
        ):
            wanted = Wanted(words, kind, status, since, None, customer_id)
            looked_at = Wanted("", kind, status, since, None, 1 if words else customer_id)
            expected: dict[tuple[str, str], list[int]] = {}
            for row in everything:
                counts = row.state != "cancelled" or row.id in given_back
                if row.issued_on and counts and is_wanted(row, looked_at):
                    rest = rules.remainder(row.kind, row.state, row.paid, row.total)
                    parts = expected.setdefault((row.currency, row.kind), [0, 0, 0, 0])
                    money = (row.net, row.total, rest)
                    if row.kind in ("delivery_note", "reminder"):
                        money = (0, 0, 0)
                    for n, part in enumerate((1, *money)):
                        parts[n] += part
            found = {
                (one.currency, one.kind): [one.number, one.net, one.total, one.open]
                for one in listing.sums(wanted)
            }
            assert found == expected, wanted

    def test_the_most_used_currency_comes_first(self, customer_id: int):
        for n, currency in enumerate(("CHF", "USD", "EUR", "USD")):
            add_document(customer_id, invoice_values(number=str(n), currency=currency))
        assert [one.currency for one in listing.sums(Wanted())] == ["USD", "CHF", "EUR"]
        assert listing.currencies() == ["CHF", "EUR", "USD"]

    def test_drafts_of_a_customer_in_the_trash_are_gone_with_it(self, customer_id: int):
        add_document(customer_id, {"kind": "quote", "subject": "Entwurf"})
        assert len(pages(Wanted())) == len(pages(Wanted(words="entwurf"))) == 1
        customers.delete_customer(customer_id)
        assert pages(Wanted()) == pages(Wanted(words="entwurf")) == []
        customers.restore_customer(customer_id)
        assert len(pages(Wanted(words="entwurf"))) == 1

    def test_a_place_that_is_gone_is_the_beginning(self, customer_id: int):
        document_id = add_document(customer_id, invoice_values())
        assert [row.id for row in listing.search(Wanted(), 999).rows] == [document_id]


class TestIndexes:
    """None of it looks through all documents."""

    @pytest.mark.parametrize(
        ("wanted", "used"),
        [
            (Wanted(), "ix_factura_document_latest"),
            (Wanted(kind="invoice"), "ix_factura_document_kind"),
            (Wanted(status="overdue"), "ix_factura_document_owed"),
            (Wanted(status="unpaid"), "ix_factura_document_owed"),
            (Wanted(status="paid"), "ix_factura_document_listed"),
            (Wanted(status="credited"), "ix_factura_document_listed"),
            (Wanted(status="cancelled"), "ix_factura_document_listed"),
            (Wanted(currency="CHF"), "ix_factura_document_listed"),
            (Wanted(customer_id=1), "ix_factura_document_customer"),
            (Wanted(since=date(2026, 1, 1), until=date(2026, 1, 31)), "ix_factura_document_latest"),
        ],
    )
    def test_of_the_list(self, everything: list[Any], wanted: Wanted, used: str):
        last = max((row.issued_on, row.id) for row in everything if row.issued_on)
        plans = self._plans(lambda: listing.search(wanted, last[1]))
        assert any(used in step for step in plans), "\n".join(plans)
        assert not [step for step in plans if step.startswith("SCAN factura_")]

    @pytest.mark.parametrize(
        "wanted",
        [
            Wanted(),
            Wanted(customer_id=1),
            Wanted(kind="quote"),
            Wanted(status="overdue"),
            Wanted(status="unpaid", since=date(2026, 1, 1)),
        ],
    )
    def test_of_the_sums(self, everything: list[Any], wanted: Wanted):
        plans = self._plans(lambda: listing.sums(wanted))
        asked = [step for step in plans if "factura_document" in step]
        assert all("COVERING" in step for step in asked)
        whole = [step for step in asked if step.startswith("SCAN")]
        assert all(step.endswith("ix_factura_document_owed") for step in whole)

    def test_of_words(self, everything: list[Any]):
        plans = self._plans(lambda: listing.search(Wanted(words="müller", status="overdue")))
        assert any(step.startswith("SCAN i VIRTUAL TABLE") for step in plans)
        assert not [step for step in plans if "TEMP B-TREE" in step or "SCAN factura" in step]

    def test_of_the_table_for_the_tax_adviser(self, everything: list[Any]):
        wanted = export.Wanted(date.min, date.max, [Kind.INVOICE])
        plans = self._plans(lambda: next(export.rows(wanted)))
        assert any("ix_factura_document_latest (issued_on>" in step for step in plans)
        assert not [step for step in plans if "TEMP B-TREE" in step]

    _plans = staticmethod(plans)


class TestWords:
    @pytest.fixture
    def document_id(self, customer_id: int, other_id: int) -> int:
        add_document(other_id, invoice_values(number="R-2025-0007", subject="Hochzeitstanz"))
        values = invoice_values(subject="Größe Übung", number="RE-2026-0042")
        return add_document(customer_id, values)

    @pytest.mark.parametrize(
        ("words", "hit"),
        [
            ("RE-2026-0042", True),
            ("re-2026", True),
            ("2026-0042", True),
            ("0042", True),
            ("42", True),
            ("re 2026 42", True),
            ("grosse", True),
            ("ubung", True),
            ("UEBUNG", True),
            ("röße", True),
            ("Müller", True),
            ("mueller", True),
            ("10001", True),
            ("müller übung 0042", True),
            ("müller hochzeit", False),
            ("weiss", False),
            ("walzer", False),
            ("4", True),
            ("7", False),
        ],
    )
    def test_number_subject_and_whose_it_is(self, document_id: int, words: str, hit: bool):
        assert (document_id in pages(Wanted(words=words))) == hit
        assert (document_id in pages(Wanted(words=words, customer_id=1))) == hit

    @pytest.mark.parametrize(
        "words", ["%", "*", "  ", '"', "' OR 1", "tanz* NEAR(", "\0", "\ud800"]
    )
    def test_what_is_no_word_does_no_harm(self, document_id: int, words: str):
        listing.search(Wanted(words=words))
        listing.sums(Wanted(words=words))

    def test_a_draft_is_found_by_what_it_says_now(self, customer_id: int, other_id: int):
        document_id = services.add_draft(draft_values(customer_id, subject="Walzer"))
        assert pages(Wanted(words="walzer")) == [document_id]
        services.change_draft(document_id, draft_values(other_id, subject="Rumba"))
        assert pages(Wanted(words="walzer")) == pages(Wanted(words="tanja")) == []
        assert pages(Wanted(words="rumba weiss")) == [document_id]
        services.discard(document_id)
        assert pages(Wanted(words="rumba")) == []
        assert db.session.scalars(select(FacturaEntry)).all() == []

    def test_an_issued_one_by_its_number(self, customer_id: int):
        document_id = services.add_draft(draft_values(customer_id))
        number = services.issue(document_id)
        assert pages(Wanted(words=number)) == [document_id]
        later = services.add_draft(draft_values(customer_id))
        assert pages(Wanted(words="tanzkurs")) == [later, document_id]

    def test_a_new_name_of_the_customer(self, customer_id: int, other_id: int, monkeypatch: Any):
        ids = [
            add_document(customer_id, invoice_values(number=f"R-{n}", issued_on=date(2026, 1, n)))
            for n in (1, 2, 3)
        ]
        monkeypatch.setattr(index, "MOST_RENAMED", 2)
        values = customer_values(last_name="Zwirner")
        customers.change_customer(customer_id, values)
        assert pages(Wanted(words="zwirner")) == [ids[2], ids[1]]
        assert pages(Wanted(words="müller")) == [ids[0]]

    def test_all_written_anew(self, everything: list[Any]):
        asked = select(*table(FacturaEntry).c).order_by(table(FacturaEntry).c.label)
        before = db.session.execute(asked).all()
        assert len(before) == len(everything)
        db.session.execute(text("UPDATE factura_entry SET words = 'x'"))
        index.rebuild()
        assert db.session.execute(asked).all() == before
        assert len(pages(Wanted(words="müller"))) == sum(r.customer_id == 1 for r in everything)

    def test_labels_sort_like_the_list(self):
        days = [date.min, date(2026, 1, 1), date(2026, 1, 2), date.max, None]
        labels = [index.label(n, day) for day in days for n in (1, 2, index.LAST_ID)]
        assert labels == sorted(labels)
        assert labels[-1] < 2**63


class TestDealings:
    @pytest.fixture
    def article_id(self) -> int:
        return create_article(article_values(number="T-1", name="Tanzstunde", unit="Stunde"))

    def _issued(self, customer_id: int, article_id: int, kind: str = "invoice", **over: Any) -> int:
        quantity = over.pop("quantity", "2")
        line = line_values(article_id=article_id, quantity=quantity)
        document_id = services.add_draft(draft_values(customer_id, kind, lines=[line], **over))
        services.issue(document_id)
        return document_id

    def test_articles_bought(self, customer_id: int, other_id: int, article_id: int):
        self._issued(customer_id, article_id)
        self._issued(customer_id, article_id, quantity="0.25")
        self._issued(customer_id, article_id, is_gross=True, quantity="1.19")
        self._issued(customer_id, article_id, "quote")
        services.add_draft(draft_values(customer_id, lines=[line_values(article_id=article_id)]))
        cancelled = self._issued(customer_id, article_id, quantity="5")
        services.cancel(cancelled)
        self._issued(other_id, article_id)
        (bought,) = dealings.bought(customer_id)
        assert (bought.number, bought.name, bought.unit) == ("T-1", "Tanzstunde", "Stunde")
        assert (bought.quantity, bought.times) == (Decimal("3.44"), 3)
        assert bought.net == 20_000 + 2_500 + 10_000
        assert bought.last_on == today()

    def test_what_was_given_back_is_taken_off(self, customer_id: int, article_id: int):
        invoice = self._issued(customer_id, article_id)
        note = services.follow_up(invoice, Kind.CREDIT_NOTE)
        line = line_values(article_id=article_id, quantity="0.5")
        services.change_draft(note, draft_values(customer_id, "credit_note", lines=[line]))
        services.issue(note)
        (bought,) = dealings.bought(customer_id)
        assert (bought.quantity, bought.net, bought.times) == (Decimal("1.5"), 15_000, 1)

    def test_what_was_invoiced(self, customer_id: int, other_id: int, article_id: int):
        day = today()
        for n, (years, net) in enumerate(((0, 100), (1, 30), (1, 4), (2, 1_000))):
            issued_on = date(day.year - years, 1, 1)
            values = invoice_values(number=str(n), issued_on=issued_on, due_on=None, paid=119)
            add_document(customer_id, values | {"net": net, "total": net + 19})
        cancelled = self._issued(customer_id, article_id)
        services.cancel(cancelled)
        late = {"issued_on": day, "due_on": None, "reminder_level": 1}
        add_document(customer_id, invoice_values(number="9", currency="CHF", net=34_000, **late))
        add_document(customer_id, {"kind": "invoice", "total": 99_999})
        chf, eur = dealings.invoiced(customer_id)
        assert (eur.currency, eur.this_year, eur.last_year, eur.ever) == ("EUR", 100, 34, 1_134)
        assert (eur.open, eur.overdue) == (900, None)
        shown = {column.key: column for column in columns.columns}["turnover"].load
        assert shown
        assert shown([customer_id, other_id]) == {customer_id: "340,00\xa0CHF, 1,00\xa0€"}
        assert (chf.currency, chf.open, chf.overdue) == ("CHF", 34_000, 34_000)


class TestExport:
    WANTED = export.Wanted(date(2026, 1, 1), date.max, [Kind.INVOICE, Kind.CREDIT_NOTE])

    FIELDS = (
        *("kind", "number", "on", "due_on", "service_on", "service_until"),
        *("customer_number", "name", "vat_number", "country"),
        *("currency", "net", "code", "rate", "tax", "gross", "treatment", "state", "origin"),
    )

    def rows(self, wanted: export.Wanted | None = None) -> list[dict[str, Any]]:
        assert len(export.headings()) == len(self.FIELDS)
        found = export.rows(wanted or self.WANTED)
        return [dict(zip(self.FIELDS, row, strict=True)) for row in found]

    def test_a_row_for_each_rate(self, customer_id: int):
        lines = [line_values(), line_values("Buch", "10", tax="reduced")]
        document_id = services.add_draft(
            draft_values(customer_id, lines=lines, service_on=date(2026, 11, 3))
        )
        db.session.commit()
        number = services.issue(document_id, date(2026, 11, 24))
        db.session.commit()
        first, second = self.rows()
        assert first == {
            "kind": "Rechnung",
            "number": number,
            "on": date(2026, 11, 24),
            "due_on": date(2026, 12, 8),
            "service_on": date(2026, 11, 3),
            "service_until": None,
            "customer_number": "10001",
            "name": "Tanja Müller",
            "vat_number": "",
            "country": "DE",
            "currency": "EUR",
            "net": Decimal("100.00"),
            "code": "Normalsatz",
            "rate": Decimal(19),
            "tax": Decimal("19.00"),
            "gross": Decimal("119.00"),
            "treatment": "Mit Steuer",
            "state": "ausgestellt",
            "origin": None,
        }
        parts = [str(second[name]) for name in ("net", "rate", "tax", "gross")]
        assert parts == ["10.00", "7", "0.70", "10.70"]

    def test_what_is_exempt_is_told_from_what_is_taxed_at_nought(self, customer_id: int):
        free = [line_values(tax="zero"), line_values(tax="exempt")]
        taxed = draft_values(customer_id, lines=free)
        services.issue(services.add_draft(taxed))
        services.issue(services.add_draft(taxed | {"treatment": "small_business"}))
        db.session.commit()
        assert [(row["code"], row["rate"], row["treatment"]) for row in self.rows()] == [
            ("Steuerbefreit", 0, "Mit Steuer"),
            ("Nullsatz", 0, "Mit Steuer"),
            (None, 0, "Kleinunternehmer, ohne Steuer"),
        ]

    def test_a_credit_note_has_a_minus_and_its_invoice(self, customer_id: int):
        document_id = services.add_draft(draft_values(customer_id))
        number = services.issue(document_id)
        services.cancel(document_id)
        db.session.commit()
        invoice, note = self.rows()
        assert (invoice["state"], invoice["gross"]) == ("storniert", Decimal(119))
        assert (note["kind"], note["gross"]) == ("Gutschrift", Decimal(-119))
        assert note["origin"] == number

    def test_it_tells_who_it_was_then(self, customer_id: int):
        services.issue(services.add_draft(draft_values(customer_id)))
        customers.change_customer(customer_id, customer_values(last_name="Zwirner"))
        db.session.commit()
        assert self.rows()[0]["name"] == "Tanja Müller"

    def test_of_a_day_they_come_in_the_order_of_their_numbers(self, customer_id: int):
        for number in ("RE-10", "RE-9", "RE-11"):
            add_document(customer_id, invoice_values(number=number))
        add_document(customer_id, invoice_values(number="RE-8", issued_on=date(2026, 11, 25)))
        db.session.commit()
        assert [row["number"] for row in self.rows()] == ["RE-9", "RE-10", "RE-11", "RE-8"]

    def test_only_the_days_and_kinds_that_are_wanted(self, customer_id: int):
        for n in range(1, 1_200):
            kind = ("invoice", "quote")[n % 2]
            day = date(2026, 1, 1) + timedelta(days=n % 300)
            add_document(
                customer_id, invoice_values(number=str(n), kind=kind, issued_on=day, due_on=None)
            )
        add_document(customer_id, {"kind": "invoice"})
        db.session.commit()
        assert len(self.rows()) == 599
        january = export.Wanted(date(2026, 1, 2), date(2026, 1, 31), [Kind.QUOTE])
        found = self.rows(january)
        assert {row["kind"] for row in found} == {"Angebot"}
        days = [row["on"] for row in found]
        assert days == sorted(days)
        assert (days[0], days[-1]) == (date(2026, 1, 2), date(2026, 1, 30))
