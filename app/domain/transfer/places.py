"""The addresses of one record: which is the main one, and what stands where in it."""

from __future__ import annotations

import re
from typing import Any

from app.domain.transfer import words
from app.domain.transfer.headings import NAMES, Column

POSTCODE_TOWN = re.compile(r"(?:([A-Za-z]{1,3})[- ])?(\d{4,5})\s+(\S.*)")
POSTCODE = re.compile(r"(?:([A-Za-z]{1,3})\s?-\s?)(\d{4,5})")
COLUMNS = ("street", "house_number", "address_extra", "postcode", "town", "region", "country")
OWN_NAMES = ("salutation", "title", "first_name", "last_name", "company")
ORDER = {"": 0, "work": 1, "private": 2, "other": 3, "billing": 4, "delivery": 5}

Place = dict[str, str]


class Places:
    """Gathers the parts of addresses by scope and number.

    The main address is the one without a scope, else the business one of a company and the private
    one of a person, else the first that has no name of its own; all others are additional.
    """

    def __init__(self) -> None:
        self.found: dict[tuple[str, int], Place] = {}

    def put(self, column: Column, value: str) -> bool:
        """Take a part of an address; False when that part is there already."""
        place = self.found.setdefault((column.scope, column.number), {})
        name = column.field
        if name == "street" and "\n" in value:
            value, _newline, rest = value.partition("\n")
            self.put(column._replace(field="address_extra"), rest.replace("\n", ", "))
        if name == "address_extra" and name in place:
            place[name] += f", {value}"
        elif name in place:
            return False
        else:
            place[name] = value
        return True

    def addresses(self, company: bool) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        """The main address, empty if there is none, and the others; countries as written."""
        order = ORDER if company else ORDER | {"private": 0.5}
        found = sorted(self.found.items(), key=lambda item: (order[item[0][0]], item[0][1]))
        for _where, place in found:
            _settle(place)
        usable = [(scope, place) for (scope, _number), place in found if _has_address(place)]
        if not usable:
            return {"country": found[0][1].get("country", "")} if found else {}, []
        unnamed = (i for i, (_scope, place) in enumerate(usable) if not NAMES & place.keys())
        own = next(unnamed, None)
        main = _address(usable.pop(own)[1]) if own is not None else {}
        return main, [_names(place) | _address(place) | _uses(scope) for scope, place in usable]


def _names(place: Place) -> dict[str, str]:
    names: Place = dict.fromkeys(OWN_NAMES, "")
    whole = place.get("full_name", "")
    if words.is_company_name(whole):
        names["company"] = whole
    elif whole:
        names |= words.person_name(whole)
    names |= {name: place[name] for name in OWN_NAMES if name in place}
    if names["salutation"] not in words.SALUTATIONS:
        names["salutation"] = words.salutation(names["salutation"])[0] or ""
    if names["salutation"] == "company":
        names["salutation"] = ""
    return names


def _address(place: Place) -> dict[str, str]:
    return {name: place.get(name, "") for name in COLUMNS}


def _uses(scope: str) -> dict[str, bool]:
    return {"is_delivery": scope == "delivery", "is_billing": scope == "billing"}


def _settle(place: Place) -> None:
    """Take apart what is written in one column: postcode and town, "D-10115", a whole address."""
    if both := place.pop("postcode_town", ""):
        found = POSTCODE_TOWN.fullmatch(both)
        _fill(place, found) if found else place.setdefault("town", both)
    street = place.get("street", "")
    if street and not place.get("town") and not place.get("postcode"):
        head, comma, tail = street.rpartition(",")
        if comma and (found := POSTCODE_TOWN.fullmatch(tail.strip())):
            place["street"] = head.strip()
            _fill(place, found)
    _settle_postcode(place)
    _settle_po_box(place)


def _has_address(place: Place) -> bool:
    """Whether it says where, not only in which country."""
    return any(place.get(name) for name in ("street", "address_extra", "postcode", "town"))


def _fill(place: Place, found: re.Match[str]) -> None:
    if found[1] and words.country(found[1]):
        place.setdefault("country", found[1])
    place["postcode"], place["town"] = found[2], found[3].strip()


def _settle_postcode(place: Place) -> None:
    found = POSTCODE.fullmatch(place.get("postcode", ""))
    if found and words.country(found[1]):
        place["postcode"] = found[2]
        place.setdefault("country", found[1])


def _settle_po_box(place: Place) -> None:
    box = place.pop("po_box", "")
    if not box:
        return
    written = f"Postfach {box}" if box.replace(" ", "").isdigit() else box
    if not place.get("street"):
        place["street"] = written
    else:
        place["address_extra"] = ", ".join(filter(None, [place.get("address_extra"), written]))
