"""What this area is called, its fields, and what happens to reminders."""

from __future__ import annotations

from app.core.i18n import _l

history = _l("Reminders")

names = {1: _l("1st level"), 2: _l("2nd level"), 3: _l("3rd level")}
"""What the levels are called."""

labels = {
    "is_used": _l("This level is used"),
    "reminder_days": _l("Days"),
    "reminder_term": _l("Payment term in days"),
    "reminder_fee": _l("Fee"),
    "paused_until": _l("Not before"),
    "pause_reason": _l("Reason"),
    "paused_document": _l("Invoice"),
}

level_labels = {
    "active": labels["is_used"],
    "days": labels["reminder_days"],
    "payment_days": labels["reminder_term"],
    "fee": labels["reminder_fee"],
    "subject_de": _l("Subject (German)"),
    "intro_de": _l("Before the table (German)"),
    "closing_de": _l("After the table (German)"),
    "subject_en": _l("Subject (English)"),
    "intro_en": _l("Before the table (English)"),
    "closing_en": _l("After the table (English)"),
}
"""The fields of a level's form; in the history they are called by `labels`."""

text_fields = [
    (f"{place}_{language}", place, language)
    for language in ("de", "en")
    for place in ("subject", "intro", "closing")
]
"""The fields of a level's texts: name, place and language."""

labels |= {name: level_labels[name] for name, _place, _language in text_fields}

placeholders = {
    "invoice_number": _l("Number of the invoice"),
    "invoice_date": _l("Date of the invoice"),
    "due_date": _l("Day it was due"),
    "days_overdue": _l("Days overdue"),
    "open_amount": _l("Open amount"),
    "fee": _l("Fee of the reminder"),
    "amount_due": _l("Open amount with the fee"),
    "new_due_date": _l("New day to pay by"),
}
"""What only a reminder knows, beside everything that is known of the customer."""

actions = {
    "level_changed": _l("Reminder level %(subject)s changed"),
    "level_reset": _l("Reminder level %(subject)s set back"),
    "run": _l("Reminders made"),
    "paused": _l("Reminding paused"),
    "resumed": _l("Reminding goes on"),
}
