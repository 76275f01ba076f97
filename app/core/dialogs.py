"""The life of an edit dialog: open, mend, meet a colleague's change, save."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import Response, request

from app.core import responses
from app.core.forms import Editable, Form, differences, take_theirs
from app.core.problems import Invalid


def edit(
    template: str,
    form: Form,
    save: Callable[[dict[str, Any]], Response],
    *,
    stored: Editable | None = None,
    labels: Mapping[str, Any] | None = None,
    **context: Any,
) -> Response:
    """Answer a dialog's GET and POST.

    `save(values)` runs the verb and answers; its Invalid becomes messages at the fields. `stored`
    is what the row holds now: if it changed since the form was opened, both versions are shown
    and nothing is lost.
    """
    context |= {"form": form, "conflict": None}
    if request.method != "POST":
        form.version.data = stored.version if stored else ""
        return responses.show(template, **context)
    if form.rearranged():
        return responses.show(template, **context)
    if stored:
        form.remember(stored.values)
        take_theirs(form, stored)
        if (form.version.data or "") != stored.version:
            form.version.data = stored.version
            form.version.raw_data = None
            context["conflict"] = differences(form, stored, labels or {})
            return responses.conflicting(template, **context)
    if not form.validate():
        return responses.invalid(template, **context)
    try:
        return save(form.values())
    except Invalid as refusal:
        form.tell(refusal.problems)
        return responses.invalid(template, **context)
