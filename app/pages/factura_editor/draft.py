"""A document as it stands in its form: for whom, where it goes, what it comes to."""

from __future__ import annotations

import hashlib
import secrets
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from flask import url_for
from werkzeug.exceptions import NotFound
from wtforms.fields.choices import SelectChoice

from app.core.forms import Editable
from app.core.i18n import LANGUAGES, _, currencies, money, number, today
from app.core.panels import positive
from app.domain.articles import tax
from app.domain.articles.labels import taxes, treatments, units
from app.domain.articles.tax import Code, Treatment
from app.domain.customers import queries as customers
from app.domain.customers.addressees import Addressee
from app.domain.customers.labels import labels as customer_labels
from app.domain.factura import queries, rules, settings
from app.domain.factura.labels import kinds
from app.domain.factura.rules import MAIN, Kind
from app.domain.factura.totals import Totals, line_amount
from app.domain.letters import queries as letters
from app.domain.letters.queries import Destination
from app.domain.settings.queries import team
from app.pages.factura_editor import form as forms
from app.pages.factura_editor.form import GROSS, NET, NEW, TERMS, WRITTEN, DraftForm
from app.pages.factura_editor.lines import LABELS, Line


@dataclass(frozen=True)
class Was:
    """For what the form was shown last; all of it empty for one that never was.

    `rates` and `address` stand for what was said there of taxes and addresses.
    """

    kind: str = ""
    language: str = ""
    customer: str = ""
    prices: str = ""
    rates: str = ""
    address: str = ""

    @classmethod
    def told(cls, typed: str) -> Was:
        parts = typed.split(" ")
        return cls(*parts) if len(parts) == len(cls.__dataclass_fields__) else cls()

    def __str__(self) -> str:
        return " ".join(vars(self).values())


class Draft:
    """What the form says; `stored` are the values of the draft that is edited."""

    def __init__(self, form: DraftForm, stored: Mapping[str, Any] | None = None):
        self.form, self.stored = form, stored
        self.was = Was.told(form.was.data or "")
        self.notes: list[str] = []
        self.is_refused = False
        self.inserted = ""
        if stored:
            form.kind.data = stored["kind"]
            form.kind.choices = [SelectChoice(stored["kind"], kinds[Kind(stored["kind"])])]
        self.customer_id = stored["customer_id"] if stored else _customer(form.customer_id.data)
        self._offer()

    @classmethod
    def begun(cls, kind: str, customer_id: int) -> Draft:
        """A new document, as it usually is for this customer, with a line to write in."""
        values = forms.shown(queries.fresh(kind, customer_id))
        draft = cls(DraftForm(data=values | {"key": secrets.token_urlsafe(12)}))
        draft.form.lines.add()
        return draft

    @classmethod
    def opened(cls, stored: Mapping[str, Any]) -> Draft:
        """A draft as it is kept."""
        draft = cls(DraftForm(data=forms.shown(stored)), stored)
        draft.form.version.data = stored["version"]
        return draft

    @classmethod
    def sent(cls, typed: Any, stored: Mapping[str, Any] | None = None) -> Draft:
        """What the browser sent; NotFound if it is for nobody."""
        return cls(DraftForm(typed), stored)

    @property
    def kind(self) -> Kind:
        if self.stored:
            return Kind(self.stored["kind"])
        chosen = self.form.kind.data
        return Kind(chosen) if chosen in WRITTEN else Kind.INVOICE

    @property
    def begins(self) -> bool:
        """Whether somebody was just chosen to write to, and writes now."""
        return not self.stored and self.was.customer != str(self.customer_id)

    @property
    def title(self) -> str:
        """What the page is called."""
        name = kinds[self.kind]
        return _("%(kind)s, draft", kind=name) if self.stored else str(NEW[self.kind])

    @property
    def whose(self) -> tuple[str, str, str]:
        """What the whole page depends on: kind, language and customer."""
        return self.kind, self.language, str(self.customer_id)

    @property
    def is_another(self) -> bool:
        """Whether the page has to be shown anew as a whole."""
        return (self.was.kind, self.was.language, self.was.customer) != self.whose

    @property
    def term(self) -> str:
        """What its day is: that a quote holds until ("valid"), to pay by ("due"), or none."""
        if self.kind == Kind.QUOTE:
            return "valid"
        return "due" if self.kind in rules.DUE else ""

    @property
    def language(self) -> str:
        chosen = self.form.language.data
        return chosen if chosen in dict(LANGUAGES) else team().language

    @cached_property
    def customer(self) -> Any:
        """Id, number, name and town of whom it is for."""
        return customers.header(self.customer_id)

    @cached_property
    def destinations(self) -> list[Destination]:
        """Where it can go: first the addresses for documents of its kind, then the main one."""
        person_id = positive({"id": self.form.person_id.data or ""}, "id")
        addressee = Addressee(self.customer_id, person_id, self.language)
        use = _("Delivery address") if self.kind == Kind.DELIVERY_NOTE else _("Billing address")
        found = letters.destinations(addressee)
        return sorted(found, key=lambda one: (use not in one.uses, one.key != MAIN))

    @property
    def window(self) -> Destination | None:
        """What stands in the window of the envelope; None if the chosen address is gone."""
        chosen = self.form.address_key.data
        return next((one for one in self.destinations if one.key == chosen), None)

    @property
    def lacking(self) -> str:
        """What the chosen address has not got yet, in words."""
        names = self.window.lacking if self.window else ()
        return ", ".join(str(customer_labels[name]) for name in names)

    @property
    def completion_url(self) -> str:
        """Where the chosen address is completed."""
        key = self.form.address_key.data
        if key == MAIN:
            return url_for("master.edit", customer_id=self.customer_id)
        return url_for("addresses.edit", customer_id=self.customer_id, address_id=int(key))

    @cached_property
    def people(self) -> list[tuple[str, str]]:
        """Whom it can be for: the main contact person first, or else nobody in particular."""
        return letters.people(self.customer_id)

    @cached_property
    def day(self) -> Any:
        """The day whose tax rates hold, if it is issued today."""
        return queries.service_day(self._dated(), today())

    @property
    def is_taxed(self) -> bool:
        return self.form.treatment.data == Treatment.TAXED

    @cached_property
    def rates(self) -> dict[str, str]:
        """The tax codes there are on that day, by their rates."""
        country, exempt = team().country, {str(Code.EXEMPT): str(taxes[Code.EXEMPT])}
        return {
            str(code): f"{_rate(tax.rate(country, code, self.day))} %"
            for code in tax.codes(country, self.day)
        } | exempt

    @cached_property
    def columns(self) -> list[tuple[str, str]]:
        """The fields of a line, as the head of the table calls them."""
        return [(name, str(label)) for name, label in LABELS.items()]

    @property
    def units(self) -> tuple[Any, ...]:
        """What is offered where a unit is typed."""
        return units

    def tax_choices(self, line: Line) -> list[tuple[str, str]]:
        """The codes to choose from; one that the law does not know that day may stay."""
        code = line["tax"]
        if code in self.rates or code not in list(Code):
            return list(self.rates.items())
        return [*self.rates.items(), (code, str(taxes[code]))]

    @property
    def sentence(self) -> str:
        """What has to stand on paper instead of the tax."""
        chosen = self.form.treatment.data
        known = chosen in tax.treatments(team().country)
        return tax.sentence(team().country, chosen, self.language) if known else ""

    @cached_property
    def totals(self) -> Totals:
        """What the lines come to as far as they can be read."""
        return queries.totals_of(self._counted())

    @property
    def groups(self) -> list[tuple[str, str]]:
        """The tax of each rate: what it is called, and how much."""
        return [
            (_("Tax %(rate)s %%", rate=_rate(group.rate)), self.money(group.tax))
            for group in self.totals.groups
            if self.is_taxed
        ]

    def amount(self, line: Line) -> str:
        """What a line comes to; empty while that cannot be told."""
        values = line.values()
        if line.is_empty or line.problems or values.quantity is None or values.price is None:
            return ""
        counted = values.quantity, values.price, values.discount, self.currency
        return self.money(line_amount(*counted))

    def money(self, minor: int) -> str:
        return money(minor, self.currency)

    @property
    def currency(self) -> str:
        """What it is paid in; the usual one while none is chosen."""
        chosen = self.form.currency.data
        return chosen if chosen in currencies() else settings.settings().currency

    @property
    def counted(self) -> list[Line]:
        """The lines that count, as many as a document can have."""
        return self.form.lines.data[: rules.MOST_LINES]

    def state(self, line: Line) -> str:
        """Stands for what is told of a line beside its fields."""
        return _mark(self.amount(line), line.problems)

    def blocks(self, place: str) -> list[Any]:
        """The text blocks there are for this place."""
        return settings.texts(self.kind, place, self.language)

    @property
    def rates_mark(self) -> str:
        return _mark(self.is_taxed, self.rates)

    @property
    def address_mark(self) -> str:
        return _mark(
            self.destinations, self.form.address_key.data, list(self.form.address_key.errors)
        )

    def remembered(self) -> str:
        """What the next answer has to know of this one."""
        prices = self.form.is_gross.data or NET
        return str(Was(*self.whose, prices, self.rates_mark, self.address_mark))

    def refresh(self) -> None:
        """Look up anew what depends on kind, language and customer."""
        for name in ("customer", "destinations", "people"):
            vars(self).pop(name, None)
        self._offer()

    def editable(self) -> Editable:
        """The draft as it is kept, to compare with what is typed."""
        assert self.stored is not None
        values = forms.shown(self.stored)
        lines = [Line.kept(n, line) for n, line in enumerate(self.stored["lines"])]
        values = {name: lines if name == "lines" else values[name] for name in forms.labels}
        return Editable(values, self.stored["version"])

    def values(self) -> dict[str, Any]:
        """What the verbs take."""
        kept = {name: value for name, value in (self.stored or {}).items() if name != "version"}
        typed = forms.stored(self.form.values())
        typed |= {"customer_id": self.customer_id, "kind": self.kind}
        if not self.term:
            typed |= {"payment_days": None, "due_on": None}
        for name in ("key", "was"):
            del typed[name]
        return kept | typed

    @property
    def key(self) -> str | None:
        """What the document of this form is known by.

        Whoever goes back to a saved one and changes it writes another one.
        """
        name = self.form.key.data
        words = repr((name, self.values()))
        return hashlib.sha256(words.encode(errors="replace")).hexdigest()[:32] if name else None

    def _counted(self) -> dict[str, Any]:
        """The values that count, without lines in which something cannot be."""
        return self._dated() | {
            "is_gross": self.form.is_gross.data == GROSS,
            "treatment": self.form.treatment.data,
            "currency": self.currency,
            "lines": [line.values() for line in self.counted if not line.problems],
        }

    def _dated(self) -> dict[str, Any]:
        """What tells which day's tax rates hold."""
        days = {name: self.form[name].data for name in ("service_on", "service_until")}
        origin_id = self.stored["origin_id"] if self.stored else None
        return days | {"kind": self.kind, "origin_id": origin_id}

    def _offer(self) -> None:
        """What there is to choose from for this customer."""
        form = self.form
        offered = tax.treatments(team().country)
        form.treatment.choices = [SelectChoice(one, treatments[one]) for one in offered]
        for name, said in TERMS.get(self.term, {}).items():
            form[name].label.text = said
        form.address_key.data = form.address_key.data or ""
        form.person_id.data = form.person_id.data or self.people[0][0]
        form.person_id.choices = [SelectChoice(id, name) for id, name in self.people]
        form.address_key.choices = [SelectChoice(one.key, one.key) for one in self.destinations]


def _customer(typed: str | None) -> int:
    """Whom the form is for; NotFound for nobody, and for somebody in the trash."""
    found = positive({"id": typed or ""}, "id")
    if found is None or not customers.customer_exists(found):
        raise NotFound
    return found


def _rate(per_cent: Any) -> str:
    return number(per_cent.normalize())


def _mark(*told: Any) -> str:
    """A few letters that are others when something else is told."""
    return f"{zlib.crc32(repr(told).encode(errors='replace')):x}"
