"""The page of the templates: the list, the editor with its preview, the archive, categories."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from app.core.database import db
from app.domain.templates import queries, services
from tests import hostile
from tests.browserless import Browser, FormReader
from tests.fragments import parts

URL = "/templates"
NEW = f"{URL}/new"
PREVIEW = f"{URL}/preview"
CATEGORY = f"{URL}/categories/new"


@pytest.fixture
def create(app: Flask) -> Callable[..., int]:
    """Write a template and get its id."""

    def creating(kind: str = "mail", **over: Any) -> int:
        with app.app_context():
            template_id = services.create_template(kind, typed(category_id=None) | over)
            db.session.commit()
            return template_id

    return creating


@pytest.fixture
def category(app: Flask) -> Callable[[str], int]:
    def creating(name: str) -> int:
        with app.app_context():
            category_id = services.create_category(name)
            db.session.commit()
            return category_id

    return creating


def typed(**over: Any) -> dict[str, Any]:
    return {
        "name": "Begrüßung",
        "category_id": "",
        "language": "de",
        "subject": "Willkommen, {{first_name}}",
        "body": "{{salutation}}\n\nHerzlich willkommen!",
    } | over


def fields(browser: Browser, url: str) -> dict[str, Any]:
    """What the editor would send; the search for a customer is a form too."""
    form = re.search(r'<form[^>]*id="template-form".*?</form>', browser.get(url).text, re.S)
    assert form is not None
    return FormReader.read(form[0])


def edit(template_id: int) -> str:
    return f"{URL}/{template_id}/edit"


def names(app: Flask, kind: str = "mail") -> list[str]:
    with app.app_context():
        return [row.name for row in queries.listed(kind)]


class TestList:
    def test_mails_and_letters_in_tabs_by_category(
        self, ben: Browser, create: Callable[..., int], category: Callable[[str], int]
    ):
        payments = category("Zahlungen")
        create(name="Lose")
        create(name="Mahnung", category_id=payments, language="en")
        create("letter", name="Mandat")
        html = ben.get(URL).text
        order = [html.index(word) for word in ("Zahlungen", "Mahnung", "Without category", "Lose")]
        assert order == sorted(order)
        assert "Mandat" not in html
        assert "English" in html
        letters = ben.get(f"{URL}?kind=letter").text
        assert "Mandat" in letters
        assert "Mahnung" not in letters

    def test_a_reader_only_looks(
        self, cleo: Browser, create: Callable[..., int], make_customer: Any
    ):
        make_customer()
        template_id = create()
        html = cleo.get(URL).text
        assert f'href="/templates/{template_id}"' in html
        for hidden in ("/edit", "/new", "/removal", "New template"):
            assert hidden not in html
        shown = cleo.get(f"{URL}/{template_id}").text
        assert "Sehr geehrte Frau Müller," in shown
        assert "/edit" not in shown

    def test_nothing_yet(self, ben: Browser, cleo: Browser):
        assert "No e-mail templates yet." in ben.get(URL).text
        assert "No letter templates yet." in ben.get(f"{URL}?kind=letter").text
        assert "Begin with one" not in cleo.get(URL).text

    def test_many_in_few_queries(
        self, ben: Browser, create: Callable[..., int], count_queries: Callable[[], Any]
    ):
        for n in range(30):
            create(name=f"Vorlage {n}")
        with count_queries() as sent:
            assert ben.get(URL).status_code == 200
        assert len(sent) <= 6


class TestEditor:
    def test_a_new_one(self, ben: Browser, app: Flask, make_customer: Any):
        make_customer()
        page = ben.get(f"{NEW}?kind=letter")
        assert "New letter template" in page.text
        answer = ben.post(f"{NEW}?kind=letter", typed(subject=""))
        assert (answer.status_code, answer.location) == (303, "/templates?kind=letter")
        assert names(app, "letter") == ["Begrüßung"]
        assert "Template Begrüßung created" in ben.get(answer.location).text

    def test_what_the_customer_of_the_preview_lacks_is_named(
        self, ben: Browser, make_customer: Any
    ):
        make_customer()
        answer = ben.post(NEW, typed(body="{{birthday}} {{amount}}"))
        assert "Empty for Tanja Müller: “Birthday” ({{birthday}})" in ben.get(answer.location).text

    def test_unknown_placeholders_are_refused_at_their_field(
        self, ben: Browser, changes_nothing: Callable[[], Any]
    ):
        with changes_nothing():
            answer = ben.post(NEW, typed(subject="{{Vornam}} {{amount}}", body="{{frist_name}}"))
        assert answer.status_code == 422
        assert re.search(
            r'id="template-body-error".*?{{frist_name}} is unknown. '
            r"Did you mean “First name” \({{first_name}}\)",
            answer.text,
            re.S,
        )
        assert 'value="{{Vornam}} {{amount}}"' in answer.text

    @pytest.mark.parametrize(
        ("values", "message"),
        [
            ({"name": ""}, "Please give the template a name."),
            ({"name": "x" * 101}, "at most 100 characters"),
            ({"subject": ""}, "A mail needs a subject."),
            ({"body": ""}, "Please write something."),
            ({"body": "x" * 20_001}, "at most 20000 characters"),
            ({"category_id": "999"}, "Please choose one of the list."),
            ({"category_id": "x"}, "Please choose one of the list."),
            ({"language": "fr"}, "Please choose one of the list."),
            ({"body": "a\0b"}, "cannot be stored"),
        ],
    )
    def test_bad_input_changes_nothing(
        self, ben: Browser, changes_nothing: Callable[[], Any], values: dict[str, str], message: str
    ):
        with changes_nothing():
            answer = ben.post(NEW, typed(**values))
        assert answer.status_code == 422
        assert message in answer.text
        assert "Herzlich willkommen!" in answer.text or "body" in values

    @pytest.mark.parametrize("url", [NEW, PREVIEW])
    def test_lone_surrogates(self, ben: Browser, changes_nothing: Callable[[], Any], url: str):
        sent = {"data": "name=%ED%A0%80&subject=%ED%A0%80&body=%ED%A0%80&chosen=%ED%A0%80"}
        headers = {"X-CSRFToken": ben.token}
        with changes_nothing():
            answer = ben.client.post(
                url, content_type="application/x-www-form-urlencoded", headers=headers, **sent
            )
        assert answer.status_code in (200, 422)

    @pytest.mark.parametrize("text", hostile.TEXTS, ids=hostile.called)
    @pytest.mark.parametrize("field", ["name", "subject", "body"])
    def test_hostile_text_stays_text(self, ben: Browser, make_customer: Any, field: str, text: str):
        make_customer(last_name="{{my_email}}")
        for answer in (
            ben.post(NEW, typed(**{field: text})),
            ben.htmx_post(PREVIEW, typed(**{field: text})),
        ):
            assert answer.status_code in (200, 303, 422)
            assert not hostile.is_markup_in(answer.text)
            assert "49" not in re.sub(r'="[^"]*"', "", answer.text)
        assert not hostile.is_markup_in(ben.get(URL).text)

    def test_a_copy(self, ben: Browser, app: Flask, create: Callable[..., int]):
        template_id = create()
        copied = fields(ben, f"{NEW}?copy={template_id}")
        assert (copied["name"], copied["subject"]) == ("Begrüßung 2", "Willkommen, {{first_name}}")
        ben.post(NEW, copied)
        assert names(app) == ["Begrüßung", "Begrüßung 2"]
        assert ben.get(f"{NEW}?copy=999").status_code == 404

    def test_one_of_the_archive(self, ben: Browser, category: Callable[[str], int]):
        payments = category("Zahlungen")
        dialog = ben.htmx_get(f"{URL}/archive").text
        link = f"{NEW}?kind=mail&amp;archive=payment_reminder&amp;language=de"
        assert link in dialog
        begun = fields(ben, link.replace("&amp;", "&"))
        assert begun["name"] == "Zahlungserinnerung"
        assert begun["category_id"] == str(payments)
        assert "{{amount}}" in begun["body"]
        assert ben.get(f"{NEW}?archive=nothing&language=de").status_code == 404

    def test_somebody_else_was_faster(
        self, ben: Browser, anna: Browser, app: Flask, create: Callable[..., int]
    ):
        url = edit(create())
        mine, theirs = fields(ben, url), fields(anna, url)
        anna.post(url, theirs | {"subject": "Hallo"})
        answer = ben.post(url, mine | {"body": "Mein Text"})
        assert answer.status_code == 409
        assert "Hallo" in answer.text
        assert "Mein Text" in answer.text
        again = re.findall(r'name="version"[^>]*value="(\d+)"', answer.text)
        chosen = {"version": again[-1], "body": "Mein Text", "choose-subject": "theirs"}
        assert ben.post(url, mine | chosen).status_code == 303
        with app.app_context():
            template = queries.template(1)
            assert (template.subject, template.body) == ("Hallo", "Mein Text")

    def test_removed_and_brought_back(self, ben: Browser, app: Flask, create: Callable[..., int]):
        template_id = create("letter", name="Mandat")
        answer = ben.htmx_post(f"{URL}/{template_id}/removal")
        found, remainder = parts(answer.text)
        assert (sorted(found), remainder) == (["#template-list", "#toasts"], "")
        assert "No letter templates yet." in found["#template-list"]
        assert names(app, "letter") == []
        assert ben.get(edit(template_id)).status_code == 404
        ben.post(f"{URL}/{template_id}/restoration")
        assert names(app, "letter") == ["Mandat"]
        assert ben.post(f"{URL}/{template_id}/restoration").status_code == 404


class TestPreview:
    def test_what_is_typed_for_a_real_customer(self, ben: Browser, make_customer: Any):
        make_customer()
        kim = make_customer(first_name="Kim", last_name="Meier", salutation="mx")
        answer = ben.htmx_post(
            PREVIEW, typed(customer=str(kim), body="{{salutation}} {{birthday}}")
        )
        assert "Guten Tag Kim Meier," in answer.text
        assert "<mark>{{birthday}}</mark>" in answer.text
        assert "Nothing is known for “Birthday” ({{birthday}})." in answer.text
        assert f'name="customer" value="{kim}"' in answer.text
        assert "#palette-list" in parts(answer.text)[0]
        assert "Guten Tag Kim Meier," in parts(answer.text)[0]["#palette-list"]

    def test_half_a_placeholder_is_told(self, ben: Browser, make_customer: Any):
        make_customer()
        halves = typed(body="Hallo {{last_name")
        told = "A placeholder is incomplete here: “Hallo {{last_name”"
        assert told in ben.htmx_post(PREVIEW, halves).text
        answer = ben.htmx_post(NEW, halves)
        assert answer.status_code == 422
        assert answer.text.count(told) == 3  # at the field, above the form, beside the preview

    def test_the_language_of_the_text_holds(self, ben: Browser, make_customer: Any):
        make_customer()
        assert "Dear Ms Müller," in ben.htmx_post(PREVIEW, typed(language="en")).text

    def test_another_customer_is_chosen(self, ben: Browser, make_customer: Any):
        tanja, kim = make_customer(), make_customer(first_name="Kim", last_name="Meier")
        hits = ben.htmx_get(f"{URL}/customers?q=tanj").text
        assert f'name="chosen" value="{tanja}"' in hits
        answer = ben.htmx_post(PREVIEW, typed(customer=str(kim), chosen=str(tanja))).text
        assert f'name="customer" value="{tanja}"' in answer
        assert '<hx-partial hx-target="#preview-hits" hx-swap="innerHTML"></hx-partial>' in answer
        assert "Nobody is found" in ben.htmx_get(f"{URL}/customers?q=niemand").text

    @pytest.mark.parametrize("customer", ["", "999", "x", "-1", "9" * 30])
    def test_nobody_or_somebody_unknown(self, ben: Browser, make_customer: Any, customer: str):
        assert "There is no customer yet" in ben.htmx_post(PREVIEW, typed(customer=customer)).text
        make_customer()
        assert "Müller" in ben.htmx_post(PREVIEW, typed(customer=customer)).text

    def test_without_script(self, ben: Browser, make_customer: Any, changes_nothing: Any):
        make_customer()
        with changes_nothing():
            answer = ben.post(NEW, typed(check="1", name=""))
        assert answer.status_code == 200
        assert "Sehr geehrte Frau Müller," in answer.text

    def test_it_is_bounded(
        self, ben: Browser, make_customer: Any, count_queries: Callable[[], Any]
    ):
        make_customer()
        with count_queries() as sent:
            ben.htmx_post(PREVIEW, typed())
        assert len(sent) <= 22


class TestCategories:
    def test_created_renamed_deleted(self, ben: Browser, app: Flask):
        answer = ben.htmx_post(CATEGORY, {"name": "Zahlungen"})
        assert "Zahlungen" in parts(answer.text)[0]["#template-list"]
        url = f"{URL}/categories/1/edit"
        assert ben.post(url, ben.fields(url) | {"name": "Geld"}).status_code == 303
        assert "Geld" in ben.get(URL).text
        deletion = f"{URL}/categories/1/deletion"
        assert "No template is in it." in ben.htmx_get(deletion).text
        ben.htmx_post(deletion)
        with app.app_context():
            assert queries.categories() == []

    @pytest.mark.parametrize("name", ["", "Zahlungen", "x" * 101, "a\0b", " \u200b "])
    def test_bad_names(
        self, ben: Browser, category: Callable[[str], int], changes_nothing: Any, name: str
    ):
        category("Zahlungen")
        with changes_nothing():
            assert ben.htmx_post(CATEGORY, {"name": name}).status_code == 422

    def test_one_that_holds_templates_stays(
        self, ben: Browser, create: Any, category: Any, changes_nothing: Callable[[], Any]
    ):
        create(category_id=category("Zahlungen"))
        with changes_nothing():
            answer = ben.htmx_post(f"{URL}/categories/1/deletion")
        assert answer.status_code == 409
        assert "It holds 1 template." in answer.text
        assert "It holds 1 template." in ben.htmx_get(f"{URL}/categories/1/edit").text
        assert ben.get(f"{URL}/categories/9/edit").status_code == 404

    def test_somebody_else_was_faster(self, ben: Browser, anna: Browser, category: Any):
        url = f"{URL}/categories/{category('Zahlungen')}/edit"
        mine = ben.fields(url)
        anna.post(url, anna.fields(url) | {"name": "Geld"})
        answer = ben.htmx_post(url, mine | {"name": "Konto"})
        assert answer.status_code == 409
        assert "Geld" in answer.text
        assert "Konto" in answer.text
