"""What an issued document keeps of others as they were that day, copied and never joined."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import bindparam, select

from app.core import audit
from app.core.database import db, table
from app.domain.articles import tax
from app.domain.articles.tax import Code, Treatment
from app.domain.banking.queries import team_account
from app.domain.customers.addressees import Addressee, recipients
from app.domain.factura import settings
from app.domain.factura.rules import Kind, State
from app.domain.factura.totals import Totals
from app.domain.letters import queries as letters
from app.domain.settings import queries as team_settings
from app.domain.team.models import User

POSTAL = ("street", "house_number", "address_extra", "postcode", "town", "region", "country")
HOME = ("name", "street", "house_number", "postcode", "town", "country")
WHERE = ("address", "postal", "customer")
CUSTOMER = ("number", "name", "company", "vat_number", "kind")
USER = table(User).c
WRITER = select(USER.name, USER.email).where(USER.id == bindparam("user_id"))


def frozen(document: Any, totals: Totals, origin: Any = None) -> dict[str, Any]:
    """Everything its paper shows that others may change: JSON, decimal numbers as their digits.

    `address` are the lines in the window, `postal` the same address in columns, `customer` who it
    is; `sender` is the team, `account` where it is paid to, `contact` who issued it; `taxes` are
    the groups of its totals, `sentence` why there is none; `origin` is what it was made from. What
    takes an invoice back goes where that went.
    """
    return {
        **(_as_origin(document, origin) or _destination(document)),
        **of_team(),
        "taxes": taxes(totals),
        "sentence": sentence(document, totals),
        "origin": origin and _origin(origin),
    }


def sentence(document: Any, totals: Totals) -> str:
    """By which law no tax is charged; for what is exempt among the rest the team says it itself.

    § 14 (4) no. 8 UStG, § 11 (1) no. 3 UStG 1994.
    """
    if document.treatment != Treatment.TAXED:
        country = team_settings.team().country
        return tax.sentence(country, document.treatment, document.language)
    is_asked = document.kind != Kind.REMINDER and has_exempt(totals)
    return settings.settings().exempt_reason if is_asked else ""


def has_exempt(totals: Totals) -> bool:
    return any(group.code == Code.EXEMPT for group in totals.groups)


def of_team() -> dict[str, Any]:
    """What is frozen of the team and of who writes."""
    return {"sender": _sender(), "account": _account(), "contact": _contact()}


def taxes(totals: Totals) -> list[dict[str, Any]]:
    """The groups of a document, in minor units; `rate` in per cent as its digits."""
    return [
        {"code": group.code, "rate": f"{group.rate:f}", "net": group.net, "tax": group.tax}
        for group in totals.groups
    ]


def _as_origin(document: Any, origin: Any) -> dict[str, Any] | None:
    is_cancelling = document.kind == Kind.CREDIT_NOTE and origin and origin.state == State.CANCELLED
    if not is_cancelling or not origin.frozen:
        return None
    return {name: origin.frozen[name] for name in WHERE}


def _destination(document: Any) -> dict[str, Any]:
    """Who it is for and where it goes."""
    addressee = Addressee(document.customer_id, document.person_id, document.language)
    customer = recipients([addressee])[addressee].customer
    place = letters.destination(addressee, document.address_key)
    where = letters.postal(addressee, document.address_key)
    found = list(place.lines), _named(where, POSTAL), _named(customer, CUSTOMER)
    return dict(zip(WHERE, found, strict=True))


def _sender() -> dict[str, str]:
    row = settings.settings()
    numbers = {"tax_number": row.tax_number, "vat_number": row.vat_number}
    return _named(team_settings.settings(), HOME) | numbers


def _account() -> dict[str, str] | None:
    account = team_account()
    names = ("account_holder", "iban", "bic", "bank_name")
    return _named(account, names) if account is not None else None


def _contact() -> dict[str, str]:
    user_id, name = audit.author()
    row = db.session.execute(WRITER, {"user_id": user_id}).first()
    return {"name": row.name, "email": row.email} if row else {"name": name, "email": ""}


def _origin(origin: Any) -> dict[str, Any]:
    issued_on: date | None = origin.issued_on
    return {
        "id": origin.id,
        "kind": origin.kind,
        "number": origin.number,
        "issued_on": issued_on and issued_on.isoformat(),
    }


def _named(row: Any, names: Sequence[str]) -> dict[str, str]:
    values: Mapping[str, Any] = {name: getattr(row, name) for name in names}
    return {name: value or "" for name, value in values.items()}
