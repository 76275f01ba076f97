from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, request, url_for

from app.core import responses
from app.core.database import reads_first, writing
from app.core.dialogs import edit as edit_dialog
from app.core.i18n import _, _n
from app.core.panels import positive
from app.core.problems import Problem
from app.core.responses import Toast
from app.domain.documents import queries, rules, services
from app.domain.documents.labels import labels
from app.partials.documents import views
from app.partials.documents.form import NameForm, UploadForm
from app.shared.downloads import download
from app.shared.uploads import kept_uploads

blueprint = Blueprint("documents", __name__)

UPLOAD = "documents/upload.html"
RENAME = "documents/rename.html"


@blueprint.route("/new", methods=["GET", "POST"])
@reads_first
def new(customer_id: int) -> Response:
    """The form that takes files, one or several in a request.

    With script each file comes by itself and tells how many are `stored` of those chosen with it.
    """
    form = UploadForm()
    if request.method != "POST":
        return responses.show(UPLOAD, form=form, limit=views.limit(), customer_id=customer_id)
    uploads, problems = kept_uploads()
    if not uploads:
        return _refused(form, problems, customer_id)
    writing()
    services.add_documents(customer_id, uploads)
    before = positive(request.form, "stored") or 0
    return responses.saved(
        customer_id,
        _uploaded([upload.name for upload in uploads], before),
        also=[Toast(text=str(problem.message), kind="error") for problem in problems],
    )


@blueprint.get("/<int:document_id>")
def file(customer_id: int, document_id: int) -> Response:
    """The file itself: always to be kept, never to be shown, whatever it is."""
    document = queries.document(customer_id, document_id)
    return download(document.digest, document.name)


@blueprint.route("/<int:document_id>/edit", methods=["GET", "POST"])
def edit(customer_id: int, document_id: int) -> Response:
    """The form of a document's name."""

    def save(values: dict[str, Any]) -> Response:
        services.rename_document(customer_id, document_id, values)
        return responses.saved(customer_id, _("Document renamed"))

    document = queries.document(customer_id, document_id)
    stored = queries.editable(document)
    return edit_dialog(
        RENAME,
        NameForm.of(stored.values),
        save,
        stored=stored,
        labels=labels,
        customer_id=customer_id,
        document=document,
    )


@blueprint.post("/<int:document_id>/removal")
def remove(customer_id: int, document_id: int) -> Response:
    """Take a document away; the toast takes it back."""
    name = rules.told(queries.document(customer_id, document_id).name)
    services.remove_document(customer_id, document_id)
    undo = url_for(".restore", customer_id=customer_id, document_id=document_id)
    return responses.saved(customer_id, _("“%(name)s” removed", name=name), undo=undo)


@blueprint.post("/<int:document_id>/restoration")
def restore(customer_id: int, document_id: int) -> Response:
    """Bring a removed document back."""
    services.restore_document(customer_id, document_id)
    name = rules.told(queries.document(customer_id, document_id).name)
    return responses.saved(customer_id, _("“%(name)s” is back", name=name))


def _refused(form: UploadForm, problems: list[Problem], customer_id: int) -> Response:
    if not problems:
        form.tell([Problem("files", "required", _("Please choose a file."))])
        return responses.invalid(UPLOAD, form=form, limit=views.limit(), customer_id=customer_id)
    if responses.is_fragment():
        sentences = " ".join(str(problem.message) for problem in problems)
        return responses.failed(413, _("Too large"), sentences)
    form.tell(problems)
    return responses.show(UPLOAD, 413, form=form, limit=views.limit(), customer_id=customer_id)


def _uploaded(names: list[str], before: int) -> str:
    count = before + len(names)
    if count == 1:
        return _("“%(name)s” is uploaded", name=rules.told(names[0]))
    return _n("%(num)d document uploaded", "%(num)d documents uploaded", count)
