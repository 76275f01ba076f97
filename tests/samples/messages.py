from datetime import date

from app.core.database import now
from app.domain.messages.services import record_message


def give(customer_id: int) -> None:
    said = {
        "subject": "Liefertermin <b>",
        "text": "Wann kommt der Wagen?\n<script>alert(1)</script>",
    }
    mail = {"channel": "mail", "direction": "in", "at": now()}
    follow_up = {"follow_up_on": date(2026, 3, 2), "follow_up_by": 1}
    record_message([customer_id], said | mail | follow_up)
