from app.domain.comments.services import write_comment


def give(customer_id: int) -> None:
    write_comment(customer_id, {"body": "Bitte nur <b>vormittags</b> anrufen."})
