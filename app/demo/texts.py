"""The templates of the demo company, taken from the archive."""

from __future__ import annotations

from app.domain.templates import archive, services

TAKEN = (
    *(("mail", "de", key) for key in ("welcome", "appointment", "payment_reminder")),
    *(("mail", "de", key) for key in ("prenotification", "offer_follow_up", "birthday")),
    *(("letter", "de", key) for key in ("payment_reminder", "mandate_form")),
    *(("mail", "en", key) for key in ("welcome", "payment_reminder")),
)


def lay_out() -> None:
    """Write the templates, English ones into the categories of the German ones; one was used."""
    categories: dict[str, int] = {}
    written = []
    for kind, language, key in TAKEN:
        draft = archive.draft(kind, language, key)
        category = archive.draft(kind, "de", key).category
        if category not in categories:
            categories[category] = services.create_category(category)
        values = {
            "name": draft.name,
            "category_id": categories[category],
            "language": language,
            "subject": draft.subject,
            "body": draft.body,
        }
        written.append(services.create_template(kind, values))
    services.use_template(written[0])
