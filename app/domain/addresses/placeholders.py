"""What a template can tell of where invoices and deliveries go."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import bindparam, or_, select

from app.core.database import db, table
from app.core.i18n import _l, country_in
from app.core.registry import Placeholders
from app.domain.addresses.models import Address
from app.domain.customers.addressees import Addressee, Recipient, recipients
from app.domain.customers.postal import address_lines
from app.domain.customers.salutations import name_lines
from app.domain.settings.queries import team

ADDRESS = table(Address).c
USES = {"billing_address": "is_billing", "delivery_address": "is_delivery"}
SPECIAL = (
    select(*ADDRESS)
    .where(
        ADDRESS.customer_id.in_(bindparam("customer_ids", expanding=True)),
        ADDRESS.removed_at.is_(None),
        or_(ADDRESS.is_billing, ADDRESS.is_delivery),
    )
    .order_by(ADDRESS.id)
)


def _load(addressees: Sequence[Addressee]) -> Mapping[Addressee, Mapping[str, str]]:
    """The newest address of each use; without one the customer's own."""
    ids = list({addressee.customer_id for addressee in addressees})
    newest: dict[tuple[int, str], Any] = {}
    for row in db.session.execute(SPECIAL, {"customer_ids": ids}):
        newest |= {(row.customer_id, name): row for name, use in USES.items() if getattr(row, use)}
    home = team().country
    return {
        a: {
            name: _block(who, newest.get((a.customer_id, name), who.customer), a.language, home)
            for name in USES
        }
        for a, who in recipients(addressees).items()
    }


def _block(recipient: Recipient, row: Any, language: str, home: str) -> str:
    """Without a name of its own an address is the customer's."""
    is_named = row is not recipient.customer and (row.company or row.first_name or row.last_name)
    names = name_lines(row, row.company, language) if is_named else recipient.name_lines(language)
    return "\n".join(
        [*names, *address_lines(row._mapping, home, country_in(language, row.country))]
    )


placeholders = (
    Placeholders(
        title=_l("Additional addresses"),
        names={
            "billing_address": _l("Billing address"),
            "delivery_address": _l("Delivery address"),
        },
        load=_load,
        order=40,
    ),
)
