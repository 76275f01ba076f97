"""What holds for every area that answers `follow_ups.asked`, whoever wrote it."""

from __future__ import annotations

from datetime import date

from flask import Flask

from app.core import auth
from app.core.registry import registry
from app.domain.follow_ups.queries import open_ones
from tests.browserless import Browser
from tests.fragments import parts


def test_it_is_finished_and_reopened_by_the_endpoints_its_panel_tells(
    app: Flask, anna: Browser, full_customer: int
):
    with app.app_context():
        items = open_ones(None, date.min, date.max, 100)
        panels = registry().panels
        for item in items:
            for verb in ("finish", "reopen"):
                needed = auth.required(f"{item.panel}.{verb}")
                assert needed == f"{panels[item.panel].permission}.edit"
    assert {"comments", "messages"} <= {item.panel for item in items}
    for item in items:
        base = f"/customers/{item.customer_id}/{item.panel}/{item.thing_id}"
        mark = f"#follow-up-{item.panel}-{item.thing_id}"
        for verb, state in (("finish", "done"), ("reopen", "overdue")):
            answer = anna.htmx_post(f"{base}/{verb}")
            assert answer.status_code == 200
            assert f'data-state="{state}"' in parts(answer.text)[0][mark]
