from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, abort, request, url_for

from app.core import responses
from app.core.database import reads_first, writing
from app.core.i18n import _, _l, _n, number
from app.core.panels import numbers
from app.core.problems import Problem
from app.domain.groups import queries, rules, services
from app.shared import listing
from app.shared.chosen import Chosen, chosen
from app.shared.groups import GroupsForm
from app.shared.preferences import last_list

blueprint = Blueprint("group_members", __name__)

DIALOG = "group_members/dialog.html"


@dataclass(frozen=True)
class Deed:
    """What is done with the chosen customers, and how it is told."""

    title: Callable[[int], str]
    button: Any
    do: Callable[[int, list[int]], int | None]
    done: Callable[[int, str], str]
    left: Callable[[int], str]
    nobody: Any


ADDING = Deed(
    lambda n: _n(
        "Add %(count)s customer to groups", "Add %(count)s customers to groups", n, count=number(n)
    ),
    _l("Add to groups"),
    services.add_members,
    lambda n, groups: _n(
        "%(count)s customer added to %(groups)s",
        "%(count)s customers added to %(groups)s",
        n,
        count=number(n),
        groups=groups,
    ),
    lambda n: _n("%(count)s was in it already", "%(count)s were in it already", n, count=number(n)),
    _l("All of them were in it already."),
)
REMOVING = Deed(
    lambda n: _n(
        "Remove %(count)s customer from groups",
        "Remove %(count)s customers from groups",
        n,
        count=number(n),
    ),
    _l("Remove from groups"),
    services.remove_members,
    lambda n, groups: _n(
        "%(count)s customer removed from %(groups)s",
        "%(count)s customers removed from %(groups)s",
        n,
        count=number(n),
        groups=groups,
    ),
    lambda n: _n("%(count)s was not in it", "%(count)s were not in it", n, count=number(n)),
    _l("None of them was in it."),
)


@blueprint.post("/customers/groups/addition")
@reads_first
def add() -> Response:
    """Put the chosen customers into groups; without groups, ask for them."""
    return _change(ADDING, before=[])


@blueprint.post("/customers/groups/removal")
@reads_first
def remove() -> Response:
    """Take the chosen customers out of groups; the one the list shows is proposed."""
    shown = listing.of_form(request.form.get("found", "")).filter.group_id
    return _change(REMOVING, before=[shown] if shown else [])


@blueprint.post("/customers/groups/reversal")
def undo() -> Response:
    """Take back what was done: every `change` that the address names."""
    changes = numbers(request.args.getlist("change"))
    if not changes:
        abort(404)
    concerned = sum(services.undo_change(change_id) for change_id in changes)
    text = _n(
        "Undone for %(count)s customer",
        "Undone for %(count)s customers",
        concerned,
        count=number(concerned),
    )
    return responses.saved(None, text, to=last_list(), fresh=listing.fresh())


def _change(deed: Deed, before: list[int]) -> Response:
    """The dialog says how many they are; if they are others by now, it is shown again.

    The list is searched before the write lock is taken; then only those it found are looked at.
    """
    choice, seen = chosen(request.form), request.form.get("seen")
    if seen is None:
        form = GroupsForm(data={"groups": before})
        return responses.show(DIALOG, **_context(deed, form, choice))
    form = GroupsForm.of()
    if choice.digest != seen:
        return responses.conflicting(DIALOG, **_context(deed, form, choice))
    writing()
    if not choice.are_there():
        return responses.conflicting(DIALOG, **_context(deed, form, chosen(request.form)))
    if not form.validate() or _complain(form):
        return responses.invalid(DIALOG, **_context(deed, form, choice))
    return _done(deed, choice.ids, form.values()["groups"])


def _context(deed: Deed, form: GroupsForm, choice: Chosen) -> dict[str, Any]:
    return {
        "form": form,
        "title": deed.title(len(choice.ids)),
        "button": deed.button,
        "choice": choice,
        "is_other": request.form.get("seen", choice.digest) != choice.digest,
        "options": queries.options(),
        "back": _back(),
    }


def _back() -> str:
    """The list that the customers were chosen in."""
    return listing.of_form(request.form.get("found", "")).url()


def _complain(form: GroupsForm) -> bool:
    """Whether the groups that were sent will not do; the form says why."""
    groups = form.values()["groups"] or []
    message = None
    if not groups:
        message = _l("Please choose a group.")
    elif queries.known(groups) != set(groups):
        message = _l("One of these groups is gone. Please look at them again.")
    if message:
        form.tell([Problem("groups", "unknown", message)])
    return message is not None


def _done(deed: Deed, customer_ids: list[int], groups: list[int]) -> Response:
    found = [deed.do(group_id, customer_ids) for group_id in dict.fromkeys(groups)]
    changes = [queries.change(change_id) for change_id in found if change_id is not None]
    if not changes:
        return responses.saved(None, str(deed.nobody), to=_back(), replaced=listing.fresh())
    concerned = {customer_id for change in changes for customer_id in change.customer_ids}
    paths = [rules.in_short(queries.path_of(group_id)) for group_id in dict.fromkeys(groups)]
    names = ", ".join(_("“%(name)s”", name=path) for path in paths)
    text = deed.done(len(concerned), names)
    if left := len(customer_ids) - len(concerned):
        text += f" ({deed.left(left)})"
    undo_url = url_for(".undo", change=[change.id for change in changes])
    return responses.saved(None, text, undo=undo_url, to=_back(), replaced=listing.fresh())
