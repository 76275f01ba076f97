"""Whatever is discovered is tested: the routes, and a customer that has something of everything."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from sqlite3 import Connection
from tempfile import mkdtemp

import pytest
from flask import Flask
from werkzeug.routing import Rule

from app import create_app
from app.config import configuration
from app.core.database import SAFE_METHODS, db
from app.domain.customers import services as customers
from tests.conftest import image_of, restore
from tests.factories import customer_values
from tests.plugins import PLUGINS
from tests.samples import give_everything


@cache
def discovered() -> Flask:
    """An application only asked what it has; its database is never touched."""
    settings = configuration(data=Path(mkdtemp()), secret_key="k" * 48)
    return create_app(settings, panels=PLUGINS)


def rules(unsafe: bool) -> list[Rule]:
    """The routes that accept (or do not accept) an unsafe method."""
    return [
        rule
        for rule in discovered().url_map.iter_rules()
        if bool((rule.methods or set()) - SAFE_METHODS) == unsafe
    ]


def url_of(rule: Rule, customer_id: int, thing_id: int = 1) -> str:
    """The address of a route for this customer and the first thing of every kind."""
    values = {
        name: customer_id if name == "customer_id" else thing_id if name.endswith("_id") else "x"
        for name in rule.arguments
    }
    built = rule.build(values)
    assert built is not None
    return built[1]


@pytest.fixture(scope="session")
def _full(_app: Flask, _image: Connection) -> tuple[int, Connection]:
    restore(_app, _image)
    with _app.app_context():
        values = customer_values(kind="company", company="Autohaus Berger GmbH")
        customer_id = customers.create_customer(values)
        give_everything(customer_id)
        db.session.commit()
    return customer_id, image_of(_app)


@pytest.fixture
def full_customer(app: Flask, _full: tuple[int, Connection]) -> int:
    """A company with something of everything: every kind of thing has the id 1.

    It is made once; nobody else is there.
    """
    customer_id, image = _full
    restore(app, image)
    return customer_id


@pytest.fixture
def empty_customer(make_customer: Callable[..., int]) -> int:
    """A customer of whom only the name is known."""
    nothing = dict.fromkeys(("street", "house_number", "postcode", "town"), "")
    return make_customer(emails=[], phones=[], **nothing)
