"""A customer leaves: deleted by mistake and brought back, kept for an invoice, gone for good."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from app.core.database import db, now
from app.domain.customers import services
from app.domain.factura.services import add_document
from tests.browserless import Browser
from tests.factories import customer_values, invoice_values
from tests.journeys.test_day import Plain, Scripted


@pytest.fixture(params=[Plain, Scripted])
def ben_goes(request: pytest.FixtureRequest, ben: Browser) -> Plain:
    return request.param(ben)


def add_customer(app: Flask) -> str:
    with app.app_context():
        customer_id = services.create_customer(customer_values())
        db.session.commit()
    return f"/customers/{customer_id}"


def test_deleted_by_mistake_and_brought_back(app: Flask, ben_goes: Plain):
    one = add_customer(app)
    assert "Delete Tanja Müller?" in ben_goes.open(f"{one}/deletion")
    page = ben_goes.save(f"{one}/deletion")
    assert "Tanja Müller is in the trash" in page
    assert f'href="{one}"' not in page
    assert f'href="{one}"' not in ben_goes.open("/customers?q=müller")
    gone = ben_goes.browser.get(f"{one}/comments")
    assert gone.status_code == 410
    back = re.search(r'action="([^"]+/restoration)"', gone.text)
    assert back
    assert "Tanja Müller is back" in ben_goes.press(back[1])
    assert f'href="{one}"' in ben_goes.open("/customers?q=müller")
    history = ben_goes.open(f"{one}/history")
    assert history.index("Customer restored") < history.index("Customer put into the trash")


def test_from_the_trash_back_and_gone_for_good(app: Flask, ben_goes: Plain):
    one = add_customer(app)
    ben_goes.save(f"{one}/deletion")
    assert "Tanja Müller" in ben_goes.open("/trash")
    assert "is back" in ben_goes.press(f"{one}/deletion/restoration", **{"from": "trash"})
    ben_goes.save(f"{one}/deletion")
    with app.app_context():
        for _step in services.purge_trash(now()):
            db.session.commit()
    assert "The trash is empty." in ben_goes.open("/trash")
    for address in (one, f"{one}/comments", f"{one}/deletion/restoration"):
        assert ben_goes.browser.post(address).status_code in (404, 405)
        assert ben_goes.browser.get(one).status_code == 404


def test_kept_for_an_invoice_it_gets_no_more_information(app: Flask, ben_goes: Plain):
    one = add_customer(app)
    with app.app_context():
        add_document(int(one.rpartition("/")[2]), invoice_values())
        db.session.commit()
    refusal = ben_goes.open(f"{one}/deletion")
    assert "has received invoice 2026-0012" in refusal
    assert ben_goes.browser.post(f"{one}/deletion").status_code == 409
    way_out = re.search(r'action="([^"]+/no-information)"', refusal)
    assert way_out
    assert "Gets no more information" in ben_goes.press(way_out[1])
    assert "gets no information" in ben_goes.open(one)
