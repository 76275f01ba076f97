"""Groups in a real browser: picked by typing, taken away and brought back, dragged in a tree."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Locator, Page, expect

from app.core.database import db
from app.domain.groups import queries, services
from tests.browser.conftest import fits
from tests.browser.test_appearance import PHONE


@pytest.fixture
def create(served: tuple[Flask, str]) -> Callable[..., int]:
    """Create a group and get its id."""
    app, _url = served

    def creating(name: str, parent_id: int | None = None) -> int:
        values = {"name": name, "parent_id": parent_id, "no_information": False}
        with app.app_context():
            group_id = services.create_group(values)
            db.session.commit()
            return group_id

    return creating


@pytest.fixture
def path_of(served: tuple[Flask, str]) -> Callable[[int], str]:
    app, _url = served

    def asking(group_id: int) -> str:
        with app.app_context():
            return queries.path_of(group_id)

    return asking


def open_picker(page: Page, customer_id: int) -> Locator:
    page.goto(f"/customers/{customer_id}")
    page.locator("#groups-edit").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("searchbox")).to_be_focused()
    return dialog


def test_picking_by_keyboard_alone(page: Page, customer: Callable, create: Callable):
    create("Anfänger", create("Tango", create("Kurse K1")))
    dialog = open_picker(page, customer())
    page.keyboard.type("anfang")
    expect(dialog.get_by_role("listitem")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(dialog.get_by_role("searchbox")).to_have_value("")
    expect(dialog.get_by_role("listitem").first).to_contain_text("Anfänger")
    page.keyboard.type("kurse k1")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    expect(dialog.get_by_role("searchbox")).to_be_focused()
    page.keyboard.press("Control+Enter")
    expect(dialog).to_have_count(0)
    expect(page.locator("#panel-groups .item")).to_have_count(2)
    expect(page.locator("#panel-groups")).to_contain_text("Kurse K1")
    expect(page.locator("#groups-edit")).to_be_focused()


def test_enter_on_an_empty_field_saves(page: Page, customer: Callable):
    dialog = open_picker(page, customer())
    page.keyboard.type("keine inf")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    expect(dialog).to_have_count(0)
    expect(page.locator("#panel-header")).to_contain_text("gets no information")


def test_what_is_typed_must_be_chosen(page: Page, customer: Callable, create: Callable):
    create("Salsa Q1")
    dialog = open_picker(page, customer())
    expect(dialog.get_by_text("Enter takes the first match")).to_be_visible()
    page.keyboard.type("salsa q1")
    page.keyboard.press("Control+Enter")
    expect(dialog.get_by_role("searchbox")).to_have_attribute("aria-invalid", "true")
    expect(dialog.get_by_role("searchbox")).to_be_focused()
    expect(dialog.locator(".picker-list li:visible")).to_have_count(1)
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    expect(dialog).to_have_count(0)
    expect(page.locator("#panel-groups")).to_contain_text("Salsa Q1")


def test_looking_around_is_nothing_unsaved(page: Page, customer: Callable):
    dialog = open_picker(page, customer())
    page.keyboard.type("nobody has this")
    expect(dialog.get_by_role("searchbox")).to_have_value("nobody has this")
    expect(dialog.get_by_role("listitem")).to_have_count(0)
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)


def test_taken_out_and_back(page: Page, customer: Callable):
    open_picker(page, customer())
    page.keyboard.type("keine inf")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Remove from group Keine Informationen").click()
    expect(page.locator("#panel-groups .item")).to_have_count(0)
    expect(page.locator("#panel-header")).not_to_contain_text("gets no information")
    page.get_by_role("button", name="Undo").press("Enter")
    expect(page.locator("#panel-groups .item")).to_have_count(1)
    again = page.get_by_role("button", name="Remove from group Keine Informationen")
    expect(again).to_be_focused()
    expect(page.locator("#panel-header")).to_contain_text("gets no information")


def test_dragging_and_undo(page: Page, create: Callable, path_of: Callable):
    top, child = create("Ziel Z1"), create("Kind Z1")
    page.goto("/groups")
    page.locator(f"#group-{child} .tree-line").drag_to(page.locator(f"#group-{top} .tree-line"))
    expect(page.locator(f"#group-{top} #group-{child}")).to_be_visible()
    assert path_of(child) == "Ziel Z1 › Kind Z1"
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(f"#group-{top} #group-{child}")).to_have_count(0)
    assert path_of(child) == "Kind Z1"
    page.locator(f"#group-{child} a").first.drag_to(page.locator(f"#group-{top} .tree-line"))
    expect(page.locator(f"#group-{top} #group-{child}")).to_be_visible()
    page.locator(f"#group-{child} .tree-line").drag_to(page.locator(".tree-head"))
    expect(page.locator(f"#group-{top} #group-{child}")).to_have_count(0)
    assert path_of(child) == "Kind Z1"


def test_a_group_is_not_dragged_into_itself(page: Page, create: Callable, path_of: Callable):
    top = create("Oben Y1")
    child = create("Unten Y1", top)
    page.goto("/groups")
    page.locator(f"#group-{top} > .tree-line").drag_to(page.locator(f"#group-{child} .tree-line"))
    expect(page.locator("#toasts .toast")).to_have_count(0)
    assert path_of(child) == "Oben Y1 › Unten Y1"


def test_moving_by_keyboard(page: Page, create: Callable, path_of: Callable):
    top, child = create("Ziel X1"), create("Kind X1")
    page.goto("/groups")
    page.locator(f"#group-{child}-edit").focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Edit group")
    expect(dialog.get_by_label("Name")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.type("ziel x1")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    expect(dialog).to_have_count(0)
    expect(page.locator(f"#group-{top} #group-{child}")).to_be_visible()
    expect(page.locator(f"#group-{child}-edit")).to_be_focused()
    assert path_of(child) == "Ziel X1 › Kind X1"


def test_what_is_folded_stays_folded(page: Page, create: Callable):
    top = create("Zu W1")
    create("Kind W1", top)
    other = create("Andere W1")
    page.goto("/groups")
    page.locator(f"#group-{top}-below > summary").click()
    expect(page.get_by_text("Kind W1")).to_be_hidden()
    page.locator(f"#group-{other}-edit").click()
    page.get_by_role("dialog").get_by_label("Name").fill("Anders W1")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("link", name="Anders W1", exact=True)).to_be_visible()
    expect(page.get_by_text("Kind W1")).to_be_hidden()


def test_a_filter_outlives_saving(page: Page, create: Callable):
    match = create("Treffer V1", create("Darüber V1"))
    other = create("Andere V1")
    page.goto("/groups")
    page.locator("#groups-find").fill("treffer")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Treffer V1", exact=True)).to_be_focused()
    page.locator(f"#group-{match}-edit").click()
    page.get_by_role("dialog").get_by_label("Name").fill("Treffer V2")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("link", name="Treffer V2", exact=True)).to_be_visible()
    expect(page.locator(f"#group-{other}")).to_be_hidden()
    expect(page.locator(f"#group-{match}-edit")).to_be_focused()


def test_the_way_to_the_top_shows_while_dragging(page: Page, create: Callable):
    line = page.locator(f"#group-{create('Gezogen U1')} .tree-line")
    page.goto("/groups")
    place = "getComputedStyle(document.querySelector('.tree-head span'), '::after').content"
    assert page.evaluate(place) == "none"
    line.hover()
    page.mouse.down()
    page.mouse.move(300, 400, steps=4)
    assert "top level" in page.evaluate(place)
    page.mouse.up()
    assert page.evaluate(place) == "none"


@pytest.mark.parametrize("window", [PHONE], ids=["phone"], indirect=True)
def test_long_names_on_a_phone(
    page: Page, served: tuple[Flask, str], customer: Callable, create: Callable, tmp_path: Path
):
    long = "Fortgeschrittene Paare der Donnerstagsgruppe im großen Saal am Rheinufer"
    group_id = create("Donaudampfschifffahrtsgesellschaftskapitänsmütze", create(long))
    customer_id = customer()
    app, _url = served
    with app.app_context():
        services.set_groups(customer_id, [group_id])
        db.session.commit()
    one = f"/customers/{customer_id}"
    for path in (one, f"{one}/groups", f"{one}/groups/edit", "/groups", "/groups/new"):
        page.goto(path)
        assert fits(page), f"{path} scrolls sideways"
    file = tmp_path / "kunden.csv"
    file.write_text("Vorname;Nachname\nTanja;Müller\n")
    page.goto("/imports")
    page.get_by_label("File", exact=True).set_input_files(file)
    page.get_by_role("button", name="Show preview").click()
    page.get_by_text("Groups that everybody joins").first.click()
    expect(page.get_by_label("Donaudampf")).to_be_visible()
    assert fits(page)


@pytest.mark.parametrize(
    "window",
    [{}, {"color_scheme": "dark"}, {"viewport": {"width": 390, "height": 844}}],
    ids=["light", "dark", "phone"],
    indirect=True,
)
def test_everybody_can_use_them(page: Page, customer: Callable, create: Callable, axe: Callable):
    mine = create(f"Kurse {page.viewport_size} {id(page)}"[:60])
    create("Tango", mine)
    page.goto("/groups")
    axe(page)
    assert fits(page)
    page.locator(f"#group-{mine}-edit").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    axe(page)
    page.get_by_role("dialog").get_by_label("Name").fill("")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".summary")).to_be_visible()
    axe(page)
    dialog = open_picker(page, customer())
    page.keyboard.type("keine inf")
    axe(page)
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    expect(dialog).to_have_count(0)
    page.goto(page.url + "/groups")
    axe(page)
