from __future__ import annotations

import wtforms

from app.shared.groups import GroupsForm


class GroupsOfCustomerForm(GroupsForm):
    """`shown` are the groups that were ticked when the form was opened."""

    shown = wtforms.HiddenField()
