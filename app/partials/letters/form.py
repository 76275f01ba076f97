from __future__ import annotations

from typing import Any, Self

from wtforms import HiddenField
from wtforms.fields.choices import SelectChoice

from app.core.forms import Choice, CleanLines, CleanText, Day, Form, Options
from app.core.i18n import _, _l
from app.domain.letters import queries
from app.domain.letters.queries import MAIN, Destination
from app.domain.messages.labels import labels
from app.domain.templates import queries as templates
from app.domain.templates.rules import Kind

HIDDEN = {"type": "hidden"}


class LetterForm(Form):
    """A letter while it is written.

    `key` names the form, so that one that is sent twice is one letter; `filled` tells what stood in
    it by itself.
    """

    key = HiddenField()
    template = Choice(_l("Template"))
    person = Choice(_l("To"))
    address = Options(_l("Address"), default=MAIN)
    date = Day(_l("Date"))
    subject = CleanText(labels["subject"], render_kw={"autocomplete": "off", "maxlength": 300})
    text = CleanLines(labels["text"], render_kw={"rows": 16})
    amount = CleanText(
        _l("Amount in euros"), render_kw={"inputmode": "decimal", "autocomplete": "off"}
    )
    reference = CleanText(_l("Reference"), render_kw={"autocomplete": "off", "maxlength": 140})
    filled = CleanText(render_kw=HIDDEN)

    @classmethod
    def for_customer(cls, customer_id: int, language: str, **values: Any) -> Self:
        """The form with the templates and contact persons there are."""
        form = cls.of(values)
        offered = templates.choices(Kind.LETTER, language)
        form.template.choices = [
            SelectChoice(value="", label=_("Empty letter")),
            *(SelectChoice(str(one.id), one.name, optgroup=one.group) for one in offered),
        ]
        people = queries.people(customer_id)
        form.person.choices = [SelectChoice(id, name) for id, name in people]
        if form.person.data is None:
            form.person.data = people[0][0]
        return form

    def offer(self, destinations: list[Destination]) -> None:
        """The addresses a letter can go to; one that is gone meanwhile is not kept."""
        self.address.choices = [SelectChoice(one.key, one.key) for one in destinations]
