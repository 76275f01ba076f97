"""The demo company: a dance school with its team, its settings and 40 customers."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from app.core import audit
from app.core.database import happening
from app.demo.companies import COMPANIES
from app.demo.everyday import TREE, everyday_of
from app.demo.persons import PERSONS
from app.demo.sales import open_shop
from app.demo.story import ZONE, Tale, play
from app.demo.texts import lay_out
from app.domain.banking import services as banking
from app.domain.factura import settings as factura
from app.domain.groups import services as groups
from app.domain.settings import services as settings
from app.domain.settings.models import DEFAULTS
from app.domain.team import services as team

OPENED = datetime(2022, 8, 29, 8, 30, tzinfo=ZONE)
LAST_DAY = date(2026, 11, 20)
"""The story is moved by whole weeks, so that this day lies just before the day it is told."""

SCHOOL = {
    "name": "Tanzschule Rheintakt",
    "street": "Vogelsanger Straße",
    "house_number": "193",
    "postcode": "50825",
    "town": "Köln",
}
PAID_TO = {
    **{"account_holder": "Tanzschule Rheintakt", "iban": "DE02370502990000684712", "bic": ""},
    **{"bank_name": "", "creditor_id": "DE98ZZZ09999999999"},
}
SELLING = {
    **{"currency": "EUR", "is_gross": True, "treatment": "taxed", "payment_days": 14},
    **{"quote_days": 30, "tax_number": "217/5718/1234", "vat_number": "", "exempt_reason": ""},
}
CAST = {
    "anna": ("Anna Berger", "admin"),
    "ben": ("Ben Kaya", "staff"),
    "cleo": ("Cleo Lindner", "readonly"),
}
ADMIN = "anna@rheintakt.example.com"
SIGNATURE = "{name}\nTanzschule Rheintakt · Vogelsanger Straße 193 · 50825 Köln"


def open_school(today: date, password_hash: str | None) -> int:
    """Everything that happened until today; answers how many customers there are.

    The three colleagues sign in with the same password. Without one there are no colleagues and
    the team's settings stay as they are: the names then only stand on what was written.
    """
    weeks = (today - LAST_DAY).days // 7
    cast = _settle(password_hash, weeks) if password_hash else _strangers()
    tales = [_with_everyday(tale) for tale in (*PERSONS, *COMPANIES)]
    with happening(OPENED + timedelta(weeks=weeks)), audit.acting(*cast["anna"]):
        if password_hash:
            banking.save_team_account(PAID_TO)
            factura.save_settings(SELLING)
        _plant()
        lay_out()
        open_shop()
    play(tales, cast, weeks)
    return len(tales)


def _with_everyday(tale: Tale) -> Tale:
    """A tale with what happens in it day by day."""
    first = tale[0]
    name = first.values.get("company") or first.values["last_name"]
    return (*tale, *everyday_of(name, f"{first.at:%Y-%m-%d %H:%M}"))


def _plant() -> None:
    """The tree of groups."""
    for top, below in TREE.items():
        parent_id = groups.create_group(_group(top, None))
        for name in below:
            groups.create_group(_group(name, parent_id))


def _group(name: str, parent_id: int | None) -> dict[str, Any]:
    return {"name": name, "parent_id": parent_id, "no_information": False}


def _settle(password_hash: str, weeks: int) -> dict[str, tuple[int | None, str]]:
    with happening(OPENED + timedelta(weeks=weeks)):
        settings.save_team(DEFAULTS | SCHOOL)
        return {key: (_colleague(key, password_hash), name) for key, (name, _) in CAST.items()}


def _colleague(key: str, password_hash: str) -> int:
    name, role = CAST[key]
    address = ADMIN.replace("anna", key)
    user = team.create_user(email=address, name=name, role=role, password_hash=password_hash)
    user.signature = SIGNATURE.format(name=name)
    return user.id


def _strangers() -> dict[str, tuple[int | None, str]]:
    return {key: (None, name) for key, (name, _role) in CAST.items()}
