"""A mail as it stands in its form: whom it goes to, what it says, and what is wrong with it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, Self

from flask_login import current_user
from werkzeug.exceptions import NotFound

from app.core.i18n import _l
from app.core.panels import positive
from app.core.problems import Problem
from app.core.text import clean, clean_lines
from app.domain.customers.addressees import Addressee
from app.domain.customers.rules import email_key
from app.domain.mailing import drafts, headers, rules
from app.domain.mailing.models import MailDraft
from app.domain.mailing.recipients import Recipient, recipients
from app.domain.mailing.services import Outgoing, check_mail
from app.domain.messages.models import Message
from app.domain.messages.services import Attachment
from app.domain.templates import queries as templates
from app.domain.templates import rules as placeholders
from app.partials.mail.form import MailForm

KEPT = ("to", "others", "cc", "bcc", "subject", "text", "template", "filled")
SIGNATURE = "my_signature"

Words = tuple[str, str]
"""Subject and text."""


class Mail:
    """What a form says about a mail to this customer.

    An address that was ticked and is the customer's no more is one of the further recipients.
    """

    def __init__(self, customer_id: int, form: MailForm):
        self.customer_id, self.form = customer_id, form
        names = (field.data or "" for field in (form.key, form.pen, form.version))
        self.sheet = drafts.sheet_as_sent(*names)
        form.key.data, form.pen.data = self.sheet.key, self.sheet.pen
        self.people = recipients(customer_id)
        ticked = {email_key(address): address for address in form.to.data or ()}
        self.ticked = [one for one in self.people if ticked.pop(email_key(one.address), None)]
        self.gone = list(ticked.values())
        form.to.data = [one.address for one in self.ticked]
        form.others.data = ", ".join(filter(None, (form.others.data, *self.gone)))

    @classmethod
    def sent(cls, customer_id: int) -> Self:
        """The one whose form was sent."""
        return cls(customer_id, MailForm.of())

    @classmethod
    def begun(cls, customer_id: int, template_id: int | None = None, to: str = "") -> Self:
        """A new one: to the main address, or to the one that was asked for."""
        sheet = drafts.new_sheet()
        values = {"key": sheet.key, "pen": sheet.pen, "version": "", "to": [to] if to else []}
        mail = cls(customer_id, MailForm(data=values | {"template": str(template_id or "")}))
        mail.gone, mail.form.others.data = [], ""  # an address of nobody here is no wish
        if not mail.ticked and mail.people:
            mail.ticked = mail.people[:1]
            mail.form.to.data = [mail.people[0].address]
        mail.fill(mail.template_words or signed("", ""))
        return mail

    @classmethod
    def with_letter(cls, customer_id: int, letter: Message) -> Self:
        """One that takes a finished letter along: under its subject, to the person it names."""
        mail = cls.begun(customer_id)
        lines = "\n".join((letter.envelope or {}).get("to", ())).split("\n")
        named = [one for one in mail.people if one.person_id and _is_named(one, lines)]
        if named:
            mail.ticked = named[:1]
            mail.form.to.data = [named[0].address]
        mail.fill(signed(letter.subject, ""))
        return mail

    @classmethod
    def resumed(cls, draft: MailDraft) -> Self:
        """One that was kept."""
        sheet = drafts.sheet_of(draft)
        values = {"key": sheet.key, "pen": sheet.pen, "version": sheet.version}
        return cls(draft.customer_id, MailForm(data=draft.values | values))

    @property
    def values(self) -> dict[str, Any]:
        """What a draft keeps of it."""
        return {name: self.form[name].data for name in KEPT}

    @property
    def words(self) -> Words:
        return self.form.subject.data or "", self.form.text.data or ""

    @property
    def is_by_hand(self) -> bool:
        """Whether somebody changed what stood there by itself."""
        return mark(self.words) != self.form.filled.data

    @property
    def is_blank(self) -> bool:
        """Whether nobody wrote anything yet that would be worth a draft."""
        form = self.form
        return not (self.is_by_hand or form.others.data or form.cc.data or form.bcc.data)

    @property
    def template_id(self) -> int | None:
        return positive({"id": self.form.template.data or ""}, "id")

    @cached_property
    def template_words(self) -> Words | None:
        """What the chosen template says to whom the mail goes; None without one."""
        if self.template_id is None:
            return None
        try:
            chosen = templates.template(self.template_id, placeholders.Kind.MAIL)
        except NotFound:
            return None
        named = placeholders.names(f"{chosen.subject}\n{chosen.body}")
        person_id = self.ticked[0].person_id if self.ticked else None
        addressee = Addressee(self.customer_id, person_id, chosen.language)
        known = templates.values_of([addressee], named)[addressee]
        subject, text = (placeholders.filled(t, known) for t in (chosen.subject, chosen.body))
        return (subject, text) if SIGNATURE in named else signed(subject, text)

    @property
    def is_left_behind(self) -> bool:
        """Whether it was changed by hand, and its template says something else by now."""
        words = self.template_words
        return words is not None and mark(words) not in (mark(self.words), self.form.filled.data)

    @property
    def open_placeholders(self) -> list[str]:
        return placeholders.open_in(*self.words)

    @property
    def addresses(self) -> dict[str, list[str]]:
        """The recipients by field, each "Name <address>"; what is malformed is left out."""
        others, cc, bcc = (found for found, _wrong in self._typed.values())
        known = [one.mailbox for one in self.ticked]
        return {"to": list(dict.fromkeys([*known, *others])), "cc": cc, "bcc": bcc}

    @property
    def misspelt(self) -> list[Any]:
        """What was typed as a recipient and is no address, in words."""
        return [problem.message for _found, wrong in self._typed.values() for problem in wrong]

    def follow(self, *, takes: bool = False) -> bool:
        """Let the text follow its template and who is addressed, unless it was changed by hand.

        `takes` does it all the same. Answers whether it is another text now.
        """
        words = self.template_words
        if words is None or (self.is_by_hand and not takes) or mark(words) == mark(self.words):
            return False
        self.fill(words)
        return True

    def fill(self, words: Words) -> None:
        """Write this into the form, as what stands there by itself."""
        form = self.form
        form.subject.data, form.text.data = words
        form.filled.data = mark(words)

    def outgoing(self, attachments: Sequence[Attachment]) -> Outgoing:
        subject, text = self.words
        return Outgoing(**self.addresses, subject=subject, text=text, attachments=attachments)

    def problems(self, outgoing: Outgoing) -> list[Problem]:
        """What must be mended before it can be sent."""
        typed = [problem for _found, wrong in self._typed.values() for problem in wrong]
        (subject, text), known = self.words, templates.known()
        problems = [
            *map(_gone, self.gone),
            *typed,
            *check_mail(outgoing),
            *placeholders.check_filled("subject", subject, known),
            *placeholders.check_filled("text", text, known),
        ]
        if any(problem.field == "others" for problem in typed):  # somebody was named
            problems = [one for one in problems if (one.field, one.code) != ("to", "required")]
        return problems

    @cached_property
    def _typed(self) -> Mapping[str, tuple[list[str], list[Problem]]]:
        return {
            field: rules.parsed(self.form[field].data or "", field)
            for field in ("others", "cc", "bcc")
        }


def signed(subject: str, text: str) -> Words:
    """These words above the signature of whoever writes."""
    return subject, rules.signed(text, current_user.signature)


def mark(words: Words) -> str:
    """What these words are known by, to notice that somebody changed them."""
    subject, text = words
    cleaned = f"{clean(subject)}\0{clean_lines(text)}"
    return hashlib.sha256(cleaned.encode()).hexdigest()[:16]


def _is_named(who: Recipient, lines: Sequence[str]) -> bool:
    """Whether a line of an address ends in this name, as "Herrn Dr. Jörg Weiß"."""
    return any(f" {line}".endswith(f" {who.name}") for line in lines)


def _gone(address: str) -> Problem:
    message = _l(
        "%(address)s is no address of this customer any more. Please check.",
        address=headers.line(address),
    )
    return Problem("others", "gone", message)
