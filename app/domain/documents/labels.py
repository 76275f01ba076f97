"""What this area is called, its fields and what happens to them."""

from app.core.i18n import _l

history = _l("Documents")

labels = {"name": _l("Name")}

actions = {
    "uploaded": _l("Documents uploaded"),
    "renamed": _l("Document renamed"),
    "removed": _l("Document removed"),
    "restored": _l("Document brought back"),
}
