"""What this area is called, its fields, their choices and what happens to them."""

from app.core.i18n import _l

history = _l("Messages")

labels = {
    "occasion": _l("What it was"),
    "subject": _l("Subject"),
    "text": _l("Text"),
    "at": _l("When"),
}

channels = {
    "mail": _l("E-mail"),
    "form": _l("Web form"),
    "portal": _l("Customer login"),
    "phone": _l("Call"),
    "visit": _l("Visit"),
    "letter": _l("Letter"),
}

directions = {"in": _l("Incoming"), "out": _l("Outgoing")}

choices = {
    "occasion": {
        "mail-in": _l("E-mail from the customer"),
        "mail-out": _l("E-mail to the customer"),
        "form-in": _l("Web form from the customer"),
        "form-out": _l("Web form to the customer"),
        "portal-in": _l("Message through the customer's login"),
        "portal-out": _l("Message into the customer's login"),
        "phone-in": _l("Call from the customer"),
        "phone-out": _l("Call to the customer"),
        "visit-in": _l("Visit by the customer"),
        "visit-out": _l("Visit to the customer"),
        "letter-in": _l("Letter from the customer"),
        "letter-out": _l("Letter to the customer"),
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
}
