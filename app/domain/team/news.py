"""Events of the team area."""

announces = {
    "user.changed": "A colleague was added, edited, let in or kept out, or has a new password",
}
