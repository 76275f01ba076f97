"""The HTML of mails, made from their text: paragraphs, line breaks, links, signature, logo.

Nothing of the text is taken for HTML. People who see plain text miss nothing of what was said.
"""

from __future__ import annotations

import re
from typing import Any

from flask import current_app

GAP = re.compile(r"\n{2,}")


def dressed(text: str, signature: str, logo: Any) -> str:
    """A text as HTML; `logo` is a `mailing.mime.Picture` that goes with the mail, or None."""
    template = current_app.jinja_env.get_template("layouts/mail/message.html")
    paragraphs = GAP.split(text.strip("\n"))
    return template.render(paragraphs=paragraphs, signature=signature, logo=logo)
