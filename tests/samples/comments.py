from datetime import date

from app.domain.comments.services import write_comment


def give(customer_id: int) -> None:
    follow_up = {"follow_up_on": date(2026, 3, 2), "follow_up_by": 1}
    write_comment(customer_id, {"body": "Bitte nur <b>vormittags</b> anrufen."} | follow_up)
