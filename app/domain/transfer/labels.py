"""What the import is called, and what it tells in the history."""

from app.core.i18n import _l
from app.domain.addresses import labels as address_labels
from app.domain.banking import labels as bank_labels
from app.domain.customers import labels as customer_labels
from app.domain.transfer.rules import State

history = _l("Import")

labels = {
    "customer": _l("Customer"),
    "contact_persons": _l("Contact persons"),
    "addresses": _l("Additional addresses"),
    "groups": _l("Groups"),
}

actions = {
    "started": _l("Import %(subject)s started"),
    "discarded": _l("Import %(subject)s discarded"),
    "imported": _l("Customer added by import %(subject)s"),
    "reverted": _l("Import %(subject)s reverted"),
}

states = {
    State.PREVIEW: _l("not started"),
    State.WAITING: _l("starting"),
    State.RUNNING: _l("running"),
    State.FINISHED: _l("finished"),
    State.FAILED: _l("failed"),
    State.REVERTING: _l("being reverted"),
    State.REVERTED: _l("reverted"),
}

CUT_OFF = {
    State.WAITING: _l("could not be started"),
    State.RUNNING: _l("cut off"),
    State.REVERTING: _l("reverting was cut off"),
}
"""The state of an import whose process is gone."""

LOOKS = {
    State.PREVIEW: "neutral",
    State.WAITING: "info",
    State.RUNNING: "info",
    State.FINISHED: "good",
    State.FAILED: "bad",
    State.REVERTING: "info",
    State.REVERTED: "neutral",
}
"""How badges of states look."""

ENCODINGS = {
    "utf-8": _l("UTF-8"),
    "cp1252": _l("Windows, Western Europe (1252)"),
    "cp1250": _l("Windows, Central Europe (1250)"),
    "iso-8859-15": _l("ISO 8859-15, Western Europe"),
    "cp850": _l("DOS, Western Europe (850)"),
    "mac-roman": _l("Mac, Western Europe"),
    "utf-16": _l("UTF-16"),
}

SEPARATORS = {
    ";": _l("Semicolon ;"),
    ",": _l("Comma ,"),
    "\t": _l("Tab"),
    "|": _l("Bar |"),
}
ONE_COLUMN = _l("one column only")

columns = (
    customer_labels.labels
    | address_labels.labels
    | bank_labels.labels
    | labels
    | {
        "full_name": _l("Name"),
        "middle_name": _l("First name"),
        "house_number": _l("House number"),
        "po_box": _l("Street"),
        "postcode_town": _l("Postcode and town"),
        "email": _l("E-mail"),
        "email_label": _l("Kind of e-mail"),
        "phone": _l("Phone"),
        "phone_label": _l("Kind of phone"),
        "mobile": _l("Mobile"),
        "fax": _l("Fax"),
        "weak_number": _l("Customer number"),
        "note": _l("Comment"),
    }
)
"""What a column of a table is understood as, by the fields of `columns.MEANINGS`."""
