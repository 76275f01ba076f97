"""Hint banners: colours that can be read, whom they hang on, and that this is always true."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from decimal import Decimal
from itertools import product
from math import cos, radians, sin
from typing import Any

import pytest
from flask import g
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, select
from werkzeug.exceptions import NotFound

from app.core.audit import AuditEntry
from app.core.database import db, now, table
from app.core.problems import Invalid, Refused
from app.core.templating import STATIC
from app.domain.articles.models import Article
from app.domain.articles.services import create_article, delete_article
from app.domain.banners import colors, holding, labels, queries, rules, services
from app.domain.banners.holding import IS_ASKED, MEETS
from app.domain.banners.models import CustomerBanner
from app.domain.banners.rules import Condition, Style
from app.domain.customers import queries as customers
from app.domain.customers.services import create_customer, delete_customer, erase_customers
from app.domain.factura import services as factura
from app.domain.factura.models import FacturaDocument
from app.domain.factura.queries import fresh
from app.domain.factura.rules import Kind, LineValues, State
from app.domain.payments import services as payments
from app.domain.payments.models import Payment
from tests.factories import banner_values, customer_values

DAY = date(2026, 11, 20)
COLORS = st.integers(0, 0xFFFFFF).map(lambda n: f"#{n:06x}")


@pytest.fixture
def article(context: None) -> int:
    return make_article("SLA Gold", "1001")


@pytest.fixture
def other(context: None) -> int:
    return make_article("Hosting", "1002")


@pytest.fixture
def customer_id(context: None) -> int:
    return create_customer(customer_values())


def make_article(name: str, number: str = "") -> int:
    values = {"number": number, "name": name, "text": "", "unit": "", "price": Decimal(100)}
    return create_article(values | {"currency": "EUR", "is_gross": True, "tax": "standard"})


def draft(customer_id: int, *article_ids: int | None, kind: str = Kind.INVOICE) -> int:
    """A draft with a line of each article, of 100 each."""
    lines = [line(article_id) for article_id in article_ids]
    values = {"subject": "Betreuung", "is_gross": True, "currency": "EUR", "lines": lines}
    return factura.add_draft(fresh(kind, customer_id) | values)


def line(article_id: int | None) -> LineValues:
    return LineValues(
        article_id=article_id,
        number="",
        text="Betreuung",
        unit="",
        quantity=Decimal(1),
        price=Decimal(100),
        discount=Decimal(0),
        tax="standard",
    )


def invoice(customer_id: int, *article_ids: int | None) -> int:
    """An issued one."""
    document_id = draft(customer_id, *article_ids)
    factura.issue(document_id, DAY)
    return document_id


def pay(customer_id: int, document_id: int, amount: int = 10_000) -> int:
    values = {"received_on": DAY, "amount": amount, "fees": 0, "currency": "EUR"}
    values |= {"method": "transfer", "note": "", "credit": 0, "parts": {document_id: amount}}
    return payments.record_payment(customer_id, values)


def remind(invoice_id: int, level: int = 1) -> int:
    """An issued reminder of an invoice."""
    invoice = db.session.get_one(FacturaDocument, invoice_id)
    values = fresh(Kind.REMINDER, invoice.customer_id) | {"subject": "Mahnung"}
    values |= {"origin_id": invoice_id, "reminder_level": level, "lines": [line(None)]}
    reminder_id = factura.add_draft(values)
    factura.issue(reminder_id, DAY)
    return reminder_id


def hung() -> set[tuple[int, int]]:
    """What the table holds: customer and banner."""
    rows = db.session.execute(select(CustomerBanner.customer_id, CustomerBanner.banner_id))
    return {(row.customer_id, row.banner_id) for row in rows}


def said(customer_id: int) -> list[str]:
    return [text for text, _look in queries.marks([customer_id]).get(customer_id, [])]


class TestColors:
    @pytest.mark.parametrize(
        ("one", "other", "ratio"),
        [
            ("#000000", "#ffffff", 21.0),
            ("#ffffff", "#ffffff", 1.0),
            ("#777777", "#ffffff", 4.48),
            ("#767676", "#ffffff", 4.54),
            ("#0000ff", "#ffffff", 8.59),
            ("#ff0000", "#000000", 5.25),
        ],
    )
    def test_contrast_is_that_of_wcag(self, one: str, other: str, ratio: float):
        assert colors.contrast(one, other) == pytest.approx(ratio, abs=0.005)
        assert colors.contrast(other, one) == colors.contrast(one, other)

    @given(COLORS)
    def test_words_can_be_read_on_every_colour(self, color: str):
        written = {"black": "#000000", "white": "#ffffff"}[colors.ink(color)]
        assert colors.contrast(color, written) >= 4.5

    @given(COLORS, st.sampled_from((colors.LIGHT, colors.DARK)))
    def test_a_line_of_every_colour_is_seen(self, color: str, ground: str):
        found = colors.seen(color, ground)
        assert colors.contrast(found, ground) >= colors.SEEN
        if colors.contrast(color, ground) >= colors.SEEN:
            assert found == color

    @pytest.mark.parametrize(("mode", "worst"), [(0, colors.LIGHT), (1, colors.DARK)])
    def test_no_ground_of_the_pages_is_worse(self, mode: int, worst: str):
        """What is seen on the constants is seen on everything that lies behind a banner."""
        goal = ("#000000", "#ffffff")[mode]
        for name in ("paper", "surface", "sunken", "raised", "accent-soft"):
            ground = token(name)[mode]
            assert colors.contrast(ground, goal) >= colors.contrast(worst, goal) - 0.05, name

    def test_the_edge_suits_both_modes(self):
        look = queries.Look(1, Style.FRAME, "x", "", "#f6e05e")
        found = re.fullmatch(r"light-dark\((#\w{6}), (#\w{6})\)", look.edge)
        assert found is not None
        assert found[2] == "#f6e05e"
        assert found[1] != "#f6e05e"


def token(name: str) -> tuple[str, str]:
    """The light and the dark colour of tokens.css by this name, as #rrggbb."""
    css = (STATIC / "css/tokens.css").read_text()
    found = re.search(rf"--{name}: light-dark\(oklch\(([^)]+)\), oklch\(([^)]+)\)\)", css)
    assert found is not None
    return as_rgb(found[1]), as_rgb(found[2])


def as_rgb(oklch: str) -> str:
    """https://bottosson.github.io/posts/oklab, whose matrices CSS Color 4 has too."""
    light, chroma, hue = (float(part.rstrip("%")) for part in oklch.split())
    light /= 100
    a, b = chroma * cos(radians(hue)), chroma * sin(radians(hue))
    long = (light + 0.3963377774 * a + 0.2158037573 * b) ** 3
    middle = (light - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (light - 0.0894841775 * a - 1.2914855480 * b) ** 3
    linear = (
        4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short,
    )
    return "#" + "".join(f"{round(255 * min(max(gamma(c), 0), 1)):02x}" for c in linear)


def gamma(share: float) -> float:
    return 12.92 * share if share <= 0.0031308 else 1.055 * share ** (1 / 2.4) - 0.055


class TestCondition:
    @pytest.mark.parametrize(
        ("facts", "met"),
        [
            ({}, "open"),
            ({"paid": 1}, "open"),
            ({"paid": 99, "reminder_level": 1}, "reminded"),
            ({"reminder_level": 3}, "reminded"),
            ({"paid": 100}, "paid"),
            ({"paid": 120}, "paid"),
            ({"paid": 100, "reminder_level": 3}, "paid"),
            ({"total": 0}, "paid"),
            ({"paid": 100, "credited": 99}, "paid"),
            ({"paid": 100, "credited": 100}, None),
            ({"paid": 100, "credited": 100, "reminder_level": 1}, None),
            ({"paid": 99, "credited": 100}, "open"),
        ],
    )
    def test_of_an_issued_invoice(self, facts: dict[str, int], met: str | None):
        facts = {"paid": 0, "credited": 0, "total": 100, "reminder_level": 0} | facts
        assert rules.condition("invoice", "issued", **facts) == met

    def test_nothing_else_meets_any(self):
        for kind, state in product(Kind, State):
            met = rules.condition(kind, state, paid=9, credited=0, total=9, reminder_level=1)
            assert (met is not None) == ((kind, state) == ("invoice", "issued"))

    def test_the_database_says_the_same(self, customer_id: int):
        told = product(Kind, State, (0, 50, 100, 101), (0, 100), (0, 1, 3))
        rows = [
            {
                "customer_id": customer_id,
                "kind": kind,
                "state": state,
                "number": f"N{n}" if state != State.DRAFT else None,
                "paid": paid,
                "credited": credited,
                "total": 100,
                "reminder_level": level,
                "created_at": now(),
            }
            for n, (kind, state, paid, credited, level) in enumerate(told)
        ]
        db.session.execute(insert(FacturaDocument), rows)
        said = select(*table(FacturaDocument).c, IS_ASKED.label("asked"), MEETS.label("met"))
        found = db.session.execute(said).all()
        assert len(found) == len(rows)
        for row in found:
            names = "paid", "credited", "total", "reminder_level"
            facts = {name: getattr(row, name) for name in names}
            met = rules.condition(row.kind, row.state, **facts)
            assert (row.met if row.asked else None) == met


class TestChecking:
    @pytest.mark.parametrize(
        ("over", "problem"),
        [
            ({"line1": ""}, "line1: required"),
            ({"line1": "x" * 41}, "line1: too_long"),
            ({"line2": "x" * 61}, "line2: too_long"),
            ({"color": "blue"}, "color: unknown"),
            ({"color": "#12345"}, "color: unknown"),
            ({"color": "#12345g"}, "color: unknown"),
            ({"color": "#1234567"}, "color: unknown"),
            ({"color": '#12345"'}, "color: unknown"),
            ({"style": "blink"}, "style: unknown"),
            ({"condition": "overdue"}, "condition: unknown"),
            ({"article_id": None}, "article: required"),
            ({"article_id": 999}, "article: required"),
        ],
    )
    def test_what_is_wrong(self, article: int, over: dict[str, Any], problem: str):
        with pytest.raises(Invalid, match=problem):
            services.add_banner(banner_values(article) | over)
        banner_id = services.add_banner(banner_values(article))
        with pytest.raises(Invalid, match=problem):
            services.change_banner(banner_id, banner_values(article) | over)

    def test_every_choice_has_its_words(self):
        assert set(labels.choices["style"]) == set(Style)
        assert set(labels.choices["condition"]) == set(labels.sentences) == set(Condition)

    def test_there_is_an_end_to_them(self, article: int):
        for _n in range(rules.MOST):
            services.add_banner(banner_values(article))
        with pytest.raises(Refused, match=str(rules.MOST)):
            services.add_banner(banner_values(article))


class TestVerbs:
    def test_a_form_that_is_sent_twice_is_one_banner(self, article: int):
        first = services.add_banner(banner_values(article), "key")
        assert services.add_banner(banner_values(article), "key") == first
        assert queries.number() == 1

    def test_what_happens_is_told(self, article: int, other: int):
        banner_id = services.add_banner(banner_values(article))
        services.change_banner(banner_id, banner_values(other, line1="Gold"))
        services.change_banner(banner_id, banner_values(other, line1="Gold"))
        services.delete_banner(banner_id)
        trail = select(AuditEntry.action, AuditEntry.subject, AuditEntry.changes)
        rows = db.session.execute(trail.where(AuditEntry.area == "banners")).all()
        assert [(row.action, row.subject) for row in rows] == [
            ("added", "SLA Gold"),
            ("changed", "Gold"),
            ("deleted", "Gold"),
        ]
        assert rows[1].changes == [
            ["line1", "SLA Gold", "Gold"],
            ["article", "1001 SLA Gold", "1002 Hosting"],
        ]
        assert "banner.changed" in g.announced

    def test_they_change_places(self, article: int):
        one, two, three = (
            services.add_banner(banner_values(article, line1=name)) for name in "abc"
        )
        services.move_banner(three, up=True)
        assert queries.order() == [one, three, two]
        services.move_banner(one, up=True)
        services.move_banner(two, up=False)
        assert queries.order() == [one, three, two]
        services.move_banner(one, up=False)
        assert queries.order() == [three, one, two]
        services.delete_banner(three)
        services.move_banner(two, up=True)
        assert queries.order() == [two, one]
        assert services.add_banner(banner_values(article)) == queries.order()[-1]

    def test_moving_leaves_open_forms_valid(self, article: int):
        one, two = (services.add_banner(banner_values(article)) for _n in range(2))
        services.move_banner(two, up=True)
        db.session.expire_all()
        assert [queries.banner(banner_id).version for banner_id in (one, two)] == [1, 1]

    def test_an_article_that_one_tells_of_must_stay(self, article: int, other: int):
        services.add_banner(banner_values(article))
        with pytest.raises(Refused, match="SLA Gold"):
            delete_article(article)
        delete_article(other)
        assert db.session.get(Article, other) is None


class TestHolding:
    @pytest.fixture
    def banners(self, article: int) -> dict[str, int]:
        """One of each condition."""
        return {
            condition: services.add_banner(
                banner_values(article, condition=condition, line1=condition)
            )
            for condition in Condition
        }

    @pytest.mark.usefixtures("banners")
    def test_it_follows_an_invoice(self, article: int, customer_id: int):
        document_id = draft(customer_id, article)
        assert said(customer_id) == []
        factura.issue(document_id, DAY)
        assert said(customer_id) == ["open"]
        pay(customer_id, document_id, 4_000)
        assert said(customer_id) == ["open"]
        reminder_id = remind(document_id)
        assert said(customer_id) == ["reminded"]
        factura.cancel(reminder_id)
        assert said(customer_id) == ["open"]
        remind(document_id, 2)
        payment_id = pay(customer_id, document_id, 6_000)
        assert said(customer_id) == ["paid"]
        payments.take_back(payment_id)
        assert said(customer_id) == ["reminded"]
        factura.cancel(document_id)
        assert said(customer_id) == []

    @pytest.mark.usefixtures("banners")
    def test_nobody_has_paid_what_was_given_back(self, article: int, customer_id: int):
        document_id = invoice(customer_id, article, article)
        values = fresh(Kind.CREDIT_NOTE, customer_id) | {"origin_id": document_id}
        values |= {"is_gross": True, "lines": [line(article)]}
        for shown in (["open"], []):
            factura.issue(factura.add_draft(values), DAY)
            assert said(customer_id) == shown

    @pytest.mark.usefixtures("banners")
    def test_nor_has_who_had_paid_it_before(self, article: int, customer_id: int):
        document_id = invoice(customer_id, article)
        pay(customer_id, document_id)
        factura.issue(factura.follow_up(document_id, Kind.CREDIT_NOTE), DAY)
        assert said(customer_id) == []

    @pytest.mark.usefixtures("banners")
    def test_each_invoice_has_its_say(self, article: int, other: int, customer_id: int):
        first, second = invoice(customer_id, article, other, article), invoice(customer_id, article)
        invoice(customer_id, other)
        pay(customer_id, first, 30_000)
        assert said(customer_id) == ["paid", "open"]
        factura.cancel(second)
        assert said(customer_id) == ["paid"]

    @pytest.mark.usefixtures("banners")
    @pytest.mark.parametrize("kind", [Kind.QUOTE, Kind.PRO_FORMA, Kind.DELIVERY_NOTE])
    def test_other_documents_have_none(self, article: int, customer_id: int, kind: str):
        factura.issue(draft(customer_id, article, kind=kind), DAY)
        assert said(customer_id) == []

    @pytest.mark.usefixtures("banners")
    def test_lines_without_an_article_have_none(self, customer_id: int):
        invoice(customer_id, None)
        assert hung() == set()

    def test_a_new_one_finds_its_customers(self, article: int, other: int, customer_id: int):
        stranger = create_customer(customer_values())
        invoice(customer_id, article)
        invoice(stranger, other)
        banner_id = services.add_banner(banner_values(article, condition="open"))
        assert hung() == {(customer_id, banner_id)}
        assert queries.listed()[0].holders == 1
        services.change_banner(banner_id, banner_values(other, condition="open"))
        assert hung() == {(stranger, banner_id)}
        services.change_banner(banner_id, banner_values(other, condition="paid"))
        assert hung() == set()

    def test_a_new_look_is_no_new_rule(self, article: int, customer_id: int):
        invoice(customer_id, article)
        banner_id = services.add_banner(banner_values(article, condition="open"))
        values = banner_values(article, condition="open", color="#000000", style="frame")
        services.change_banner(banner_id, values)
        ((_text, look),) = queries.marks([customer_id])[customer_id]
        assert (look.style, look.color, look.ink) == ("frame", "#000000", "white")

    @pytest.mark.usefixtures("banners")
    def test_deleted_it_hangs_on_nobody(
        self, article: int, customer_id: int, banners: dict[str, int]
    ):
        invoice(customer_id, article)
        services.delete_banner(banners["open"])
        assert hung() == set()
        with pytest.raises(NotFound):
            queries.hanging(customer_id, banners["open"])

    @pytest.mark.usefixtures("banners")
    def test_who_leaves_takes_them_along(self, customer_id: int, banners: dict[str, int]):
        stranger = create_customer(customer_values())
        for one in (customer_id, stranger):
            db.session.add(CustomerBanner(customer_id=one, banner_id=banners["paid"]))
        erase_customers([customer_id])
        assert hung() == {(stranger, banners["paid"])}

    def test_who_is_in_the_trash_is_not_counted(self, customer_id: int, banners: dict[str, int]):
        db.session.add(CustomerBanner(customer_id=customer_id, banner_id=banners["paid"]))
        delete_customer(customer_id)
        assert [row.holders for row in queries.listed()] == [0, 0, 0]

    @pytest.mark.usefixtures("banners")
    def test_only_what_changes_is_announced(self, article: int, customer_id: int):
        document_id = invoice(customer_id, article)
        g.announced = set()
        holding.follow_document(customer_id, document_id)
        assert "marks.changed" not in g.announced
        db.session.get_one(FacturaDocument, document_id).paid = 10_000
        holding.follow_document(customer_id, document_id)
        assert "marks.changed" in g.announced

    @pytest.mark.usefixtures("banners")
    def test_they_come_in_their_order_among_the_marks(
        self, article: int, customer_id: int, banners: dict[str, int]
    ):
        pay(customer_id, invoice(customer_id, article))
        invoice(customer_id, article)
        services.move_banner(banners["open"], up=True)
        marks = customers.marks([customer_id])[customer_id]
        looks = [mark[1] for mark in marks if not isinstance(mark[1], str)]
        assert [look.line1 for look in looks] == ["open", "paid"]

    def test_the_reasons_are_named(self, article: int, customer_id: int, banners: dict[str, int]):
        mine = [invoice(customer_id, article) for _n in range(queries.MOST_DOCUMENTS)]
        stranger = create_customer(customer_values())
        invoice(stranger, article)
        pay(customer_id, invoice(customer_id, article))
        banner = queries.hanging(customer_id, banners["open"])
        rows, more = queries.reasons(customer_id, banner)
        assert ([row.id for row in rows], more) == (mine[::-1], False)
        invoice(customer_id, article)
        rows, more = queries.reasons(customer_id, banner)
        assert (len(rows), more) == (queries.MOST_DOCUMENTS, True)

    def test_a_price_is_paid_for_few_statements(
        self, article: int, customer_id: int, count_queries: Callable[[], Any]
    ):
        """However many invoices and customers there are."""
        banner_id = services.add_banner(banner_values(article, condition="open"))
        document_id = invoice(customer_id, article)
        invoice(create_customer(customer_values()), article)
        with count_queries() as sent:
            holding.follow_document(customer_id, document_id)
        assert len(sent) == 2
        with count_queries() as sent:
            holding.recount(banner_id)
        assert len(sent) == 2

    @pytest.mark.usefixtures("context")
    def test_one_invoice_is_no_reason_to_read_those_of_everybody(self):
        """From the article they would all be gone through: the customer's own are enough."""
        asked = holding.NOT_BY_IT.compile(dialect=db.engine.dialect)
        facts = asked.construct_params({"customer_id": 1, "document_id": 1})
        values = tuple(facts[name] for name in asked.positiontup or ())
        connection = db.session.connection()
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {asked}", values)
        steps = [row.detail for row in plan]
        assert not [step for step in steps if "ix_factura_line_article (article_id=?)" in step]
        assert any("factura_document" in step and "(customer_id=?)" in step for step in steps)


class TestChecks:
    def test_a_difference_is_found_and_mended(self, article: int, customer_id: int):
        stranger = create_customer(customer_values())
        invoice(customer_id, article)
        banner_id = services.add_banner(banner_values(article, condition="open"))
        assert list(holding.differences()) == []
        db.session.execute(holding.NOBODY, {"banner_id": banner_id})
        db.session.add(CustomerBanner(customer_id=stranger, banner_id=banner_id))
        db.session.flush()
        (found,) = holding.differences()
        assert (found.missing, found.needless) == ([customer_id], [stranger])
        assert services.repair() == [found]
        assert hung() == {(customer_id, banner_id)}
        assert services.repair() == []


VERBS = st.sampled_from(
    [
        "draft",
        "issue",
        "pay",
        "pay_part",
        "take_back",
        "remind",
        "cancel",
        "credit",
        "add",
        "change",
        "delete",
    ]
)
STEPS = st.lists(st.tuples(VERBS, st.integers(0, 7), st.integers(0, 7)), max_size=25)


class Office:
    """Two customers, two articles, and whatever is done with them."""

    def __init__(self) -> None:
        self.customers = [create_customer(customer_values()) for _n in range(2)]
        self.articles = [make_article("Gold", "1"), make_article("Silber", "2")]

    def do(self, verb: str, one: int, two: int) -> None:
        """What a rule refuses is not done."""
        with suppress(Invalid, Refused), db.session.begin_nested():
            getattr(self, verb)(one, two)

    def draft(self, one: int, two: int) -> None:
        chosen = [[0], [1], [0, 1], [0, 0], []][two % 5]
        draft(self.customers[one % 2], None, *(self.articles[n] for n in chosen))

    def issue(self, one: int, _two: int) -> None:
        self.on(one, lambda found: factura.issue(found.id, DAY), State.DRAFT)

    def pay(self, one: int, _two: int) -> None:
        self.on(one, lambda found: pay(found.customer_id, found.id, found.total - found.paid))

    def pay_part(self, one: int, two: int) -> None:
        self.on(one, lambda found: pay(found.customer_id, found.id, 1000 * (two + 1)))

    def take_back(self, one: int, _two: int) -> None:
        kept = db.session.scalars(select(Payment.id).where(Payment.taken_back_at.is_(None))).all()
        if kept:
            payments.take_back(kept[one % len(kept)])

    def remind(self, one: int, two: int) -> None:
        self.on(one, lambda found: remind(found.id, two % 3 + 1))

    def cancel(self, one: int, _two: int) -> None:
        everything = select(FacturaDocument.id).where(FacturaDocument.state == State.ISSUED)
        found = db.session.scalars(everything.order_by(FacturaDocument.id)).all()
        if found:
            factura.cancel(found[one % len(found)])

    def credit(self, one: int, _two: int) -> None:
        def crediting(found: Any) -> None:
            factura.issue(factura.follow_up(found.id, Kind.CREDIT_NOTE), DAY)

        self.on(one, crediting)

    def add(self, one: int, two: int) -> None:
        services.add_banner(self.values(one, two))

    def change(self, one: int, two: int) -> None:
        if order := queries.order():
            services.change_banner(order[one % len(order)], self.values(two, one))

    def delete(self, one: int, _two: int) -> None:
        if order := queries.order():
            services.delete_banner(order[one % len(order)])

    def values(self, one: int, two: int) -> dict[str, Any]:
        return banner_values(self.articles[one % 2], condition=list(Condition)[two % 3])

    def on(self, n: int, act: Callable[[Any], Any], state: str = State.ISSUED) -> None:
        """Do something with one of the invoices, if there is one."""
        wanted = FacturaDocument.kind == Kind.INVOICE, FacturaDocument.state == state
        found = db.session.scalars(select(FacturaDocument).where(*wanted)).all()
        if found:
            act(found[n % len(found)])


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=STEPS)
@pytest.mark.usefixtures("context")
def test_whatever_is_done_the_table_tells_the_truth(steps: list[tuple[str, int, int]]):
    db.session.rollback()  # what the example before did
    office = Office()
    for article, condition in ((0, 0), (0, 1), (0, 2), (1, 0)):
        services.add_banner(office.values(article, condition))
    for step in steps:
        office.do(*step)
        assert list(holding.differences()) == []
