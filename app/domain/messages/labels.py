"""What this area is called, its fields, their choices and what happens to them."""

from app.core.i18n import _l
from app.domain.messages.rules import Channel, Direction, Occasion

history = _l("Messages")

labels = {
    "occasion": _l("What it was"),
    "subject": _l("Subject"),
    "text": _l("Text"),
    "at": _l("When"),
}

channels = {
    Channel.MAIL: _l("E-mail"),
    Channel.FORM: _l("Web form"),
    Channel.PORTAL: _l("Customer login"),
    Channel.PHONE: _l("Call"),
    Channel.VISIT: _l("Visit"),
    Channel.LETTER: _l("Letter"),
}

people = {"sender": _l("From"), "to": _l("To"), "cc": _l("Cc"), "bcc": _l("Bcc")}

directions = {Direction.IN: _l("Incoming"), Direction.OUT: _l("Outgoing")}

choices = {
    "occasion": {
        Occasion.MAIL_IN: _l("E-mail from the customer"),
        Occasion.MAIL_OUT: _l("E-mail to the customer"),
        Occasion.FORM_IN: _l("Web form from the customer"),
        Occasion.FORM_OUT: _l("Web form to the customer"),
        Occasion.PORTAL_IN: _l("Message through the customer's login"),
        Occasion.PORTAL_OUT: _l("Message into the customer's login"),
        Occasion.PHONE_IN: _l("Call from the customer"),
        Occasion.PHONE_OUT: _l("Call to the customer"),
        Occasion.VISIT_IN: _l("Visit by the customer"),
        Occasion.VISIT_OUT: _l("Visit to the customer"),
        Occasion.LETTER_IN: _l("Letter from the customer"),
        Occasion.LETTER_OUT: _l("Letter to the customer"),
    },
}

actions = {
    "recorded": _l("Message recorded"),
    "edited": _l("Message changed"),
    "read": _l("Message marked as read"),
    "unread": _l("Message marked as unread"),
    "followed_up": _l("Follow-up of a message changed"),
    "finished": _l("Follow-up of a message done"),
    "reopened": _l("Follow-up of a message opened again"),
    "removed": _l("Message removed"),
    "restored": _l("Message brought back"),
    "withdrawn": _l("Message taken back before it was sent"),
    "retried": _l("Message sent once more"),
    "entry_retried": _l("Outbox: %(subject)s sent once more"),
    "entry_cancelled": _l("Outbox: %(subject)s taken back"),
}
