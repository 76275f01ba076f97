"""Documents in a real browser: files chosen and dropped, their progress, what is refused, axe."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import FilePayload, Page, expect

from tests.browser.conftest import PASSWORD, fits

LIMIT = 25 * 1024 * 1024
DROP = """([selector, names]) => {
  const dataTransfer = new DataTransfer();
  names.forEach((name) => dataTransfer.items.add(new File(["dropped"], name)));
  const place = document.querySelector(selector);
  for (const type of ["dragover", "drop"])
    place.dispatchEvent(new DragEvent(type, { bubbles: true, cancelable: true, dataTransfer }));
}"""


def file(name: str, size: int = 100) -> FilePayload:
    return {"name": name, "mimeType": "application/pdf", "buffer": b"x" * size}


def names(page: Page) -> Any:
    return page.locator(".document-name")


def slow_down(page: Page, bytes_per_second: int) -> None:
    network = page.context.new_cdp_session(page)
    network.send("Network.enable")
    speed = {"uploadThroughput": bytes_per_second, "downloadThroughput": -1}
    network.send("Network.emulateNetworkConditions", {"offline": False, "latency": 0} | speed)


@pytest.fixture
def large(tmp_path: Path) -> Callable[[int], str]:
    """A file of this size on the disk."""

    def making(size: int) -> str:
        path = tmp_path / "Film.mov"
        with path.open("wb") as film:
            film.truncate(size)
        return str(path)

    return making


def test_several_files_go_one_after_the_other_with_progress(page: Page, customer: Callable):
    page.goto(f"/customers/{customer()}")
    slow_down(page, 400_000)
    page.set_input_files("#files-panel", [file("a.pdf", 300_000), file("b.pdf", 150_000)])
    rows = page.locator("#uploads .upload")
    expect(rows).to_have_count(2)
    expect(page.get_by_role("status").filter(has_text="a.pdf")).to_be_visible()
    expect(rows.first.locator("progress")).not_to_have_js_property("value", 0)
    assert rows.last.locator("progress").get_attribute("value") == "0"
    expect(names(page)).to_have_text(["b.pdf", "a.pdf"])
    expect(rows).to_have_count(0)
    expect(page.locator("#panel-documents .count")).to_have_text("2")
    news = page.locator("#toasts .toast")
    expect(news).to_have_text(["2 documents uploaded"])
    page.set_input_files("#files-panel", file("c.pdf"))
    expect(news).to_have_text(["“\u2068c.pdf\u2069” is uploaded"])


def test_one_is_cancelled_and_the_others_arrive(page: Page, customer: Callable):
    page.goto(f"/customers/{customer()}/documents")
    slow_down(page, 200_000)
    chosen = [file("running.pdf", 900_000), file("waiting.pdf"), file("last.pdf")]
    page.set_input_files("#files-detail", chosen)
    expect(page.locator("progress").first).not_to_have_js_property("value", 0)
    cancel = page.get_by_role("button", name="Cancel upload")
    cancel.nth(1).press("Enter")
    expect(cancel.first).to_be_focused()
    cancel.first.press("Enter")
    expect(names(page)).to_have_text(["last.pdf"])
    expect(page.locator("#uploads .upload")).to_have_count(0)
    expect(page.locator("#files-detail")).to_be_focused()
    expect(page.locator("#toasts .toast")).to_have_text(["“\u2068last.pdf\u2069” is uploaded"])
    page.reload()
    expect(names(page)).to_have_text(["last.pdf"])


def test_files_are_dropped_on_the_page_and_on_the_dialog(page: Page, customer: Callable):
    page.goto(f"/customers/{customer()}")
    page.evaluate(DROP, ["#panel-documents", ["Größe.pdf", "b.pdf"]])
    expect(names(page)).to_have_text(["b.pdf", "Größe.pdf"])
    page.locator("#documents-new").click()
    dialog = page.get_by_role("dialog", name="Upload documents")
    expect(dialog.get_by_label("Choose files")).to_be_focused()
    page.evaluate(DROP, ["#modal .drop", ["c.pdf"]])
    expect(dialog).to_have_count(0)
    expect(page.locator("#documents-new")).to_be_focused()
    expect(names(page)).to_have_text(["c.pdf", "b.pdf", "Größe.pdf"])


def test_too_large_is_told_without_being_sent(page: Page, customer: Callable, large: Callable):
    page.goto(f"/customers/{customer()}")
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.method))
    page.set_input_files("#files-panel", large(LIMIT + 1))
    told = page.get_by_role("alert").filter(has_text="Film.mov")
    expect(told).to_contain_text("is larger than 25\N{NO-BREAK SPACE}MB and was not uploaded.")
    told.get_by_role("button", name="Close").click()
    expect(told).to_have_count(0)
    assert "POST" not in sent


@pytest.mark.parametrize("over", [1, 3 * 1024 * 1024])
def test_what_the_server_refuses_is_told_and_stops_no_other(
    page: Page, customer: Callable, large: Callable, tmp_path: Path, over: int
):
    """Also for more than the server wants to read: nobody sees a connection that was reset."""
    page.goto(f"/customers/{customer()}")
    page.evaluate("document.querySelector('[data-limit]').dataset.limit = 1e9")
    small = tmp_path / "a.pdf"
    small.write_text("small")
    page.set_input_files("#files-panel", [large(LIMIT + over), str(small)])
    expect(names(page)).to_have_text(["a.pdf"])
    expect(page.locator("#toasts .toast[data-kind=error]")).to_contain_text("25 MB")
    expect(page.locator("#uploads .upload")).to_have_count(0)


@pytest.mark.parametrize("window", [{"java_script_enabled": False}], indirect=True)
def test_without_script(page: Page, customer: Callable, large: Callable):
    url = f"/customers/{customer()}"
    page.goto(f"{url}/documents/new")
    page.set_input_files("[type=file]", large(LIMIT + 3 * 1024 * 1024))
    page.get_by_role("button", name="Upload", exact=True).click()
    expect(page.get_by_text("More than 25 MB cannot be taken in.")).to_be_visible()
    page.goto(url)
    page.set_input_files("[type=file]", [file("a.pdf"), file("b.pdf")])
    page.locator("#panel-documents").get_by_role("button", name="Upload", exact=True).click()
    expect(names(page)).to_have_text(["b.pdf", "a.pdf"])


def test_the_only_one_is_cancelled(page: Page, customer: Callable):
    page.goto(f"/customers/{customer()}")
    slow_down(page, 200_000)
    page.set_input_files("#files-panel", file("a.pdf", 900_000))
    page.get_by_role("button", name="Cancel upload").press("Enter")
    expect(page.locator("#uploads .upload")).to_have_count(0)
    expect(page.locator("#files-panel")).to_be_focused()


def test_leaving_during_an_upload_asks_first(page: Page, customer: Callable):
    page.goto(f"/customers/{customer()}")
    slow_down(page, 200_000)
    page.set_input_files("#files-panel", file("a.pdf", 600_000))
    questions: list[str] = []

    def stay(question: Any) -> None:
        questions.append(question.type)
        question.dismiss()

    page.on("dialog", stay)
    page.get_by_role("link", name="Customers").first.click()
    expect(names(page)).to_have_text(["a.pdf"])
    assert questions == ["beforeunload"]


def test_after_signing_in_again_it_goes_on(page: Page, customer: Callable):
    page.goto(f"/customers/{customer()}")
    page.context.clear_cookies()
    page.set_input_files("#files-panel", [file("a.pdf"), file("b.pdf")])
    again = page.get_by_role("dialog", name="Please sign in again")
    again.get_by_label("E-mail").fill("ben@example.com")
    again.get_by_label("Password").fill(PASSWORD)
    again.get_by_role("button", name="Sign in").last.click()
    expect(names(page)).to_have_text(["b.pdf", "a.pdf"])
    expect(page.locator("#uploads .upload")).to_have_count(0)


@pytest.mark.parametrize("name", ["Größe & <b>.pdf", "שלום.pdf", "Vertrag 100%.html"])
def test_the_file_comes_back_under_its_name(page: Page, customer: Callable, name: str):
    page.goto(f"/customers/{customer()}/documents")
    page.set_input_files("#files-detail", file(name))
    with page.expect_download() as download:
        names(page).click()
    assert download.value.path().read_bytes() == b"x" * 100
    assert download.value.suggested_filename == name.replace("<", "_").replace(">", "_")


def test_renaming_and_removing_by_keyboard(page: Page, customer: Callable):
    page.goto(f"/customers/{customer()}")
    page.set_input_files("#files-panel", file("Scan.pdf"))
    page.get_by_role("link", name="Rename Scan.pdf").press("Enter")
    field = page.get_by_role("dialog", name="Rename document").get_by_label("Name")
    expect(field).to_be_focused()
    field.fill("Vertrag.pdf")
    field.press("Enter")
    expect(names(page)).to_have_text(["Vertrag.pdf"])
    expect(page.get_by_role("link", name="Rename Vertrag.pdf")).to_be_focused()
    page.get_by_role("button", name="Remove Vertrag.pdf").press("Enter")
    expect(names(page)).to_have_count(0)
    page.get_by_role("button", name="Undo").press("Enter")
    expect(names(page)).to_have_text(["Vertrag.pdf"])


@pytest.mark.parametrize(
    "window",
    [
        {"color_scheme": "light"},
        {"color_scheme": "dark"},
        {"viewport": {"width": 390, "height": 844}, "color_scheme": "light"},
    ],
    indirect=True,
    ids=["light", "dark", "phone"],
)
def test_it_is_accessible_in_every_state(
    page: Page, customer: Callable, axe: Callable[[Page], None], large: Callable
):
    page.goto(f"/customers/{customer()}/documents")
    page.set_input_files("#files-detail", file("ä" * 300 + ".pdf"))
    expect(names(page)).to_have_count(1)
    slow_down(page, 50_000)
    page.set_input_files("#files-detail", large(LIMIT + 1))
    page.set_input_files("#files-detail", file("a.pdf", 500_000))
    expect(page.locator("progress").first).not_to_have_js_property("value", 0)
    axe(page)
    assert fits(page)
    page.get_by_role("button", name="Cancel upload").click()
    page.locator("#documents-new").click()
    expect(page.get_by_role("dialog", name="Upload documents")).to_be_visible()
    axe(page)
