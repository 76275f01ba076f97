"""What this area is called, its fields, their choices, what happens to it and what goes wrong."""

from app.core.i18n import _, _l
from app.core.rendering import MOST_PAGES, RenderFailed
from app.domain.letters.layout import Window

labels = {
    "window": _l("Window of the envelope"),
    "return_line": _l("Line above the address"),
    "contact_lines": _l("Beside the address"),
    "footer": _l("At the foot of the page"),
}

choices = {
    "window": {
        Window.DIN: _l("left (DIN 5008 form B: Germany, Austria)"),
        Window.SWISS: _l("right (SN 010130: Switzerland)"),
    },
}

actions = {"changed": _l("Look of the letters changed")}

failures = {
    "timeout": _l("The letter took too long to be made and was given up. Is it very long?"),
    "limit": _l("The letter is too long to be made."),
    "pages": _l("The letter is too long: it can have %(n)d pages at most.", n=MOST_PAGES),
    "broken": _l("The letter could not be made. The log of the server tells more."),
    "warnings": _l(
        "Something in the letter could not be printed. The log of the server tells more."
    ),
    "busy": _l("Too many letters are being made just now. Please try again in a moment."),
}
"""Why there is no PDF, by the codes of `core.rendering.RenderFailed` but for `glyphs`."""


def said(reason: RenderFailed) -> str:
    """Why there is no PDF, in words."""
    if reason.code == "glyphs":
        return _("These letters cannot be printed: %(letters)s", letters=" ".join(reason.detail))
    return str(failures[reason.code])
