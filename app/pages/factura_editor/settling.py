"""What follows from a change: other defaults, converted prices, the facts of a chosen article."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from werkzeug.datastructures import MultiDict

from app.core.i18n import LANGUAGES, _, _l
from app.core.panels import numbers, positive
from app.domain.articles import queries as articles
from app.domain.customers import queries as customers
from app.domain.factura import queries
from app.domain.factura.rules import MOST_LINES, Kind, check_draft
from app.domain.factura.setting_rules import PLACES
from app.domain.factura.totals import charged_rate, other_price
from app.domain.settings.queries import team
from app.pages.factura_editor.draft import Draft
from app.pages.factura_editor.form import GROSS, NET
from app.pages.factura_editor.lines import TEXT, Line

STEPS = {"up": -1, "down": 1}


@dataclass(frozen=True)
class Change:
    """What the page has to do for a line: take it away, or show it beside or instead of `at`."""

    at: str
    swap: str
    line: Line | None = None


def settle(draft: Draft, pressed: MultiDict[str, str]) -> None:
    """Draw the conclusions from what was changed since the form was shown last."""
    was = draft.was
    if was.kind and (was.kind, was.language, was.customer) != draft.whose:
        _renew(draft)
    if {was.prices, draft.form.is_gross.data} == {NET, GROSS}:
        _convert(draft)
    if was.rates not in ("", draft.rates_mark):
        for line in draft.form.lines.rows:
            line.is_fresh = True
    _know_articles(draft, is_done="add" in pressed)
    _judge(draft)


def rearrange(draft: Draft, pressed: MultiDict[str, str]) -> list[Change]:
    """Do what a button says: add a line, drop or move one, insert a text block."""
    lines, changes = draft.form.lines, []
    if "add" in pressed:
        changes = _added(lines.add(TEXT if pressed["add"] == TEXT else ""))
    elif index := numbers([pressed.get("drop", "")]):
        if dropped := lines.drop(index[0]):
            changes = [Change(f"#line-{dropped.index}", "delete")]
        if not lines.rows:
            changes += _added(lines.add())
    elif "move" in pressed:
        changes = _moved(draft, *pressed["move"].partition("-")[::2])
    elif pressed.get("insert") in PLACES:
        _insert(draft, pressed["insert"], positive(pressed, f"block-{pressed['insert']}"))
    return changes


def _renew(draft: Draft) -> None:
    """What stood there by itself becomes what is usual now; what somebody typed stays."""
    form, was = draft.form, draft.was
    before_id = positive({"id": was.customer}, "id")
    known = was.kind in list(Kind) and was.language in dict(LANGUAGES)
    if not (known and before_id and customers.customer_exists(before_id)):
        return
    before = queries.fresh(was.kind, before_id)
    usual = queries.fresh(draft.kind, draft.customer_id)
    if before_id != draft.customer_id:
        form.address_key.data, form.person_id.data = usual["address_key"], ""
        if form.language.data == before["language"]:
            form.language.data = usual["language"]
    before |= queries.usual_words(was.kind, was.language)
    usual |= queries.usual_words(draft.kind, draft.language)
    for name in ("payment_days", *PLACES):
        if form[name].data == before[name]:
            form[name].data, form[name].raw_data = usual[name], None
    draft.refresh()


def _convert(draft: Draft) -> None:
    """Prices that had no tax in them get it, or the other way round."""
    country, treatment = team().country, draft.form.treatment.data or ""
    to_gross = draft.form.is_gross.data == GROSS
    for line in draft.form.lines.rows:
        if (price := line.number("price")) is None:
            continue
        rate = charged_rate(country, line["tax"], treatment, draft.day)
        line.write("price", other_price(price, rate, to_gross=to_gross))
        line.is_fresh = True
    with_tax = _("The prices have been converted: tax is in them now.")
    without = _("The prices have been converted: tax is on top of them now.")
    draft.notes.append(with_tax if to_gross else without)


def _know_articles(draft: Draft, *, is_done: bool) -> None:
    """Fill in what a newly named article says, and let go of what is no article.

    Whoever goes on to the next line after a few letters means the only article that has them.
    """
    rows = [line for line in draft.form.lines.rows if line.kind != TEXT]
    named = [line for line in rows if line["number"].strip() != line["known"]]
    called = articles.called({number for line in named if (number := line["number"].strip())})
    for line in named:
        number = line["number"].strip()
        article = called.get(number.casefold()) if number else None
        if article is None and is_done and line is named[-1]:
            article = _only(line)
        if article:
            _fill(draft, line, article)
        else:
            line.typed |= {"article": "", "known": number}
    _check_articles([line for line in rows if line["article"]])


def _only(line: Line) -> Any:
    """The only article that a line without words of its own can mean."""
    number = line["number"].strip()
    found = articles.choices(number, 2) if number and not line["text"].strip() else []
    return found[0] if len(found) == 1 else None


def _check_articles(rows: list[Line]) -> None:
    ids = {id for line in rows if (id := positive(line.typed, "article"))}
    known = articles.existing(ids)
    for line in rows:
        if positive(line.typed, "article") not in known:
            line.typed["article"] = ""
            line.complain("number", _l("There is no such article any more."))


def _fill(draft: Draft, line: Line, article: Any) -> None:
    form = draft.form
    words = "\n".join(filter(None, (article.name, article.text)))
    line.typed |= {"article": str(article.id), "number": article.number, "known": article.number}
    line.typed |= {"text": words, "unit": article.unit, "tax": article.tax}
    line.typed["quantity"] = line["quantity"] or "1"
    line.problems.clear()
    line.check()
    line.is_fresh = True
    if article.currency != form.currency.data:
        line.typed["price"] = ""
        line.complain("price", _("Its price is in %(currency)s.", currency=article.currency))
        return
    price, to_gross = article.price, form.is_gross.data == GROSS
    if article.is_gross != to_gross:
        rate = charged_rate(team().country, article.tax, form.treatment.data or "", draft.day)
        price = other_price(price, rate, to_gross=to_gross)
    line.write("price", price)


def _judge(draft: Draft) -> None:
    """What can never be is told at once; what is only missing may still come."""
    values = draft.values()
    lines = values["lines"][:MOST_LINES]
    if len(lines) < len(values["lines"]):
        draft.notes.append(_("At most %(n)d lines fit here.", n=MOST_LINES))
    found = check_draft(values, lines)
    draft.form.tell(one for one in found if "-" in one.field and one.code != "required")


def _added(line: Line | None) -> list[Change]:
    return [Change("#factura-lines", "beforeend", line)] if line else []


def _moved(draft: Draft, index: str, way: str) -> list[Change]:
    """The line itself stays, so that whoever moves it keeps the focus; its neighbour goes round."""
    step = STEPS.get(way, 0)
    place = numbers([index])
    beside = draft.form.lines.move(place[0], step) if place and step else None
    if beside is None:
        return []
    there = "afterend" if step < 0 else "beforebegin"
    here = f"#line-{beside.index}"
    return [Change(here, "delete"), Change(f"#line-{place[0]}", there, beside)]


def _insert(draft: Draft, place: str, block_id: int | None) -> None:
    """Put a text block where the words before or after the lines are, below what stands there."""
    field = draft.form[place]
    for block in draft.blocks(place):
        if block.id == block_id:
            field.data = "\n\n".join(filter(None, (field.data, block.text)))
            field.raw_data = None
            draft.inserted = place
