"""The kinds of work that are measured, each with its request to the application and the floor."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlencode

from app.demo.dealings import FIRST_GROUP
from bench.visitor import FRAGMENT, PANELS, Ask, Visitor
from tests.browserless import FormReader

PROBES = (
    *("m", "s", "k", "mu", "sc", "be", "mul", "mül", "ann", "köl"),
    *("müll", "schm", "wagn", "müller", "schnei", "berger"),
    *("chmid", "steine", "ösner", "example.n"),
    *("müller köln", "ann sch", "schneider 50", "m k"),
    *("0176 12", "49171", "10777", "0221"),
    *("xqzzw", "müller xqzzw", "zzqqyy"),
)
"""What is typed into the search: one letter to whole words, middles, two words, phones, nothing."""


@dataclass(frozen=True)
class Work:
    """One kind of work.

    `app(visitor, n, id)` and `floor(n, id)` give the request of the n-th turn at a customer; what
    `app` sends itself, to read a form, is not measured. `ratio` and `most` (in ms) are the bars, of
    the p95 if `tail`. `one` asks for the customer with many rows of everything, the first.
    """

    key: str
    label: str
    app: Callable[[Visitor, int, int], Ask]
    floor: Callable[[int, int], Ask]
    ratio: float | None = None
    most: float | None = None
    tail: bool = False
    turns: int = 60
    one: bool = False

    def bar(self) -> str:
        """The bar in words."""
        what = "p95" if self.tail else "p50"
        bars = [f"{what} ≤ {self.ratio:g} × floor"] if self.ratio else []
        bars += [f"≤ {self.most:g} ms"] if self.most else []
        return ", ".join(bars) or "–"


def group_of(customer_id: int) -> int:
    """A group of the crowd to list, another one for every customer asked for."""
    return FIRST_GROUP + customer_id % 10


def _page(path: str, **headers: str) -> Callable[[Visitor, int, int], Ask]:
    return lambda _visitor, _n, id: Ask(path.format(id=id), headers)


def _rows(kind: str) -> Callable[[int, int], Ask]:
    return lambda _n, id: Ask(f"/{kind}/{id}")


def _save_comment(_visitor: Visitor, n: int, id: int) -> Ask:
    return Ask(f"/customers/{id}/comments/new", FRAGMENT | PANELS, _comment(n))


def _comment(n: int) -> dict[str, str]:
    return {"body": f"Gemessen, zum {n}. Mal: bitte am Freitag zurückrufen.", "version": ""}


def _save_master(visitor: Visitor, n: int, id: int) -> Ask:
    path = f"/customers/{id}/master/edit"
    fields = FormReader.read(visitor.send(Ask(path, FRAGMENT)).text)
    return Ask(path, FRAGMENT | PANELS, fields | {"house_number": f"{n % 90 + 1}m"})


def _search(_visitor: Visitor, n: int, _id: int) -> Ask:
    return Ask(f"/customers?{urlencode({'q': PROBES[n % len(PROBES)]})}", FRAGMENT)


OVERVIEW = Work(
    "overview", "Overview, whole page", _page("/customers/{id}"), _rows("overview"), ratio=3
)
FRAGMENT_OF_COMMENTS = Work(
    "comments",
    "One fragment (comments)",
    _page("/customers/{id}/comments/panel", **FRAGMENT),
    _rows("comments"),
    ratio=4,
)
BANK = Work(
    "bank",
    "Dialog opened (bank)",
    _page("/customers/{id}/bank/edit", **FRAGMENT),
    _rows("bank"),
    ratio=8,
    most=10,
)
MASTER = Work(
    "master",
    "Dialog opened (master data)",
    _page("/customers/{id}/master/edit", **FRAGMENT),
    _rows("master"),
    ratio=8,
    most=10,
)
SEARCH = Work(
    "search",
    "Search as you type",
    _search,
    lambda n, _id: Ask(f"/search/{n % len(PROBES)}"),
    ratio=3,
    most=10,
    tail=True,
    turns=len(PROBES) * 4,
)
SAVE_COMMENT = Work(
    "comment_saved",
    "Comment saved, panels refreshed",
    _save_comment,
    lambda n, id: Ask(f"/comment_saved/{id}", {}, _comment(n)),
    ratio=5,
)
SAVE_MASTER = Work(
    "master_saved",
    "Master data saved, panels refreshed",
    _save_master,
    lambda n, id: Ask(f"/master_saved/{id}", {}, {"house_number": f"{n % 90 + 1}m"}),
    ratio=5,
)

GROUPS = Work(
    "groups",
    "One fragment (groups)",
    _page("/customers/{id}/groups/panel", **FRAGMENT),
    _rows("groups"),
    ratio=4,
)
BY_GROUP = Work(
    "by_group",
    "Customers of a group",
    lambda _visitor, _n, id: Ask(f"/customers?group={group_of(id)}", FRAGMENT),
    lambda _n, id: Ask(f"/by_group/{group_of(id)}"),
    ratio=3,
    tail=True,
)
DOCUMENTS = Work(
    "all_documents",
    "List of documents",
    _page("/customers/{id}/documents"),
    _rows("all_documents"),
)

MAIL = Work(
    "mail",
    "Dialog opened (e-mail)",
    _page("/customers/{id}/mail/new", **FRAGMENT),
    _rows("mail"),
    ratio=8,
    most=10,
)
TEMPLATE_MAIL = Work(
    "template_mail",
    "Dialog opened (template mail)",
    _page("/customers/{id}/mail/template", **FRAGMENT),
    _rows("template_mail"),
    ratio=8,
    most=10,
)
OUTBOX = Work("outbox", "Outbox", _page("/outbox"), _rows("outbox"))

USUAL = (OVERVIEW, FRAGMENT_OF_COMMENTS, BANK, MASTER, SEARCH, SAVE_COMMENT, SAVE_MASTER)

WITH_GROUPS = (GROUPS, BY_GROUP, DOCUMENTS)

OUTGOING = (MAIL, TEMPLATE_MAIL, OUTBOX)

FACTURA = (
    Work(
        "factura_list",
        "Factura documents of all customers",
        _page("/factura", **FRAGMENT),
        _rows("factura_list"),
    ),
    Work(
        "factura_overdue",
        "… those that are overdue",
        _page("/factura?status=overdue", **FRAGMENT),
        _rows("factura_overdue"),
    ),
    Work(
        "factura_found",
        "… those with a word",
        _page("/factura?q=kursgeb%C3%BChr", **FRAGMENT),
        _rows("factura_found"),
    ),
    Work(
        "factura_sums",
        "… what those of last year add up to",
        _page("/factura/sums?period=last_year", **FRAGMENT),
        _rows("factura_sums"),
        turns=12,
    ),
)

OF_ONE = (
    Work(
        "overview_of_one",
        "Overview of the one with many rows",
        _page("/customers/{id}"),
        _rows("overview_of_one"),
        ratio=3,
        one=True,
    ),
    Work(
        "comments_of_one",
        "Its comments panel",
        _page("/customers/{id}/comments/panel", **FRAGMENT),
        _rows("comments_of_one"),
        ratio=4,
        one=True,
    ),
    Work(
        "all_comments",
        "All its comments, first page",
        _page("/customers/{id}/comments"),
        _rows("all_comments"),
        one=True,
    ),
    Work(
        "all_messages",
        "All its messages, first page",
        _page("/customers/{id}/messages"),
        _rows("all_messages"),
        one=True,
    ),
    Work(
        "all_documents",
        "All its documents, first page",
        _page("/customers/{id}/documents"),
        _rows("all_documents"),
        one=True,
    ),
    Work(
        "all_factura",
        "All its factura documents, first page",
        _page("/customers/{id}/factura"),
        _rows("all_factura"),
        one=True,
    ),
    Work(
        "searched_comments",
        "A word searched in its comments",
        _page("/customers/{id}/comments?q=sommerfest", **FRAGMENT),
        _rows("searched_comments"),
        one=True,
    ),
)
