"""What the panel, its detail page and its dialog show."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.core.i18n import today
from app.core.problems import Problem
from app.core.registry import registry
from app.domain.banking import directory, queries, rules, services
from app.domain.banking.labels import choices
from app.domain.banking.rules import CollectionState, MandateState
from app.shared.preferences import team

STATES = {
    MandateState.PREPARED: "neutral",
    MandateState.ON_HAND: "good",
    MandateState.REVOKED: "neutral",
    MandateState.REPLACED: "neutral",
    CollectionState.OUTSTANDING: "warn",
}


def panel(customer_id: int) -> dict[str, Any]:
    """The account and mandate that hold, with what is worth a look."""
    row = queries.bank_of(customer_id)
    values = queries.values_of(row)
    return {
        "bank": row,
        "method": choices["payment_method"].get(row.payment_method, row.payment_method),
        "mandate": _mandate_badge(row),
        "warnings": told(warnings(values, row.country)),
    }


def detail(customer_id: int, _arguments: Mapping[str, str]) -> dict[str, Any]:
    """The same, and what held before."""
    earlier = queries.history(customer_id)
    return panel(customer_id) | {
        "accounts": earlier.accounts,
        "mandates": [(mandate, _badge(mandate.state)) for mandate in earlier.mandates],
    }


def warnings(values: Mapping[str, Any], country: str) -> list[Problem]:
    """What is worth a look in bank data that is stored."""
    problems = rules.check_bank({**values, "country": country}, today())
    return [problem for problem in problems if problem.level == "warning"]


def told(problems: list[Problem]) -> list[tuple[Any, Any]]:
    """Problems with the names of their fields."""
    labels = registry().labels
    return [(labels.get(problem.field, ""), problem.message) for problem in problems]


def is_french(values: Mapping[str, Any], country: str) -> bool:
    """Whether the fields of a French RIB are needed; Monaco's accounts are French."""
    stored = values["branch_code"] or values["rib_key"]
    return bool(stored) or country == "FR" or (values["iban"] or "")[:2] in ("FR", "MC")


def found(values: Mapping[str, Any], country: str, offered: str = "") -> dict[str, str]:
    """What the bank tables say: the IBAN of account number and bank code, BIC and bank of an IBAN.

    An IBAN that was only `offered` is made anew. Accounts are looked for where the customer lives,
    then where the team works.
    """
    iban, made = values["iban"], ""
    if iban in ("", offered):
        typed = (values["bank_code"], values["account_number"], values["branch_code"])
        countries = ("FR",) if values["branch_code"] else (country, team().country)
        iban = made = next(filter(None, (directory.iban_from(c, *typed) for c in countries)), "")
    bank = directory.bank_of(iban)
    return {"iban": made, "bic": bank.bic if bank else "", "bank_name": bank.name if bank else ""}


def noticed(values: Mapping[str, Any], country: str) -> list[Problem]:
    """What can be said of an account that is still being typed: nothing about what is missing."""
    values = services.normalised(values, country) | {"country": country}
    problems = rules.check_bank(values, today())
    return [p for p in problems if p.field in queries.ACCOUNT and p.code != "required"]


def _mandate_badge(row: Any) -> tuple[Any, str] | None:
    state = rules.collection_state(row.payment_method, row.mandate_state)
    shown = row.mandate_state if state == CollectionState.NONE else state
    return _badge(shown) if shown else None


def _badge(state: str) -> tuple[Any, str]:
    return choices["mandate_state"][state], STATES[state]
