"""Every answer the browser gets: page or fragment, saved, refused, in conflict, gone.

Whether an answer is a fragment is decided here and nowhere else: exactly when the browser says
`HX-Request-Type: partial`. htmx is never redirected by status, since fetch would follow silently
and put a whole page into a dialog; it is told by `HX-Redirect`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, parse_qsl, urlsplit

from flask import Response, current_app, g, make_response, redirect, request, session, url_for
from markupsafe import Markup

from app.core import events
from app.core.registry import Panel, registry
from app.core.templating import render

MARKER = "X-Kb"


@dataclass(frozen=True, kw_only=True)
class Toast:
    """A short message above the page; `undo_url` is posted to when the user takes it back.

    With `ends` that is possible for ten seconds, and the toast goes when they are over.
    """

    text: str
    kind: str = "news"
    undo_url: str | None = None
    ends: bool = False
    link_url: str | None = None
    link_label: str | None = None


def is_fragment() -> bool:
    """Whether the browser asked for a part of a page."""
    return request.headers.get("HX-Request-Type") == "partial"


def is_htmx() -> bool:
    """Whether htmx asks at all (for a part, or for a page it selects from)."""
    return "HX-Request" in request.headers


def show(template: str, status: int = 200, /, **context: Any) -> Response:
    """A page, or the dialog of the same template."""
    return answer(render(template, **context), status)


def invalid(template: str, **context: Any) -> Response:
    """The same page or dialog with messages at the fields and everything typed."""
    return show(template, 422, **context)


def conflicting(template: str, **context: Any) -> Response:
    """The same page or dialog showing what somebody else saved meanwhile beside what was typed."""
    return show(template, 409, **context)


def answer(html: str, status: int = 200) -> Response:
    """HTML made by the application itself, marked so that the script will swap it."""
    response = make_response(html, status)
    response.headers[MARKER] = "1"
    return response


def saved(
    customer_id: int | None,
    text: str | None,
    *,
    undo: str | None = None,
    ends: bool = False,
    to: str | None = None,
    dialog: tuple[str, dict[str, Any]] | None = None,
    opens: tuple[str, dict[str, Any]] | None = None,
    link: tuple[str, str] | None = None,
    fresh: Mapping[str, Markup] | None = None,
    replaced: Mapping[str, Markup] | None = None,
    also: Sequence[Toast] = (),
) -> Response:
    """Saved: fresh fragments of the stale panels on screen and a toast, or a redirect.

    `customer_id` is None where no customer is on screen; then `to` is needed. `text` is None where
    the fragments say it all.
    `undo` is the URL that takes it back (with `ends` for ten seconds), `to` where a plain browser
    goes next (the overview if not told), `dialog` a template with its context that the open dialog
    shows next instead of closing, `opens` one that is opened as a dialog, though a toast asked for
    it,
    `link` a URL and label offered in the toast, `fresh` further fragments by the id of what they
    replace, if that is on screen (what is ticked there stays, of `replaced` ones it does not),
    `also` toasts that say what was not saved.
    """
    url, label = link or (None, None)
    told = {"undo_url": undo, "ends": ends, "link_url": url, "link_label": label}
    toasts = [Toast(text=text, **told)] if text else []
    toasts += also
    if not is_fragment():
        for toast in toasts:
            keep(toast)
        return _redirected(to or url_for("overview.show", customer_id=customer_id))
    panels = [] if customer_id is None else _stale(customer_id)
    stale = [*panels, *(fresh or {}).items()]
    parts = [*map(_partial_of_toast, toasts), *map(_partial, stale)]
    parts += [_partial(part, "outerHTML") for part in (replaced or {}).items()]
    if opens:
        parts.append(_partial(("dialog", render(opens[0], **opens[1])), "innerHTML"))
    shown = render(dialog[0], **dialog[1]) if dialog else Markup("")
    return answer(shown + Markup("").join(parts))


def moved(url: str, text: str | None = None, **toast: Any) -> Response:
    """Saved, and the browser goes to another page, where the toast appears."""
    if text:
        keep(Toast(text=text, **toast))
    if is_htmx():
        response = answer("")
        response.headers["HX-Redirect"] = url
        return response
    return _redirected(url)


def _redirected(url: str, status: int = 303) -> Response:
    return make_response(redirect(url, status))


def failed(
    status: int, heading: str, sentence: str, link: tuple[str, str] | None = None
) -> Response:
    """An error page, or its toast; never raw HTML inside a panel.

    `link` is a URL and label of what may help, which the page offers first.
    """
    if is_fragment():
        toast = Toast(text=sentence, kind="error")
        response = answer(render("layouts/toast.html", toast=toast), status)
        response.headers["HX-Retarget"] = "#toasts"
        response.headers["HX-Reswap"] = "innerHTML"
        return response
    told = {"status": status, "heading": heading, "sentence": sentence, "link": link}
    told["back"] = _came_from()
    return answer(render("layouts/error.html", **told), status)


def _came_from() -> str:
    """The address of the page that led here, if it is another one of ours."""
    came_from = request.referrer or ""
    try:
        before = urlsplit(came_from)
    except ValueError:
        return ""
    is_ours = before.scheme in ("http", "https") and before.netloc == request.host
    return came_from if is_ours and before.path != request.path else ""


def keep(toast: Toast) -> None:
    """Show a toast on the next page."""
    session["toasts"] = [*session.get("toasts", ()), vars(toast)]


def take_toasts() -> list[Toast]:
    """The toasts kept for this page."""
    return [Toast(**kept) for kept in session.pop("toasts", ())] if "toasts" in session else []


def render_panel(panel: Panel, customer_id: int) -> Markup:
    """The fragment of a panel on the overview."""
    assert panel.load is not None
    return render(
        f"{panel.key}/panel.html",
        panel=panel,
        customer_id=customer_id,
        detail_url=url_for(f"{panel.key}.detail", customer_id=customer_id)
        if panel.detail
        else None,
        **{"total": None, "shown": 0} | panel.load(customer_id),
    )


def render_header(customer_id: int) -> Markup:
    """The header every page of a customer begins with."""
    return render_panel(registry().panels["header"], customer_id)


def render_detail(
    panel: Panel, customer_id: int, arguments: Mapping[str, str], *, alone: bool
) -> Markup:
    """The detail page of a panel, or only the part of it below the header."""
    assert panel.detail is not None
    context = panel.detail(customer_id, arguments)
    return render(
        f"{panel.key}/detail.html",
        frame="layouts/detail.html" if alone else "layouts/customer.html",
        header="" if alone else render_header(customer_id),
        panel=panel,
        customer_id=customer_id,
        detail_url=url_for(f"{panel.key}.detail", customer_id=customer_id),
        **context,
    )


def _stale(customer_id: int) -> list[tuple[str, Markup]]:
    """The panels on screen that the announced events made stale, with their fresh fragments.

    After a conflict that is all of them: the page is older than what the colleague saved.
    """
    conflict = any(name.startswith("choose-") for name in request.form)
    on_screen = dict.fromkeys(request.headers.get("X-Panels", "").split(","))
    announced = events.announced()
    fresh = []
    for name in on_screen:
        key, _, place = name.partition("@")
        panel = registry().panels.get(key)
        if panel is None or not (conflict or panel.stale_on & announced):
            continue
        if place == "detail" and panel.detail:
            html = render_detail(panel, customer_id, arguments_on_screen(), alone=True)
            fresh.append((f"detail-{key}", html))
        elif panel.load:
            fresh.append((f"panel-{key}", render_panel(panel, customer_id)))
    return fresh


def path_on_screen() -> str:
    """The path of the page in the browser, also while htmx asks for something else."""
    return _on_screen().path if is_htmx() else request.path


def arguments_on_screen() -> dict[str, str]:
    """What the address of that page asks for."""
    return dict(parse_qsl(_on_screen().query)) if is_htmx() else request.args.to_dict()


def _on_screen() -> SplitResult:
    """The address of the page in the browser, as htmx tells it."""
    try:
        return urlsplit(request.headers.get("HX-Current-URL", ""))
    except ValueError:
        return urlsplit("")


def _partial(part: tuple[str, Markup], swap: str = "outerMorph") -> Markup:
    name, html = part
    markup = Markup('<hx-partial hx-target="#{}" hx-swap="{}">{}</hx-partial>')
    return markup.format(name, swap, html)


def _partial_of_toast(toast: Toast) -> Markup:
    html = render("layouts/toast.html", toast=toast)
    return Markup('<hx-partial hx-target="#toasts" hx-swap="beforeend">{}</hx-partial>').format(
        html
    )


def login_needed() -> Response:
    """Nobody is signed in: to the login and back; an unsafe htmx request keeps what was typed."""
    login = url_for("security.login")
    if not is_htmx():
        here = request.full_path if request.method == "GET" else ""
        return _redirected(url_for("security.login", next=here.rstrip("?") or None), 302)
    if request.method == "GET":
        current = _on_screen()
        back = current.path + (f"?{current.query}" if current.query else "")
        response = answer("", 401)
        response.headers["HX-Redirect"] = url_for("security.login", next=back or None)
        return response
    g.writing = False
    form = current_app.extensions["security"].forms["login_form"].cls(formdata=None)
    return answer(render("login/again.html", login_user_form=form, login_url=login), 401)
