"""From an empty list to a customer that is found, opened, edited and commented."""

from __future__ import annotations

import pytest

from tests.browserless import Browser


def test_a_customer_is_added_found_and_opened(ben: Browser):
    form = ben.fields("/customers/new")
    form |= {"last_name": "Müller", "first_name": "Tanja", "town": "Köln"}
    answer = ben.post("/customers/new", form)
    assert answer.status_code == 303
    overview = ben.get(answer.location)
    assert "Tanja Müller" in overview.text
    assert "No. 10001" in overview.text
    for query in ("muller", "mueller", "MÜLLER", "m", "üll", "tan mül", "10001", "köln"):
        assert f'href="{answer.location}"' in ben.get(f"/customers?q={query}").text, query
    assert f'href="{answer.location}"' not in ben.get("/customers?q=meier").text


@pytest.mark.parametrize("word", ["<script>", '"', "'", "%", "_", "*", "AND", "NEAR(", "a" * 5000])
def test_strange_queries_find_nothing_and_break_nothing(ben: Browser, make_customer, word: str):
    make_customer()
    assert ben.get("/customers", query_string={"q": word}).status_code == 200
    assert ben.htmx_get("/customers", query_string={"q": word}).status_code == 200
