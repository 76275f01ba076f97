"""What is asked for letters: how they look, and where they go."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import current_app
from sqlalchemy import bindparam, select
from werkzeug.exceptions import NotFound

from app.core import files, i18n, rendering
from app.core.database import db, listed, table
from app.core.forms import Editable
from app.core.i18n import _
from app.core.rendering import RenderFailed
from app.domain.addresses.models import Address
from app.domain.addresses.rules import FIELDS
from app.domain.customers import salutations
from app.domain.customers.addressees import Addressee, Recipient, recipients
from app.domain.customers.models import ContactPerson
from app.domain.customers.postal import address_lines
from app.domain.customers.rules import display_name
from app.domain.documents.rules import media_type
from app.domain.letters import rules
from app.domain.letters.layout import Picture, Style, Window
from app.domain.letters.models import LetterSettings
from app.domain.messages import queries as messages
from app.domain.messages.models import Message
from app.domain.messages.rules import Channel, Direction
from app.domain.settings import pictures
from app.domain.settings import queries as team_settings
from app.domain.settings.queries import Team

SWISS = {"CH", "LI"}
MAIN = "main"
PDF = "application/pdf"
MOST_ADDRESSES = 50
MOST_PEOPLE = 200
MOST_PIXELS = (960, 330)
"""Of a logo, in the space it has on the sheet: about 300 to an inch."""

SETTINGS, ADDRESS, PERSON = (table(m).c for m in (LetterSettings, Address, ContactPerson))
MESSAGE = table(Message).c
ROW = select(*SETTINGS).where(SETTINGS.id == 1)
FINISHED_AS = select(MESSAGE.id).where(MESSAGE.key == bindparam("key"))
THEIRS = select(ADDRESS.id, *(ADDRESS[name] for name in FIELDS)).where(
    ADDRESS.customer_id == bindparam("customer_id"), ADDRESS.removed_at.is_(None)
)
ONE_ADDRESS = THEIRS.where(ADDRESS.id == bindparam("address_id"))
ADDRESSES = THEIRS.order_by(
    ADDRESS.is_billing.desc(), ADDRESS.is_delivery.desc(), ADDRESS.id
).limit(MOST_ADDRESSES)
USED = {
    use: select(ADDRESS.customer_id, ADDRESS.id, *(ADDRESS[name] for name in FIELDS))
    .where(
        ADDRESS.customer_id.in_(listed("customer_ids")),
        ADDRESS.removed_at.is_(None),
        ADDRESS[f"is_{use}"],
    )
    .order_by(ADDRESS.id.desc())
    for use in ("billing", "delivery")
}
PEOPLE = (
    select(
        PERSON.id,
        PERSON.title,
        PERSON.first_name,
        PERSON.last_name,
        PERSON.role,
        PERSON.is_main,
    )
    .where(PERSON.customer_id == bindparam("customer_id"), PERSON.removed_at.is_(None))
    .order_by(PERSON.is_main.desc(), PERSON.last_name, PERSON.id)
    .limit(MOST_PEOPLE)
)


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a letter can go: `lines` as they stand in the window, `lacking` fields that are empty.

    `key` is "main" or the id of an additional address; `uses` tells what that one is for.
    """

    key: str
    lines: tuple[str, ...]
    lacking: tuple[str, ...] = ()
    uses: tuple[str, ...] = ()


def style(values: Mapping[str, str] | None = None) -> Style:
    """What all letters of the team have in common, or would have with these settings."""
    team = team_settings.settings()
    wanted = values or editable().values
    return Style(
        window=Window(wanted["window"]),
        sender=team.name,
        country=team.country,
        return_line=wanted["return_line"] or " · ".join(_home(team)),
        contact_lines=tuple(wanted["contact_lines"].strip().splitlines()),
        footer=rules.columns(wanted["footer"]),
        logo=_logo(team),
    )


def settings() -> LetterSettings:
    """The row to edit, made with what is usual in the team's country when there is none yet."""
    row = db.session.get(LetterSettings, 1)
    if row is not None:
        return row
    team = team_settings.settings()
    window = Window.SWISS if team.country in SWISS else Window.DIN
    contact = "\n".join(_home(team))
    return LetterSettings(id=1, window=window, return_line="", contact_lines=contact, footer="")


def editable() -> Editable:
    """The look of letters as its form shows it."""
    row = settings()
    values = {name: getattr(row, name) for name in ("window", *rules.LONGEST)}
    return Editable(values, str(row.version or ""))


def destinations(addressee: Addressee) -> list[Destination]:
    """The main address of a customer and the additional ones, those for bills first."""
    recipient = _recipient(addressee)
    rows = db.session.execute(ADDRESSES, {"customer_id": addressee.customer_id})
    language, home = addressee.language, team_settings.team()
    found = [_destination(recipient, language, home)]
    return found + [_additional(row, recipient, language, home) for row in rows]


def destination(addressee: Addressee, key: str) -> Destination:
    """Where a letter goes whose address was chosen by its key; NotFound if that is not there."""
    recipient, home = _recipient(addressee), team_settings.team()
    if key == MAIN:
        return _destination(recipient, addressee.language, home)
    return _additional(_address(addressee.customer_id, key), recipient, addressee.language, home)


def postal(addressee: Addressee, key: str) -> Any:
    """The columns of the same address."""
    if key == MAIN:
        return _recipient(addressee).customer
    return _address(addressee.customer_id, key)


def main_destinations(addressees: Sequence[Addressee]) -> dict[Addressee, Destination]:
    """The main addresses of up to 1,000 addressees, by a bounded number of questions."""
    found, home = recipients(addressees), team_settings.team()
    return {a: _destination(recipient, a.language, home) for a, recipient in found.items()}


def used_destinations(addressees: Sequence[Addressee], use: str) -> dict[Addressee, Destination]:
    """The same for a use, "billing" or "delivery": whoever has no such address has the main one."""
    found, home = recipients(addressees), team_settings.team()
    asked = {"customer_ids": [a.customer_id for a in addressees]}
    first = {row.customer_id: row for row in db.session.execute(USED[use], asked)}
    return {
        a: _additional(first[a.customer_id], recipient, a.language, home)
        if a.customer_id in first
        else _destination(recipient, a.language, home)
        for a, recipient in found.items()
    }


def people(customer_id: int) -> list[tuple[str, str]]:
    """Who a letter to a customer can be for: id and name with the role, the main person first.

    Without a main person the first is nobody in particular, with an empty id.
    """
    rows = db.session.execute(PEOPLE, {"customer_id": customer_id}).all()
    found = [(str(row.id), _person(row)) for row in rows]
    return found if rows and rows[0].is_main else [("", _("nobody in particular")), *found]


def finished(customer_id: int, message_id: int) -> Any:
    """The PDF of a letter of this customer; NotFound for any other message."""
    message = messages.message(customer_id, message_id)
    if (message.channel, message.direction) == (Channel.LETTER, Direction.OUT):
        for attachment in messages.attachments_of(customer_id, message_id):
            if media_type(attachment.name) == PDF:
                return attachment
    raise NotFound


def finished_as(key: str | None) -> int | None:
    """The message of the letter that was finished by the form of this key, if it was."""
    return db.session.scalar(FINISHED_AS, {"key": key}) if key else None


def language_of(customer_id: int) -> str:
    """The language a letter to this customer is written in."""
    language = _recipient(Addressee(customer_id)).customer.language
    return language if language in dict(i18n.LANGUAGES) else team_settings.team().language


def written(day: date, language: str) -> str:
    """A date as a letter in this language has it."""
    return i18n.long_day(day, language, team_settings.team().country)


def _home(team: Any) -> list[str]:
    """The team's own name and address, in lines."""
    street = f"{team.street} {team.house_number}".strip()
    place = f"{team.postcode} {team.town}".strip()
    return [line for line in (team.name, street, place) if line]


def _logo(team: Any) -> Picture | None:
    """The logo as it goes into a document; one that cannot be used is left out."""
    if not team.logo:
        return None
    try:
        return _picture(str(files.path_of(team.logo)))
    except (FileNotFoundError, RenderFailed) as error:
        current_app.logger.warning("Letters go without the logo: %s", error)
        return None


@lru_cache(maxsize=2)
def _picture(path: str) -> Picture | None:
    """A stored picture, no larger than a printer can show it: others would slow every letter."""
    data = Path(path).read_bytes()
    found = pictures.read(data)
    if found.media_type is None:
        return None
    if found.width > MOST_PIXELS[0] or found.height > MOST_PIXELS[1]:
        data = rendering.shrink(data, *MOST_PIXELS)
        found = pictures.read(data)
    content = base64.b64encode(data).decode()
    return Picture(f"data:{found.media_type};base64,{content}", found.width, found.height)


def _recipient(addressee: Addressee) -> Recipient:
    found = recipients([addressee]).get(addressee)
    if found is None:
        raise NotFound
    return found


def _address(customer_id: int, key: str) -> Any:
    asked = {"customer_id": customer_id, "address_id": int(key)}
    row = db.session.execute(ONE_ADDRESS, asked).first()
    if row is None:
        raise NotFound
    return row


def _destination(recipient: Recipient, language: str, home: Team) -> Destination:
    return _place(MAIN, recipient.name_lines(language), recipient.customer, home)


def _additional(row: Any, recipient: Recipient, language: str, home: Team) -> Destination:
    """Without a name of its own an address is the customer's."""
    names = salutations.name_lines(row, row.company, language) or recipient.name_lines(language)
    known = {_("Billing address"): row.is_billing, _("Delivery address"): row.is_delivery}
    uses = tuple(name for name, is_meant in known.items() if is_meant)
    return _place(str(row.id), names, row, home, uses)


def _place(
    key: str, names: Sequence[str], row: Any, home: Team, uses: tuple[str, ...] = ()
) -> Destination:
    country = i18n.country_in(home.language, row.country)
    lines = address_lines(row._mapping, home.country, country)
    return Destination(key, (*filter(None, names), *lines), tuple(rules.lacking(row)), uses)


def _person(row: Any) -> str:
    name = display_name("person", row.title, row.first_name, row.last_name, "")
    return f"{name}, {row.role}" if row.role else name
