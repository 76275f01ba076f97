"""What must hold for additional addresses, and what they are called."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.core.i18n import _l
from app.core.problems import Problem
from app.domain.customers.postal import join_street
from app.domain.customers.rules import check_postal, display_name

NAME = ("salutation", "title", "first_name", "last_name", "company")
POSTAL = ("street", "house_number", "address_extra", "postcode", "town", "region", "country")
FIELDS = (*NAME, *POSTAL, "is_delivery", "is_billing")
ABOVE_TOWN = ("street", "address_extra", "first_name", "last_name", "company")


def check_address(values: Mapping[str, Any]) -> list[Problem]:
    """What keeps an address from an envelope: a town is needed, and something above it.

    A street, a post-office box or a name alone will do: large receivers have a postcode of their
    own and no street. Without a name of its own the address is the customer's.
    """
    problems = check_postal(values)
    if not values["town"]:
        problems.append(Problem("town", "required", _l("Please give a town.")))
    if not any(values[name] for name in ABOVE_TOWN):
        message = _l("Please give a street, a post-office box or a name.")
        problems.append(Problem("street", "required", message))
    return problems


def in_short(values: Mapping[str, Any]) -> str:
    """An address in a few words: whose it is, else the street, else the town."""
    title, first_name, last_name = values["title"], values["first_name"], values["last_name"]
    name = display_name("company", title, first_name, last_name, values["company"])
    street = join_street(values["street"], values["house_number"], values["country"])
    return name or street or values["town"]
