"""The words of reminders until the team writes its own: by level, language and place.

The first one is friendly, as a payment may be on its way; the second asks; the last tells what
follows and is no threat.
"""

from __future__ import annotations

from collections.abc import Mapping

TEXTS: Mapping[int, Mapping[str, Mapping[str, str]]] = {
    1: {
        "de": {
            "subject": "Zahlungserinnerung zur Rechnung {{invoice_number}}",
            "intro": (
                "{{salutation}}\n\n"
                "sicher ist es nur übersehen worden: Unsere Rechnung {{invoice_number}} vom "
                "{{invoice_date}} war am {{due_date}} fällig und ist noch nicht vollständig "
                "bezahlt."
            ),
            "closing": (
                "Bitte überweisen Sie den Gesamtbetrag von {{amount_due}} bis zum "
                "{{new_due_date}}. Hat sich Ihre Zahlung mit diesem Schreiben überschnitten, "
                "betrachten Sie es bitte als gegenstandslos.\n\n"
                "Mit freundlichen Grüßen"
            ),
        },
        "en": {
            "subject": "Payment reminder for invoice {{invoice_number}}",
            "intro": (
                "{{salutation}}\n\n"
                "this may have escaped your notice: our invoice {{invoice_number}} of "
                "{{invoice_date}} was due on {{due_date}} and has not been paid in full yet."
            ),
            "closing": (
                "Please pay the total of {{amount_due}} by {{new_due_date}}. "
                "If your payment has crossed with this letter, please disregard it.\n\n"
                "Kind regards"
            ),
        },
    },
    2: {
        "de": {
            "subject": "2. Mahnung zur Rechnung {{invoice_number}}",
            "intro": (
                "{{salutation}}\n\n"
                "die Rechnung {{invoice_number}} vom {{invoice_date}} war am {{due_date}} fällig. "
                "Der Betrag ist bei uns noch nicht vollständig eingegangen."
            ),
            "closing": (
                "Bitte überweisen Sie den Gesamtbetrag bis zum {{new_due_date}}. Gibt es einen "
                "Grund, warum Sie nicht zahlen, sprechen Sie uns bitte an.\n\n"
                "Mit freundlichen Grüßen"
            ),
        },
        "en": {
            "subject": "2nd reminder for invoice {{invoice_number}}",
            "intro": (
                "{{salutation}}\n\n"
                "invoice {{invoice_number}} of {{invoice_date}} was due on {{due_date}}. We have "
                "not received the amount in full yet."
            ),
            "closing": (
                "Please pay the total by {{new_due_date}}. If there is a reason why you do not "
                "pay, please let us know.\n\n"
                "Kind regards"
            ),
        },
    },
    3: {
        "de": {
            "subject": "Letzte Mahnung zur Rechnung {{invoice_number}}",
            "intro": (
                "{{salutation}}\n\n"
                "die Rechnung {{invoice_number}} vom {{invoice_date}} war am {{due_date}} fällig. "
                "Trotz Mahnung ist sie bis heute nicht vollständig bezahlt."
            ),
            "closing": (
                "Wir bitten Sie ein letztes Mal, den Gesamtbetrag zu überweisen, und zwar bis zum "
                "{{new_due_date}}. Danach müssen wir die Forderung gerichtlich geltend machen; "
                "dadurch entstehen Ihnen weitere Kosten.\n\n"
                "Mit freundlichen Grüßen"
            ),
        },
        "en": {
            "subject": "Final reminder for invoice {{invoice_number}}",
            "intro": (
                "{{salutation}}\n\n"
                "invoice {{invoice_number}} of {{invoice_date}} was due on {{due_date}}. In spite "
                "of being reminded you have not paid it in full to this day."
            ),
            "closing": (
                "We ask you one last time to pay the total, by {{new_due_date}}. After that we "
                "shall have to claim it in court, at further cost to you.\n\n"
                "Kind regards"
            ),
        },
    },
}

MAIL: Mapping[str, str] = {
    "de": (
        "{salutation}\n\n"
        "im Anhang finden Sie unser Schreiben „{subject}“.\n\n"
        "Mit freundlichen Grüßen\n{team}"
    ),
    "en": ("{salutation}\n\nplease find our letter “{subject}” attached.\n\nKind regards\n{team}"),
}
"""What the mail says that a reminder goes with."""
