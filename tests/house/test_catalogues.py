"""The German catalogue is complete, pages speak it, and no template says anything beside it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from html.parser import HTMLParser
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import polib
import pytest
from flask import Flask
from jinja2 import Environment, nodes
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from app.core.database import db
from app.core.i18n import LANGUAGES
from app.domain.team import services as team
from tests.browserless import Browser
from tests.contract import conftest as contract

ROOT = Path(__file__).parents[2]
MODULES = sorted((ROOT / "app").rglob("*.py"))
TEMPLATES = sorted((ROOT / "app").rglob("*.html"))
GETTEXT = {"_", "_l", "_n", "_ln", "gettext", "lazy_gettext", "ngettext"}
SPOKEN = ("alt", "aria-label", "data-label", "data-unsaved", "placeholder", "title")
UNSPOKEN = ("script", "style")
SAME_IN_EVERY_LANGUAGE = {"Kundenblick", "Esc"}
PARTS_OF_TAGS = {"again-title", 'aria-describedby=""'}
WORD = re.compile(r"[^\W\d_]{2}")
SENTENCE = re.compile(r"[A-Z]|.*\w \w")
BETWEEN_VALUES = re.compile(r"%\(.*\)[a-z]")
"""Like "%(shown)s of %(total)s": the Isle of Man is German too."""

_full, full_customer, empty_customer = (
    contract._full,
    contract.full_customer,
    contract.empty_customer,
)


def script() -> Any:
    spec = spec_from_file_location("catalogues", ROOT / "scripts" / "catalogues.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


catalogues = script()


class Reader(HTMLParser):
    """What a page says: its text and the attributes that are shown or read out.

    What is marked as another language (the choice between languages) is not ours to judge.
    """

    def __init__(self, html: str) -> None:
        super().__init__()
        self.said: list[str] = []
        self._silent = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag in UNSPOKEN or values.get("lang", "de") != "de":
            self._silent = tag
        self.said += [text for name in SPOKEN if (text := values.get(name))]

    def handle_endtag(self, tag: str) -> None:
        if tag == self._silent:
            self._silent = ""

    def handle_data(self, data: str) -> None:
        if not self._silent and (text := " ".join(data.split())):
            self.said.append(text)


class TestCatalogue:
    def test_it_is_complete(self):
        catalogue = polib.pofile(str(catalogues.CATALOGUE))
        assert catalogues.differences(catalogues.extract(), catalogue) == []

    @pytest.mark.parametrize(
        ("known", "problem"),
        [
            ({"msgid": "Other"}, "missing"),
            ({"msgid": "%(n)d rows", "msgstr": ""}, "untranslated"),
            ({"msgid": "%(n)d rows", "msgstr": "%(n)d Zeilen", "flags": ["fuzzy"]}, "fuzzy"),
            ({"msgid": "%(n)d rows", "msgstr": "%(m)d Zeilen"}, "other placeholders"),
            ({"msgid": "%(n)d rows", "msgstr": "alle Zeilen"}, "other placeholders"),
        ],
    )
    def test_an_incomplete_one_is_noticed(self, known: dict[str, Any], problem: str):
        extracted, catalogue = polib.POFile(), polib.POFile()
        extracted.append(polib.POEntry(msgid="%(n)d rows"))
        catalogue.append(polib.POEntry(**known))
        assert any(p.startswith(problem) for p in catalogues.differences(extracted, catalogue))

    def test_what_nobody_says_any_more_is_noticed(self):
        catalogue = polib.POFile()
        catalogue.append(polib.POEntry(msgid="Gone", msgstr="Weg"))
        assert catalogues.differences(polib.POFile(), catalogue) == ["left over: 'Gone'"]


def inside_texts(source: str) -> list[str]:
    """Translated texts within f-strings: Python 3.11 hides them from whoever extracts."""
    return [
        ast.unparse(call)
        for text in ast.walk(ast.parse(source))
        if isinstance(text, ast.JoinedStr)
        for call in ast.walk(text)
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id in GETTEXT
    ]


class TestModules:
    def test_no_translated_text_is_inside_another(self):
        assert {
            str(file): found for file in MODULES if (found := inside_texts(file.read_text()))
        } == {}

    @pytest.mark.parametrize("call", ["_('a')", "_l('a', n=1)", "_n('a', 'b', 2)", "ngettext(*a)"])
    def test_one_would_be_noticed(self, call: str):
        assert inside_texts(f'said = f"{{x}}: {{{call}}}"') == [call]
        assert inside_texts(f"said = {call} + f'{{x}}'") == []


@cache
def english() -> re.Pattern[str]:
    """Every text that German words otherwise: whole, and within others if it has two words."""
    catalogue = polib.pofile(str(catalogues.CATALOGUE))
    german = {text for e in catalogue for text in (e.msgstr, *e.msgstr_plural.values())}
    texts = {text for e in catalogue for text in (e.msgid, e.msgid_plural) if text} - german
    texts -= {name for _code, name in LANGUAGES}
    long = [re.escape(text) for text in texts if " " in text and "%(" not in text]
    whole = [
        ".+".join(map(re.escape, catalogues.PLACEHOLDER.split(text)))
        for text in texts
        if not BETWEEN_VALUES.fullmatch(text)
    ]
    return re.compile(rf"\b(?:{'|'.join(long)})|^(?:{'|'.join(whole)})$")


def leftovers(answer: TestResponse) -> list[str]:
    """What an answer says in English."""
    if answer.mimetype != "text/html":
        return []
    return [text for text in Reader(answer.text).said if english().search(text)]


@pytest.fixture
def gerda(app: Flask) -> Browser:
    """An admin who reads German; her browser would rather have English.

    She comes after the customer, who comes with a database.
    """
    with app.app_context():
        team.create_user(email="gerda@example.com", name="Gerda", role="admin", language="de")
        db.session.commit()
    return Browser(app, "gerda@example.com")


def named(rule: Rule) -> str:
    return rule.endpoint


PAGES = [
    rule
    for rule in (*contract.rules(unsafe=False), *contract.rules(unsafe=True))
    if "GET" in (rule.methods or ())
]
CHANGES = contract.rules(unsafe=True)


class TestGermanPages:
    @pytest.mark.parametrize("rule", PAGES, ids=named)
    def test_pages_and_dialogs(self, rule: Rule, full_customer: int, gerda: Browser):
        url = contract.url_of(rule, full_customer)
        assert leftovers(gerda.get(url)) == []
        assert leftovers(gerda.htmx_get(url)) == []

    @pytest.mark.parametrize("rule", PAGES, ids=named)
    def test_where_there_is_nothing(self, rule: Rule, gerda: Browser, empty_customer: int):
        assert leftovers(gerda.get(contract.url_of(rule, empty_customer))) == []

    @pytest.mark.parametrize("rule", CHANGES, ids=named)
    def test_what_was_done_or_refused(self, rule: Rule, full_customer: int, gerda: Browser):
        url = contract.url_of(rule, full_customer)
        assert leftovers(gerda.htmx_post(url, panels="header,comments,addresses,bank")) == []

    @pytest.mark.parametrize("url", ["/login", "/access/x", "/nowhere"])
    def test_a_german_browser_is_enough(self, url: str, eve: Browser):
        answer = eve.get(url, headers={"Accept-Language": "de-AT,de;q=0.9"})
        assert '<html lang="de">' in answer.text
        assert leftovers(answer) == []

    def test_english_would_be_noticed(self, anna: Browser, full_customer: int):
        found = leftovers(anna.get(f"/customers/{full_customer}"))
        assert {"Master data", "No. 10001", "Edit contact persons"} <= {*found}


def beside_expressions(source: str) -> str:
    """The HTML of a template, with nothing where it computes."""
    tokens = Environment().lex(source)
    return "".join(value for _line, kind, value in tokens if kind in ("data", "raw_data"))


def literals(node: nodes.Node) -> Iterator[str]:
    """Texts in expressions that may be shown: neither translated nor compared with."""
    if isinstance(node, nodes.Compare):
        return
    if isinstance(node, nodes.Call) and getattr(node.node, "name", "") in ("_", "ngettext"):
        return
    if isinstance(node, nodes.Const) and isinstance(node.value, str):
        yield node.value
    for child in node.iter_child_nodes():
        yield from literals(child)


def bare(source: str) -> list[str]:
    """What a template says without asking the catalogue."""
    shown = [text for text in Reader(beside_expressions(source)).said if WORD.search(text)]
    given = [
        text
        for text in literals(Environment().parse(source))
        if WORD.search(text) and SENTENCE.match(text)
    ]
    return [text for text in shown + given if text not in SAME_IN_EVERY_LANGUAGE | PARTS_OF_TAGS]


class TestTemplates:
    @pytest.mark.parametrize(
        "file", TEMPLATES, ids=lambda file: str(file.relative_to(ROOT / "app"))
    )
    def test_all_they_say_is_translated(self, file: Path):
        assert bare(file.read_text()) == []

    @pytest.mark.parametrize(
        "source",
        [
            "<p>Hello</p>",
            "<p>{{ name }} and {{ other }}</p>",
            '<input placeholder="Name or company">',
            '<a aria-label="Edit {{ name }}">{{ icon("pencil") }}</a>',
            '{{ opener("Edit", url) }}',
            '{{ name or "nobody yet" }}',
        ],
    )
    def test_bare_text_is_noticed(self, source: str):
        assert bare(source)

    def test_translated_text_is_none(self):
        assert not bare(
            """<a class="button" title="{{ _('Edit') }}"{% if name == "Anna A" %} id="a"{% endif %}>
            {{ _("Edit %(name)s", name=name) }} · <kbd>Esc</kbd></a>{# Not said. #}"""
        )
