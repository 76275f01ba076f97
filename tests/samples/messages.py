from datetime import date, timedelta

from app.core import files, outbox
from app.core.database import now
from app.domain.messages.services import Attachment, record_message

CONTENT = b"%PDF-1.7 a price list"


def give(customer_id: int) -> None:
    said = {
        "subject": "Liefertermin <b>",
        "text": "Wann kommt der Wagen?\n<script>alert(1)</script>",
    }
    mail = {"channel": "mail", "direction": "in", "at": now()}
    follow_up = {"follow_up_on": date(2026, 3, 2), "follow_up_by": 1}
    record_message([customer_id], said | mail | follow_up)
    _answer(customer_id)


def _answer(customer_id: int) -> None:
    """A mail that waits in the outbox, with something attached."""
    values = {
        "channel": "mail",
        "direction": "out",
        "subject": "Re: Liefertermin",
        "text": "Am Montag.",
        "at": now(),
        "envelope": {
            "sender": "Autohaus <info@example.com>",
            "to": ["Tanja Müller <tanja@example.com>"],
            "cc": [],
            "bcc": [],
        },
        "outbox_id": outbox.put("mail", delay=timedelta(minutes=1)),
    }
    attachment = Attachment(
        "Preise & Termine.pdf", files.keep(CONTENT), len(CONTENT), "application/pdf"
    )
    record_message([customer_id], values, [attachment])
