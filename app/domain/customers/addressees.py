"""Who a mail or a letter is for: a customer, or a contact person of one."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Addressee:
    """A customer, and if told the contact person who is meant.

    `language` is the one the text is written in (a template's), not that of who writes.
    """

    customer_id: int
    person_id: int | None = None
    language: str = "de"
