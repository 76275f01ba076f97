from app.core import audit
from app.domain.mailing import drafts, services
from app.domain.mailing.drafts import Sheet
from app.domain.messages.services import Attachment
from tests.mails import account_values, set_up

VALUES = {
    "to": ["tanja@example.com"],
    "others": "",
    "cc": "",
    "bcc": "",
    "subject": "Ihr Auftrag <b>",
    "text": "Guten Tag,\n\nder Wagen ist fertig.",
    "template": "",
    "filled": "",
}


def give(customer_id: int) -> None:
    set_up()
    with audit.acting(1, "Anna Admin"):
        services.save_account(account_values())
        draft = drafts.keep(customer_id, Sheet("key", "pen"), VALUES)
        assert draft is not None
        drafts.attach(draft, [Attachment("Angebot.pdf", "0" * 64, 1, "application/pdf")])
