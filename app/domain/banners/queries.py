"""What is asked about hint banners."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, func, select, update
from werkzeug.exceptions import NotFound

from app.core.database import db, table
from app.core.forms import Editable
from app.core.i18n import COUNTED, _
from app.domain.articles.models import Article
from app.domain.banners import colors
from app.domain.banners.holding import BANNER, DOCUMENT, IS_ASKED, KEPT, LINE, MEETS
from app.domain.banners.models import CustomerBanner, HintBanner
from app.domain.customers.models import Customer
from app.domain.factura.models import FacturaLine
from app.domain.factura.queries import FACTS

MOST_DOCUMENTS = 20
"""How many documents are named that are the reason of a banner."""

ARTICLE, CUSTOMER = table(Article).c, table(Customer).c
LOOK = (BANNER.id, BANNER.style, BANNER.line1, BANNER.line2, BANNER.color)
ORDER = (BANNER.position, BANNER.id)
HANGING = (
    select(KEPT.customer_id, *LOOK)
    .join_from(table(CustomerBanner), table(HintBanner), BANNER.id == KEPT.banner_id)
    .where(KEPT.customer_id.in_(bindparam("customer_ids", expanding=True)))
    .order_by(*ORDER)
)
HOLDERS = (
    select(KEPT.customer_id)
    .join_from(table(CustomerBanner), table(Customer), CUSTOMER.id == KEPT.customer_id)
    .where(KEPT.banner_id == BANNER.id, CUSTOMER.removed_at.is_(None))
    .limit(COUNTED + 1)
    .correlate(table(HintBanner))
)
LISTED = (
    select(
        *LOOK,
        BANNER.condition,
        ARTICLE.name.label("article_name"),
        ARTICLE.number.label("article_number"),
        select(func.count()).select_from(HOLDERS.subquery()).scalar_subquery().label("holders"),
    )
    .join_from(table(HintBanner), table(Article), ARTICLE.id == BANNER.article_id)
    .order_by(*ORDER)
)
HANGS = select(KEPT.banner_id).where(
    KEPT.customer_id == bindparam("customer_id"), KEPT.banner_id == bindparam("banner_id")
)
NUMBER = select(func.count()).select_from(table(HintBanner))
LAST = select(func.max(BANNER.position))
IN_ORDER = select(BANNER.id).order_by(*ORDER)
PLACE = (
    update(table(HintBanner))
    .where(BANNER.id == bindparam("banner_id"))
    .values(position=bindparam("place"))
)
USES = (
    select(BANNER.line1)
    .where(BANNER.article_id == bindparam("article_id"))
    .order_by(*ORDER)
    .limit(1)
)
NAMED = select(ARTICLE.id, ARTICLE.number, ARTICLE.name).where(
    ARTICLE.id == bindparam("article_id")
)
MADE = select(BANNER.id).where(BANNER.key == bindparam("key"))
REASONS = (
    select(*FACTS)
    .where(
        DOCUMENT.customer_id == bindparam("customer_id"),
        IS_ASKED,
        bindparam("condition") == MEETS,
        select(LINE.position)
        .select_from(table(FacturaLine))
        .where(LINE.document_id == DOCUMENT.id, LINE.article_id == bindparam("article_id"))
        .exists(),
    )
    .order_by(DOCUMENT.issued_on.desc(), DOCUMENT.id.desc())
)
SOME_REASONS = REASONS.limit(MOST_DOCUMENTS + 1)


@dataclass(frozen=True, slots=True)
class Look:
    """How a banner is drawn, `ink` on its ground and `edge` where its colour is only a line."""

    id: int | None
    style: str
    line1: str
    line2: str
    color: str

    @property
    def ink(self) -> str:
        """What its words are written with on its colour."""
        return colors.ink(self.color)

    @property
    def edge(self) -> str:
        """Its colour as a line, dark enough on light ground and light enough on dark."""
        light, dark = (colors.seen(self.color, ground) for ground in (colors.LIGHT, colors.DARK))
        return f"light-dark({light}, {dark})"


def banner(banner_id: int) -> HintBanner:
    """A banner; NotFound if there is none."""
    found = db.session.get(HintBanner, banner_id)
    if found is None:
        raise NotFound
    return found


def hanging(customer_id: int, banner_id: int) -> HintBanner:
    """A banner that holds for a customer now; NotFound otherwise."""
    facts = {"customer_id": customer_id, "banner_id": banner_id}
    if db.session.scalar(HANGS, facts) is None:
        raise NotFound
    return banner(banner_id)


def marks(customer_ids: Sequence[int]) -> dict[int, list[tuple[str, Look]]]:
    """The banners of customers in their order, as marks that bring their own look."""
    found: dict[int, list[tuple[str, Look]]] = defaultdict(list)
    for customer_id, *look in db.session.execute(HANGING, {"customer_ids": customer_ids}):
        shown = Look(*look)
        found[customer_id].append((shown.line1, shown))
    return found


def listed() -> list[Any]:
    """All banners in their order; `holders` of each are counted up to 1,001."""
    return list(db.session.execute(LISTED))


def look(banner: HintBanner) -> Look:
    """How a banner is drawn."""
    return Look(banner.id, banner.style, banner.line1, banner.line2, banner.color)


def reasons(customer_id: int, banner: HintBanner) -> tuple[list[Any], bool]:
    """The newest invoices of a customer that make a banner hold, and whether there are more."""
    facts = {"customer_id": customer_id, "article_id": banner.article_id}
    rows = db.session.execute(SOME_REASONS, facts | {"condition": banner.condition}).all()
    return list(rows[:MOST_DOCUMENTS]), len(rows) > MOST_DOCUMENTS


def objection(article_id: int, **_facts: Any) -> str | None:
    """Why an article cannot be deleted: a banner tells of it."""
    line1 = db.session.scalar(USES, {"article_id": article_id})
    return _("The hint banner “%(name)s” needs this article.", name=line1) if line1 else None


def made(key: str | None) -> int | None:
    """The banner that came from the form with this key."""
    return db.session.scalar(MADE, {"key": key}) if key else None


def article(article_id: int | None) -> Any:
    """Id, number and name of an article, if there is one."""
    return db.session.execute(NAMED, {"article_id": article_id}).first()


def article_label(article_id: int) -> str:
    """How an article is called beside others: its number and its name."""
    return called(article(article_id))


def called(article: Any) -> str:
    """The same of a row with number and name."""
    return f"{article.number} {article.name}".strip()


def order() -> list[int]:
    """The ids of all banners in their order."""
    return list(db.session.scalars(IN_ORDER))


def editable(banner: HintBanner) -> Editable:
    """A banner as its form shows it."""
    fields = ("style", "line1", "line2", "color", "condition")
    values = {field: getattr(banner, field) for field in fields}
    return Editable(values | {"article": article_label(banner.article_id)}, str(banner.version))


def number() -> int:
    """How many banners there are."""
    return db.session.scalar(NUMBER) or 0


def next_position() -> int:
    """Where a new banner stands: behind the others."""
    return (db.session.scalar(LAST) or 0) + 1
