from __future__ import annotations

from secrets import token_hex
from typing import Any

from flask import Blueprint, Response, request, url_for

from app.core import responses
from app.core.database import reads_first
from app.core.dialogs import edit as edit_dialog
from app.core.forms import Editable
from app.core.i18n import _
from app.core.panels import positive
from app.core.templating import render
from app.domain.articles import queries, services
from app.domain.articles.labels import article_labels, units
from app.domain.articles.models import Article
from app.pages.articles import form as forms
from app.pages.articles import views
from app.pages.articles.form import ArticleForm

blueprint = Blueprint("articles", __name__)

DIALOG = "articles/dialog.html"


@blueprint.get("/articles")
def show() -> Response:
    """The articles, narrowed and paged."""
    if responses.is_fragment():
        return responses.answer(render("articles/list.html", **views.listed(request.args)))
    return responses.show("articles/page.html", **views.listed(request.args))


@blueprint.route("/articles/new", methods=["GET", "POST"])
def new() -> Response:
    """The form of a new article, or with `copy` that of one like another."""

    def save(values: dict[str, Any]) -> Response:
        services.create_article(forms.stored(values), key=values["key"])
        return _changed(_("Article %(name)s created", name=values["name"]))

    return _dialog(ArticleForm.of(_beginning() if request.method == "GET" else None), save)


@blueprint.route("/articles/<int:article_id>/edit", methods=["GET", "POST"])
def edit(article_id: int) -> Response:
    """The form of an article."""
    article = queries.article(article_id)

    def save(values: dict[str, Any]) -> Response:
        services.change_article(article_id, forms.stored(values))
        return _changed(_("Article %(name)s saved", name=values["name"]))

    kept = queries.editable(article)
    stored = Editable(forms.shown(kept.values), kept.version)
    return _dialog(ArticleForm.of(stored.values), save, article, stored=stored)


@blueprint.post("/articles/price")
@reads_first
def price() -> Response:
    """The price that is being typed, with tax or without it."""
    form = ArticleForm.of()
    form.validate()
    other = views.other_price(form.values())
    return responses.answer(render("articles/other.html", other=other))


@blueprint.post("/articles/<int:article_id>/activation")
def activate(article_id: int) -> Response:
    """Offer an article in new documents (`active=1`) or no longer; the toast takes it back."""
    active = request.values.get("active") == "1"
    name = queries.article(article_id).name
    services.activate_article(article_id, active)
    undo = url_for(".activate", article_id=article_id, active=int(not active))
    if active:
        return _changed(_("Article %(name)s is active", name=name), undo)
    return _changed(_("Article %(name)s is inactive", name=name), undo)


@blueprint.route("/articles/<int:article_id>/deletion", methods=["GET", "POST"])
def delete(article_id: int) -> Response:
    """Ask, and then delete an article; one that is needed can only be set inactive."""
    article = queries.article(article_id)
    if request.method == "POST":
        services.delete_article(article_id)
        return _changed(_("Article %(name)s deleted", name=article.name))
    reasons = queries.objections(article_id)
    return responses.show("articles/deletion.html", article=article, reasons=reasons)


def _beginning() -> dict[str, Any]:
    values = {**views.fresh_values(), "key": token_hex(16)}
    if copied := positive(request.args, "copy"):
        likened = queries.editable(queries.article(copied)).values
        values = {**likened, "number": values["number"], "key": values["key"]}
    return forms.shown(values)


def _dialog(form: ArticleForm, save: Any, article: Article | None = None, **more: Any) -> Response:
    """The form with the other price; `check` only counts that."""
    context = {"article": article, "units": units, "other": views.other_price}
    if "check" in request.form:
        form.validate()
        return responses.show(DIALOG, form=form, conflict=None, **context)
    return edit_dialog(DIALOG, form, save, labels=article_labels, **context, **more)


def _changed(text: str, undo: str | None = None) -> Response:
    """The list anew, as it is on screen."""
    shown = render("articles/list.html", **views.listed(responses.arguments_on_screen()))
    return responses.saved(None, text, undo=undo, to=url_for(".show"), fresh={"articles": shown})
