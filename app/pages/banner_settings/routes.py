from __future__ import annotations

import secrets
from typing import Any

from flask import Blueprint, Response, request, url_for

from app.core import responses
from app.core.database import reads_first
from app.core.dialogs import edit as edit_dialog
from app.core.i18n import _
from app.core.panels import positive
from app.core.templating import render
from app.domain.banners import queries, services
from app.domain.banners.labels import labels
from app.pages.banner_settings import views
from app.pages.banner_settings.form import BannerForm

blueprint = Blueprint("banner_settings", __name__)

DIALOG, LIST = "banner_settings/dialog.html", "banner_settings/list.html"


@blueprint.get("/settings/banners")
def show() -> Response:
    """All banners in their order."""
    return responses.show("banner_settings/page.html", moved=None, **views.listed())


@blueprint.route("/settings/banners/new", methods=["GET", "POST"])
def new() -> Response:
    """The form of a new banner, empty or with what another one has."""

    def save(values: dict[str, Any]) -> Response:
        key = values.pop("key")
        services.add_banner(views.chosen(values), key)
        return _changed(_("Banner %(name)s added", name=values["line1"]))

    copied = positive(request.args, "copy")
    values = queries.editable(queries.banner(copied)).values if copied else {}
    form = BannerForm.of(values | {"key": secrets.token_urlsafe(12)})
    return _dialog(form, save, banner=None)


@blueprint.route("/settings/banners/<int:banner_id>/edit", methods=["GET", "POST"])
def edit(banner_id: int) -> Response:
    """The form of a banner."""

    def save(values: dict[str, Any]) -> Response:
        services.change_banner(banner_id, views.chosen(values, banner))
        return _changed(_("Banner %(name)s saved", name=values["line1"]))

    banner = queries.banner(banner_id)
    stored = queries.editable(banner)
    return _dialog(BannerForm.of(stored.values), save, stored=stored, banner=banner)


@blueprint.post("/settings/banners/<int:banner_id>/place")
def move(banner_id: int) -> Response:
    """One place up (`up`) or down."""
    services.move_banner(banner_id, up=request.form.get("to") == "up")
    return _changed(None, moved=banner_id)


@blueprint.route("/settings/banners/<int:banner_id>/deletion", methods=["GET", "POST"])
def delete(banner_id: int) -> Response:
    """Ask, and then delete a banner."""
    banner = queries.banner(banner_id)
    if request.method == "POST":
        services.delete_banner(banner_id)
        return _changed(_("Banner %(name)s deleted", name=banner.line1))
    shown = {"banner": queries.look(banner), "farewell": views.farewell(banner_id)}
    return responses.show("banner_settings/deletion.html", **shown)


@blueprint.post("/settings/banners/preview")
@reads_first
def preview() -> Response:
    """The banner that is being typed, on light and on dark ground."""
    form = BannerForm.of()
    shown = views.preview(form.values())
    return responses.answer(render("banner_settings/preview.html", preview=shown))


@blueprint.get("/settings/banners/articles")
def articles() -> Response:
    """The articles that what is typed may mean."""
    found = views.offered(request.args.get("article", ""))
    return responses.answer(render("banner_settings/articles.html", articles=found))


def _dialog(form: BannerForm, save: Any, **context: Any) -> Response:
    """The form beside its preview; `check` only looks at that, where no script does."""
    context |= {"offered": views.offered(form.article.data or ""), "look": views.preview}
    if "check" in request.form:
        context.pop("stored", None)
        return responses.show(DIALOG, form=form, conflict=None, **context)
    return edit_dialog(DIALOG, form, save, labels=labels, **context)


def _changed(text: str | None, moved: int | None = None) -> Response:
    """The list anew."""
    listed = render(LIST, moved=moved, **views.listed())
    return responses.saved(None, text, to=url_for(".show"), replaced={"banner-list": listed})
