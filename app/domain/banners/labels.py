"""What the fields of a banner are called, their choices, and what happens to banners."""

from app.core.i18n import _l
from app.domain.banners.rules import Condition, Style

labels = {
    "style": _l("Style"),
    "line1": _l("First line"),
    "line2": _l("Second line"),
    "color": _l("Colour"),
    "article": _l("Article"),
    "condition": _l("State of its invoice"),
}

choices = {
    "style": {
        Style.PLATE: _l("Plate"),
        Style.FRAME: _l("Frame"),
        Style.PENNANT: _l("Pennant"),
    },
    "condition": {
        Condition.PAID: _l("paid"),
        Condition.OPEN: _l("open"),
        Condition.REMINDED: _l("reminded"),
    },
}

actions = {
    "added": _l("Hint banner %(subject)s added"),
    "changed": _l("Hint banner %(subject)s changed"),
    "moved": _l("Hint banner %(subject)s moved"),
    "deleted": _l("Hint banner %(subject)s deleted"),
}

sentences = {
    Condition.PAID: _l("An invoice with the article %(article)s is paid in full."),
    Condition.OPEN: _l(
        "An invoice with the article %(article)s is not paid in full, and no reminder was sent yet."
    ),
    Condition.REMINDED: _l(
        "An invoice with the article %(article)s is not paid in full, and a reminder was sent."
    ),
}
"""The rule of a banner, by its condition."""
