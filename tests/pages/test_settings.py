"""The team's settings: its form, its logo, the overview everybody begins with."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, encode_multipart

from app.core import files
from app.domain.settings import queries
from app.shared.preferences import locale, timezone
from tests.browserless import Browser
from tests.pictures import jpeg, png

SVG = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"
HTML = b"<!doctype html><script>alert(1)</script>"


def upload(
    anna: Browser,
    data: bytes,
    file_name: str = "logo.png",
    content_type: str = "image/png",
    **over: Any,
) -> TestResponse:
    """Save the form with a file. (The client's own way leaves large bodies in an open file.)"""
    logo = FileStorage(BytesIO(data), file_name, content_type=content_type)
    sent = filled(anna, **over) | {"csrf_token": anna.token, "logo": logo}
    boundary, body = encode_multipart(sent)
    kind = f"multipart/form-data; boundary={boundary}"
    return anna.client.post("/settings", data=body, content_type=kind)


def filled(anna: Browser, **over: Any) -> dict[str, Any]:
    """The form as it is shown, with a name and these values typed."""
    return anna.fields("/settings") | {"name": "Tanzstudio Lindenhof"} | over


@pytest.fixture
def logo_url(app: Flask, anna: Browser) -> str:
    """The address of a logo that the team has."""
    upload(anna, png(320, 200))
    with app.app_context():
        return queries.team().logo_url or ""


class TestTeam:
    def test_it_is_in_the_main_navigation_of_admins(self, anna: Browser, ben: Browser):
        assert '<a href="/settings">' in anna.get("/customers").text
        assert '<a href="/settings"' not in ben.get("/customers").text

    def test_shows_the_defaults_before_anybody_saved(self, anna: Browser):
        shown = anna.fields("/settings")
        assert (shown["country"], shown["language"]) == ("DE", "de")
        assert (shown["time_zone"], shown["first_customer_number"]) == ("Europe/Berlin", "10001")

    def test_is_saved_and_shown_on_every_page(self, anna: Browser):
        answer = anna.post("/settings", filled(anna, town="Köln"))
        assert (answer.status_code, answer.location) == (303, "/settings")
        page = anna.get("/settings").text
        assert "Settings saved" in page
        assert 'value="Köln"' in page
        assert "<span>Tanzstudio Lindenhof</span>" in anna.get("/customers").text

    def test_the_formats_change_at_once(self, app: Flask, anna: Browser):
        anna.post("/settings", filled(anna, country="AT", time_zone="America/New_York"))
        with app.test_request_context("/", headers={"Accept-Language": "de"}):
            assert (locale(), timezone()) == ("de_AT", "America/New_York")

    def test_new_customers_are_numbered_from_the_new_start(self, anna: Browser):
        anna.post("/settings", filled(anna, first_customer_number="77000"))
        new = anna.fields("/customers/new") | {"last_name": "Weiß"}
        overview = anna.post("/customers/new", new).location
        assert "No. 77000" in anna.get(overview).text

    @pytest.mark.parametrize("number", ["", "0", "-5", "10.001", "1e4", "٣", "9" * 30, "1_0"])
    def test_all_errors_stand_at_their_fields(
        self, anna: Browser, changes_nothing: Callable[[], Any], number: str
    ):
        sent = filled(anna, name="", town="Köln", first_customer_number=number)
        with changes_nothing():
            answer = anna.post("/settings", sent)
        assert answer.status_code == 422
        assert 'id="team-name-error"' in answer.text
        assert 'id="first_customer_number-error"' in answer.text
        assert f'value="{number}"' in answer.text
        assert 'value="Köln"' in answer.text

    @pytest.mark.parametrize("field", ["country", "language", "time_zone"])
    def test_unknown_choices_are_refused(
        self, anna: Browser, changes_nothing: Callable[[], Any], field: str
    ):
        with changes_nothing():
            answer = anna.post("/settings", filled(anna, **{field: "<script>"}))
        assert answer.status_code == 422
        assert f'id="{field}-error"' in answer.text

    def test_two_at_once_see_both_versions(self, anna: Browser):
        mine, theirs = filled(anna, town="Köln"), filled(anna, town="Bonn")
        anna.post("/settings", theirs)
        answer = anna.post("/settings", mine)
        assert answer.status_code == 409
        assert "Saved meanwhile by Anna Admin" in answer.text
        assert "Köln" in answer.text
        assert "Bonn" in answer.text
        again = mine | {"version": "1", "choose-town": "theirs", "street": "Am Hof"}
        assert anna.post("/settings", again).status_code == 303
        shown = anna.fields("/settings")
        assert (shown["town"], shown["street"]) == ("Bonn", "Am Hof")

    def test_cities_are_named_in_the_language_of_the_page(self, anna: Browser):
        assert '<option value="Europe/Vienna">Vienna</option>' in anna.get("/settings").text
        anna.post("/language", {"language": "de", "next": "/"})
        assert '<option value="Europe/Vienna">Wien</option>' in anna.get("/settings").text

    def test_only_admins_open_and_save_it(
        self, ben: Browser, cleo: Browser, changes_nothing: Callable[[], Any]
    ):
        for browser in (ben, cleo):
            for url in ("/settings", "/settings/overview"):
                assert browser.get(url).status_code == 403
                with changes_nothing():
                    assert browser.post(url, {"name": "Ours"}).status_code == 403
                    assert browser.htmx_post(url, {"name": "Ours"}).status_code == 403


class TestLogo:
    @pytest.mark.parametrize(
        ("data", "media_type"), [(png(320, 200), "image/png"), (jpeg(320, 200), "image/jpeg")]
    )
    def test_is_shown_to_everybody(
        self, app: Flask, anna: Browser, eve: Browser, data: bytes, media_type: str
    ):
        """What it is, the content says; not its name and not what the browser claims."""
        assert upload(anna, data, "logo.html", "text/html").status_code == 303
        with app.app_context():
            url = queries.team().logo_url
        assert f'<img src="{url}"' in eve.get("/login").text
        with eve.get(str(url)) as answer:
            assert (answer.data, answer.mimetype) == (data, media_type)

    def test_is_served_in_a_sandbox_and_kept_by_browsers(self, eve: Browser, logo_url: str):
        with eve.get(logo_url) as answer:
            headers = answer.headers
        assert headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert "max-age=31536000" in headers["Cache-Control"]
        with eve.get(logo_url, headers={"If-None-Match": headers["ETag"]}) as answer:
            assert answer.status_code == 304

    def test_no_other_file_is_served(self, app: Flask, eve: Browser, logo_url: str):
        with app.app_context():
            other = files.keep(b"the contract of somebody")
        for name in (other, "x", "0" * 64, "..%2f..%2fsecret-key", logo_url[-64:].upper()):
            assert eve.get(f"/logo/{name}").status_code == 404, name

    def test_is_gone_once_it_is_replaced_or_removed(
        self, app: Flask, anna: Browser, eve: Browser, logo_url: str
    ):
        upload(anna, png(64, 64))
        assert eve.get(logo_url).status_code == 404
        anna.post("/settings", filled(anna, remove_logo="y"))
        assert "/logo/" not in eve.get("/login").text

    def test_a_file_lost_on_the_disk_breaks_nothing(self, app: Flask, anna: Browser, logo_url: str):
        with app.app_context():
            files.path_of(logo_url[-64:]).unlink()
        assert anna.get(logo_url).status_code == 404
        assert anna.get("/settings").status_code == 200

    @pytest.mark.parametrize(
        ("data", "name", "sentence"),
        [
            (SVG, "logo.svg", "Please choose a PNG or JPEG picture."),
            (SVG, "logo.png", "Please choose a PNG or JPEG picture."),
            (HTML, "logo.png", "Please choose a PNG or JPEG picture."),
            (b"GIF89a\x01\0\x01\0" + HTML, "logo.jpg", "Please choose a PNG or JPEG picture."),
            (b"", "logo.png", "This file is empty."),
            (png(50_000, 50_000), "logo.png", "at most 4000 pixels"),
            (png(100, 100) + bytes(10 * 1024 * 1024), "logo.png", "at most 1 MB"),
            (bytes(10 * 1024 * 1024), "logo.png", "at most 1 MB"),
        ],
        ids=["svg", "svg as png", "html as png", "gif as jpg", "empty", "huge", "10 MB", "zeros"],
    )
    def test_hostile_files_are_refused_at_the_field(
        self,
        anna: Browser,
        logo_url: str,
        changes_nothing: Callable[[], Any],
        data: bytes,
        name: str,
        sentence: str,
    ):
        with changes_nothing():
            answer = upload(anna, data, name, town="Köln")
        assert answer.status_code == 422
        assert 'id="logo-error"' in answer.text
        assert sentence in answer.text
        assert 'value="Köln"' in answer.text
        assert "alert(1)" not in answer.text

    def test_more_than_the_server_takes_is_refused_whole(
        self, app: Flask, anna: Browser, changes_nothing: Callable[[], Any]
    ):
        data = bytes(app.config["MAX_CONTENT_LENGTH"] + 1)
        with changes_nothing():
            assert upload(anna, data).status_code == 413

    def test_a_good_picture_must_be_chosen_again_after_another_error(self, anna: Browser):
        answer = upload(anna, png(9, 9), name="")
        assert answer.status_code == 422
        assert "Please choose the picture again." in answer.text
        assert 'id="logo-error"' not in answer.text

    def test_text_in_place_of_a_file_is_no_logo(self, app: Flask, anna: Browser):
        assert anna.post("/settings", filled(anna, logo="0" * 64)).status_code == 303
        with app.app_context():
            assert queries.logo() is None
