"""Forms: what was typed, cleaned; what is wrong with it, at its field; who else changed it.

The shape of a value (a date, a number) is checked by WTForms, what must hold by the rules of the
domain, whose problems `tell` puts at the fields. The CSRF token is checked once, at the boundary.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, Self, cast

import wtforms
from flask import request
from markupsafe import Markup
from wtforms import FieldList, HiddenField
from wtforms.fields.choices import Choice as Offered
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Optional
from wtforms.widgets import html_params

from app.core import i18n, money, text
from app.core.i18n import _, _l
from app.core.problems import Problem
from app.core.registry import registry

MOST_ROWS = 50


class Form(wtforms.Form):
    """Base of every form; `version` is what the row's version was when the form was opened."""

    version = HiddenField()

    class Meta(wtforms.Form.Meta):
        locales = False

    @classmethod
    def of(cls, values: Mapping[str, Any] | None = None, **more: Any) -> Self:
        """The form as sent, or filled with these values when it is opened."""
        if request.method == "POST":
            return cls(request.form, **more)
        return cls(data=dict(values or {}), **more)

    def values(self) -> dict[str, Any]:
        """What was typed, without rows left empty."""
        return {
            field.short_name: _filled(field) if isinstance(field, FieldList) else field.data
            for field in self
            if field.short_name != "version"
        }

    def remember(self, stored: Mapping[str, Any]) -> None:
        """Let a list keep the value that is stored, though it does not offer it (any more)."""
        for name, value in stored.items():
            if isinstance(field := self._fields.get(name), Choice):
                field.object_data = value

    def tell(self, problems: Iterable[Problem]) -> None:
        """Put problems at their fields; what belongs to no field stands at the top."""
        for problem in problems:
            field = self.find(problem.field)
            if problem.level == "warning":
                if field is not None:
                    field.warnings = [*getattr(field, "warnings", ()), problem.message]
            elif field is None or isinstance(field, FieldList):
                if problem.message not in self.form_errors:  # every line may have the same
                    self.form_errors.append(problem.message)
            else:
                field.errors = [*field.errors, problem.message]

    def find(self, name: str) -> Any:
        """The field of a name like `bic`, or `emails-1-address` (the second filled row)."""
        rows, _dash, inner = name.partition("-")
        index, _dash, inner = inner.partition("-")
        found = self._fields.get(rows)
        if isinstance(found, FieldList) and _is_row(index):
            filled = _filled_rows(found)
            row = filled[int(index)] if int(index) < len(filled) else None
            return row.form._fields.get(inner) if row else None
        return self._fields.get(name)

    def rearranged(self) -> bool:
        """Add or drop a row when one of those buttons was pressed, without saving."""
        add, drop = request.form.get("add"), request.form.get("drop")
        if add and isinstance(rows := self._fields.get(add), FieldList):
            if len(rows.entries) < MOST_ROWS:
                rows.append_entry()
            return True
        name, _dash, index = (drop or "").rpartition("-")
        if isinstance(rows := self._fields.get(name), FieldList) and _is_row(index):
            if int(index) < len(rows.entries):
                cast(Any, rows).pop_entry(int(index))
            return True
        return "add" in request.form or "drop" in request.form


class RowList(FieldList):
    """Rows of small forms; keys that number no row are nobody's."""

    def _extract_indices(self, prefix: str, formdata: Any) -> Iterator[int]:
        for key in formdata:
            index = key.removeprefix(f"{prefix}-").partition("-")[0]
            if key.startswith(f"{prefix}-") and _is_row(index):
                yield int(index)


def _is_row(index: str) -> bool:
    return index.isascii() and index.isdigit() and len(index) < 5


class CleanText(wtforms.StringField):
    """One line: trimmed, blanks collapsed, in composed Unicode form."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        typed = str(valuelist[0]) if valuelist else ""
        self.data = _cleaned(self, typed, text.clean)


class CleanLines(wtforms.TextAreaField):
    """Several lines, kept as typed but for line ends and characters nobody can store."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        typed = str(valuelist[0]) if valuelist else ""
        self.data = _cleaned(self, typed, text.clean_lines)


class Day(wtforms.DateField):
    """A date, from the date picker or typed as 24.11.2026."""

    def __init__(self, label: Any = None, **kwargs: Any):
        formats = ["%Y-%m-%d", "%d.%m.%Y"]
        super().__init__(label, [Optional()], format=formats, **kwargs)

    def process_formdata(self, valuelist: list[Any]) -> None:
        try:
            super().process_formdata([str(typed).strip() for typed in valuelist])
        except ValueError as error:
            raise ValueError(_("This is no date. Please write it like 24.11.2026.")) from error


class WholeNumber(wtforms.IntegerField):
    """A number in digits and nothing else; anything else is None, kept as typed."""

    widget = wtforms.widgets.TextInput()

    def process_formdata(self, valuelist: list[Any]) -> None:
        typed = str(valuelist[0]).strip() if valuelist else ""
        is_number = typed.isascii() and typed.isdecimal() and len(typed) < 19
        self.data = int(typed) if is_number else None


class AmountField(wtforms.StringField):
    """A decimal number typed in the user's way; `data` is a Decimal, or None if nothing was typed.

    It is shown with at least `digits` decimals. What is no number stays as it was typed.
    """

    def __init__(self, label: Any = None, digits: int = 0, **kwargs: Any):
        super().__init__(label, **kwargs)
        self.digits = digits

    def process_formdata(self, valuelist: list[Any]) -> None:
        typed = str(valuelist[0]).strip() if valuelist else ""
        self.data: Any = read_number(typed) if typed else None

    def _value(self) -> str:
        if self.raw_data:
            return _harmless(str(self.raw_data[0]))
        value: Any = self.data
        return "" if value is None else money.typed(value, i18n.locale(), self.digits)


def read_number(typed: str) -> Decimal:
    """The number that was typed; a ValueError tells people how to write it."""
    try:
        return money.parse_amount(typed)
    except ValueError as error:
        if money.is_ambiguous(typed):
            message = _(
                "Thousands or decimals? "
                "Please write it like 1234 or 1.23; three decimals as 1.2340."
            )
        else:
            message = _("Please write a number like 1.234,56 or 1234.56.")
        raise ValueError(message) from error


class _OneOf(wtforms.SelectField):
    """A field that takes one of `choices`: (value, label) pairs, a mapping, or a function."""

    def __init__(self, label: Any = None, choices: Any = (), **kwargs: Any):
        choices = choices if callable(choices) else _listed(choices)
        message = _l("Please choose one of the list.")
        known: Any = {"choices": choices, "invalid_choice_message": message} | kwargs
        known.setdefault("invalid_value_message", message)
        super().__init__(label, **known)


class Choice(_OneOf):
    """One of a list to open; a stored value that is no longer in it may stay."""

    def iter_choices(self) -> list[Offered]:
        offered: list[Offered] = list(super().iter_choices())
        is_stored = self.data and self.data == self.object_data
        if is_stored and not any(choice.selected for choice in offered):
            offered.append(Offered(self.data, self.data, True, {}))
        return offered


class Options(_OneOf, wtforms.RadioField):
    """One of a few, all of them in sight."""


class Country(wtforms.SelectField):
    """An ISO 3166 country, the neighbours first. Its 250 options are kept rendered."""

    def __init__(self, label: Any = None, **kwargs: Any):
        message = _l("Please choose one of the list.")
        known: Any = {"choices": lambda: _listed(i18n.countries())} | kwargs
        super().__init__(label, **known | {"invalid_choice_message": message})

    def widget(self, field: Any, **attributes: Any) -> Markup:
        attributes = {"id": self.id, "name": self.name} | attributes
        options = _country_options(i18n.countries(), self.data or "")
        return Markup("<select {}>{}</select>").format(Markup(html_params(**attributes)), options)

    def pre_validate(self, form: wtforms.form.BaseForm) -> None:
        if self.data and self.data not in dict(i18n.countries()):
            raise wtforms.ValidationError(str(self.invalid_choice_message))


def _listed(choices: Any) -> list[SelectChoice]:
    pairs = choices.items() if isinstance(choices, Mapping) else choices
    return [SelectChoice(value=value, label=label) for value, label in pairs]


@lru_cache(maxsize=64)
def _country_options(countries: tuple[tuple[str, str], ...], chosen: str) -> Markup:
    return Markup('<option value="">–</option>') + Markup("").join(
        Markup('<option value="{}"{}>{}</option>').format(
            code, Markup(" selected") if code == chosen else "", name
        )
        for code, name in countries
    )


@dataclass(frozen=True)
class Difference:
    """One field that somebody else saved otherwise than typed here."""

    field: str
    label: Any
    mine: str
    theirs: str


@dataclass(frozen=True)
class Conflict:
    """What somebody else saved while the form was open."""

    by: str
    at: datetime | None
    rows: list[Difference]


@dataclass(frozen=True)
class Editable:
    """Values as they are stored, the version they have, and who last changed them."""

    values: dict[str, Any]
    version: str
    by: str = ""
    at: datetime | None = None


def differences(form: Form, stored: Editable, labels: Mapping[str, Any]) -> Conflict:
    """Typed beside stored, for the fields in which they differ."""
    typed = form.values()
    rows = [
        Difference(name, labels.get(name, name), *_said(form[name], typed[name], theirs))
        for name, theirs in stored.values.items()
        if name in typed and (typed[name] or None) != (theirs or None)
    ]
    return Conflict(stored.by, stored.at, rows)


def take_theirs(form: Form, stored: Editable) -> None:
    """Where the user chose what somebody else saved, put it into the form."""
    for name, theirs in stored.values.items():
        if request.form.get(f"choose-{name}") == "theirs" and name in form:
            field = form[name]
            if isinstance(field, FieldList):
                field.process(None, theirs)
            else:
                field.data, field.raw_data = theirs, None


def told(value: Any, field: str = "") -> str:
    """A value in words, for the comparison of two versions and for the history.

    `field` tells that it is one of a list or a country, which then is called by its name.
    """
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, datetime):
        return i18n.moment(value if value.tzinfo else value.replace(tzinfo=i18n.zone()))
    if isinstance(value, date):
        return i18n.day(value)
    if isinstance(value, Decimal):
        return money.typed(value, i18n.locale())
    if isinstance(value, list):
        return "; ".join(told(item) for item in value) or "–"
    if isinstance(value, Mapping):
        return " ".join(told(part, name) for name, part in value.items() if part)
    if field == "country":
        return i18n.country_name(value)
    return str(registry().choices.get(field, {}).get(value, value))


def _said(field: Any, *values: Any) -> list[str]:
    """Values of a field in words; what its own list offers is called as it is there."""
    choices: Any = field.iter_choices() if isinstance(field, _OneOf) else ()
    names = [(choice.value, str(choice.label)) for choice in choices if choice.value]
    return [
        next((name for offered, name in names if offered == value), None)
        or told(value, field.short_name)
        for value in values
    ]


UNSTORABLE = _l("This contains characters that cannot be stored.")


def _cleaned(field: Any, typed: str, clean: Any) -> str:
    try:
        return clean(typed)
    except ValueError as error:
        field.data = _harmless(typed)
        raise ValueError(str(UNSTORABLE)) from error


def _harmless(typed: str) -> str:
    """What was typed, without what no page can show."""
    return typed.replace("\0", "").encode(errors="ignore").decode()


def _filled(rows: FieldList) -> list[Any]:
    return [
        {key: value for key, value in row.data.items() if key != "version"}
        for row in _filled_rows(rows)
    ]


def _filled_rows(rows: FieldList) -> list[Any]:
    """The rows in which something besides the label was typed."""
    return [
        row
        for row in rows.entries
        if any(value for key, value in row.data.items() if key not in ("label", "version"))
    ]
