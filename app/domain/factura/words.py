"""What stands on paper, in the languages that documents have; not the words of the screen."""

from __future__ import annotations

from collections.abc import Mapping

from app.domain.factura.rules import Kind

TITLES: Mapping[str, Mapping[Kind, str]] = {
    "de": {
        Kind.QUOTE: "Angebot",
        Kind.ORDER_CONFIRMATION: "Auftragsbestätigung",
        Kind.DELIVERY_NOTE: "Lieferschein",
        Kind.INVOICE: "Rechnung",
        Kind.CREDIT_NOTE: "Rechnungskorrektur (Gutschrift)",
        Kind.PRO_FORMA: "Proforma-Rechnung",
        Kind.REMINDER: "Mahnung",
    },
    "en": {
        Kind.QUOTE: "Quote",
        Kind.ORDER_CONFIRMATION: "Order confirmation",
        Kind.DELIVERY_NOTE: "Delivery note",
        Kind.INVOICE: "Invoice",
        Kind.CREDIT_NOTE: "Credit note",
        Kind.PRO_FORMA: "Pro forma invoice",
        Kind.REMINDER: "Reminder",
    },
}
"""A German "Gutschrift" alone could be taken for one the customer writes (§ 14 (2) UStG)."""

SHORT: Mapping[str, Mapping[Kind, str]] = {
    "de": {**TITLES["de"], Kind.CREDIT_NOTE: "Gutschrift"},
    "en": TITLES["en"],
}

WORDS: Mapping[str, Mapping[str, str]] = {
    "de": {
        "draft": "Entwurf",
        "number": "Nummer",
        "date": "Datum",
        "customer": "Kundennummer",
        "service": "Leistungsdatum",
        "period": "Leistungszeit",
        "delivery": "Lieferdatum",
        "as_dated": "wie Rechnungsdatum",
        "due": "Zahlbar bis",
        "valid": "Gültig bis",
        "your_vat": "Ihre {name}",
        "contact": "Ansprechpartner",
        "refers": "{title} {number}\nvom {day}",
        "to": "Zu",
        "position": "Pos.",
        "text": "Bezeichnung",
        "quantity": "Menge",
        "unit": "Einheit",
        "price": "Einzelpreis",
        "discount": "Rabatt",
        "amount": "Betrag",
        "exempt": "frei",
        "carried": "Übertrag",
        "net": "Nettobetrag",
        "total": "Gesamtbetrag",
        "tax_on": "{tax} {rate} auf {net}",
        "tax_in": "darin {tax} {rate} (netto {net})",
        "exempt_of": "steuerfrei (netto {net})",
        "pay": "Zahlbar ohne Abzug bis zum {day}.",
        "holds": "Dieses Angebot gilt bis zum {day}.",
        "pro_forma": "Dies ist keine Rechnung und berechtigt nicht zum Vorsteuerabzug.",
        "account": "Bankverbindung",
        "holder": "Empfänger",
        "bank": "Bank",
        "reference": "Verwendungszweck",
        "tax_number": "Steuernummer",
    },
    "en": {
        "draft": "Draft",
        "number": "Number",
        "date": "Date",
        "customer": "Customer number",
        "service": "Date of supply",
        "period": "Period of supply",
        "delivery": "Date of delivery",
        "as_dated": "same as date",
        "due": "Payable by",
        "valid": "Valid until",
        "your_vat": "Your {name}",
        "contact": "Contact",
        "refers": "{title} {number}\nof {day}",
        "to": "Refers to",
        "position": "No.",
        "text": "Description",
        "quantity": "Quantity",
        "unit": "Unit",
        "price": "Unit price",
        "discount": "Discount",
        "amount": "Amount",
        "exempt": "exempt",
        "carried": "Carried over",
        "net": "Net amount",
        "total": "Total",
        "tax_on": "{tax} {rate} on {net}",
        "tax_in": "including {tax} {rate} (net {net})",
        "exempt_of": "exempt from tax (net {net})",
        "pay": "Payable without deduction by {day}.",
        "holds": "This quote is valid until {day}.",
        "pro_forma": "This is not an invoice and does not entitle you to deduct input tax.",
        "account": "Bank account",
        "holder": "Payee",
        "bank": "Bank",
        "reference": "Reference",
        "tax_number": "Tax number",
    },
}

TAX: Mapping[str, Mapping[str, str]] = {
    "de": {"DE": "USt", "AT": "USt", "CH": "MWST", "LI": "MWST"},
    "en": {},
}
"""What the tax is called there; VAT in English."""

VAT_NUMBER: Mapping[str, Mapping[str, str]] = {
    "de": {"DE": "USt-IdNr.", "AT": "UID-Nr.", "CH": "MWST-Nr.", "LI": "MWST-Nr."},
    "en": {},
}
"""What the number for it is called there; VAT number in English."""

MAILS: Mapping[str, Mapping[str, str]] = {
    "de": {
        Kind.QUOTE: "anbei erhalten Sie unser Angebot {number} vom {day}.",
        Kind.ORDER_CONFIRMATION: "anbei bestätigen wir Ihren Auftrag ({number} vom {day}).",
        Kind.DELIVERY_NOTE: "anbei erhalten Sie unseren Lieferschein {number} vom {day}.",
        Kind.INVOICE: "anbei erhalten Sie unsere Rechnung {number} vom {day}.",
        Kind.CREDIT_NOTE: "anbei erhalten Sie unsere Gutschrift {number} vom {day}.",
        Kind.PRO_FORMA: "anbei erhalten Sie unsere Proforma-Rechnung {number} vom {day}.",
        Kind.REMINDER: "bitte beachten Sie unser Schreiben {number} vom {day}.",
        "closing": "Mit freundlichen Grüßen",
    },
    "en": {
        Kind.QUOTE: "please find attached our quote {number} of {day}.",
        Kind.ORDER_CONFIRMATION: "please find attached our confirmation {number} of {day}.",
        Kind.DELIVERY_NOTE: "please find attached our delivery note {number} of {day}.",
        Kind.INVOICE: "please find attached our invoice {number} of {day}.",
        Kind.CREDIT_NOTE: "please find attached our credit note {number} of {day}.",
        Kind.PRO_FORMA: "please find attached our pro forma invoice {number} of {day}.",
        Kind.REMINDER: "please see our letter {number} of {day}.",
        "closing": "Kind regards",
    },
}
"""What a mail says that a document goes out with."""
