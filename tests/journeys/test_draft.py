"""A quote is begun at the overview, written line by line, counted, kept, shown and changed."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.browserless import Browser, FormReader
from tests.fragments import parts


@pytest.mark.parametrize("with_script", [True, False], ids=["script", "plain"])
def test_a_quote_is_written(ben: Browser, make_customer: Callable[..., int], with_script: bool):
    customer_id = make_customer()
    url = f"/factura/new?kind=quote&customer={customer_id}"
    fields = ben.fields(url) | {"lines-0-text": "Beratung", "lines-0-price": "1.200,00"}

    if with_script:
        found, rest = parts(ben.htmx_post("/factura/preview", fields).text)
        assert rest == ""
        assert "€1,428.00" in found["#factura-totals"]
        row, _rest = parts(ben.htmx_post(url, fields | {"add": "line"}).text)
        fields |= FormReader.read(f"<form>{row['#factura-lines']}</form>")
    else:
        page = ben.post(url, fields | {"count": "1"}).text
        assert "€1,428.00" in page
        fields = FormReader.read(ben.post(url, FormReader.read(page) | {"add": "line"}).text)
    fields |= {"lines-1-text": "Anfahrt", "lines-1-price": "50", "lines-1-discount": "100"}

    send = ben.htmx_post if with_script else ben.post
    refused = send(url, fields | {"lines-1-discount": "101", "save": "show"})
    assert refused.status_code == 422
    fields = FormReader.read(refused.text) | {"lines-1-discount": "100"}
    saved = send(url, fields | {"save": "show"})
    there = saved.headers["HX-Redirect"] if with_script else saved.location
    page = ben.get(there).text
    assert "Beratung" in page

    edit = f"{there}/edit"
    changed = ben.fields(edit) | {"move": "1-up"}
    fields = FormReader.read(ben.post(edit, changed).text)
    texts = [value for name, value in fields.items() if name.endswith("-text")]
    assert texts == ["Anfahrt", "Beratung"]
    assert send(edit, fields | {"save": "draft"}).status_code in (200, 303)
    again = ben.fields(edit)
    assert again["lines-0-text"] == "Anfahrt"
