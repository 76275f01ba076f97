"""Chromium against a real server on loopback, with a small company of its own.

Every page fails its test when the browser reports a policy violation or a script error.
"""

from __future__ import annotations

import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask_migrate import upgrade
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from app import create_app
from app.config import configuration
from app.core.database import db
from app.domain.comments import services as comments
from app.domain.customers import services as customers
from app.domain.team import passwords
from app.domain.team import services as team
from tests.browserless import Browser as Session
from tests.conftest import image_of, restore
from tests.factories import contact_person_values, customer_values

ROOT = Path(__file__).parents[2]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
AXE = Path(__file__).parents[1] / "vendor" / "axe-core-4.14.1" / "axe.min.js"
CAST = {"Anna Admin": "admin", "Ben Staff": "staff"}
PASSWORD = "quiet-river-lantern"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        item.add_marker(pytest.mark.browser)
        if CHROMIUM is None:
            item.add_marker(pytest.mark.skip(reason="install Chromium: apt-get install chromium"))


@pytest.fixture
def served(_served: tuple[Flask, str], _filled: sqlite3.Connection) -> tuple[Flask, str]:
    """The application over the database that a real server shows, and the server's address.

    Nothing is left in it of the tests before.
    """
    app, url = _served
    restore(app, _filled)
    return app, url


@pytest.fixture(scope="session")
def _served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Flask, str]]:
    data, key, port = tmp_path_factory.mktemp("served"), "b" * 48, _free_port()
    app = create_app(configuration(data=data, secret_key=key))
    with app.app_context():
        upgrade()
        _fill()
    url = f"http://127.0.0.1:{port}"
    environment = os.environ | {
        "KUNDENBLICK_DATA": str(data),
        "KUNDENBLICK_SECRET_KEY": key,
        "KUNDENBLICK_BASE_URL": url,
    }
    command = [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "--threads", "8"]
    command += ["--worker-class", "gthread", "--no-control-socket", "wsgi:app"]
    with subprocess.Popen(command, env=environment, cwd=ROOT, stderr=subprocess.DEVNULL) as server:
        _wait_for(port)
        yield app, url
        server.terminate()


@pytest.fixture(scope="session")
def _filled(_served: tuple[Flask, str]) -> sqlite3.Connection:
    """The database of the small company, to restore from."""
    app, _url = _served
    return image_of(app)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def _wait_for(port: int) -> None:
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("the server did not start")


def _fill() -> None:
    password = passwords.hashed(PASSWORD)
    for name, role in CAST.items():
        team.create_user(
            email=f"{name.split()[0].lower()}@example.com",
            name=name,
            role=role,
            language="en",
            password_hash=password,
        )
    for n in range(160):
        values = customer_values(first_name=f"Person P{n:03}", last_name="Meier", phones=[])
        customers.create_customer(
            values | {"emails": [{"label": "", "address": f"p{n}@example.com"}]}
        )
    db.session.commit()


def await_script(page: Page) -> None:
    """Wait for htmx, which a fast key can overtake: until then links are only links."""
    expect(page.locator("#quick-open")).to_have_attribute("data-htmx-powered", "true")


def fits(page: Page) -> bool:
    """Whether it does not scroll sideways. On phones `innerWidth` would grow along with it."""
    root = "document.documentElement"
    return page.evaluate(f"{root}.scrollWidth <= {root}.clientWidth")


@pytest.fixture
def customer(served: tuple[Flask, str]) -> Callable[..., int]:
    """Add a customer and get its id."""
    app, _url = served

    def make(**values: Any) -> int:
        with app.app_context():
            customer_id = customers.create_customer(customer_values(**values))
            comments.write_comment(customer_id, {"body": "Bitte nur vormittags anrufen."})
            if values.get("kind") == "company":
                customers.add_contact_person(customer_id, contact_person_values())
            db.session.commit()
            return customer_id

    return make


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def window(
    served: tuple[Flask, str], chromium: Browser, request: pytest.FixtureRequest
) -> Iterator[BrowserContext]:
    """A window in which Anna is signed in; `@pytest.mark.parametrize` may set its options."""
    app, url = served
    options = {"viewport": {"width": 1280, "height": 900}, "locale": "en-GB", "base_url": url}
    context = chromium.new_context(**options | getattr(request, "param", {}))
    context.set_default_timeout(8000)
    session = Session(app, "anna@example.com").client.get_cookie(app.config["SESSION_COOKIE_NAME"])
    assert session is not None
    context.add_cookies([{"name": session.key, "value": session.value, "url": url}])
    yield context
    context.close()


@pytest.fixture
def page(window: BrowserContext) -> Iterator[Page]:
    """A page of that window; errors on its console fail the test."""
    page = window.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda message: complaints.append(message.text) if _bad(message) else None)
    yield page
    assert not complaints


def _bad(message: Any) -> bool:
    """Refused requests (4xx) are part of the tests; everything else on the console is not."""
    return message.type == "error" and "Failed to load resource" not in message.text


@pytest.fixture
def axe() -> Callable[[Page], None]:
    """Fail when axe finds a violation of WCAG 2.2 AA on the page as it is now."""
    source = AXE.read_text()

    def check(page: Page) -> None:
        page.evaluate(source)
        found = page.evaluate(
            "axe.run({runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa', 'best-practice']})"
        )
        assert [
            f"{v['id']}: {node['html'][:160]}" for v in found["violations"] for node in v["nodes"]
        ] == []

    return check
