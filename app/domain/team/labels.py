"""What the fields of this area are called, the roles, and what happens to colleagues."""

from app.core.i18n import _l

labels = {
    "name": _l("Name"),
    "email": _l("E-mail"),
    "role": _l("Role"),
    "language": _l("Language"),
    "active": _l("Active"),
    "letter_keys": _l("Single letters as shortcuts"),
    "signature": _l("Signature"),
}

roles = {
    "admin": _l("Admin"),
    "staff": _l("Staff"),
    "readonly": _l("Read only"),
}

actions = {
    "created": _l("%(subject)s added"),
    "changed": _l("%(subject)s changed"),
    "deactivated": _l("%(subject)s deactivated"),
    "reactivated": _l("%(subject)s reactivated"),
    "link_renewed": _l("New one-time link for %(subject)s"),
    "password_set": _l("New password of %(subject)s"),
    "preferences_changed": _l("%(subject)s changed their settings"),
}
