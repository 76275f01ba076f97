"""What the team decides: its form, its logo, its overview."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from app.core import events, files
from app.core.audit import AuditEntry
from app.core.database import db
from app.core.problems import Invalid
from app.domain.settings import pictures, queries, rules, services, zones
from app.domain.settings.pictures import Picture
from app.domain.team import queries as team_queries
from app.domain.team import services as team_services
from tests.factories import team_values
from tests.pictures import jpeg, png

KEYS = ["master", "bank", "comments", "history"]


def codes(problems: Any) -> list[tuple[str, str]]:
    return [(problem.field, problem.code) for problem in problems]


def entries() -> list[AuditEntry]:
    found = select(AuditEntry).where(AuditEntry.area == "settings").order_by(AuditEntry.id)
    return list(db.session.scalars(found))


class TestArranged:
    def test_nothing_chosen_is_everything_as_declared(self):
        assert rules.arranged(KEYS, []) == [(key, True) for key in KEYS]

    def test_the_chosen_order_first_then_what_came_later(self):
        chosen = [["comments", True], ["bank", False]]
        assert rules.arranged(KEYS, chosen) == [
            ("comments", True),
            ("bank", False),
            ("master", True),
            ("history", True),
        ]

    def test_what_is_gone_or_said_twice_is_left_out(self):
        chosen = [["plugin", True], ["bank", False], ["bank", True], ["<script>", True]]
        assert rules.arranged(["bank"], chosen) == [("bank", False)]

    @given(st.lists(st.tuples(st.sampled_from([*KEYS, "gone"]), st.booleans())))
    def test_every_known_panel_exactly_once(self, chosen: list[tuple[str, bool]]):
        assert Counter(key for key, _visible in rules.arranged(KEYS, chosen)) == Counter(KEYS)


class TestMoved:
    PANELS: rules.Arrangement = [(key, True) for key in ("a", "X", "b", "Y", "c")]
    SMALL = "abc"

    def order(self, key: str, step: int) -> str:
        return "".join(key for key, _ in rules.moved(self.PANELS, key, step, self.SMALL))

    def test_changes_places_within_its_column(self):
        assert self.order("b", -1) == "bXaYc"
        assert self.order("b", 1) == "aXcYb"

    def test_stays_at_the_ends(self):
        assert self.order("a", -1) == self.order("c", 1) == "aXbYc"

    def test_an_unknown_panel_moves_nothing(self):
        assert self.order("gone", 1) == self.order("X", 1) == "aXbYc"


class TestTeamRules:
    def test_a_complete_form_holds(self):
        assert rules.check_team(team_values()) == []

    @pytest.mark.parametrize(
        ("field", "value", "code"),
        [
            ("name", "", "required"),
            ("name", "x" * 201, "too_long"),
            ("street", "x" * 101, "too_long"),
            ("house_number", "x" * 21, "too_long"),
            ("postcode", "x" * 21, "too_long"),
            ("town", "x" * 101, "too_long"),
            ("country", "", "unknown"),
            ("country", "de", "unknown"),
            ("language", "fr", "unknown"),
            ("time_zone", "Europe/Entenhausen", "unknown"),
            ("time_zone", "../etc/passwd", "unknown"),
            ("time_zone", "", "unknown"),
            ("first_customer_number", None, "out_of_range"),
            ("first_customer_number", 0, "out_of_range"),
            ("first_customer_number", -1, "out_of_range"),
            ("first_customer_number", 1_000_000_000, "out_of_range"),
        ],
    )
    def test_one_wrong_value(self, field: str, value: Any, code: str):
        assert codes(rules.check_team(team_values(**{field: value}))) == [(field, code)]

    def test_a_wrong_logo_is_told_beside_the_rest(self):
        values = team_values(name="", logo=Picture(7))
        assert codes(rules.check_team(values)) == [("name", "required"), ("logo", "unknown")]

    @pytest.mark.parametrize(
        ("picture", "code"),
        [
            (Picture(0), "empty"),
            (Picture(rules.LARGEST_LOGO + 1, "image/png", 10, 10), "too_large"),
            (Picture(100), "unknown"),
            (Picture(100, "image/png", 4001, 10), "too_many_pixels"),
            (Picture(100, "image/png", 50_000, 50_000), "too_many_pixels"),
        ],
    )
    def test_refused_logos(self, picture: Picture, code: str):
        assert codes(rules.check_logo(picture)) == [("logo", code)]

    def test_the_largest_logo(self):
        assert rules.check_logo(Picture(rules.LARGEST_LOGO, "image/jpeg", 4000, 4000)) == []

    def test_zones_begin_in_europe(self):
        assert next(iter(zones.by_region())) == "Europe"
        assert all(map(zones.is_zone, ("Europe/Zurich", "Europe/Vienna", "Pacific/Auckland")))


class TestPictures:
    def test_png(self):
        data = png(320, 200)
        assert pictures.read(data) == Picture(len(data), "image/png", 320, 200)

    @pytest.mark.parametrize("frame", [0xC0, 0xC2], ids=["baseline", "progressive"])
    def test_jpeg(self, frame: int):
        data = jpeg(320, 200, frame)
        assert pictures.read(data) == Picture(len(data), "image/jpeg", 320, 200)

    def test_the_thumbnail_inside_a_photograph_is_not_its_size(self):
        thumbnail = jpeg(16, 12)
        exif = b"\xff\xe1" + (len(thumbnail) + 2).to_bytes(2, "big") + thumbnail
        data = b"\xff\xd8" + exif + b"\xff" + jpeg(640, 480)[2:]
        assert (pictures.read(data).width, pictures.read(data).height) == (640, 480)

    @pytest.mark.parametrize(
        "data",
        [
            b"",
            b"\x89PNG\r\n\x1a\n",
            b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0",
            png(0, 10),
            b"\xff\xd8\xff",
            b"\xff\xd8\xff\xda\0\x0c",
            b"\xff\xd8" + b"\xff" * 5000,
            jpeg(10, 10)[:30],
            jpeg(10, 0),
            b"GIF89a\x01\0\x01\0",
            b"RIFF\x1a\0\0\0WEBPVP8 ",
            b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
            b"<!doctype html><script>alert(1)</script>",
            b"%PDF-1.7",
        ],
    )
    def test_anything_else_is_none(self, data: bytes):
        assert pictures.read(data) == Picture(len(data))

    @given(st.binary(max_size=60), st.sampled_from([b"", pictures.PNG, pictures.JPEG, b"\xff\xd8"]))
    def test_no_bytes_break_it(self, data: bytes, start: bytes):
        pictures.read(start + data)


@pytest.mark.usefixtures("context")
class TestVerbs:
    def test_before_anybody_saved_the_defaults_hold(self):
        team = queries.team()
        assert (team.name, team.country, team.time_zone) == ("Kundenblick", "DE", "Europe/Berlin")
        assert queries.first_customer_number() == 10001
        assert queries.editable().version == ""
        assert queries.logo() is None

    def test_saving_is_told_and_written_down(self):
        services.save_team(team_values(country="AT"))
        assert queries.team().country == "AT"
        assert "settings.changed" in events.announced()
        [entry] = entries()
        assert (entry.action, entry.customer_id) == ("changed", None)
        assert ["country", "DE", "AT"] in entry.changes
        assert not any(field == "language" for field, _old, _new in entry.changes)

    def test_saving_the_same_again_is_no_change(self):
        services.save_team(team_values())
        events.announced().clear()
        services.save_team(team_values())
        assert len(entries()) == 1
        assert not events.announced()
        assert queries.editable().version == "1"

    def test_bad_values_save_nothing(self):
        with pytest.raises(Invalid):
            services.save_team(team_values(name=""))
        assert queries.team().name == "Kundenblick"
        assert entries() == []

    def test_customer_numbers_begin_where_the_team_says(self):
        services.save_team(team_values(first_customer_number=500))
        assert queries.first_customer_number() == 500

    def test_a_logo_comes_and_goes(self):
        data = png(320, 200)
        logo = services.keep_logo(data)
        assert logo.name is not None
        assert files.path_of(logo.name).read_bytes() == data
        services.save_team(team_values(logo=logo))
        assert (queries.logo().logo, queries.logo().logo_type) == (logo.name, "image/png")
        services.save_team(team_values())
        assert queries.team().logo_url == f"/logo/{logo.name}"
        services.save_team(team_values(remove_logo=True))
        assert queries.logo() is None
        assert entries()[-1].changes == [["logo", logo.name, None]]

    def test_a_new_logo_counts_more_than_removing_the_old(self):
        logo = services.keep_logo(png(10, 10))
        services.save_team(team_values(logo=logo, remove_logo=True))
        assert queries.logo().logo == logo.name

    def test_what_is_no_logo_is_not_stored(self):
        logo = services.keep_logo(b"<script>alert(1)</script>")
        assert logo.name is None
        with pytest.raises(Invalid):
            services.save_team(team_values(logo=logo))

    def test_panels_are_arranged(self):
        services.arrange_panels([("comments", True), ("bank", False)])
        assert queries.team().panels == (("comments", True), ("bank", False))
        assert "settings.changed" in events.announced()
        [entry] = entries()
        assert entry.action == "panels_arranged"
        assert entry.changes == [["panels", [], [["comments", True], ["bank", False]]]]

    def test_who_changed_it_last(self, app: Flask):
        assert queries.last_change() == ("", None)
        services.arrange_panels([("bank", True)])
        name, at = queries.last_change()
        assert (name, at) == ("", entries()[-1].at)

    def test_a_colleague_chooses_and_follows_the_team_again(self):
        user = team_queries.user_by_email("ben@example.com")
        assert user is not None
        team_services.choose_panels(user.id, [("bank", False)])
        assert user.panels == [["bank", False]]
        assert "user.changed" in events.announced()
        team_services.choose_panels(user.id, None)
        assert user.panels is None
