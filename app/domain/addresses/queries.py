"""What is asked about additional addresses."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, select
from werkzeug.exceptions import NotFound

from app.core import paging
from app.core.database import db, table
from app.core.forms import Editable
from app.core.i18n import _n
from app.core.paging import LATEST_ROWS, Page
from app.domain.addresses.models import Address
from app.domain.addresses.rules import FIELDS

ADDRESS = table(Address).c
OF = (ADDRESS.customer_id == bindparam("customer_id"), ADDRESS.removed_at.is_(None))
SHOWN = select(ADDRESS.id, *(ADDRESS[name] for name in FIELDS)).where(*OF)
NEWEST = SHOWN.order_by(ADDRESS.id.desc())
LATEST = NEWEST.limit(LATEST_ROWS)
COUNT = paging.counting(select(ADDRESS.id).where(*OF))
SEARCHED = (
    Address.title,
    Address.first_name,
    Address.last_name,
    Address.company,
    Address.street,
    Address.house_number,
    Address.address_extra,
    Address.postcode,
    Address.town,
    Address.region,
)


def address(customer_id: int, address_id: int, *, removed: bool = False) -> Address:
    """An address of this customer; NotFound for anybody else's."""
    found = db.session.get(Address, address_id)
    if found is None or found.customer_id != customer_id:
        raise NotFound
    if (found.removed_at is not None) != removed:
        raise NotFound
    return found


def editable(customer_id: int, address_id: int) -> Editable:
    """An address as its form shows it, with its version."""
    found = address(customer_id, address_id)
    return Editable({name: getattr(found, name) for name in FIELDS}, str(found.version))


def latest(customer_id: int) -> list[Any]:
    """The five on the overview, the newest first."""
    return list(db.session.execute(LATEST, {"customer_id": customer_id}))


def count(customer_id: int, shown: Sequence[Any] | None = None) -> int:
    """How many there are, counted up to 1,001; fewer than five `latest` ones are all."""
    return paging.total(COUNT, {"customer_id": customer_id}, shown)


def page(customer_id: int, before: int | None = None) -> Page:
    """All of them, newest first, older than `before`."""
    asked = NEWEST if before is None else NEWEST.where(ADDRESS.id < before)
    return paging.page(asked, {"customer_id": customer_id})


def belonging(customer_id: int) -> list[str]:
    """What goes with a customer who is deleted."""
    found = count(customer_id)
    words = _n("%(num)d additional address", "%(num)d additional addresses", found)
    return [words] if found else []


def words(customer_ids: Sequence[int]) -> dict[int, list[str]]:
    """By what customers are found through their additional addresses."""
    asked = select(Address.customer_id, *SEARCHED).where(
        Address.customer_id.in_(customer_ids), Address.removed_at.is_(None)
    )
    found: dict[int, list[str]] = defaultdict(list)
    for customer_id, *texts in db.session.execute(asked):
        found[customer_id].extend(filter(None, texts))
    return found
