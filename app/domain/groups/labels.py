"""What this area is called, its fields and what happens to groups and those in them."""

from app.core.i18n import _l

history = _l("Groups")

labels = {
    "name": _l("Name"),
    "parent": _l("Below"),
    "parent_id": _l("Below"),
    "no_information": _l("Gets no information"),
    "groups": _l("Groups"),
    "customer": _l("Customer"),
}

actions = {
    "created": _l("Group %(subject)s created"),
    "changed": _l("Group %(subject)s changed"),
    "moved": _l("Group %(subject)s moved"),
    "deleted": _l("Group %(subject)s deleted"),
    "added": _l("Added to group %(subject)s"),
    "removed": _l("Removed from group %(subject)s"),
    "undone": _l("Change of group %(subject)s undone"),
    "assigned": _l("Groups changed"),
}
