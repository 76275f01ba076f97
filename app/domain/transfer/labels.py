"""What the import is called, and what it tells in the history."""

from __future__ import annotations

from typing import Any, NamedTuple

from app.core.i18n import _l, _n, number
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


class Standing(NamedTuple):
    """How a state is called, how its badge looks, and what the page of the import says of it.

    The heading may name the rows that were read, as `%(count)s`.
    """

    name: Any
    look: str
    heading: Any = ""
    explanation: Any = ""


STATES = {
    State.PREVIEW: Standing(_l("not started"), "neutral"),
    State.WAITING: Standing(_l("starting"), "info", _l("Import is starting …")),
    State.RUNNING: Standing(_l("running"), "info", _l("Import is running …")),
    State.FINISHED: Standing(_l("finished"), "good", _l("Import finished")),
    State.FAILED: Standing(
        _l("failed"),
        "bad",
        _l("Import failed after %(count)s rows"),
        _l(
            "Something broke; the log of the server tells what. What was imported until then is "
            "whole. The safe way is to revert it and to start again."
        ),
    ),
    State.REVERTING: Standing(_l("being reverted"), "info", _l("Import is being reverted …")),
    State.REVERTED: Standing(_l("reverted"), "neutral", _l("Import reverted")),
}

CUT_OFF = {
    State.WAITING: Standing(
        _l("could not be started"),
        "warn",
        _l("Import could not be started"),
        _l("The server did not begin with it. Nothing was saved."),
    ),
    State.RUNNING: Standing(
        _l("cut off"),
        "warn",
        _l("Import was cut off after %(count)s rows"),
        _l(
            "Its process has ended before it was done. What was imported until then is whole. The "
            "safe way is to revert it and to start again."
        ),
    ),
    State.REVERTING: Standing(
        _l("reverting was cut off"),
        "warn",
        _l("Reverting was cut off"),
        _l("Its process has ended before it was done. Revert it again to go on."),
    ),
}
"""The states of an import whose process is gone."""

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
"""What a column of a table is understood as, by the fields of `headings.MEANINGS`."""


def in_trash(count: int) -> str:
    """Why some rows were skipped whose customer is on no list."""
    return _n(
        "%(num)d skipped row has the number of a customer in the trash.",
        "%(count)s skipped rows have the numbers of customers in the trash.",
        count,
        count=number(count),
    )
