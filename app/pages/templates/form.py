from __future__ import annotations

from app.core.forms import Choice, CleanLines, CleanText, Form
from app.core.i18n import LANGUAGES, _
from app.domain.templates import queries
from app.domain.templates.labels import template_labels


def categories() -> list[tuple[str, str]]:
    """The categories to choose from, or none of them."""
    named = [(str(row.id), row.name) for row in queries.categories()]
    return [("", _("Without category")), *named]


class TemplateForm(Form):
    name = CleanText(template_labels["name"], id="template-name")
    category_id = Choice(template_labels["category_id"], choices=categories, id="template-category")
    language = Choice(template_labels["language"], choices=LANGUAGES, id="template-language")
    subject = CleanText(template_labels["subject"], id="template-subject")
    body = CleanLines(template_labels["body"], id="template-body", render_kw={"rows": 16})


class CategoryForm(Form):
    name = CleanText(template_labels["name"], id="category-name")
