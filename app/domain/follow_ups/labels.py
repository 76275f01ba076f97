"""What the fields of a follow-up are called, wherever it hangs."""

from app.core.i18n import _l

labels = {
    "follow_up_on": _l("Follow up on"),
    "follow_up_by": _l("Who follows up"),
    "follow_up_done": _l("Follow-up done"),
}
