"""The page of the trash: who is in it, for how long, and back."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from app.core import audit
from app.core.database import db, happening, now
from app.domain.customers import services
from tests.browserless import Browser

URL = "/trash"


@pytest.fixture
def delete(app: Flask, make_customer: Callable[..., int]) -> Callable[..., int]:
    """Delete a new customer, so many days ago."""

    def deleting(days: int = 0, **values: Any) -> int:
        customer_id = make_customer(**values)
        with app.app_context(), happening(now() - timedelta(days=days)), audit.acting(2, "Ben"):
            services.delete_customer(customer_id)
            db.session.commit()
        return customer_id

    return deleting


def rows(html: str) -> list[str]:
    found = re.findall(r'<tr id="trash-\d+">(.*?)</tr>', html, re.S)
    return [" ".join(re.sub(r"<[^>]+>", " ", row).split()) for row in found]


class TestList:
    def test_the_last_deleted_first_with_the_days_left(
        self, ben: Browser, delete: Callable[..., int]
    ):
        delete(29, number="1")
        delete(40, number="2")
        delete(number="3", last_name="Berger")
        html = ben.get(URL).text
        assert [row.partition(" ")[0] for row in rows(html)] == ["3", "1", "2"]
        assert "30 days more" in rows(html)[0]
        assert "1 day more" in rows(html)[1]
        assert "goes any time now" in rows(html)[2]
        assert all("Ben" in row for row in rows(html))
        assert "3 customers in the trash." in html

    def test_turning_pages(self, ben: Browser, delete: Callable[..., int]):
        for n in range(53):
            delete(number=f"K{n}", emails=[], phones=[])
        first = ben.get(URL).text
        assert len(rows(first)) == 50
        older = re.search(r'rel="next" href="([^"]+)"', first)
        assert older
        second = ben.get(older[1]).text
        assert [row.partition(" ")[0] for row in rows(second)] == ["K2", "K1", "K0"]
        assert f'rel="prev" href="{URL}"' in second

    def test_the_list_of_customers_leads_there(self, cleo: Browser):
        assert f'href="{URL}"' in cleo.get("/customers").text

    def test_an_empty_trash(self, ben: Browser, make_customer: Callable[..., int]):
        make_customer()
        html = ben.get(URL).text
        assert "The trash is empty." in html
        assert "in the trash." not in html

    @pytest.mark.parametrize("query", ["before=x", "before=-1", "before=999", "before=" + "9" * 30])
    def test_broken_urls(self, ben: Browser, delete: Callable[..., int], query: str):
        delete()
        assert ben.get(f"{URL}?{query}").status_code == 200

    def test_names_are_text(self, ben: Browser, delete: Callable[..., int]):
        delete(last_name="<b>Müller</b>")
        assert "<b>Müller" not in ben.get(URL).text


class TestRestoring:
    def test_the_list_stays_on_screen(self, ben: Browser, delete: Callable[..., int]):
        customer_id = delete()
        back = f"/customers/{customer_id}/deletion/restoration"
        assert f'action="{back}"' in ben.get(URL).text
        answer = ben.post(back, {"from": "trash"})
        assert (answer.status_code, answer.location) == (303, URL)
        html = ben.get(URL).text
        assert "Tanja Müller is back" in html
        assert f'<a href="/customers/{customer_id}">Open</a>' in html
        assert rows(html) == []

    def test_with_script(self, ben: Browser, delete: Callable[..., int]):
        back = f"/customers/{delete()}/deletion/restoration"
        assert ben.htmx_post(back, {"from": "trash"}).headers["HX-Redirect"] == URL

    def test_a_reader_only_looks(self, cleo: Browser, delete: Callable[..., int]):
        delete()
        html = cleo.get(URL).text
        assert len(rows(html)) == 1
        assert "/restoration" not in html
        assert "Your role does not allow this." in html
