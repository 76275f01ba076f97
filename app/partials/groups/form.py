from __future__ import annotations

import wtforms

from app.core.forms import Form
from app.domain.groups.labels import labels
from app.shared.groups import ChosenGroups


class GroupsForm(Form):
    """`shown` are the groups that were ticked when the form was opened."""

    groups = ChosenGroups(labels["groups"])
    shown = wtforms.HiddenField()
