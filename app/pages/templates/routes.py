from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from flask import Blueprint, Response, request, url_for

from app.core import responses
from app.core.database import reads_first
from app.core.dialogs import edit as edit_dialog
from app.core.forms import Editable
from app.core.i18n import _
from app.core.panels import positive
from app.core.templating import render
from app.domain.groups.rules import free_name
from app.domain.templates import archive, queries, rules, services
from app.domain.templates.labels import template_labels
from app.domain.templates.rules import Kind
from app.pages.templates import views
from app.pages.templates.form import CategoryForm, TemplateForm
from app.shared.preferences import team

blueprint = Blueprint("templates", __name__)

FORM = "templates/edit.html"
CATEGORY = "templates/category.html"


@blueprint.get("/templates")
def show() -> Response:
    """All templates of a kind."""
    return responses.show("templates/page.html", **views.page(_kind()))


@blueprint.get("/templates/<int:template_id>")
def one(template_id: int) -> Response:
    """A template as it is for a customer, to look at."""
    template = queries.template(template_id)
    typed = {"language": template.language, "subject": template.subject, "body": template.body}
    preview = views.preview(typed, positive(request.args, "customer"))
    category = queries.category(template.category_id) if template.category_id else None
    return responses.show(
        "templates/one.html", template=template, category=category, preview=preview
    )


@blueprint.get("/templates/archive")
def start() -> Response:
    """What a new template can begin with."""
    kind = _kind()
    return responses.show("templates/start.html", kind=kind, drafts=views.drafts(kind))


@blueprint.route("/templates/new", methods=["GET", "POST"])
def new() -> Response:
    """The form of a new template: empty, a copy of another one, or one of the archive."""
    kind = _kind()

    def save(values: dict[str, Any]) -> Response:
        services.create_template(kind, _stored(values))
        return _saved(kind, _("Template %(name)s created", name=values["name"]), values)

    form = TemplateForm.of(_beginning(kind) if request.method == "GET" else None)
    return _editor(form, save, kind=kind, edited=None)


@blueprint.route("/templates/<int:template_id>/edit", methods=["GET", "POST"])
def edit(template_id: int) -> Response:
    """The form of a template."""
    template = queries.template(template_id)

    def save(values: dict[str, Any]) -> Response:
        services.edit_template(template_id, _stored(values))
        text = _("Template %(name)s saved", name=values["name"])
        return _saved(template.kind, text, values)

    stored = queries.editable(template)
    form = TemplateForm.of(stored.values)
    return _editor(form, save, stored=stored, kind=template.kind, edited=template)


@blueprint.post("/templates/preview")
@reads_first
def preview() -> Response:
    """What is being typed, as it is for a customer."""
    chosen = positive(request.form, "chosen")
    found = views.preview(TemplateForm(request.form).values(), chosen or _customer())
    context = {"preview": found, "palette": views.palette(found), "chosen": chosen}
    return responses.answer(render("templates/fresh.html", **context))


@blueprint.get("/templates/customers")
def customers() -> Response:
    """Customers to preview with; with `template` they lead to that one."""
    words = request.args.get("q", "")[:200]
    context = {
        "hits": views.hits(words),
        "query": words,
        "template_id": positive(request.args, "template"),
    }
    if responses.is_fragment():
        return responses.answer(render("templates/hits.html", **context))
    return responses.show("templates/customers.html", **context)


@blueprint.post("/templates/<int:template_id>/removal")
def remove(template_id: int) -> Response:
    """Take a template away; the toast takes it back."""
    template = queries.template(template_id)
    services.remove_template(template_id)
    undo = url_for(".restore", template_id=template_id)
    return _changed(template.kind, _("Template %(name)s removed", name=template.name), undo)


@blueprint.post("/templates/<int:template_id>/restoration")
def restore(template_id: int) -> Response:
    """Bring a removed template back."""
    template = queries.template(template_id, removed=True)
    services.restore_template(template_id)
    return _changed(template.kind, _("Template %(name)s is back", name=template.name))


@blueprint.route("/templates/categories/new", methods=["GET", "POST"])
def new_category() -> Response:
    """The form of a new category."""

    def save(values: dict[str, Any]) -> Response:
        services.create_category(values["name"])
        return _changed(_kind(), _("Category %(name)s created", name=values["name"]))

    return edit_dialog(CATEGORY, CategoryForm.of(), save, category=None, kind=_kind())


@blueprint.route("/templates/categories/<int:category_id>/edit", methods=["GET", "POST"])
def edit_category(category_id: int) -> Response:
    """The form of a category: its name."""
    category = queries.category(category_id)

    def save(values: dict[str, Any]) -> Response:
        services.rename_category(category_id, values["name"])
        return _changed(_kind(), _("Category %(name)s saved", name=values["name"]))

    values = {"name": category.name}
    return edit_dialog(
        CATEGORY,
        CategoryForm.of(values),
        save,
        stored=Editable(values, str(category.version)),
        labels=template_labels,
        category=category,
        kind=_kind(),
        hindrance=services.hindrance_to_delete(category_id),
    )


@blueprint.route("/templates/categories/<int:category_id>/deletion", methods=["GET", "POST"])
def delete_category(category_id: int) -> Response:
    """Ask, and then delete a category."""
    category = queries.category(category_id)
    if request.method == "POST":
        services.delete_category(category_id)
        return _changed(_kind(), _("Category %(name)s deleted", name=category.name))
    hindrance = services.hindrance_to_delete(category_id)
    context = {"category": category, "kind": _kind(), "hindrance": hindrance}
    return responses.show("templates/deletion.html", **context)


def _kind() -> str:
    """Mails, unless the address asks for letters."""
    return Kind.LETTER if request.args.get("kind") == Kind.LETTER else Kind.MAIL


def _customer() -> int | None:
    """Who is previewed with: as chosen in the form, else as the address tells."""
    return positive(request.values, "customer")


def _beginning(kind: str) -> dict[str, Any]:
    """What the form of a new template holds at first."""
    taken = [row.name for row in queries.listed(kind)]
    if copied := positive(request.args, "copy"):
        values = queries.editable(queries.template(copied)).values
        return values | {"name": free_name(values["name"], taken)}
    if "archive" not in request.args:
        return {"language": team().language}
    key, language = request.args["archive"], request.args.get("language", "")
    draft = archive.draft(kind, language, key, team().country)
    return {
        "name": free_name(draft.name, taken),
        "category_id": _category_named(draft.category),
        "language": language,
        "subject": draft.subject,
        "body": draft.body,
    }


def _category_named(name: str) -> str:
    """The category that a draft of the archive belongs to, if the team has it."""
    wanted = rules.sort_key(name)
    found = (str(row.id) for row in queries.categories() if row.name_sort == wanted)
    return next(found, "")


def _editor(form: TemplateForm, save: Any, **context: Any) -> Response:
    """The form beside the preview of what is typed; `check` only looks at that."""
    look = partial(views.preview, form.values(), _customer())
    context |= {"look": look, "offer": views.palette}
    if "check" in request.form:
        context.pop("stored", None)
        return responses.show(FORM, form=form, conflict=None, **context)
    return edit_dialog(FORM, form, save, labels=template_labels, **context)


def _stored(values: Mapping[str, Any]) -> dict[str, Any]:
    """What the form holds, as the verbs take it."""
    category_id = values["category_id"]
    return {**values, "category_id": int(category_id) if category_id else None}


def _saved(kind: str, text: str, values: Mapping[str, Any]) -> Response:
    """Back to the list; what the customer of the preview lacks is named."""
    found = views.preview(values, _customer())
    if found and found.empty:
        told = {"name": found.customer.name, "names": found.empty}
        text += ". " + _("Empty for %(name)s: %(names)s", **told)
    return responses.moved(url_for(".show", kind=kind), text)


def _changed(kind: str, text: str, undo: str | None = None) -> Response:
    """The list anew, of the kind that is on screen."""
    listed = render("templates/list.html", kind=kind, groups=views.groups(kind))
    to = url_for(".show", kind=kind)
    return responses.saved(None, text, undo=undo, to=to, fresh={"template-list": listed})
