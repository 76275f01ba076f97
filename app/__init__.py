"""Kundenblick: one page per customer that shows everything the team knows."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import IntegerConverter, Map
from whitenoise import WhiteNoise

from app import config
from app.core import boundary, database, i18n, panels, registry, templating


class RowId(IntegerConverter):
    """A number in an address, as far as SQLite can hold it; beyond is nothing to be found."""

    def __init__(self, map: Map, *args: Any, **kwargs: Any):
        super().__init__(map, *args, **{"max": 2**63 - 1} | kwargs)


def create_app(settings: dict[str, Any] | None = None, panels: Iterable[str] = ()) -> Flask:
    """The application.

    `settings` is a Flask configuration as `config.configuration` makes it (the environment's if
    not given); `panels` names further packages to discover, for plug-ins and tests.
    """
    app = Flask(__name__, static_folder=None, template_folder=None)
    app.jinja_environment = templating.Environment
    app.config.from_mapping(settings if settings is not None else config.from_environment())
    database.init_app(app)
    found = registry.discover(app, panels)
    _init_requests(app, found)
    _init_commands(app)
    _init_server(app)
    return app


def _init_requests(app: Flask, found: registry.Registry) -> None:
    """The order counts: body and origin, then who is asking, then what they may do."""
    from app.domain.customers.queries import customer_exists, name_of
    from app.pages.login import security
    from app.pages.trash.routes import farewell
    from app.shared.preferences import locale, team, timezone

    app.url_map.converters["int"] = RowId
    boundary.open_first(app)
    i18n.init_app(app, locale, timezone)
    security.init_app(app)
    boundary.init_app(app)
    templating.init_app(app, team)
    registry.register(app, found)
    panels.register(app, found, customer_exists, name_of, farewell)
    registry.check_addresses(app, found)


def _init_commands(app: Flask) -> None:
    from app import cli

    cli.init_app(app)


def _init_server(app: Flask) -> None:
    """Static files are answered before the application; their URLs change with their content."""
    app.wsgi_app = WhiteNoise(  # type: ignore[method-assign]
        app.wsgi_app,
        root=str(templating.STATIC),
        prefix="static/",
        max_age=31536000,
        autorefresh=app.debug,
    )
    if proxies := app.config["PROXIES"]:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=proxies, x_proto=proxies
        )
