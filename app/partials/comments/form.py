from __future__ import annotations

from app.core.forms import CleanLines
from app.domain.comments.labels import labels
from app.shared.follow_ups import FollowUpForm


class CommentForm(FollowUpForm):
    body = CleanLines(labels["body"], render_kw={"rows": 8})
