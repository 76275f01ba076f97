"""What happens to additional addresses: added, changed, removed and brought back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import delete

from app.core import audit
from app.core.database import db, now
from app.core.events import announce
from app.core.problems import Invalid, errors
from app.domain.addresses import queries, rules
from app.domain.addresses.models import Address
from app.domain.customers import index
from app.domain.customers.services import touch


def add_address(customer_id: int, values: Mapping[str, Any]) -> int:
    """Add an address and return its id. Raises Invalid for values that do not hold."""
    _check(values)
    address = Address(customer_id=customer_id, created_at=now(), **_columns(values))
    db.session.add(address)
    _tell("added", address, audit.difference({}, _columns(values)))
    return address.id


def change_address(customer_id: int, address_id: int, values: Mapping[str, Any]) -> None:
    """Change an address. Raises Invalid for values that do not hold."""
    _check(values)
    address = queries.address(customer_id, address_id)
    changes = audit.difference(_stored(address), _columns(values))
    if not changes:
        return
    for name, value in _columns(values).items():
        setattr(address, name, value)
    _tell("changed", address, changes)


def remove_address(customer_id: int, address_id: int) -> None:
    """Take an address away; `restore_address` brings it back."""
    address = queries.address(customer_id, address_id)
    address.removed_at = now()
    _tell("removed", address, audit.difference(_stored(address), {}))


def restore_address(customer_id: int, address_id: int) -> None:
    """Bring a removed address back."""
    address = queries.address(customer_id, address_id, removed=True)
    address.removed_at = None
    _tell("restored", address, [])


def forget_customers(customer_ids: Sequence[int]) -> None:
    """Customers left for good: so do their addresses."""
    db.session.execute(delete(Address).where(Address.customer_id.in_(customer_ids)))


def _check(values: Mapping[str, Any]) -> None:
    problems = rules.check_address(values)
    if errors(problems):
        raise Invalid(problems)


def _columns(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: values[name] for name in rules.FIELDS}


def _stored(address: Address) -> dict[str, Any]:
    return {name: getattr(address, name) for name in rules.FIELDS}


def _tell(action: str, address: Address, changes: list[audit.Change]) -> None:
    db.session.flush()
    customer_id, subject = address.customer_id, rules.in_short(_stored(address))
    audit.record("addresses", action, customer_id=customer_id, subject=subject, changes=changes)
    touch(customer_id)
    index.reindex([customer_id])
    announce("address.changed", customer_id=customer_id)
