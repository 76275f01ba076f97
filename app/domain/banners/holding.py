"""For whom a banner holds: one statement, and `customer_banner`, which keeps its answer.

The table is kept right in the transaction of whatever changes the answer: a document
(`factura_document.changed`), a banner, a customer who leaves. Days do not change it, since being
overdue is no condition. `differences` compares it with the statement; there must be none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import (
    CursorResult,
    Executable,
    Insert,
    Select,
    and_,
    bindparam,
    case,
    delete,
    insert,
    select,
)

from app.core.database import db, table
from app.core.events import announce
from app.domain.banners.models import CustomerBanner, HintBanner
from app.domain.banners.rules import Condition
from app.domain.factura.models import FacturaDocument, FacturaLine
from app.domain.factura.queries import IS_CREDITED
from app.domain.factura.rules import Kind, State

BANNER, KEPT, DOCUMENT, LINE = (
    table(model).c for model in (HintBanner, CustomerBanner, FacturaDocument, FacturaLine)
)
MEETS = case(
    (and_(DOCUMENT.paid >= DOCUMENT.total, IS_CREDITED), None),
    (DOCUMENT.paid >= DOCUMENT.total, Condition.PAID),
    (DOCUMENT.reminder_level >= 1, Condition.REMINDED),
    else_=Condition.OPEN,
)
IS_ASKED = and_(DOCUMENT.kind == Kind.INVOICE, DOCUMENT.state == State.ISSUED)
"""With `MEETS` what `rules.condition` says; a test holds the two together."""

FOUND = (
    select(DOCUMENT.customer_id, BANNER.id.label("banner_id"))
    .select_from(table(HintBanner))
    .join(table(FacturaLine), LINE.article_id == BANNER.article_id)
    .join(table(FacturaDocument), DOCUMENT.id == LINE.document_id)
    .where(IS_ASKED, BANNER.condition == MEETS)
    .distinct()
)
"""The truth: every customer with every banner that holds."""
OF_BANNER = FOUND.where(BANNER.id == bindparam("banner_id"))
OF_CUSTOMER = FOUND.where(DOCUMENT.customer_id == bindparam("customer_id"))
OF_DOCUMENT = FOUND.where(DOCUMENT.id == bindparam("document_id"))
TOUCHED = (
    select(BANNER.id)
    .select_from(table(FacturaDocument))
    .join(table(FacturaLine), LINE.document_id == DOCUMENT.id)
    .join(table(HintBanner), BANNER.article_id == LINE.article_id)
    .where(
        DOCUMENT.id == bindparam("document_id"),
        DOCUMENT.kind == Kind.INVOICE,
        DOCUMENT.state != State.DRAFT,
    )
)
"""The banners that one document decides about; a draft decides about none."""
# The customer's own documents are gone through, and only for a banner that may have to go: from the
# article SQLite would go through the invoices of everybody.
NOT_BY_IT = delete(table(CustomerBanner)).where(
    KEPT.customer_id == bindparam("customer_id"),
    KEPT.banner_id.not_in(OF_CUSTOMER.with_only_columns(BANNER.id)),
    KEPT.banner_id.in_(TOUCHED),
)
NOBODY = delete(table(CustomerBanner)).where(KEPT.banner_id == bindparam("banner_id"))
KEPT_OF_BANNER = select(KEPT.customer_id).where(KEPT.banner_id == bindparam("banner_id"))
EVERY_BANNER = select(BANNER.id, BANNER.line1).order_by(BANNER.position, BANNER.id)


def _kept(found: Select[*tuple[Any, ...]]) -> Insert:
    columns = ["customer_id", "banner_id"]
    return insert(table(CustomerBanner)).prefix_with("OR IGNORE").from_select(columns, found)


KEEP_OF_BANNER, KEEP_OF_DOCUMENT = _kept(OF_BANNER), _kept(OF_DOCUMENT)


@dataclass(frozen=True)
class Difference:
    """A banner of which the table tells otherwise than the documents, with ids of customers."""

    banner_id: int
    line1: str
    missing: list[int]
    needless: list[int]


def follow_document(customer_id: int, document_id: int) -> None:
    """A document of a customer changed: so may the banners that its articles decide about."""
    facts = {"customer_id": customer_id, "document_id": document_id}
    if _changed((NOT_BY_IT, KEEP_OF_DOCUMENT), facts):
        announce("marks.changed", customer_id=customer_id)


def recount(banner_id: int) -> None:
    """Find anew for whom a banner holds; two statements, however many documents there are."""
    if _changed((NOBODY, KEEP_OF_BANNER), {"banner_id": banner_id}):
        announce("marks.changed")


def forget_customers(customer_ids: Sequence[int]) -> None:
    """Customers left for good: no banner hangs on them."""
    db.session.execute(delete(table(CustomerBanner)).where(KEPT.customer_id.in_(customer_ids)))


def differences() -> Iterator[Difference]:
    """Where the table tells otherwise than the documents; there should be nothing."""
    for banner_id, line1 in db.session.execute(EVERY_BANNER).all():
        facts = {"banner_id": banner_id}
        found = set(db.session.scalars(OF_BANNER, facts))
        kept = set(db.session.scalars(KEPT_OF_BANNER, facts))
        if found != kept:
            yield Difference(banner_id, line1, sorted(found - kept), sorted(kept - found))


def _changed(steps: Iterable[Executable], facts: Mapping[str, Any]) -> bool:
    db.session.flush()
    answers = [db.session.execute(step, facts) for step in steps]
    return any(cast(CursorResult[Any], answer).rowcount > 0 for answer in answers)
