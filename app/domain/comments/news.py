"""Events of the comments area."""

announces = {
    "comment.changed": "A comment was written, edited, pinned, removed or restored",
}
