"""The mail that a document goes out with: from the team's template for it, or a good sentence."""

from __future__ import annotations

from typing import Any

from app.domain.customers.addressees import Addressee
from app.domain.factura.rules import Kind
from app.domain.factura.words import MAILS, TITLES
from app.domain.letters.queries import written
from app.domain.templates import queries as templates
from app.domain.templates import rules
from app.partials.mail.mail import Mail, signed

BILLS = ("rechnung", "invoice")
"""How a category of templates begins that are for sending invoices."""


def begun(document: Any) -> Mail:
    """A new mail to whom a document is for, with its subject and a text in its language."""
    template_id = _template(document.language) if document.kind == Kind.INVOICE else None
    mail = Mail.begun(document.customer_id, template_id)
    _address(mail, document.person_id)
    if mail.template_words is None:
        mail.fill(signed(_subject(document), _text(document)))
    return mail


def _template(language: str) -> int | None:
    offered = templates.choices(rules.Kind.MAIL, language)
    meant = (one for one in offered if one.category.casefold().startswith(BILLS))
    return next((one.id for one in meant if one.language == language), None)


def _address(mail: Mail, person_id: int | None) -> None:
    """To the contact person it is for, who has an address."""
    named = [one for one in mail.people if person_id and one.person_id == person_id]
    if named:
        mail.ticked = named[:1]
        mail.form.to.data = [named[0].address]


def _subject(document: Any) -> str:
    return f"{TITLES[document.language][Kind(document.kind)]} {document.number}"


def _text(document: Any) -> str:
    addressee = Addressee(document.customer_id, document.person_id, document.language)
    known = templates.values_of([addressee], ["salutation"])[addressee]
    day = written(document.issued_on, document.language)
    sentence = MAILS[document.language][Kind(document.kind)]
    told = sentence.format(number=document.number, day=day)
    return (
        f"{known.get('salutation', '')}\n\n{told}\n\n{MAILS[document.language]['closing']}".strip()
    )
