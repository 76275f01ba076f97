"""Discovery: every folder below domain, partials and pages is found once at start.

A folder brings plain names: a panel's package a `panel`, a page's package a `page`, an area the
modules `models`, `labels`, `news`, `columns` and `placeholders`, a module of `app.jobs` a `job`. A
clash or a half-declared panel stops the start with a sentence. `flask panels` and `flask events`
print what was found.
"""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any, Literal, get_args

from flask import Blueprint, Flask, current_app
from flask_babel.speaklater import LazyString
from jinja2 import BaseLoader, ChoiceLoader, FileSystemLoader, PrefixLoader

from app.core import audit, auth, events, files
from app.core.jobs import Delivery, Job

Context = dict[str, Any]
Place = Literal["header", "rail", "main"]
PLACES = get_args(Place)


class Undiscoverable(Exception):
    """A folder that cannot be taken in; the sentence says which and why."""


@dataclass(frozen=True, kw_only=True)
class Action:
    """A button in the action bar of a customer; `endpoint` takes the customer's id.

    `hindrance(customer_id)` answers why it cannot be used now (shown on the disabled button), or
    None. `way_out` then names a link beside the reason: `endpoint` tells more and offers something
    else. `shortcut` is the opt-in letter.
    """

    label: Any
    endpoint: str
    icon: str
    order: int = 50
    dialog: bool = True
    shortcut: str = ""
    hindrance: Callable[[int], Any] | None = None
    way_out: Any = None


@dataclass(frozen=True, kw_only=True)
class BulkAction:
    """A button over the customer list for the ticked ones, or for all that were found.

    `endpoint` is posted to with the chosen customers and answers its dialog, or does it.
    """

    label: Any
    endpoint: str
    icon: str
    order: int = 50


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column that the customer list can show.

    `load(customer_ids)` answers the texts to show by customer; whoever has none is left out. What
    the list's own rows hold needs no such question: `read(row)` tells it. `sort` is the order of
    `customers.queries.SORTS` that its heading asks for first, if it has one. `shown` tells whether
    it stands in the list of those who chose no columns. `look` is "numeric" for a number to call
    somebody by, "amount" for what is compared from row to row.
    """

    key: str
    label: Any
    load: Callable[[Sequence[int]], Mapping[int, Any]] | None = None
    read: Callable[[Any], Any] | None = None
    sort: str = ""
    order: int = 50
    shown: bool = False
    look: Literal["", "numeric", "amount"] = ""


@dataclass(frozen=True, kw_only=True)
class Placeholders:
    """What an area knows that a template can name: `names` are key and label, in their order.

    `load(addressees)` answers the values of all of them by addressee, each a text; what is not
    known is left out or empty. An addressee is a `customers.addressees.Addressee`.
    """

    title: Any
    names: Mapping[str, Any]
    load: Callable[[Sequence[Any]], Mapping[Any, Mapping[str, str]]]
    order: int = 50


@dataclass(frozen=True, kw_only=True)
class Panel:
    """What a panel's folder says about itself.

    `load(customer_id)` gives the context of `panel.html` (the last five), `detail(customer_id,
    arguments)` that of `detail.html`. `stale_on` names the events after which the panel on screen
    is fetched anew. `place` is where the overview shows it; a panel without `load` is a detail page
    only, and one without both only brings `actions`. `area` is the area of its permissions.
    """

    key: str
    title: Any
    blueprint: Blueprint
    area: str = ""
    order: int = 50
    place: Place = "main"
    load: Callable[[int], Context] | None = None
    detail: Callable[[int, Mapping[str, str]], Context] | None = None
    stale_on: frozenset[str] = frozenset()
    actions: tuple[Action, ...] = ()

    @property
    def permission(self) -> str:
        return self.area or self.key


@dataclass(frozen=True, kw_only=True)
class Page:
    """What a page's folder says about itself.

    `area` is the area of its permissions, "own" for a user's own account, or "public".
    A page with a `label` stands in the main navigation, at `order`; one with a `section` is a tab
    beside the other sections of its area (the team's settings, Factura, a user's own). With both,
    its entry of the navigation leads to all of them. `bulk_actions` stand over the customer list.
    """

    key: str
    blueprint: Blueprint
    area: str
    label: Any = None
    section: Any = None
    icon: str = ""
    order: int = 50
    bulk_actions: tuple[BulkAction, ...] = ()


@dataclass
class Registry:
    """Everything discovered, in the order it is shown."""

    panels: dict[str, Panel] = field(default_factory=dict)
    pages: dict[str, Page] = field(default_factory=dict)
    labels: dict[str, Any] = field(default_factory=dict)
    choices: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    areas: dict[str, Any] = field(default_factory=dict)
    actions: dict[tuple[str, str], Any] = field(default_factory=dict)
    columns: dict[str, Column] = field(default_factory=dict)
    placeholders: list[Placeholders] = field(default_factory=list)
    jobs: list[Job] = field(default_factory=list)
    folders: dict[str, Path] = field(default_factory=dict)

    def deliveries(self) -> dict[str, Delivery]:
        """What delivers the entries of the outbox, by their kind."""
        return {job.kind: job for job in self.jobs if isinstance(job, Delivery)}

    def on_overview(self) -> list[Panel]:
        """The panels an overview can show, without its header."""
        return [p for p in self.panels.values() if p.load and p.place != "header"]

    def with_detail(self) -> list[Panel]:
        return [p for p in self.panels.values() if p.detail]

    def bulk_actions(self) -> list[BulkAction]:
        """What can be done with many customers at once, in the order of its buttons."""
        found = [action for page in self.pages.values() for action in page.bulk_actions]
        return sorted(found, key=lambda action: action.order)

    def navigation(self) -> list[Page]:
        return [page for page in self.pages.values() if page.label is not None]

    def sections(self, area: str) -> list[Page]:
        """The tabs of an area's settings."""
        return [p for p in self.pages.values() if p.section is not None and p.area == area]


def registry() -> Registry:
    """The registry of the current application."""
    return current_app.extensions["registry"]


def discover(app: Flask, extra: Iterable[str] = ()) -> Registry:
    """Find areas, panels and pages; `extra` names further packages (plug-ins, tests)."""
    found = app.extensions["registry"] = Registry()
    events.reset()
    _declare(audit.announces | files.announces)
    _take_areas([_import(name) for name in _below("app.domain")], found)
    plugins = [_import(name) for name in extra]
    _take_areas(plugins, found)
    ours = [_import(name) for name in (*_below("app.partials"), *_below("app.pages"))]
    for module in [*ours, *(plugin for plugin in plugins if not _is_area(plugin))]:
        _take_shown(module, found)
    found.panels = _ordered(found.panels)
    found.pages = _ordered(found.pages)
    found.columns = _ordered(found.columns)
    found.placeholders.sort(key=lambda group: group.order)
    found.jobs = [_import(name).job for name in _below("app.jobs")]
    _check_events(found)
    app.jinja_env.loader = _templates(found)
    return found


def register(app: Flask, found: Registry) -> None:
    """Put the routes of everything found into the application, under their permissions."""
    for page in found.pages.values():
        app.register_blueprint(page.blueprint)
        auth.grant_access(app, page.blueprint.name, page.area)
    for panel in found.panels.values():
        app.register_blueprint(
            panel.blueprint, url_prefix=f"/customers/<int:customer_id>/{panel.key}"
        )
        auth.grant_access(app, panel.blueprint.name, panel.permission)


def check_addresses(app: Flask, found: Registry) -> None:
    """Whatever is shown as a button or a link leads somewhere; call when all routes are there."""
    links = [(panel.key, a.endpoint) for panel in found.panels.values() for a in panel.actions]
    links += [(page.key, a.endpoint) for page in found.pages.values() for a in page.bulk_actions]
    shown = [*found.navigation(), *(p for p in found.pages.values() if p.section is not None)]
    for key, endpoint in [*links, *((page.key, f"{page.key}.show") for page in shown)]:
        if endpoint not in app.view_functions:
            raise Undiscoverable(f"{key!r} leads to {endpoint!r}, which does not exist")


def _below(package: str) -> list[str]:
    paths = importlib.import_module(package).__path__
    return sorted(f"{package}.{module.name}" for module in pkgutil.iter_modules(paths))


def _import(name: str) -> ModuleType:
    return importlib.import_module(name)


def _is_area(plugin: ModuleType) -> bool:
    """An area of a plug-in lies below a package called `domain`, as ours do, and shows nothing."""
    return "domain" in plugin.__name__.split(".")[:-1]


def _take_areas(modules: list[ModuleType], found: Registry) -> None:
    parts = [(module, _part(module, "models"), _part(module, "news")) for module in modules]
    for module, _models, news in parts:
        _take_words(module.__name__.rpartition(".")[2], _part(module, "labels"), found)
        _declare(getattr(news, "announces", {}))
        _take_columns(module, found)
        _take_placeholders(module, found)
    for module, _models, news in parts:
        for name, handler in getattr(news, "listens", {}).items():
            try:
                events.listen(name, handler)
            except LookupError as error:
                raise Undiscoverable(f"{module.__name__}: {error.args[0]}") from error


def _take_columns(module: ModuleType, found: Registry) -> None:
    for column in getattr(_part(module, "columns"), "columns", ()):
        if column.key in found.columns:
            raise Undiscoverable(f"{module.__name__}: there is a column {column.key!r} already")
        if (column.load is None) == (column.read is None):
            raise Undiscoverable(f"{module.__name__}: column {column.key!r} needs `load` or `read`")
        found.columns[column.key] = column


def _take_placeholders(module: ModuleType, found: Registry) -> None:
    for group in getattr(_part(module, "placeholders"), "placeholders", ()):
        known = {name for other in found.placeholders for name in other.names}
        if twice := known & set(group.names):
            raise Undiscoverable(f"{module.__name__}: others fill in {sorted(twice)} already")
        found.placeholders.append(group)


def _take_words(area: str, words: ModuleType | None, found: Registry) -> None:
    """What `labels.py` of an area says in people's words.

    `labels` names its fields, `choices` the values of a field that has a fixed list, `actions` what
    its audit entries tell, `history` the area itself where its entries belong to a customer.
    """
    _add_words(found.labels, getattr(words, "labels", {}), area)
    _add_words(found.choices, getattr(words, "choices", {}), area)
    actions = getattr(words, "actions", {})
    found.actions.update({(area, action): sentence for action, sentence in actions.items()})
    if title := getattr(words, "history", None):
        found.areas[area] = title


def _add_words(known: dict[str, Any], words: Mapping[str, Any], area: str) -> None:
    """Templates ask for the words of a field without its area, so they must be the same."""
    for name, word in words.items():
        if _wording(known.setdefault(name, word)) != _wording(word):
            raise Undiscoverable(f"{area} calls {name!r} otherwise than an area before it")


def _wording(word: Any) -> Any:
    """What is said before it is translated; there is no language to compare in yet."""
    if isinstance(word, Mapping):
        return {value: _wording(said) for value, said in word.items()}
    return (word._args, word._kwargs) if isinstance(word, LazyString) else word


def _declare(announces: Mapping[str, str]) -> None:
    for name, meaning in announces.items():
        events.declare(name, meaning)


def _part(module: ModuleType, name: str) -> ModuleType | None:
    full = f"{module.__name__}.{name}"
    if not hasattr(module, "__path__") or importlib.util.find_spec(full) is None:
        return None
    return _import(full)


def _take_shown(module: ModuleType, found: Registry) -> None:
    panel, page = getattr(module, "panel", None), getattr(module, "page", None)
    if not isinstance(panel, Panel | None) or not isinstance(page, Page | None):
        raise Undiscoverable(f"{module.__name__} declares something that is no Panel or Page")
    if panel is None and page is None:
        raise Undiscoverable(f"{module.__name__} declares neither a panel nor a page")
    if not hasattr(module, "__path__"):
        raise Undiscoverable(f"{module.__name__} must be a folder with its templates")
    folder = Path(next(iter(module.__path__)))
    if panel is not None:
        _check_panel(panel, module, folder)
        _add(found.panels, panel.key, panel, folder, found)
    if page is not None:
        _add(found.pages, page.key, page, folder, found)


def _check_panel(panel: Panel, module: ModuleType, folder: Path) -> None:
    if panel.blueprint.name != panel.key:
        raise Undiscoverable(f"{module.__name__}: the blueprint must be named {panel.key!r}")
    if panel.place not in PLACES:
        raise Undiscoverable(f"{module.__name__}: there is no place {panel.place!r}")
    if not (panel.load or panel.detail or panel.actions):
        raise Undiscoverable(f"{module.__name__}: a panel needs `load`, `detail` or `actions`")
    for needed, template in ((panel.load, "panel.html"), (panel.detail, "detail.html")):
        if needed and not (folder / template).exists():
            raise Undiscoverable(f"{module.__name__}: {template} is missing")


def _add(kind: dict[str, Any], key: str, thing: Any, folder: Path, found: Registry) -> None:
    if key in found.folders:
        raise Undiscoverable(f"two folders are called {key!r}: {found.folders[key]} and {folder}")
    kind[key] = thing
    found.folders[key] = folder


def _ordered(things: dict[str, Any]) -> dict[str, Any]:
    return dict(sorted(things.items(), key=lambda item: (item[1].order, item[0])))


def _check_events(found: Registry) -> None:
    known = {name for name, _meaning, _handlers in events.listing()}
    for panel in found.panels.values():
        if unknown := panel.stale_on - known:
            raise Undiscoverable(f"panel {panel.key!r} waits for unknown events {sorted(unknown)}")


def _templates(found: Registry) -> BaseLoader:
    folders: dict[str, BaseLoader] = {
        key: FileSystemLoader(folder) for key, folder in found.folders.items()
    }
    layouts = FileSystemLoader(Path(__file__).parent.parent / "layouts")
    return ChoiceLoader([PrefixLoader({"layouts": layouts, **folders})])
