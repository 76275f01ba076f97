"""Templates: what is filled in, what must hold, what happens, what lies in the archive."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from flask import g
from sqlalchemy import select
from werkzeug.exceptions import NotFound

from app.core.audit import AuditEntry
from app.core.database import db
from app.core.i18n import _
from app.core.problems import Invalid, Refused
from app.domain.templates import archive, queries, rules, services
from app.domain.templates.models import Template

KNOWN = {"first_name": "First name", "amount": "Amount", "my_email": "Your e-mail"}
VALUES = {"first_name": "Tanja", "my_email": "anna@example.com"}
HOSTILE = (
    "{{ 7 * 7 }}",
    "{{7*7}}",
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "{{ config.items() }}",
    "{{ request.application.__globals__ }}",
    "{{customer.delete()}}",
    "{{first_name.__class__}}",
    "{{first_name|upper}}",
    "{{'a'*900000000}}",
    "{{ lipsum.__globals__['os'].popen('id').read() }}",
    "{% for x in range(1000000000) %}x{% endfor %}",
    "{% import os %}",
    "{# a remark #}",
    "${first_name} ${7*7}",
    "#{7*7} <%= 7*7 %>",
    "%(first_name)s %s %n %1000000000d",
    "{0.__class__} {first_name} {first_name!r:>1000000000}",
    "{" * 100_000,
    "{{" * 50_000 + "first_name" + "}}" * 50_000,
    "{{ " * 30_000,
    "{{" + " " * 100_000 + "}}",
    "{{" + "a" * 100_000 + "}}",
    "}}" * 50_000 + "{{",
    "{{first_name\n}}",
    "{{}} {{ }} {{{}}}",
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "http://evil.example/?q={{first_name}}&x=\"'<>",
    "\\{\\{first_name\\}\\} \\u007b\\u007bfirst_name\\u007d\\u007d",
    "{{first_name}}\r\nBcc: everybody@example.com",
    "\u202e{{\u200bfirst_name}}\ufeff",
    "｛｛first_name｝｝",
    "a\0{{first_name}}",
)


def template_values(**over: Any) -> dict[str, Any]:
    return {
        "name": "Begrüßung",
        "category_id": None,
        "language": "de",
        "subject": "Willkommen",
        "body": "{{salutation}}\n\nHerzlich willkommen!",
    } | over


def codes(problems: Any) -> list[tuple[str, str]]:
    return [(problem.field, problem.code) for problem in problems]


class TestFilling:
    @pytest.mark.parametrize(
        ("text", "filled"),
        [
            ("Hallo {{first_name}}!", "Hallo Tanja!"),
            ("{{ first_name }}{{FIRST_NAME}}", "TanjaTanja"),
            ("{{first_name}}", "Tanja"),
            ("{{{first_name}}}", "{Tanja}"),
            ("{{amount}} und {{unknown}}", "{{amount}} und {{unknown}}"),
            ("{{}} {{ }} {first_name}", "{{}} {{ }} {first_name}"),
            ("", ""),
        ],
    )
    def test_one_pass(self, text: str, filled: str):
        assert rules.filled(text, VALUES) == filled

    def test_an_empty_value_leaves_it_open(self):
        assert rules.filled("{{first_name}}", {"first_name": ""}) == "{{first_name}}"

    def test_a_value_is_not_looked_into(self):
        assert rules.filled("{{first_name}}", {"first_name": "{{my_email}}"}) == "{{my_email}}"

    def test_names_and_what_is_open(self):
        text = "{{b}} {{ a }} {{b}} {{c d}}"
        assert rules.names(text) == ["b", "a", "c d"]
        assert rules.open_in("{{a}}", "{{b}} {{a}}") == ["a", "b"]
        assert rules.lacking("{{first_name}} {{amount}}", VALUES) == ["amount"]

    def test_pieces_make_up_the_text(self):
        pieces = list(rules.pieces("a {{first_name}} {{x}}", VALUES))
        assert [(p.text, p.name, p.is_filled) for p in pieces] == [
            ("a ", "", False),
            ("Tanja", "first_name", True),
            (" ", "", False),
            ("{{x}}", "x", False),
        ]

    def test_nothing_open_is_sent(self):
        assert list(rules.check_filled("text", "Hallo Tanja, {bis} bald", KNOWN)) == []
        text = "Bitte zahlen Sie {{amount}} bis {{due_date}}."
        (problem,) = rules.check_filled("text", text, KNOWN)
        assert (problem.field, problem.code) == ("text", "open")
        assert "“Amount” ({{amount}}), {{due_date}}" in str(problem.message)

    def test_many_are_told_in_short(self):
        told = rules.told(f"name_{n}" for n in range(100))
        assert told.endswith("{{name_4}}, …")

    @pytest.mark.parametrize(
        ("text", "places"),
        [
            ("{first_name} und } {", ""),
            ("{{first_name}}{{amount}}", ""),
            ("{{{first_name}}}", ""),
            ("Hallo {{last_name,\n\nbis bald", "“Hallo {{last_name, bis bald”"),
            ("Hallo last_name}}", "“Hallo last_name}}”"),
            ("{{}}", "“{{}}”"),
            ("{{ }}", "“{{ }}”"),
            ("{{{{", "“{{{{”"),
            ("{{first_name}}}}", "“{{first_name}}}}”"),
            ("{{{{first_name}}", "“{{{{first_name}}”"),
            ("{{first\nname}}", "“{{first name}}”"),
            ("{{" + "x" * 81 + "}}", f"“{{{{{'x' * 23}…”, “…{'x' * 15}}}}}”"),
            ("a" * 30 + "{{" + "b" * 30, f"“…{'a' * 15}{{{{{'b' * 23}…”"),
        ],
    )
    def test_half_a_placeholder_is_quoted(self, text: str, places: str):
        assert rules.incomplete(text) == places
        assert rules.incomplete("", text) == places
        problems = rules.check_filled("text", text, KNOWN)
        assert ("incomplete" in [problem.code for problem in problems]) == bool(places)
        assert bool(rules.hindrance_to_send("", text)) == bool(places)

    def test_not_every_half_is_told(self):
        assert rules.incomplete(f"{{{{ {'x' * 50}" * 100).count("“") == rules.MOST_TOLD


class TestHostileTexts:
    @pytest.mark.parametrize("text", HOSTILE, ids=lambda text: ascii(text[:20]))
    def test_output_is_input_or_a_named_error(self, text: str):
        started = time.monotonic()
        filled = rules.filled(text, VALUES)
        problems = rules.check_template(
            template_values(kind="mail", body=text[: rules.LONGEST_BODY]), KNOWN
        )
        assert time.monotonic() - started < 1
        plain = rules.PLACEHOLDER.sub(lambda found: VALUES.get(found[1].strip(), found[0]), text)
        assert filled == plain
        assert "49" not in filled.replace(text, "")
        body = text[: rules.LONGEST_BODY]
        unknown = any(name not in KNOWN for name in rules.names(body))
        rest = rules.PLACEHOLDER.sub(lambda found: " " if found[1].strip() else found[0], body)
        is_loose = "{{" in rest or "}}" in rest
        found = {"unknown": unknown, "incomplete": is_loose}
        assert codes(problems) == [("body", code) for code, is_so in found.items() if is_so]

    @pytest.mark.parametrize(
        "piece", ["{{", "{{ ", "{{a", "{{ a }", "}}{{", "{{{{a}}", " {", "{ {"]
    )
    def test_no_text_makes_the_search_slow(self, piece: str):
        """Twice the text takes about twice the time; a backtracking expression would never end."""
        text = piece * (1_000_000 // len(piece))
        started = time.monotonic()
        rules.names(text)
        rules.incomplete(text)
        assert time.monotonic() - started < 1

    def test_many_unknown_names_are_judged_at_once(self):
        body = "".join(f"{{{{x{n}}}}}" for n in range(2_000))
        started = time.monotonic()
        (problem,) = rules.check_template(template_values(kind="mail", body=body), KNOWN)
        assert time.monotonic() - started < 1
        assert len(str(problem.message)) < 200


class TestRules:
    @pytest.mark.parametrize(
        ("values", "found"),
        [
            ({}, []),
            ({"name": ""}, [("name", "required")]),
            ({"name": "x" * 101}, [("name", "too_long")]),
            ({"subject": ""}, [("subject", "required")]),
            ({"subject": "", "kind": "letter"}, []),
            ({"subject": "x" * 301}, [("subject", "too_long")]),
            ({"body": ""}, [("body", "required")]),
            ({"body": "x" * 20_001}, [("body", "too_long")]),
            ({"language": "fr"}, [("language", "unknown")]),
            ({"kind": "fax"}, [("kind", "unknown")]),
            ({"body": "{{frist_name}}"}, [("body", "unknown")]),
            ({"subject": "{{x}} {{y}}"}, [("subject", "unknown")]),
            ({"body": "{{amount}}"}, []),
            ({"body": "Hallo {{first_name"}, [("body", "incomplete")]),
            ({"subject": "{{}}"}, [("subject", "incomplete")]),
            ({"body": "{{x}} {{"}, [("body", "unknown"), ("body", "incomplete")]),
        ],
    )
    def test_check(self, values: dict[str, Any], found: list[tuple[str, str]]):
        known = KNOWN | {"salutation": ""}
        assert codes(rules.check_template(template_values(kind="mail") | values, known)) == found

    @pytest.mark.parametrize(
        ("typed", "meant"),
        [
            ("frist_name", "first_name"),
            ("firstname", "first_name"),
            ("first name", "first_name"),
            ("your e-mail", "my_email"),
            ("qqqqqqqqqqqq", None),
        ],
    )
    def test_the_nearest_is_named(self, typed: str, meant: str | None):
        assert rules.nearest(typed, KNOWN) == meant

    def test_names_sort_like_people_count(self):
        names = ["Kurs 10", "Kurs 2", "Ärger", "!!!"]
        assert sorted(names, key=rules.sort_key) == ["!!!", "Ärger", "Kurs 2", "Kurs 10"]


@pytest.mark.usefixtures("context")
class TestVerbs:
    def test_written_changed_removed_and_back(self):
        template_id = services.create_template("mail", template_values())
        assert told() == ("created", "Begrüßung")
        services.edit_template(template_id, template_values(subject="Hallo"))
        assert told() == ("changed", "Begrüßung")
        assert changes() == [["subject", "Willkommen", "Hallo"]]
        services.remove_template(template_id)
        assert queries.listed("mail") == []
        with pytest.raises(NotFound):
            queries.template(template_id)
        services.restore_template(template_id)
        assert [row.name for row in queries.listed("mail")] == ["Begrüßung"]
        assert "template.changed" in g.announced

    def test_saving_the_same_changes_nothing(self):
        template_id = services.create_template("mail", template_values())
        services.edit_template(template_id, template_values())
        assert told() == ("created", "Begrüßung")
        assert stored(template_id).version == 1

    def test_using_one_is_no_change(self):
        template_id = services.create_template("mail", template_values())
        services.use_template(template_id)
        assert stored(template_id).used_at is not None
        assert stored(template_id).version == 1
        assert told() == ("created", "Begrüßung")

    def test_a_mail_template_is_no_letter_template(self):
        template_id = services.create_template("mail", template_values())
        assert queries.template(template_id, "mail").name == "Begrüßung"
        with pytest.raises(NotFound):
            queries.template(template_id, "letter")

    @pytest.mark.parametrize("category_id", [999, 0, -1])
    def test_an_unknown_category(self, category_id: int):
        with pytest.raises(Invalid) as refusal:
            services.create_template("mail", template_values(category_id=category_id))
        assert codes(refusal.value.problems) == [("category_id", "unknown")]

    def test_unknown_placeholders_are_refused(self):
        with pytest.raises(Invalid) as refusal:
            services.create_template("mail", template_values(body="{{customer.delete()}}"))
        assert codes(refusal.value.problems) == [("body", "unknown")]

    def test_categories(self):
        category_id = services.create_category("Zahlungen")
        for name in ("Zahlungen", "ZAHLUNGEN"):
            with pytest.raises(Invalid) as refusal:
                services.create_category(name)
            assert codes(refusal.value.problems) == [("name", "taken")]
        services.rename_category(category_id, "zahlungen")
        assert changes() == [["name", "Zahlungen", "zahlungen"]]
        with pytest.raises(Invalid):
            services.create_category("")
        services.delete_category(category_id)
        assert queries.categories() == []

    def test_a_category_that_holds_templates_stays(self):
        category_id = services.create_category("Kunden")
        template_id = services.create_template("mail", template_values(category_id=category_id))
        with pytest.raises(Refused, match="1"):
            services.delete_category(category_id)
        services.remove_template(template_id)
        services.delete_category(category_id)
        services.restore_template(template_id)
        assert stored(template_id).category_id is None


@pytest.mark.usefixtures("context")
class TestChoices:
    @pytest.fixture
    def create(self) -> Callable[..., int]:
        return lambda name, **more: services.create_template(
            "mail", template_values(name=name, **more)
        )

    def test_what_was_used_last_comes_first_then_by_category(self, create: Callable[..., int]):
        payments, appointments = (services.create_category(n) for n in ("Zahlungen", "Termine"))
        create("Lose")
        create("Termin", category_id=appointments)
        create("Date", category_id=appointments, language="en")
        used = create("Mahnung", category_id=payments)
        services.use_template(used)
        found = [(choice.group, choice.name) for choice in queries.choices("mail", "de")]
        assert found == [
            (_("Used last"), "Mahnung"),
            ("Termine", "Termin"),
            ("Termine", "Date"),
            (_("Without category"), "Lose"),
        ]
        english = [choice.name for choice in queries.choices("mail", "en")]
        assert english == ["Date", "Termin", "Mahnung", "Lose"]
        assert queries.choices("letter", "de") == []

    def test_what_can_be_sent_as_it_is_comes_first(self, create: Callable[..., int]):
        offers, customers, others = (services.create_category(n) for n in ("A", "B", "C"))
        create("Nachfrage", category_id=offers, body="Zu {{ Document_Number }}")
        create("Betrag", category_id=customers, subject="{{amount}}")
        create("Willkommen", category_id=customers)
        create("Welcome", category_id=others, language="en")
        found = [choice.name for choice in queries.choices("mail", "de")]
        assert found == ["Willkommen", "Betrag", "Nachfrage", "Welcome"]
        assert queries.choices("mail", "en")[0].name == "Welcome"

    def test_placeholders_are_called_by_their_labels(self):
        assert queries.called(["amount", "nothing"]) == "„Betrag“ ({{amount}}), {{nothing}}"

    def test_only_the_latest_three(self, create: Callable[..., int]):
        for n in range(5):
            services.use_template(create(f"Vorlage {n}"))
        groups = [choice.group for choice in queries.choices("mail", "de")]
        assert groups == [_("Used last")] * 3 + [_("Without category")] * 2
        assert queries.choices("mail", "de")[0].name == "Vorlage 4"


DRAFTS = [*archive.drafts("mail"), *archive.drafts("letter")]


class TestArchive:
    def test_both_languages_say_the_same(self):
        for kind in rules.Kind:
            german, english = (
                {draft.key: draft for draft in archive.drafts(kind) if draft.language == language}
                for language in rules.LANGUAGES
            )
            assert german.keys() == english.keys()
            for key, draft in german.items():
                texts = (draft, english[key])
                named = [set(rules.open_in(t.subject, t.body)) for t in texts]
                assert named[0] == named[1], key
        assert len(DRAFTS) >= 36

    @pytest.mark.usefixtures("context")
    @pytest.mark.parametrize("draft", DRAFTS, ids=lambda d: f"{d.language}-{d.key}-{d.kind}")
    def test_each_can_be_saved_as_it_is(self, draft: archive.Draft):
        values = {"name": draft.name, "language": draft.language, "category_id": None}
        texts = {"subject": draft.subject, "body": draft.body}
        assert services.create_template(draft.kind, values | texts)
        assert draft.category

    def test_german_goes_on_rightly_with_and_without_a_comma(self):
        for draft in archive.drafts("mail"):
            begin, _empty, text = draft.body.partition("\n\n")
            assert begin == "{{salutation}}"
            assert text[0].isupper()

    def test_the_swiss_know_no_sharp_s(self):
        for kind in rules.Kind:
            for draft in archive.drafts(kind, "CH"):
                assert "ß" not in draft.name + draft.category + draft.subject + draft.body
        assert "Freundliche Grüsse" in archive.draft("mail", "de", "welcome", "CH").body

    @pytest.mark.parametrize("key", ["", "nothing", "../../etc/passwd", "\0"])
    def test_what_is_not_in_it(self, key: str):
        with pytest.raises(NotFound):
            archive.draft("mail", "de", key)


def told() -> tuple[str, str]:
    """Action and subject of the newest entry of the audit trail."""
    entry = newest()
    assert entry.area == "templates"
    return entry.action, entry.subject


def changes() -> list[Any]:
    return newest().changes


def newest() -> AuditEntry:
    return db.session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc()).limit(1)).one()


def stored(template_id: int) -> Template:
    return db.session.get_one(Template, template_id, populate_existing=True)
