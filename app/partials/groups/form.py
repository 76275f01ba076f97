from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import wtforms

from app.core.forms import Form
from app.core.i18n import _
from app.domain.groups.labels import labels


class Chosen(wtforms.Field):
    """Ids of groups, as the picker sends them."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = ids(valuelist)
        if len(self.data) < len(valuelist):
            raise ValueError(_("Please choose groups of the list."))


class GroupsForm(Form):
    """`shown` are the groups that were ticked when the form was opened."""

    groups = Chosen(labels["groups"])
    shown = wtforms.HiddenField()


def ids(texts: Iterable[str]) -> list[int]:
    """Those of the texts that are whole numbers."""
    return [int(text) for text in texts if text.isdecimal() and len(text) < 19]
