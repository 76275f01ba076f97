"""What a document says of the one it was made from: what it is about, and what it was."""

from __future__ import annotations

from app.domain.factura.rules import LONGEST_SUBJECT, Kind
from app.domain.factura.words import SHORT

ABOUT = {"de": "zu {kind} {number}", "en": "for {kind} {number}"}
CANCELLING = {"de": "Storno zu {kind} {number}", "en": "Cancellation of {kind} {number}"}
CANCELLED = {
    "de": "Die Rechnung {number} ist damit aufgehoben.",
    "en": "This cancels invoice {number}.",
}
CREDITED = {
    "de": "Bereits gezahlte {paid} schreiben wir gut.",
    "en": "We credit the {paid} that you have paid already.",
}


def about(language: str, kind: str, number: str) -> str:
    """How a document names the one it was made from: "zu Angebot AN-2026-0001"."""
    return ABOUT[language].format(kind=_called(language, kind), number=number)


def cancelling(language: str, kind: str, number: str) -> str:
    """What a credit note says that takes all of an invoice back."""
    return CANCELLING[language].format(kind=_called(language, kind), number=number)


def cancelled(language: str, number: str, paid: str) -> str:
    """How it closes; `paid` is what was paid of the invoice, empty if nothing was."""
    closing = CANCELLED[language].format(number=number)
    return f"{closing} {CREDITED[language].format(paid=paid)}" if paid else closing


def joined(own: str, named: str, before: str = "") -> str:
    """A subject, and in brackets what the document is named to be made from.

    `before` is how the one it was copied from named its own origin, which does not matter any more.
    """
    own = own.removesuffix(f"({before})").strip() if before else own
    own = "" if own == before else own
    if not own or not named:
        return own or named
    return f"{own[: LONGEST_SUBJECT - len(named) - 3].strip()} ({named})"


def _called(language: str, kind: str) -> str:
    name = SHORT[language][Kind(kind)]
    return name.lower() if language == "en" else name
