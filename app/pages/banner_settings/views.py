"""What the settings of banners show, and which article is meant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.core.i18n import _, _l, _n, count, number
from app.core.problems import Invalid, Problem
from app.domain.articles.queries import choices
from app.domain.banners import colors, queries, rules
from app.domain.banners.labels import choices as words
from app.domain.banners.labels import sentences
from app.domain.banners.models import HintBanner
from app.domain.banners.queries import Look
from app.domain.banners.rules import Condition, Style

MOST_OFFERED = 20
LONGEST_ARTICLE = 250


def listed() -> dict[str, Any]:
    banners = queries.listed()
    return {
        "banners": [_line(row) for row in banners],
        "is_full": len(banners) >= rules.MOST,
        "most": rules.MOST,
    }


def farewell(banner_id: int) -> str:
    """What deleting a banner means."""
    found = next(row.holders for row in queries.listed() if row.id == banner_id)
    if not found:
        return _("It hangs on no customer now. It cannot be brought back.")
    return _(
        "It hangs on %(customers)s now and is gone from there. It cannot be brought back; "
        "invoices stay as they are.",
        customers=_holders(found),
    )


def preview(values: Mapping[str, Any]) -> dict[str, Any] | None:
    """How a banner is going to look, what its colour leads to and when it is shown.

    None while there is nothing to look at.
    """
    wrong = {problem.field for problem in rules.check_banner(values)}
    if wrong & {"style", "color", "line1", "line2"}:
        return None
    look = Look(None, values["style"], values["line1"], values["line2"], values["color"])
    article = _meant(values["article"])
    rule = ""
    if article and "condition" not in wrong:
        sentence = sentences[Condition(values["condition"])]
        rule = str(sentence) % {"article": queries.called(article)}
    return {"look": look, "contrast": _contrast(look), "rule": rule}


def offered(typed: str) -> list[str]:
    """The articles that what is typed may mean, by number and name."""
    return [queries.called(row) for row in choices(typed[:LONGEST_ARTICLE], MOST_OFFERED)]


def chosen(values: Mapping[str, Any], banner: HintBanner | None = None) -> dict[str, Any]:
    """What the form holds, as the verbs take it.

    The `banner` that is edited may keep its article, though that is offered no more. Raises Invalid
    if no article is meant, or several may be.
    """
    typed = values["article"]
    if banner and typed == queries.article_label(banner.article_id):
        return {**values, "article_id": banner.article_id}
    found = _found(typed)
    if len(found) == 1:
        return {**values, "article_id": found[0].id}
    raise Invalid([*rules.check_banner(values), _which(typed, found)])


def _line(row: Any) -> dict[str, Any]:
    return {
        "id": row.id,
        "look": Look(row.id, row.style, row.line1, row.line2, row.color),
        "article": f"{row.article_number} {row.article_name}".strip(),
        "condition": words["condition"][Condition(row.condition)],
        "holders": _holders(row.holders),
    }


def _holders(found: int) -> str:
    return _n("%(count)s customer", "%(count)s customers", found, count=count(found))


def _contrast(look: Look) -> str:
    """What the colour leads to, in a sentence."""
    if look.style != Style.FRAME:
        ground = "#000000" if look.ink == colors.Ink.BLACK else "#ffffff"
        ratio = number(int(colors.contrast(look.color, ground) * 10) / 10)
        if look.ink == colors.Ink.BLACK:
            return _("Black is read best on this colour, with a contrast of %(n)s : 1.", n=ratio)
        return _("White is read best on this colour, with a contrast of %(n)s : 1.", n=ratio)
    darker, lighter = (
        colors.seen(look.color, ground) != look.color for ground in (colors.LIGHT, colors.DARK)
    )
    if darker:
        return _("On light ground the frame is drawn darker, or it would hardly be seen.")
    if lighter:
        return _("On dark ground the frame is drawn lighter, or it would hardly be seen.")
    return _("The frame is seen well on light and on dark ground.")


def _meant(typed: str) -> Any:
    found = _found(typed)
    return found[0] if len(found) == 1 else None


def _found(typed: str) -> Sequence[Any]:
    """The article that is called exactly so, or all that may be meant."""
    if not typed or len(typed) > LONGEST_ARTICLE:
        return []
    found = choices(typed, MOST_OFFERED)
    wanted = typed.casefold()
    exact = [row for row in found if wanted in _names(row)]
    return exact or found


def _names(article: Any) -> set[str]:
    names = (article.number, article.name, queries.called(article))
    return {name.casefold() for name in names}


def _which(typed: str, found: Sequence[Any]) -> Problem:
    if not typed:
        return Problem("article", "required", _l("Please choose an article."))
    if not found:
        return Problem("article", "unknown", _l("No active article is called that."))
    names = ", ".join(queries.called(row) for row in found[:3])
    message = _l("Several articles may be meant: %(names)s. Please choose one.", names=names)
    return Problem("article", "ambiguous", message)
