from __future__ import annotations

from typing import Any

import wtforms
from wtforms.fields.choices import SelectChoice

from app.core.forms import Choice, Day, Form, Options
from app.core.i18n import _, _l, today
from app.core.problems import Problem
from app.domain.factura.export import Wanted
from app.domain.factura.labels import many
from app.domain.factura.rules import Kind
from app.domain.transfer.export import GERMAN_EXCEL, PLAIN
from app.shared.periods import EVER, NAMES, RANGE, SPANS

STYLES = {"excel": GERMAN_EXCEL, "plain": PLAIN}
BOOKED = (Kind.INVOICE, Kind.CREDIT_NOTE)
"""What every tax adviser wants."""


class Kinds(wtforms.SelectMultipleField):
    """Some kinds of documents, ticked."""

    def __init__(self, label: Any = None, **kwargs: Any):
        message = _l("Please choose one of the list.")
        super().__init__(label, **kwargs | {"invalid_choice_message": message})

    widget = wtforms.widgets.ListWidget()
    option_widget = wtforms.widgets.CheckboxInput()


class ExportForm(Form):
    """Which documents go into the table, and how it is written."""

    period = Choice(
        _l("Period"),
        choices={name: label for name, label in NAMES.items() if name != EVER},
        default="last_month",
    )
    since = Day(_l("First day"))
    until = Day(_l("Last day"))
    kinds = Kinds(
        _l("Documents"),
        choices=[SelectChoice(value=kind, label=label) for kind, label in many.items()],
        default=BOOKED,
    )
    style = Options(
        _l("Made for"),
        choices={"excel": _l("Excel, with decimal comma"), "plain": _l("Other programs")},
        default="excel",
    )

    def validate_kinds(self, field: Any) -> None:
        if not field.data:
            raise wtforms.ValidationError(_("Please choose at least one kind."))

    def check_days(self) -> list[Problem]:
        """What is wrong with the days where they are told one by one."""
        since, until = self.since, self.until
        if self.period.data != RANGE or since.errors or until.errors:
            return []
        if not since.data:
            return [Problem("since", "required", _l("From which day on?"))]
        if not until.data:
            return [Problem("until", "required", _l("Until which day?"))]
        if until.data < since.data:
            message = _l("The last day cannot be before the first one.")
            return [Problem("until", "too_early", message)]
        return []

    def wanted(self) -> Wanted:
        """What the form asks for once it is valid."""
        span = SPANS.get(self.period.data)
        since, until = span(today()) if span else (self.since.data, self.until.data)
        assert since
        assert until
        return Wanted(since, until, [Kind(kind) for kind in self.kinds.data or ()])
