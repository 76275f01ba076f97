"""Forms: values in words, problems at their fields, two versions side by side."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from flask import Flask
from wtforms import FieldList, FormField
from wtforms import Form as Rows
from wtforms.validators import InputRequired

from app.core.forms import (
    Choice,
    CleanLines,
    CleanText,
    Country,
    Day,
    Editable,
    Form,
    differences,
    told,
)
from app.core.problems import Problem


class Line(Rows):
    label = Choice("Label", choices=(("", "None"), ("work", "Work")), default="")
    text = CleanText("Text")


class Sheet(Form):
    name = CleanText("Name", [InputRequired()])
    body = CleanLines("Body")
    on = Day("On")
    country = Country("Country")
    colour = Choice("Colour", choices={"red": "Red", "blue": "Blue"})
    lines = FieldList(FormField(Line), "Lines", min_entries=1)


GOOD = {"name": "Ada", "country": "DE", "colour": "red"}


@pytest.fixture
def sent(app: Flask) -> Iterator[Any]:
    """The form as somebody sent it."""
    contexts = []

    def sending(**typed: str) -> Sheet:
        context = app.test_request_context(
            "/", method="POST", data=GOOD | typed, headers={"Accept-Language": "en"}
        )
        context.push()
        contexts.append(context)
        return Sheet.of({})

    yield sending
    for context in reversed(contexts):
        context.pop()


class TestFields:
    @pytest.mark.parametrize(
        ("typed", "on"),
        [
            ("2026-11-24", date(2026, 11, 24)),
            ("24.11.2026", date(2026, 11, 24)),
            (" 24.11.2026 ", date(2026, 11, 24)),
            ("1.2.2026", date(2026, 2, 1)),
            ("", None),
        ],
    )
    def test_days(self, sent: Any, typed: str, on: date | None):
        form = sent(on=typed)
        assert form.validate()
        assert form.values()["on"] == on

    @pytest.mark.parametrize("typed", ["31.02.2026", "24.11.26", "morgen", "0", "2026-13-01", "\0"])
    def test_no_days(self, sent: Any, typed: str):
        form = sent(on=typed)
        assert not form.validate()
        assert form.on.errors == ["This is no date. Please write it like 24.11.2026."]

    def test_text_is_cleaned(self, sent: Any):
        form = sent(name="  Ada\t Love\u200blace ", body="a \r\nb\r\n\r\n")
        assert (form.values()["name"], form.values()["body"]) == ("Ada Lovelace", "a\nb")

    def test_what_cannot_be_stored_is_told_and_the_rest_kept(self, sent: Any):
        form = sent(name="A\0da", body="a\0b")
        assert not form.validate()
        assert (form.name.data, form.body.data) == ("Ada", "ab")
        assert str(form.name.errors[0]) == "This contains characters that cannot be stored."

    @pytest.mark.parametrize(
        ("field", "value"),
        [("country", "XX"), ("country", "de"), ("colour", "green"), ("colour", "")],
    )
    def test_only_what_is_in_the_list(self, sent: Any, field: str, value: str):
        form = sent(**{field: value})
        assert not form.validate()
        assert str(form[field].errors[0]) == "Please choose one of the list."

    def test_no_country_is_fine(self, sent: Any):
        assert sent(country="").validate()

    def test_what_is_stored_may_stay(self, sent: Any):
        form = sent(colour="green")
        form.remember({"colour": "green", "nonsense": 1})
        assert form.validate()
        assert '<option selected value="green">green</option>' in str(form.colour())
        form = sent(colour="violet")
        form.remember({"colour": "green"})
        assert not form.validate()
        assert "violet" not in str(form.colour())


class TestRows:
    def test_empty_rows_do_not_count(self, sent: Any):
        form = sent(**{"lines-0-text": " ", "lines-0-label": "work", "lines-4-text": "x"})
        assert form.values()["lines"] == [{"label": "", "text": "x"}]

    @pytest.mark.parametrize(
        ("name", "found"),
        [
            ("lines-0-text", "lines-1-text"),
            ("lines-1-text", "lines-2-text"),
            ("lines-1-label", "lines-2-label"),
            ("lines-2-text", None),
            ("lines-x-text", None),
            ("lines-0-nothing", None),
            ("name", "name"),
            ("nothing", None),
        ],
    )
    def test_problems_name_the_filled_rows(self, sent: Any, name: str, found: str | None):
        form = sent(**{"lines-0-text": "", "lines-1-text": "a", "lines-2-text": "b"})
        field = form.find(name)
        assert (field.name if field else None) == found

    def test_problems_reach_their_fields(self, sent: Any):
        form = sent(**{"lines-0-text": "", "lines-1-text": "a"})
        form.validate()
        form.tell(
            [
                Problem("lines-0-text", "wrong", "Wrong row."),
                Problem("name", "odd", "Odd name.", "warning"),
                Problem("lines-7-text", "lost", "No such row."),
                Problem("nothing", "lost", "No such field."),
                Problem("nothing", "lost", "Odd.", "warning"),
            ]
        )
        assert form.lines.entries[1].form.text.errors == ["Wrong row."]
        assert list(form.name.errors) == []
        assert list(form.name.warnings) == ["Odd name."]
        assert form.form_errors == ["No such row.", "No such field."]

    @pytest.mark.parametrize(
        ("pressed", "texts"),
        [
            ({"add": "lines"}, ["a", "", "b", ""]),
            ({"drop": "lines-0"}, ["", "b"]),
            ({"drop": "lines-2"}, ["a", ""]),
            ({"drop": "lines-9"}, ["a", "", "b"]),
            ({"drop": "lines-"}, ["a", "", "b"]),
            ({"drop": "name-0"}, ["a", "", "b"]),
            ({"add": "name"}, ["a", "", "b"]),
        ],
    )
    def test_rearranging(self, sent: Any, pressed: dict[str, str], texts: list[str]):
        rows = {"lines-0-text": "a", "lines-1-text": "", "lines-2-text": "b"}
        form = sent(**rows, **pressed)
        assert form.rearranged()
        assert [row.form.text.data or "" for row in form.lines.entries] == texts
        names = [row.name for row in form.lines.entries]
        assert names == [f"lines-{n}" for n in range(len(texts))]

    def test_nothing_pressed(self, sent: Any):
        assert not sent().rearranged()


class TestWords:
    @pytest.mark.parametrize(
        ("value", "field", "words"),
        [
            (None, "", "–"),
            ("", "", "–"),
            ([], "", "–"),
            (True, "", "yes"),
            (False, "", "no"),
            (0, "", "0"),
            (date(2026, 11, 24), "", "24 Nov 2026"),
            ("DE", "country", "Germany"),
            ("XX", "country", "XX"),
            ("ms", "salutation", "Ms"),
            ("lord", "salutation", "lord"),
            (["a", "b"], "", "a; b"),
            ([{"label": "work", "address": "a@b.example"}], "emails", "Work a@b.example"),
            (
                [{"label": "", "number": "1"}, {"label": "pigeon", "number": "2"}],
                "phones",
                "1; pigeon 2",
            ),
        ],
    )
    def test_values_in_words(self, app: Flask, value: Any, field: str, words: str):
        headers = {"Accept-Language": "en"}
        with app.test_request_context("/", headers=headers):
            assert told(value, field) == words

    def test_what_differs(self, sent: Any):
        form = sent(name="Ada", on="24.11.2026")
        stored = {"name": "Bea", "on": None, "body": None, "country": "DE", "gone": 1, "lines": []}
        found = differences(form, Editable(stored, "2", "Anna"), {"name": "Name"})
        assert [(row.field, row.label, row.mine, row.theirs) for row in found.rows] == [
            ("name", "Name", "Ada", "Bea"),
            ("on", "on", "24 Nov 2026", "–"),
        ]
        assert found.by == "Anna"
