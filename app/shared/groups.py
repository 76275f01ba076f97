"""What the picker of groups sends: the groups, and what is left in the field they are found by."""

from __future__ import annotations

from typing import Any

import wtforms

from app.core.forms import CleanText, Form
from app.core.i18n import _
from app.core.panels import numbers
from app.domain.groups import queries, rules
from app.domain.groups.labels import labels

TOLD = 60
"""Characters that the complaint repeats of what was typed."""


class ChosenGroups(wtforms.Field):
    """Ids of groups, as the picker sends them."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = numbers(valuelist)
        if len(self.data) < len(valuelist):
            raise ValueError(_("Please choose groups of the list."))


class PickerForm(Form):
    """A form with a picker: whoever typed a name is not done before they chose such a group."""

    sought = CleanText(labels["groups"], id="groups-find")

    def values(self) -> dict[str, Any]:
        """What was typed, without what groups were looked for by."""
        values = super().values()
        del values["sought"]
        return values

    def validate_sought(self, field: CleanText) -> None:
        typed = field.data or ""
        if typed and not any(rules.matches(path, typed) for path in self.chosen()):
            message = _(
                "“%(typed)s” is not chosen yet. Press Enter in the field to choose it, or clear "
                "the field.",
                typed=typed[:TOLD],
            )
            raise wtforms.ValidationError(message)

    def chosen(self) -> list[str]:
        """The paths of what was chosen."""
        raise NotImplementedError


class GroupsForm(PickerForm):
    """A form in which any number of groups is chosen."""

    groups = ChosenGroups(labels["groups"])

    def chosen(self) -> list[str]:
        ids = {str(group_id) for group_id in self.groups.data or ()}
        return [path for group_id, path in queries.options() if group_id in ids]
