"""What this area is called, its fields and what happens to templates."""

from app.core.i18n import _l

labels = {
    "subject": _l("Subject"),
    "category": _l("Category"),
}

template_labels = {
    "name": _l("Name"),
    "category_id": _l("Category"),
    "language": _l("Language"),
    "subject": _l("Subject"),
    "body": _l("Text"),
}
"""What the form of a template calls its fields; the history knows some by other names."""

actions = {
    "created": _l("Template %(subject)s created"),
    "changed": _l("Template %(subject)s changed"),
    "removed": _l("Template %(subject)s removed"),
    "restored": _l("Template %(subject)s brought back"),
    "category_created": _l("Category of templates %(subject)s created"),
    "category_renamed": _l("Category of templates %(subject)s renamed"),
    "category_deleted": _l("Category of templates %(subject)s deleted"),
}
