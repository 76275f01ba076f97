from __future__ import annotations

from app.core.forms import Form
from app.domain.groups.labels import labels
from app.shared.groups import ChosenGroups


class MembersForm(Form):
    groups = ChosenGroups(labels["groups"])
