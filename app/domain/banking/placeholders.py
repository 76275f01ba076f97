"""What a template can tell of a customer's account and mandate, and of the team's account."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import and_, bindparam, select

from app.core.database import db, table
from app.core.i18n import _l, long_day
from app.core.registry import Placeholders
from app.domain.banking import rules
from app.domain.banking.labels import labels
from app.domain.banking.models import BankAccount, Mandate, TeamAccount
from app.domain.customers.addressees import Addressee
from app.domain.customers.models import Customer
from app.domain.settings.queries import team

PAYER, HELD, SIGNED, OURS = (table(m).c for m in (Customer, BankAccount, Mandate, TeamAccount))
BANKS = (
    select(
        PAYER.id,
        HELD.account_holder,
        HELD.iban,
        HELD.bic,
        HELD.bank_name,
        SIGNED.reference,
        SIGNED.signed_on,
    )
    .select_from(table(Customer))
    .outerjoin(table(BankAccount), and_(HELD.customer_id == PAYER.id, HELD.ended_at.is_(None)))
    .outerjoin(table(Mandate), and_(SIGNED.customer_id == PAYER.id, SIGNED.ended_at.is_(None)))
    .where(PAYER.id.in_(bindparam("customer_ids", expanding=True)))
)
OUR_ACCOUNT = select(*OURS).where(OURS.id == 1)
SHOWN = 4
"""Characters of a customer's IBAN that a mail may tell: enough to know it again, no more."""


def _load(addressees: Sequence[Addressee]) -> Mapping[Addressee, Mapping[str, str]]:
    ids = list({addressee.customer_id for addressee in addressees})
    rows = {row.id: row for row in db.session.execute(BANKS, {"customer_ids": ids})}
    home = team().country
    return {
        a: _values(rows[a.customer_id], a.language, home)
        for a in addressees
        if a.customer_id in rows
    }


def _values(row: Any, language: str, home: str) -> dict[str, str]:
    return {
        "account_holder": row.account_holder or "",
        "iban": f"•••• {row.iban[-SHOWN:]}" if row.iban else "",
        "bic": row.bic or "",
        "bank_name": row.bank_name or "",
        "mandate_reference": row.reference or "",
        "mandate_date": long_day(row.signed_on, language, home) if row.signed_on else "",
    }


def _load_ours(addressees: Sequence[Any]) -> Mapping[Any, Mapping[str, str]]:
    """The same for everybody."""
    row = db.session.execute(OUR_ACCOUNT).first()
    if row is None:
        return {}
    values = {
        "team_account_holder": row.account_holder,
        "team_iban": rules.group(row.iban),
        "team_bic": row.bic,
        "team_bank_name": row.bank_name,
        "creditor_id": row.creditor_id,
    }
    return dict.fromkeys(addressees, values)


placeholders = (
    Placeholders(
        title=_l("Bank of the customer"),
        names={
            "account_holder": labels["account_holder"],
            "iban": _l("IBAN, its last four characters"),
            "bic": labels["bic"],
            "bank_name": labels["bank_name"],
            "mandate_reference": labels["mandate_reference"],
            "mandate_date": labels["mandate_date"],
        },
        load=_load,
        order=50,
    ),
    Placeholders(
        title=_l("Our account"),
        names={
            "team_account_holder": _l("Our account holder"),
            "team_iban": _l("Our IBAN"),
            "team_bic": _l("Our BIC"),
            "team_bank_name": _l("Our bank"),
            "creditor_id": _l("Our creditor identifier"),
        },
        load=_load_ours,
        order=80,
    ),
)
