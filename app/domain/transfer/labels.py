"""What the import is called, and what it tells in the history."""

from app.core.i18n import _l

history = _l("Import")

labels = {
    "customer": _l("Customer"),
    "contact_persons": _l("Contact persons"),
    "addresses": _l("Additional addresses"),
    "groups": _l("Groups"),
}

actions = {
    "imported": _l("Customer added by import %(subject)s"),
    "reverted": _l("Import %(subject)s reverted"),
}
