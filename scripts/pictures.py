"""Take the pictures of the documentation: the demo company in Chromium, in German and English.

`python scripts/pictures.py` writes docs/images/de/ and docs/images/en/; names after it take only
those (`python scripts/pictures.py overview import`). It needs Chromium (apt-get install chromium).
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).parent.parent
IMAGES = ROOT / "docs" / "images"
FLASK = [sys.executable, "-m", "flask", "--app", "wsgi"]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
LANGUAGES = {"de": "de-DE", "en": "en-GB"}

DANCER, COMPANY, PARTNER = "lena hoffmann", "weber maschinenbau", "herzenssache"
TEAM = "Tanzschule Rheintakt"
WRITTEN_TO = "tanja müller"
ANSWER = """\
Liebe Frau Dr. Müller,

gern wieder dienstags um 19 Uhr. Ihr Mandat liegt bei.

--\x20
Anna Berger
Tanzschule Rheintakt · Vogelsanger Straße 193 · 50825 Köln"""
WELCOME = {"de": "Begrüßung", "en": "Welcome"}
NEW_CUSTOMERS = """\
Anrede;Vorname;Nachname;Straße;PLZ;Ort;E-Mail;Mobil;Geburtstag;Tanzkarte
Frau;Jule;Brandt;Aachener Straße 118;50674;Köln;brandt@example.com;0171 5550142;03.04.1998;ja
Herr;Elias;Köhler;Venloer Straße 30;50672;Köln;koehler@example.com;0151 5550197;19.11.2001;
Frau;Zeynep;Aksoy;Sülzburgstraße 7a;50937;Köln;aksoy@example.com;0160 5550123;27.08.1989;ja
Herr;Matthias;Groß;Dürener Straße 201;50931;Köln;gross@example.com;0221 5550188;;
"""


def main() -> None:
    with tempfile.TemporaryDirectory() as data, _mail_server() as mail_port:
        port = _free_port()
        environment = os.environ | {"KUNDENBLICK_DATA": data, "PORT": str(port)}
        for command in ("db upgrade", "seed"):
            subprocess.run([*FLASK, *command.split()], cwd=ROOT, env=environment, check=True)
        server = [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}"]
        server += ["--worker-class", "gthread", "--threads", "4", "--no-control-socket", "wsgi:app"]
        names = set(sys.argv[1:]) or set(PICTURES)
        with _running(server, environment), _running([*FLASK, "worker"], environment):
            _wait_for(port)
            take(f"http://127.0.0.1:{port}", Path(data), names, mail_port)


def take(url: str, data: Path, names: set[str], mail_port: int) -> None:
    """Take these pictures in both languages."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for language in LANGUAGES:
            folder = IMAGES / language
            folder.mkdir(parents=True, exist_ok=True)
            page = _signed_in(browser, url, data, language)
            _set_up_mail(page, mail_port)
            for name in PICTURES:
                if name in names:
                    arrange, width, height = PICTURES[name]
                    page.set_viewport_size({"width": width, "height": height})
                    arrange(page)
                    page.mouse.move(0, 0)
                    page.screenshot(path=folder / f"{name}.png")
        browser.close()


def _signed_in(browser: Browser, url: str, data: Path, language: str) -> Page:
    """A page on which an admin of the demo company reads this language."""
    email, password = (data / "demo-login").read_text().strip().split(" / ")
    page = browser.new_page(base_url=url, locale=LANGUAGES[language])
    page.goto("/login")
    page.locator("#login-email").fill(email)
    page.locator("#login-password").fill(password)
    page.keyboard.press("Enter")
    page.wait_for_selector("#account-menu")
    if page.locator("html").get_attribute("lang") != language:
        page.select_option("#site-language", language)
        page.wait_for_selector(f"html[lang={language}]")
    return page


def _set_up_mail(page: Page, port: int) -> None:
    """An account that takes everything and sends nothing."""
    page.goto("/settings/mail")
    for name, value in {"host": "127.0.0.1", "port": port, "from_name": TEAM}.items():
        page.locator(f"#{name}").fill(str(value))
    page.locator("#from_address").fill("info@rheintakt.example.com")
    page.locator("#security").select_option("none")
    page.locator("main .form .button[data-kind=primary]").click()
    page.wait_for_selector(".toast")


def show_start(page: Page) -> None:
    page.goto("/")


def show_list(page: Page) -> None:
    """The list with a few customers ticked."""
    page.goto("/customers")
    for row in (1, 2, 4):
        page.locator("#results tbody input[type=checkbox]").nth(row).check()


def show_overview(page: Page) -> None:
    _open_customer(page, COMPANY)


def show_documents(page: Page) -> None:
    _open_customer(page, DANCER, "documents")


def show_groups(page: Page) -> None:
    page.goto("/groups")


def show_import(page: Page) -> None:
    """The preview of a file of new customers."""
    page.goto("/imports")
    page.locator("input[type=file]").set_input_files(
        {
            "name": "Neue Kunden.csv",
            "mimeType": "text/csv",
            "buffer": NEW_CUSTOMERS.encode("cp1252"),
        }
    )
    page.locator("main form:has(input[type=file]) .button[data-kind=primary]").click()
    page.wait_for_selector("#import-state-title")


def show_deletion(page: Page) -> None:
    """The dialog that says what goes with a customer."""
    _open_customer(page, PARTNER)
    page.locator("#deletion-confirm").click()
    page.wait_for_selector("#modal[open] .dialog-body")


def show_mail(page: Page) -> None:
    """A mail to two addresses, with a document of the customer."""
    _open_customer(page, WRITTEN_TO)
    page.locator("#mail-new").click()
    page.locator("input[name=to]").nth(1).check()
    page.locator("#subject").fill("Ihre Privatstunden im Januar")
    page.locator("#text").fill(ANSWER)
    page.locator("#mail-documents-fold summary").click()
    page.locator("#mail-documents button").first.click()
    page.wait_for_selector("#mail-files li")
    page.locator("#mail-documents-fold summary").click()
    page.locator("#dialog .dialog-body").evaluate("body => body.scrollTo(0, 0)")


def show_template(page: Page) -> None:
    """A template beside its preview."""
    page.goto("/templates")
    page.locator(".template-line a").get_by_text(WELCOME[_language(page)], exact=True).click()
    page.wait_for_selector("#preview-title")


def show_letter(page: Page) -> None:
    """A letter, and the sheet as it would be printed."""
    _open_customer(page, PARTNER)
    page.locator("#letters-new").click()
    page.wait_for_selector("#letter-preview img")
    with page.expect_response("**/letters/filled"):
        page.locator("#template").select_option(index=1)
    page.wait_for_function("document.querySelector('#subject').value")


def show_serial(page: Page) -> None:
    """Who would get a serial, before it begins."""
    page.goto("/customers?q=köln")
    page.locator("#tick-all").check()
    page.locator("#bulk-serials-new_mails").click()
    page.locator("#serial-form").get_by_text(WELCOME[_language(page)]).first.click()
    page.locator("#serial-form .button[data-kind=primary]").click()
    page.wait_for_selector("#serial-state-title")


def show_outbox(page: Page) -> None:
    """The outbox of a day."""
    page.goto("/outbox")


PICTURES: dict[str, tuple[Callable[[Page], None], int, int]] = {
    "start": (show_start, 1280, 560),
    "list": (show_list, 1280, 720),
    "overview": (show_overview, 1360, 1060),
    "documents": (show_documents, 1280, 620),
    "mail": (show_mail, 1100, 900),
    "template": (show_template, 1280, 820),
    "letter": (show_letter, 1280, 900),
    "serial": (show_serial, 1280, 720),
    "outbox": (show_outbox, 1280, 560),
    "groups": (show_groups, 1280, 620),
    "import": (show_import, 1280, 720),
    "deletion": (show_deletion, 900, 520),
}
"""What is shown, and how wide and high the window is."""


def _language(page: Page) -> str:
    return page.locator("html").get_attribute("lang") or "de"


def _open_customer(page: Page, words: str, detail: str = "") -> None:
    page.goto(f"/customers?q={words}")
    page.locator("#results tbody th a").first.click()
    page.wait_for_selector("#panel-header")
    if detail:
        page.goto(f"{page.url.partition('?')[0]}/{detail}")


@contextmanager
def _mail_server() -> Iterator[int]:
    port = _free_port()
    server = [sys.executable, "-m", "aiosmtpd", "--nosetuid", "--listen", f"127.0.0.1:{port}"]
    with _running([*server, "--class", "aiosmtpd.handlers.Sink"], os.environ):
        yield port


@contextmanager
def _running(command: list[str], environment: Mapping[str, str]) -> Iterator[None]:
    with subprocess.Popen(command, cwd=ROOT, env=environment) as process:
        try:
            yield
        finally:
            process.terminate()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def _wait_for(port: int) -> None:
    for _ in range(100):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit("the server did not start")


if __name__ == "__main__":
    main()
