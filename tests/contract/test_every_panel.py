"""What holds for every panel, whoever wrote it."""

from __future__ import annotations

from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import pytest

from app.core.registry import Panel, registry
from tests.browserless import Browser
from tests.contract.conftest import discovered

BUDGET = 11
"""Queries a panel's own address may need: user, team, customer, and eight of its own."""

with discovered().app_context():
    PANELS = [*registry().panels.values()]


def named(panel: Panel) -> str:
    return panel.key


SHOWN = [panel for panel in PANELS if panel.load]
DETAILED = [panel for panel in PANELS if panel.detail]


@pytest.fixture(params=["full_customer", "empty_customer"])
def customer_id(request: pytest.FixtureRequest) -> int:
    return request.getfixturevalue(request.param)


@pytest.mark.parametrize("panel", SHOWN, ids=named)
def test_its_fragment_has_its_root_and_keeps_its_budget(
    panel: Panel, ben: Browser, customer_id: int, count_queries: Callable[[], Any]
):
    url = f"/customers/{customer_id}/{panel.key}/panel"
    ben.htmx_get(url)
    with count_queries() as sent:
        answer = ben.htmx_get(url)
    assert answer.status_code == 200
    assert f'id="panel-{panel.key}" data-panel="{panel.key}"' in answer.text
    assert len(sent) <= BUDGET


@pytest.mark.parametrize("panel", DETAILED, ids=named)
def test_its_detail_page_has_header_and_list(
    panel: Panel, ben: Browser, customer_id: int, count_queries: Callable[[], Any]
):
    url = f"/customers/{customer_id}/{panel.key}"
    with count_queries() as sent:
        page = ben.get(url)
    assert 'id="panel-header"' in page.text
    assert f'id="detail-{panel.key}" data-panel="{panel.key}@detail"' in page.text
    assert len(sent) <= 2 * BUDGET
    assert 'id="panel-header"' not in ben.htmx_get(url).text


@pytest.mark.parametrize("panel", DETAILED, ids=named)
def test_it_stands_in_the_bar_of_pages(panel: Panel, ben: Browser, customer_id: int):
    assert (
        f'href="/customers/{customer_id}/{panel.key}"' in ben.get(f"/customers/{customer_id}").text
    )


@pytest.mark.parametrize("panel", SHOWN, ids=named)
def test_it_is_on_the_overview(panel: Panel, ben: Browser, customer_id: int):
    assert f'data-panel="{panel.key}"' in ben.get(f"/customers/{customer_id}").text


def test_the_overview_keeps_its_budget(
    ben: Browser, customer_id: int, count_queries: Callable[[], Any]
):
    """What a full customer needs today; whoever needs one more has to say so here."""
    with count_queries() as sent:
        ben.get(f"/customers/{customer_id}")
    assert len(sent) <= 8 + 2 * len(SHOWN)


@pytest.mark.parametrize("panel", PANELS, ids=named)
def test_its_actions_lead_somewhere(panel: Panel, ben: Browser, full_customer: int):
    overview = ben.get(f"/customers/{full_customer}").text
    for action in panel.actions:
        url = f'id="{action.endpoint.replace(".", "-")}"'
        assert url in overview


class Ids(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.labels: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if values.get("id"):
            self.found.append(values["id"] or "")
        if tag == "label" and values.get("for"):
            self.labels.append(values["for"] or "")


def test_ids_are_unique_and_labels_have_their_fields(ben: Browser, customer_id: int):
    reader = Ids()
    reader.feed(ben.get(f"/customers/{customer_id}").text)
    assert len(reader.found) == len(set(reader.found))
    assert set(reader.labels) <= set(reader.found)
