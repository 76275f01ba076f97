from __future__ import annotations

from app.core.forms import Form
from app.domain.groups.labels import labels
from app.partials.groups.form import Chosen


class MembersForm(Form):
    groups = Chosen(labels["groups"])
