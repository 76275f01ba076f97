"""What holds for new documents: their defaults, their numbers, the words around their lines."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import bindparam, or_, select

from app.core import audit
from app.core.database import db, table
from app.core.events import announce
from app.core.forms import Editable
from app.core.i18n import _
from app.core.problems import Invalid
from app.domain.customers.rules import compact_vat
from app.domain.factura import archive, setting_rules
from app.domain.factura.models import FacturaSettings, FacturaText, NumberRange
from app.domain.factura.rules import Kind
from app.domain.letters.queries import SWISS
from app.domain.settings import queries as team_settings

PREFIXES = {
    "de": {
        Kind.QUOTE: "AN-",
        Kind.ORDER_CONFIRMATION: "AB-",
        Kind.DELIVERY_NOTE: "LS-",
        Kind.INVOICE: "RE-",
        Kind.CREDIT_NOTE: "GS-",
        Kind.PRO_FORMA: "PF-",
        Kind.REMINDER: "MA-",
    },
    "en": {
        Kind.QUOTE: "QU-",
        Kind.ORDER_CONFIRMATION: "OC-",
        Kind.DELIVERY_NOTE: "DN-",
        Kind.INVOICE: "IN-",
        Kind.CREDIT_NOTE: "CN-",
        Kind.PRO_FORMA: "PF-",
        Kind.REMINDER: "RM-",
    },
}
"""By the team's language, before anybody chose others."""

TEXT = table(FacturaText).c
BLOCKS = (
    select(TEXT.id, TEXT.kind, TEXT.place, TEXT.language, TEXT.name, TEXT.text, TEXT.is_default)
    .where(
        TEXT.removed_at.is_(None),
        TEXT.place == bindparam("place"),
        TEXT.language == bindparam("language"),
        or_(TEXT.kind == bindparam("kind"), TEXT.kind == ""),
    )
    .order_by(TEXT.kind.desc(), TEXT.is_default.desc(), TEXT.name, TEXT.id)
    .limit(200)
)


def settings() -> FacturaSettings:
    """The row to edit, made with what is usual in the team's country when there is none yet."""
    row = db.session.get(FacturaSettings, 1)
    if row is not None:
        return row
    is_swiss = team_settings.team().country in SWISS
    return FacturaSettings(
        id=1,
        currency="CHF" if is_swiss else "EUR",
        is_gross=False,
        treatment="taxed",
        payment_days=30 if is_swiss else 14,
        quote_days=30,
        tax_number="",
        vat_number="",
        exempt_reason="",
    )


def editable() -> Editable:
    """The defaults as their form shows them; no version before they are saved first."""
    row = settings()
    return Editable(_told(row), str(row.version or ""))


def number_range(kind: str) -> NumberRange:
    """How documents of a kind are numbered, as usual when nobody chose otherwise."""
    row = db.session.get(NumberRange, kind)
    if row is not None:
        return row
    prefix = PREFIXES[team_settings.team().language][Kind(kind)]
    return NumberRange(kind=kind, prefix=prefix, with_year=True, digits=4, start=1)


def texts(kind: str, place: str, language: str) -> list[Any]:
    """The blocks to choose from: those of the kind, then those for all; the default one first.

    Each has id, kind, place, language, name, text and is_default.
    """
    asked = {"kind": kind, "place": place, "language": language}
    return list(db.session.execute(BLOCKS, asked))


def default_text(kind: str, place: str, language: str) -> str:
    """What stands there by itself: of the team's own blocks (`setting_rules.spoken`), or of the
    archive as long as those leave it to that.
    """
    own = setting_rules.spoken(texts(kind, place, language), kind, place, language)
    return archive.text(kind, place, language) if own is None else own


def lacking(treatment: str | None = None) -> list[str]:
    """What an invoice of this treatment (the usual one) must show of the team and is not known yet.

    Name and address: § 14 (4) no. 1 UStG, § 11 (1) no. 3 UStG 1994, art. 26 (2) a MWSTG; which
    number: `setting_rules.needed_number`.
    """
    team, row = team_settings.settings(), settings()
    numbers = {
        "vat": (_("the team's VAT number"), row.vat_number),
        "either": (_("the team's tax number or VAT number"), row.tax_number or row.vat_number),
        "": ("", True),
    }
    needed = (
        (_("the team's name"), team.name),
        (_("the team's street"), team.street),
        (_("the team's postcode"), team.postcode),
        (_("the team's town"), team.town),
        numbers[setting_rules.needed_number(team.country, treatment or row.treatment)],
    )
    return [name for name, value in needed if not value]


def save_settings(values: Mapping[str, Any]) -> None:
    """Save the defaults of new documents; drafts there are stay as they are."""
    country = team_settings.team().country
    if problems := setting_rules.check_settings(values, country):
        raise Invalid(problems)
    row = settings()
    before = _told(row)
    for field in setting_rules.SETTINGS:
        setattr(row, field, values[field])
    row.vat_number = compact_vat(values["vat_number"], country)
    if changes := audit.difference(before, _told(row)):
        db.session.add(row)
        db.session.flush()
        audit.record("factura", "settings_changed", changes=changes)
        announce("factura_settings.changed")


def _told(row: FacturaSettings) -> dict[str, Any]:
    return {field: getattr(row, field) for field in setting_rules.SETTINGS}
