"""Discovery: a new folder appears everywhere, a wrong one stops the start with a sentence."""

from __future__ import annotations

import importlib
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from textwrap import dedent

import pytest
from flask import Flask
from flask_migrate import upgrade

from app import create_app
from app.config import configuration
from app.core.database import db
from app.core.registry import Undiscoverable
from app.domain.customers import services as customers
from app.domain.team import services as team
from tests.browserless import Browser
from tests.factories import customer_values
from tests.fragments import parts

DETAIL = "{% extends frame %}{% block content %}<p>All the songs, {{ language }}</p>{% endblock %}"
PANEL = '{% extends "layouts/panel.html" %}{% block body %}<p>{{ song }}</p>{% endblock %}'
NEWS = 'announces = {"song.sung": "A song was sung"}'
COLUMNS = """from app.core.registry import Column
columns = (
    Column(key="song", label="Song", load=lambda ids: {i: f"La {i}" for i in ids}, shown=True),
)"""
SONGS = """
    from flask import Blueprint
    from app.core import events, responses
    from app.core.registry import Action, Page, Panel

    blueprint = Blueprint("songs", __name__)


    @blueprint.post("/sing")
    def sing(customer_id):
        events.announce("song.sung", customer_id=customer_id)
        return responses.saved(customer_id, "Sung")


    panel = Panel(
        key="songs",
        title="Songs",
        blueprint=blueprint,
        order=45,
        place="main",
        load=lambda customer_id: {"song": f"Song of {customer_id}"},
        detail=lambda customer_id, arguments: {},
        stale_on=frozenset({"song.sung"}),
        actions=(Action(label="Sing", endpoint="songs.detail", icon="plus", dialog=False),),
    )
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stage: None) -> Iterator[Path]:
    """Where plug-ins are put; afterwards nobody remembers them."""
    plugins = tmp_path / "plugins"
    plugins.mkdir()
    monkeypatch.syspath_prepend(str(plugins))
    known = set(sys.modules)
    yield plugins
    for name in set(sys.modules) - known:
        if getattr(sys.modules[name], "__file__", None) and str(plugins) in str(
            sys.modules[name].__file__
        ):
            del sys.modules[name]


@pytest.fixture
def write(folder: Path) -> Callable[..., str]:
    """Write a plug-in's files and get its name."""

    def writing(name: str = "songs", init: str = SONGS, **files: str) -> str:
        (folder / name).mkdir(parents=True, exist_ok=True)
        (folder / name / "__init__.py").write_text(dedent(init))
        for file, content in files.items():
            (folder / name / file.replace("_", ".")).write_text(content)
        importlib.invalidate_caches()
        return name

    return writing


@pytest.fixture
def start(tmp_path: Path) -> Callable[..., Flask]:
    """Start an application with these plug-ins."""

    def starting(*plugins: str) -> Flask:
        settings = configuration(data=tmp_path / "data", secret_key="k" * 48)
        return create_app(settings | {"TESTING": True}, panels=plugins)

    return starting


class TestPlugin:
    """A panel that no existing file names."""

    @pytest.fixture
    def app(self, write: Callable[..., str], start: Callable[..., Flask]) -> Flask:
        name = write(panel_html=PANEL, detail_html=DETAIL, news_py=NEWS, columns_py=COLUMNS)
        app = start(name)
        with app.app_context():
            upgrade()
            for role in ("staff", "readonly"):
                team.create_user(email=f"{role}@example.com", name=role, role=role, language="en")
            customers.create_customer(customer_values())
            db.session.commit()
        return app

    def test_it_appears_everywhere(self, app: Flask):
        browser = Browser(app, "staff@example.com")
        overview = browser.get("/customers/1").text
        assert '<section id="panel-songs" data-panel="songs"' in overview
        assert "<p>Song of 1</p>" in overview
        assert overview.index('id="panel-comments"') < overview.index('id="panel-songs"')
        bar = re.search(r'<nav class="tabs".*?</nav>', overview, re.S)
        assert bar
        assert '<a href="/customers/1/songs">Songs</a>' in bar[0]
        assert 'id="songs-detail"' in overview
        assert "All the songs, en" in browser.get("/customers/1/songs").text
        assert browser.htmx_get("/customers/1/songs/panel").text.startswith("<section")
        assert browser.get("/customers/2/songs").status_code == 404
        printed = app.test_cli_runner().invoke(args=["panels"]).output
        assert "songs  (main, permission songs)" in printed
        assert "stale on: song.sung" in printed
        assert "/customers/<int:customer_id>/songs/sing  [songs.edit]" in printed
        told = app.test_cli_runner().invoke(args=["events"]).output
        assert "song.sung" in told
        assert "A song was sung" in told
        assert "Songs" in browser.get("/account/overview").text
        assert "<td>La 1</td>" in browser.get("/customers").text

    def test_it_obeys_the_permissions_and_is_refreshed(self, app: Flask):
        staff, reader = (Browser(app, f"{role}@example.com") for role in ("staff", "readonly"))
        url = "/customers/1/songs/sing"
        found, rest = parts(staff.htmx_post(url, panels="songs,songs@detail,comments").text)
        assert rest == ""
        assert sorted(found) == ["#detail-songs", "#panel-songs", "#toasts"]
        assert reader.htmx_post(url).status_code == 403
        assert reader.get("/customers/1/songs").status_code == 200
        assert Browser(app, None).get("/customers/1/songs").status_code == 302


PAGE = """
    from flask import Blueprint
    from app.core.registry import Page

    blueprint = Blueprint("{name}", __name__)
    page = Page(key="{name}", blueprint=blueprint, area="customers"{more})
"""


class TestRefusals:
    """Each stops the start with a sentence that names the folder or the thing."""

    @pytest.mark.parametrize(
        ("change", "sentence"),
        [
            (('Blueprint("songs"', 'Blueprint("tunes"'), "blueprint must be named 'songs'"),
            (("panel = Panel(", "panel = dict("), "no Panel or Page"),
            (("panel = Panel(", "other = Panel("), "neither a panel nor a page"),
            (('"song.sung"})', '"song.unheard"})'), "unknown events ['song.unheard']"),
            (
                ('endpoint="songs.detail"', 'endpoint="songs.dance"'),
                "'songs.dance', which does not",
            ),
            (('place="main"', 'place="cellar"'), "no place 'cellar'"),
            (('key="songs"', 'key="bank"'), "blueprint must be named 'bank'"),
        ],
    )
    def test_a_wrong_panel(
        self,
        write: Callable[..., str],
        start: Callable[..., Flask],
        change: tuple[str, str],
        sentence: str,
    ):
        init = SONGS.replace(*change)
        assert init != SONGS
        name = write(init=init, panel_html=PANEL, detail_html=DETAIL, news_py=NEWS)
        with pytest.raises(Undiscoverable, match=re.escape(sentence)):
            start(name)

    @pytest.mark.parametrize(
        ("change", "sentence"),
        [
            (('"song"', '"town"'), "songs: there is a column 'town' already"),
            (("load=", "read=print, load="), "column 'song' needs `load` or `read`"),
            (('load=lambda ids: {i: f"La {i}" for i in ids}, ', ""), "needs `load` or `read`"),
        ],
    )
    def test_a_wrong_column(
        self,
        write: Callable[..., str],
        start: Callable[..., Flask],
        change: tuple[str, str],
        sentence: str,
    ):
        columns = COLUMNS.replace(*change)
        assert columns != COLUMNS
        name = write(panel_html=PANEL, detail_html=DETAIL, news_py=NEWS, columns_py=columns)
        with pytest.raises(Undiscoverable, match=re.escape(sentence)):
            start(name)

    def test_a_deed_with_many_that_leads_nowhere(
        self, write: Callable[..., str], start: Callable[..., Flask]
    ):
        page = PAGE.replace("import Page", "import BulkAction, Page")
        more = ', bulk_actions=(BulkAction(label="Sing", endpoint="choir.sing", icon="plus"),)'
        name = write("choir", page.format(name="choir", more=more))
        with pytest.raises(Undiscoverable, match=r"'choir' leads to 'choir.sing'"):
            start(name)

    @pytest.mark.parametrize("missing", ["panel_html", "detail_html"])
    def test_a_missing_template(
        self, write: Callable[..., str], start: Callable[..., Flask], missing: str
    ):
        files = {"panel_html": PANEL, "detail_html": DETAIL, "news_py": NEWS}
        del files[missing]
        name = write(**files)
        with pytest.raises(Undiscoverable, match=missing.replace("_", ".") + " is missing"):
            start(name)

    def test_neither_panel_nor_detail(self, write: Callable[..., str], start: Callable[..., Flask]):
        init = re.sub(r"(load|detail)=lambda[^\n]+\n|actions=[^\n]+\n", "", dedent(SONGS))
        name = write(init=init, news_py=NEWS)
        with pytest.raises(Undiscoverable, match="needs `load`, `detail` or `actions`"):
            start(name)

    def test_two_folders_of_one_name(self, write: Callable[..., str], start: Callable[..., Flask]):
        first = write(
            "bank",
            SONGS.replace('"songs"', '"bank"'),
            panel_html=PANEL,
            detail_html=DETAIL,
            news_py=NEWS,
        )
        with pytest.raises(Undiscoverable, match="two folders are called 'bank'"):
            start(first)

    def test_a_page_and_a_panel_of_one_name(
        self, write: Callable[..., str], start: Callable[..., Flask]
    ):
        name = write("comments", PAGE.format(name="comments", more=""))
        with pytest.raises(Undiscoverable, match="two folders are called 'comments'"):
            start(name)

    def test_a_page_in_the_navigation_that_leads_nowhere(
        self, write: Callable[..., str], start: Callable[..., Flask]
    ):
        name = write("empty", PAGE.format(name="empty", more=', label="Empty"'))
        with pytest.raises(Undiscoverable, match=r"'empty' leads to 'empty.show'"):
            start(name)

    def test_listening_to_what_nobody_announces(
        self, write: Callable[..., str], start: Callable[..., Flask]
    ):
        news = NEWS + '\nlistens = {"song.unheard": print}'
        name = write(panel_html=PANEL, detail_html=DETAIL, news_py=news)
        with pytest.raises(
            Undiscoverable, match=r"songs: no area declares the event 'song\.unheard'"
        ):
            start(name)

    def test_a_file_is_no_folder(self, folder: Path, start: Callable[..., Flask]):
        (folder / "flat.py").write_text(dedent(PAGE.format(name="flat", more="")))
        importlib.invalidate_caches()
        with pytest.raises(Undiscoverable, match="flat must be a folder"):
            start("flat")
