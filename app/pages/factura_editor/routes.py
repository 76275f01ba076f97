from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, request, url_for
from werkzeug.datastructures import MultiDict

from app.core import responses
from app.core.database import reads_first, writing
from app.core.dialogs import edit as edit_dialog
from app.core.i18n import _, price
from app.core.panels import positive
from app.core.templating import render
from app.domain.articles import queries as articles
from app.domain.customers import queries as customers
from app.domain.factura import queries, services
from app.domain.factura.rules import Kind
from app.pages.factura_editor import form as forms
from app.pages.factura_editor import settling
from app.pages.factura_editor.draft import Draft
from app.pages.factura_editor.form import NEW, WRITTEN
from app.shared import trashed

blueprint = Blueprint("factura_editor", __name__)

PAGE, FORM, FRESH = (f"factura_editor/{name}.html" for name in ("page", "editor", "fresh"))
KEPT = {"title": "factura_editor/heading.html", "editor": "factura_editor/whole.html"}
WHOM, HITS, OFFER = (f"factura_editor/{name}.html" for name in ("whom", "hits", "articles"))
REARRANGING = ("add", "drop", "move", "insert", "chosen", "count")
"""Names of the buttons that save nothing."""
MOST_HITS = 10


@blueprint.route("/factura/new", methods=["GET", "POST"])
@reads_first
def new() -> Response:
    """Write a document; without a customer choose one first."""
    typed = _typed()
    asked = (typed, "customer_id") if request.method == "POST" else (request.args, "customer")
    customer_id = positive(*asked)
    if customer_id is None:
        return responses.show(WHOM, **_found())
    if refusal := trashed.refusal(customer_id):
        return refusal
    if request.method == "GET":
        return _page(Draft.begun(_kind(), customer_id))

    def save(draft: Draft) -> int:
        writing()
        return services.add_draft(draft.values(), draft.key)

    return _posted(Draft.sent(typed), save)


@blueprint.route("/factura/<int:document_id>/edit", methods=["GET", "POST"])
@reads_first
def edit(document_id: int) -> Response:
    """Change a draft."""
    if request.method == "POST" and not _rearranges():
        writing()  # nobody saves between the look at the version and this
    stored = queries.draft(document_id)
    if refusal := trashed.refusal(stored["customer_id"]):
        return refusal
    if request.method == "GET":
        return _page(Draft.opened(stored), document_id)

    def save(draft: Draft) -> int:
        services.change_draft(document_id, draft.values())
        return document_id

    return _posted(Draft.sent(_typed(), stored), save, document_id)


@blueprint.post("/factura/preview")
@reads_first
def preview() -> Response:
    """What is being typed comes to: counted anew, nothing is kept."""
    document_id = positive(request.args, "document")
    stored = queries.draft(document_id) if document_id else None
    draft = Draft.sent(_typed(), stored)
    draft.form.validate()
    settling.settle(draft, request.form)
    if not responses.is_fragment():
        return _page(draft, document_id)
    return _fresh(draft, [], document_id)


@blueprint.get("/factura/customers")
def find() -> Response:
    """Customers for whom a document can be written."""
    if responses.is_fragment():
        return responses.answer(render(HITS, **_found()))
    return responses.show(WHOM, **_found())


@blueprint.get("/factura/articles")
def offer() -> Response:
    """Articles whose number or name begins like what is typed, for the list at the field."""
    words = next(iter(request.args.values()), "")[:200]
    found = articles.choices(words) if words.strip() else []
    return responses.answer(render(OFFER, articles=found, price=price))


def _posted(draft: Draft, save: Any, document_id: int | None = None) -> Response:
    """Save it, unless the button only changes the form."""
    if _rearranges():
        draft.form.validate()
        settling.settle(draft, request.form)
        changes = settling.rearrange(draft, request.form)
        if responses.is_fragment():
            return _fresh(draft, changes, document_id)
        return _page(draft, document_id)
    settling.settle(draft, request.form)
    template = FORM if responses.is_fragment() else PAGE
    stored = draft.editable() if draft.stored else None
    draft.is_refused = True  # or else nobody sees this form again

    def kept(_values: dict[str, Any]) -> Response:
        return _saved(draft, save(draft))

    context = {"draft": draft, "document_id": document_id}
    return edit_dialog(template, draft.form, kept, stored=stored, labels=forms.labels, **context)


def _page(draft: Draft, document_id: int | None = None) -> Response:
    return responses.show(PAGE, draft=draft, document_id=document_id, conflict=None)


def _saved(typed: Draft, document_id: int) -> Response:
    """Show it, or go on writing where one was, be it in a line that is still empty."""
    if request.form.get("save") == "show":
        url = url_for("factura_document.show", document_id=document_id)
        return responses.moved(url, _("Draft saved"))
    draft = Draft.opened(queries.draft(document_id))
    draft.form.lines.rows = typed.form.lines.rows
    context = {"draft": draft, "document_id": document_id, "conflict": None}
    fresh = {f"factura-{name}": render(template, **context) for name, template in KEPT.items()}
    url = url_for(".edit", document_id=document_id)
    answer = responses.saved(None, _("Draft saved"), to=url, replaced=fresh)
    if responses.is_fragment():
        answer.headers["HX-Replace-Url"] = url
    return answer


def _fresh(draft: Draft, changes: list[settling.Change], document_id: int | None) -> Response:
    """Only what is different now: no field somebody may be typing in is touched without need."""
    moved = {change.line.index for change in changes if change.line}
    for line in draft.form.lines.rows:
        if line.is_fresh and line.index not in moved:
            changes.append(settling.Change(f"#line-{line.index}", "outerHTML", line))
            moved.add(line.index)
    told = [one for one in draft.form.lines.rows if one.index not in moved]
    context = {"draft": draft, "document_id": document_id, "changes": changes, "conflict": None}
    told = [line for line in told if line.seen != draft.state(line)]
    return responses.answer(render(FRESH, told=told, **context))


def _rearranges() -> bool:
    return any(name in request.form for name in REARRANGING)


def _typed() -> MultiDict[str, str]:
    """What was sent; whoever was chosen is whom it is for."""
    typed = request.form.copy()
    if "chosen" in typed:
        typed["customer_id"] = typed["chosen"]
    return typed


def _kind() -> str:
    kind = request.args.get("kind", "")
    return kind if kind in WRITTEN else Kind.INVOICE


def _found() -> dict[str, Any]:
    """Who is found by the words; exactly this number comes first."""
    words = request.args.get("q", "")[:200].strip()
    rows = customers.find(words, limit=MOST_HITS).rows if words else []
    if words and (exact := customers.by_number(words)):
        rows = [exact, *(row for row in rows if row.id != exact.id)]
    kind = _kind()
    return {
        "hits": rows,
        "query": words,
        "kind": kind,
        "title": NEW[Kind(kind)],
        "inside": "inside" in request.args,
    }
