"""A statement of account as a letter to the customer, in their language and the team's layout."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from markupsafe import Markup

from app.core import i18n
from app.domain.customers import salutations
from app.domain.customers.addressees import Addressee, recipients
from app.domain.factura.rules import Kind
from app.domain.factura.words import SHORT
from app.domain.letters import queries as letters
from app.domain.letters.layout import Column, Sheet, Style, lines_table
from app.domain.payments.rules import Method
from app.domain.payments.statement import FEE_ENTRY, PAYMENT_ENTRY, Account, Entry, Statement
from app.domain.templates.archive import WITHOUT_SHARP_S

WORDS = {
    "de": {
        "subject": "Kontoauszug {since} bis {until}",
        "intro": "hier sehen Sie, was wir berechnet haben und was bei uns eingegangen ist.",
        "in": "Beträge in {currency}",
        "day": "Datum",
        "what": "Vorgang",
        "charged": "Berechnet",
        "received": "Eingang",
        "balance": "Saldo",
        "opening": "Saldo am {day}",
        "closing": "Saldo am {day}",
        PAYMENT_ENTRY: "Zahlung",
        FEE_ENTRY: "Mahngebühr",
        "for": "{what} zu {numbers}",
        "open": "Noch offen",
        "invoice": "Rechnung",
        "issued": "vom",
        "due": "fällig am",
        "total": "Betrag",
        "left": "Offen",
        "sum": "Summe",
        "nothing": "Es ist nichts offen. Vielen Dank!",
        "credit": "Ihr Guthaben: {amount}",
        "none": "In dieser Zeit gab es keine Vorgänge.",
        "further": "Das sind die {count} ältesten; es gibt weitere offene Rechnungen.",
    },
    "en": {
        "subject": "Statement of account {since} to {until}",
        "intro": "Here is what we have charged and what we have received from you.",
        "in": "Amounts in {currency}",
        "day": "Date",
        "what": "Transaction",
        "charged": "Charged",
        "received": "Received",
        "balance": "Balance",
        "opening": "Balance on {day}",
        "closing": "Balance on {day}",
        PAYMENT_ENTRY: "Payment",
        FEE_ENTRY: "Reminder fee",
        "for": "{what} for {numbers}",
        "open": "Still open",
        "invoice": "Invoice",
        "issued": "issued",
        "due": "due",
        "total": "Amount",
        "left": "Open",
        "sum": "Total",
        "nothing": "Nothing is open. Thank you!",
        "credit": "Your credit: {amount}",
        "none": "There were no transactions in this period.",
        "further": "These are the {count} oldest; further invoices are open.",
    },
}
METHODS = {
    "de": {
        Method.TRANSFER: "Überweisung",
        Method.CASH: "Barzahlung",
        Method.CARD: "Kartenzahlung",
        Method.PAYPAL: "PayPal-Zahlung",
        Method.DIRECT_DEBIT: "Lastschrift",
    },
    "en": {
        Method.TRANSFER: "Bank transfer",
        Method.CASH: "Cash payment",
        Method.CARD: "Card payment",
        Method.PAYPAL: "PayPal payment",
        Method.DIRECT_DEBIT: "Direct debit",
    },
}
"""What is no such way is only called a payment."""
CLOSING = {"de": "Freundliche Grüße", "en": "Kind regards"}
MOST_OPEN = 200
"""Open invoices in one letter."""
FEW = 12
"""Rows that find room on a page together."""


class Paper:
    """The words and numbers of one statement, in the language it is written in."""

    def __init__(self, language: str, country: str, statement: Statement):
        self.language, self.country, self.statement = language, country, statement
        self.words = WORDS[language]

    def blocks(self) -> Iterator[Markup]:
        """One table for each currency, and below it what is open in it."""
        for account in self.statement.accounts:
            yield self._heading("in", len(account.entries), currency=account.currency)
            yield self._entries(account)
            if account.open_items:
                yield self._heading("open", len(account.open_items))
                yield self._open_items(account)
                if len(account.open_items) == MOST_OPEN:
                    yield self._paragraph("further", count=MOST_OPEN)
            elif account.closing <= 0 and not account.credit:
                yield self._paragraph("nothing")
            if account.credit:
                amount = self._money(account.credit, account.currency)
                yield self._paragraph("credit", amount=amount)
        if not self.statement.accounts:
            yield self._paragraph("none")

    def say(self, word: str, **values: object) -> str:
        return self.words[word].format(**values)

    def day(self, day: date) -> str:
        return i18n.day_in(day, self.language, self.country)

    def _entries(self, account: Account) -> Markup:
        columns = [
            Column(self.say("day"), 22),
            Column(self.say("what"), 68),
            Column(self.say("charged"), 25, is_number=True),
            Column(self.say("received"), 25, is_number=True),
            Column(self.say("balance"), 25, is_number=True),
        ]
        since, until = self.day(self.statement.since), self.day(self.statement.until)
        opening = self.say("opening", day=since), self._plain(account.opening, account.currency)
        closing = self.say("closing", day=until), self._plain(account.closing, account.currency)
        rows = [["", opening[0], "", "", opening[1]]]
        rows += [self._entry(entry, account.currency) for entry in account.entries]
        return lines_table(columns, rows, ["", closing[0], "", "", closing[1]])

    def _entry(self, entry: Entry, currency: str) -> list[str]:
        written = self._plain(abs(entry.amount), currency)
        amounts = [written, ""] if entry.amount >= 0 else ["", written]
        balance = self._plain(entry.balance, currency)
        return [self.day(entry.on), self._what(entry), *amounts, balance]

    def _what(self, entry: Entry) -> str:
        if entry.kind == FEE_ENTRY:
            return self.say(FEE_ENTRY)
        if entry.kind == PAYMENT_ENTRY:
            known = METHODS[self.language].get(Method(entry.method), self.say(PAYMENT_ENTRY))
            return self.say("for", what=known, numbers=entry.numbers) if entry.numbers else known
        title = SHORT[self.language][Kind(entry.kind)]
        return f"{title} {entry.number}\n{entry.text}".strip()

    def _open_items(self, account: Account) -> Markup:
        columns = [
            Column(self.say("invoice"), 62),
            Column(self.say("issued"), 26),
            Column(self.say("due"), 26),
            Column(self.say("total"), 25, is_number=True),
            Column(self.say("left"), 26, is_number=True),
        ]
        rows = [
            [
                row.number or "",
                self.day(row.issued_on),
                self.day(row.due_on) if row.due_on else "",
                self._plain(row.total, account.currency),
                self._plain(row.open, account.currency),
            ]
            for row in account.open_items
        ]
        total = sum(row.open for row in account.open_items)
        last = [self.say("sum"), "", "", "", self._plain(total, account.currency)]
        return lines_table(columns, rows, last)

    def _heading(self, word: str, rows: int, **values: object) -> Markup:
        """It stays with its table, but does not take a long one along to the next page."""
        look = Markup(' class="kept"') if rows < FEW else ""
        heading = Markup("<p{}>&nbsp;</p><p{}><b>{}</b></p>")
        return heading.format(look, look, self.say(word, **values))

    def _paragraph(self, word: str, **values: object) -> Markup:
        return Markup("<p>&nbsp;</p><p>{}</p>").format(self.say(word, **values))

    def _money(self, minor: int, currency: str) -> str:
        return i18n.money_in(minor, currency, self.language, self.country)

    def _plain(self, minor: int, currency: str) -> str:
        """An amount without its currency, which stands above the table."""
        return i18n.amount_in(minor, currency, self.language, self.country)


def letter(customer_id: int, statement: Statement, on: date) -> Sheet:
    """The sheet of a statement; `letters.layout.document` makes it a document."""
    language = letters.language_of(customer_id)
    addressee = Addressee(customer_id, None, language)
    style = letters.style()
    paper = Paper(language, style.country, statement)
    period = {"since": paper.day(statement.since), "until": paper.day(statement.until)}
    return Sheet(
        letters.destinations(addressee)[0].lines,
        letters.written(on, language),
        paper.say("subject", **period),
        _beginning(addressee, paper),
        language,
        blocks=tuple(paper.blocks()),
        closing=_closing(language, style),
    )


def _beginning(addressee: Addressee, paper: Paper) -> str:
    """The salutation; after a comma a German sentence goes on in small letters."""
    who = recipients([addressee])[addressee].who
    salutation = salutations.salutation(who, paper.language, paper.country)
    intro = paper.say("intro")
    if not salutation.endswith(","):
        intro = intro[0].upper() + intro[1:]
    return f"{salutation}\n\n{intro}"


def _closing(language: str, style: Style) -> str:
    closing = CLOSING[language]
    if style.country in WITHOUT_SHARP_S:
        closing = closing.replace("ß", "ss")
    return f"{closing}\n{style.sender}"
