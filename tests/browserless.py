"""A browser without script: cookies, CSRF tokens, and htmx's headers when asked for."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

from flask import Flask
from itsdangerous import URLSafeTimedSerializer
from werkzeug.test import TestResponse

from app.domain.team.queries import user_by_email

RAW_TOKEN = "0" * 40


class Browser:
    """A test client, signed in as the user of this address (or nobody)."""

    def __init__(self, app: Flask, email: str | None):
        self.app = app
        self.client = app.test_client()
        self.client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
        with self.client.session_transaction() as session:
            session["csrf_token"] = RAW_TOKEN
            if email is not None:
                with app.app_context():
                    user = user_by_email(email)
                    assert user is not None
                    session["_user_id"] = user.fs_uniquifier
                    session["_fresh"] = True

    @property
    def token(self) -> str:
        """The CSRF token that goes with this browser's session."""
        serializer = URLSafeTimedSerializer(self.app.secret_key or "", salt="wtf-csrf-token")
        return serializer.dumps(RAW_TOKEN)

    def get(self, url: str, **more: Any) -> TestResponse:
        return self.client.get(url, buffered=True, **more)

    def post(self, url: str, data: dict[str, Any] | None = None, **more: Any) -> TestResponse:
        return self.client.post(url, data={"csrf_token": self.token} | (data or {}), **more)

    def htmx_get(self, url: str, **more: Any) -> TestResponse:
        headers = self._htmx() | more.pop("headers", {})
        return self.client.get(url, headers=headers, buffered=True, **more)

    def htmx_post(
        self, url: str, data: dict[str, Any] | None = None, panels: str = "", **more: Any
    ) -> TestResponse:
        headers = self._htmx() | {"X-CSRFToken": self.token, "X-Panels": panels}
        return self.client.post(
            url, data=data or {}, headers=headers | more.pop("headers", {}), **more
        )

    def fields(self, url: str) -> dict[str, Any]:
        """What the form on a page would send if nothing was typed."""
        return FormReader.read(self.get(url).text)

    def _htmx(self) -> dict[str, str]:
        return {"HX-Request": "true", "HX-Request-Type": "partial"}


class FormReader(HTMLParser):
    """The fields of the last form in a page, as a browser would send them."""

    def __init__(self) -> None:
        super().__init__()
        self.fields: dict[str, Any] = {}
        self._select: str | None = None
        self._textarea: str | None = None

    @classmethod
    def read(cls, html: str) -> dict[str, Any]:
        reader = cls()
        reader.feed(html)
        reader.fields.pop("csrf_token", None)
        return reader.fields

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        name = values.get("name") or ""
        if tag == "form":
            self.fields = {}
        elif tag == "input" and name:
            kind = values.get("type")
            if kind in ("checkbox", "radio") and "checked" not in values:
                return
            if kind not in ("submit", "button", "file"):
                self.fields[name] = values.get("value") or ("y" if kind == "checkbox" else "")
        elif tag == "select" and name:
            self._select, self.fields[name] = name, ""
        elif tag == "option" and self._select and "selected" in values:
            self.fields[self._select] = values.get("value") or ""
        elif tag == "textarea" and name:
            self._textarea, self.fields[name] = name, ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = None
        elif tag == "textarea" and self._textarea:  # a line end at its beginning is none of its
            text = self.fields[self._textarea].replace("\r\n", "\n")
            self.fields[self._textarea], self._textarea = text.removeprefix("\n"), None

    def handle_data(self, data: str) -> None:
        if self._textarea:
            self.fields[self._textarea] += data
