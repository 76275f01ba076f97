from __future__ import annotations

from typing import Any

from wtforms import BooleanField

from app.core.forms import Choice, CleanText
from app.core.i18n import _
from app.domain.groups import queries
from app.domain.groups.labels import labels
from app.shared.groups import PickerForm


def places() -> list[tuple[str, Any]]:
    """Where a group can lie: at the top, or below any other one."""
    return [("", _("At the top")), *queries.options()]


class GroupForm(PickerForm):
    sought = CleanText(labels["parent"], id="group-parent-find")
    name = CleanText(labels["name"], id="group-name")
    parent_id = Choice(labels["parent"], choices=places, id="group-parent")
    no_information = BooleanField(labels["no_information"], id="group-silent")

    def chosen(self) -> list[str]:
        return [str(path) for value, path in places() if value == (self.parent_id.data or "")]
