"""The question that every area with follow-ups answers."""

announces = {
    "follow_ups.asked": "Question: what is to be followed up? Asked with `assignee_id` (None is "
    "everybody), `since`, `until` and `most`; handlers answer at most so many "
    "`follow_ups.queries.Item`s, the earliest first",
}
