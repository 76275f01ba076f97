"""What this area is called, its fields and what happens to them."""

from app.core.i18n import _l

history = _l("Comments")

labels = {"body": _l("Comment"), "pinned": _l("Pinned")}

actions = {
    "written": _l("Comment written"),
    "edited": _l("Comment changed"),
    "pinned": _l("Comment pinned"),
    "unpinned": _l("Comment unpinned"),
    "removed": _l("Comment removed"),
    "restored": _l("Comment brought back"),
    "finished": _l("Follow-up of a comment done"),
    "reopened": _l("Follow-up of a comment opened again"),
}
