"""The import in a real browser: from the file to the result, and back."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from app.core.database import db
from app.domain.groups.services import create_group, delete_group
from tests.browser.conftest import fits

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
WINDOWS = pytest.mark.parametrize(
    "window", [{}, {"color_scheme": "dark"}, PHONE], ids=["light", "dark", "phone"], indirect=True
)
TABLE = (
    "Vorname;Nachname;Straße;PLZ;Ort;E-Mail;Telefon;Geburtstag;Gruppen;IBAN;Notiz;Tanzlevel\n"
    "Tanja;Müller;Hauptstr. 5a;50667;Köln;tanja@example.com;0221 98765;24.12.1990;"
    "Salsa, Tango;DE89370400440532013000;Ruft abends an.;Silber\n"
    "Jörg;Weiß;;;;joerg(at)example.com;;;;;;\n"
)


@pytest.fixture
def deep_groups(served: tuple[Flask, str]) -> Iterator[None]:
    """More groups than the picker shows at once, each below the one before, so paths are long."""
    app, _url = served
    made: list[int] = []
    with app.app_context():
        for n in range(12):
            parent_id = made[-1] if made else None
            values = {"name": f"Ausschuss {n}", "parent_id": parent_id, "no_information": False}
            made.append(create_group(values))
        db.session.commit()
    yield
    with app.app_context():
        for group_id in reversed(made):
            delete_group(group_id)
        db.session.commit()


@WINDOWS
def test_from_the_file_to_the_result_and_back(
    page: Page, axe: Callable, tmp_path: Path, deep_groups: None
):
    file = tmp_path / "kunden.csv"
    file.write_text(TABLE, encoding="cp1250")
    page.goto("/imports")
    look(page, axe)
    page.get_by_label("File", exact=True).set_input_files(file)
    page.get_by_role("button", name="Show preview").click()
    expect(page.get_by_role("heading", name="2 rows, as they would be saved")).to_be_visible()
    look(page, axe)

    page.get_by_label("Letters (encoding)").focus()
    page.get_by_label("Letters (encoding)").select_option("cp1250")
    expect(page).to_have_url(re.compile("encoding=cp1250"))
    expect(page.get_by_label("Letters (encoding)")).to_be_focused()
    expect(page.get_by_role("rowheader").first).to_contain_text("Tanja Müller")
    page.get_by_label("Columns are parted by").select_option(",")
    expect(page.get_by_role("alert")).to_contain_text("There is no column for a name")
    expect(page.get_by_role("button", name="Import now")).to_have_count(0)
    look(page, axe)
    page.get_by_label("Columns are parted by").select_option("")

    page.get_by_text("Groups that everybody joins").first.click()
    page.get_by_label("Keine Informationen").check()
    look(page, axe)
    page.get_by_role("button", name="Import now").click()
    expect(page.get_by_role("heading", name="Import finished")).to_be_visible(timeout=60_000)
    expect(page.locator("#import-state")).to_contain_text("Keine Informationen 1")
    expect(page.locator("#import-state")).to_contain_text("This is not an e-mail address.")
    look(page, axe)

    page.get_by_role("link", name="Revert import").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("1 customer came with this import.")
    look(page, axe)
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="Revert import")).to_be_focused()
    page.get_by_role("link", name="Revert import").click()
    dialog.get_by_role("button", name="Revert import").click()
    expect(page.get_by_role("heading", name="Import reverted")).to_be_visible(timeout=60_000)
    look(page, axe)


def test_too_large_is_told_without_being_sent(page: Page, tmp_path: Path):
    file = tmp_path / "kunden.csv"
    with file.open("wb") as table:
        table.truncate(25 * 1024 * 1024 + 1)
    page.goto("/imports")
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.method))
    page.get_by_label("File", exact=True).set_input_files(file)
    told = page.get_by_role("alert").filter(has_text="kunden.csv")
    expect(told).to_contain_text("is larger than 25\N{NO-BREAK SPACE}MB and was not uploaded.")
    told.get_by_role("button", name="Close").press("Enter")
    field = page.get_by_label("File", exact=True)
    expect(field).to_be_focused()
    expect(field).to_have_value("")
    page.get_by_role("button", name="Show preview").click()
    expect(page.get_by_role("alert")).to_contain_text("Please choose a file.")
    assert sent.count("POST") == 1


def look(page: Page, axe: Callable) -> None:
    axe(page)
    assert fits(page), "scrolls sideways"
