from __future__ import annotations

from app.core.forms import CleanLines, Form
from app.domain.comments.labels import labels


class CommentForm(Form):
    body = CleanLines(labels["body"], render_kw={"rows": 8})
