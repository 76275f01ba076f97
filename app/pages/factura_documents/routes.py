from __future__ import annotations

from itertools import chain

from flask import Blueprint, Response, request, url_for

from app.core import responses
from app.core.i18n import _
from app.core.templating import render
from app.domain.factura import export as adviser
from app.pages.factura_documents import views
from app.pages.factura_documents.form import STYLES, ExportForm
from app.shared import downloads

blueprint = Blueprint("factura_documents", __name__)

DIALOG = "factura_documents/export.html"


@blueprint.get("/factura")
def show() -> Response:
    """All documents, narrowed and paged: a page, or its rows while somebody types."""
    if responses.is_fragment():
        context = views.results(request.args)
        response = responses.answer(render("factura_documents/results.html", **context))
        response.headers["HX-Replace-Url"] = context["url"]
        return response
    return responses.show("factura_documents/page.html", **views.page(request.args))


@blueprint.get("/factura/sums")
def sums() -> Response:
    """What the documents of the list add up to, which may take longer than the list."""
    context = views.sums(request.args)
    if responses.is_fragment():
        return responses.answer(render("factura_documents/added.html", open=False, **context))
    return responses.show("factura_documents/sums.html", open=True, **context)


@blueprint.get("/factura/export")
def export() -> Response:
    """Asks which documents the tax adviser is to get."""
    return responses.show(DIALOG, form=ExportForm())


@blueprint.get("/factura/export.csv")
def table() -> Response:
    """The documents as a table, written while it is fetched."""
    if not request.args:
        return responses.moved(url_for(".export"))
    form = ExportForm(request.args)
    form.validate()
    form.tell(form.check_days())
    if any(form.errors.values()):
        return responses.invalid(DIALOG, form=form)
    wanted = form.wanted()
    rows = chain([adviser.headings()], adviser.rows(wanted))
    name = _("documents-%(since)s-%(until)s.csv", since=wanted.since, until=wanted.until)
    return downloads.table(rows, STYLES[form.style.data], name)
