"""What the picker of groups sends."""

from __future__ import annotations

from typing import Any

import wtforms

from app.core.i18n import _
from app.core.panels import numbers


class ChosenGroups(wtforms.Field):
    """Ids of groups, as the picker sends them."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = numbers(valuelist)
        if len(self.data) < len(valuelist):
            raise ValueError(_("Please choose groups of the list."))
