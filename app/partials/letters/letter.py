"""A letter as it stands in its form: what fills it, where it goes, and what is wrong with it."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from datetime import date
from functools import cached_property
from typing import Any

from werkzeug.exceptions import NotFound

from app.core.i18n import _l, today
from app.core.panels import positive
from app.core.problems import Problem
from app.core.text import clean, clean_lines
from app.domain.banking.queries import team_account
from app.domain.customers.addressees import Addressee
from app.domain.customers.labels import labels as customer_labels
from app.domain.letters import layout, queries, rules, services
from app.domain.letters.layout import Payment, Sheet
from app.domain.letters.queries import Destination
from app.domain.templates import archive
from app.domain.templates import queries as templates
from app.domain.templates import rules as placeholders
from app.domain.templates.models import Template
from app.domain.templates.rules import Kind, open_in
from app.partials.letters.form import LetterForm

Words = tuple[str, str]
"""Subject and text."""


class Letter:
    """What the form says about a letter to this customer."""

    def __init__(self, customer_id: int, form: LetterForm):
        self.customer_id, self.form = customer_id, form
        self.form.offer(self.destinations)

    @classmethod
    def begun(cls, customer_id: int, arguments: Mapping[str, str]) -> Letter:
        """A letter by the template asked for, else by the one that was used last."""
        language = queries.language_of(customer_id)
        template = arguments.get("template", _used_last(language))
        values = {"template": template, "person": arguments.get("person"), "date": today()}
        values["key"] = secrets.token_urlsafe(12)
        letter = cls(customer_id, LetterForm.for_customer(customer_id, language, **values))
        letter.fill()
        return letter

    @classmethod
    def sent(cls, customer_id: int) -> Letter:
        """A letter as the browser sent it."""
        language = queries.language_of(customer_id)
        return cls(customer_id, LetterForm.for_customer(customer_id, language))

    @cached_property
    def template(self) -> Template | None:
        """The chosen template; one that is gone meanwhile is as good as none."""
        template_id = positive({"id": self.form.template.data or ""}, "id")
        try:
            return templates.template(template_id, Kind.LETTER) if template_id else None
        except NotFound:
            return None

    @cached_property
    def language(self) -> str:
        return self.template.language if self.template else queries.language_of(self.customer_id)

    @cached_property
    def addressee(self) -> Addressee:
        person_id = positive({"id": self.form.person.data or ""}, "id")
        return Addressee(self.customer_id, person_id, self.language)

    @cached_property
    def destinations(self) -> list[Destination]:
        return queries.destinations(self.addressee)

    @property
    def destination(self) -> Destination | None:
        """Where it goes; None if that address is gone."""
        chosen = self.form.address.data
        return next((one for one in self.destinations if one.key == chosen), None)

    @property
    def has_people(self) -> bool:
        """Whether there is anybody to choose as the addressee."""
        return len(list(self.form.person.iter_choices())) > 1

    @property
    def date(self) -> date:
        """The day it is written; today until one is given."""
        return self.form.date.data or today()

    @cached_property
    def account(self) -> Any:
        """The account a letter can ask to pay to, if there is one."""
        return team_account()

    @cached_property
    def key(self) -> str | None:
        """What the letter of this form is known by; None if the form has no name.

        Whoever goes back to a finished one and changes it writes another letter.
        """
        name = self.form.key.data
        return _digest(str(self.customer_id), str(self.form.values())) if name else None

    @property
    def is_untouched(self) -> bool:
        """Whether nobody changed what stands in it by itself."""
        words = (self.form.subject.data or "", self.form.text.data or "")
        return not any(words) or self.form.filled.data == _digest(*words)

    def fill(self) -> None:
        """Let it say what the template says of this addressee."""
        subject, text = self._words()
        names = placeholders.names(f"{subject}\n{text}")
        values = templates.values_of([self.addressee], names)[self.addressee]
        words = placeholders.filled(subject, values), placeholders.filled(text, values)
        if self.template is None:  # nobody asked for a name that the team does not have yet
            words = "", "\n".join(line for line in words[1].split("\n") if not open_in(line))
        words = clean(words[0]), clean_lines(words[1])  # as the browser sends them back
        self.form.subject.data, self.form.text.data = words
        self.form.filled.data = _digest(*words)
        for field in (self.form.subject, self.form.text, self.form.filled):
            field.raw_data = None

    def problems(self) -> list[Problem]:
        """What keeps it from being finished."""
        values, known = self.form.values(), templates.known()
        return [
            *rules.check_letter(values),
            *placeholders.check_filled("subject", values["subject"], known),
            *placeholders.check_filled("text", values["text"], known),
            *self._address_problems(),
            *self._payment_problems(values),
        ]

    def sheet(self) -> Sheet:
        """The sheet as far as it can be told, also of a letter that is not complete."""
        values = self.form.values()
        destination = self.destination or self.destinations[0]
        return services.sheet_for(
            destination.lines,
            values["subject"] or "",
            values["text"] or "",
            on=self.date,
            language=self.language,
            payment=self._payment(values),
        )

    def document(self) -> str:
        """What the renderer makes a PDF of."""
        return layout.document(self.sheet(), queries.style())

    def _words(self) -> Words:
        if self.template:
            return self.template.subject, self.template.body
        closing = archive.CLOSINGS[self.language, Kind.LETTER]
        return "", f"{placeholders.told(['salutation'])}\n\n\n\n{closing}"

    def _address_problems(self) -> list[Problem]:
        destination = self.destination
        if destination is None:
            return [Problem("address", "unknown", _l("This address is gone. Please choose again."))]
        if not destination.lacking:
            return []
        names = ", ".join(str(customer_labels[name]) for name in destination.lacking)
        return [
            Problem(
                "address", "incomplete", _l("No letter gets there without: %(names)s", names=names)
            )
        ]

    def _payment_problems(self, values: Mapping[str, Any]) -> list[Problem]:
        if values["amount"] and self.account is None:
            return [Problem("amount", "no_account", _l("The team has no bank account yet."))]
        return []

    def _payment(self, values: Mapping[str, Any]) -> Payment | None:
        """None also while the amount is still being typed."""
        if not values["amount"] or self.account is None or rules.check_payment(values):
            return None
        country = queries.style().country
        return services.payment_for(
            self.account, values["amount"], values["reference"], self.language, country
        )


def _used_last(language: str) -> str:
    """The template that a letter in this language was written with last; empty if none was."""
    rows = templates.listed(Kind.LETTER)
    used = [row for row in rows if row.used_at and row.language == language]
    return str(max(used, key=lambda row: row.used_at).id) if used else ""


def _digest(*words: str) -> str:
    return hashlib.sha256("\0".join(words).encode()).hexdigest()[:32]
