"""What fills the days of the demo company: groups, calls and letters, files, invoices, reminders.

Each part belongs to the tale of a customer, named by last name or company.
"""

from __future__ import annotations

from datetime import date, timedelta

from app.demo.papers import picture, sheet
from app.demo.story import (
    Scene,
    Tale,
    credited,
    factura,
    followed,
    joined,
    mailed,
    reminded,
    said,
    uploaded,
)

ANNA, BEN, CLEO = "anna", "ben", "cleo"

TREE = {
    "Kurse": ("Kinderballett", "Hip-Hop", "Discofox", "Salsa", "Tango Argentino", "Welttanz"),
    "Firmen und Vereine": ("Betriebssport", "Schulen", "Partner"),
    "Newsletter": (),
}
"""Groups at the top, each with those below it."""

MEMBERS = {
    "Kinderballett": ("Hoffmann", "Lindner", "Nguyễn", "Bianchi", "Özdemir"),
    "Hip-Hop": ("Yılmaz", "Demir", "Vogl", "O’Brien"),
    "Discofox": ("Krüger", "Maier", "Schmitz", "Vogel", "Pichler", "Oberhuber"),
    "Salsa": ("Bianchi", "Moreau", "Demir", "Åkesson"),
    "Tango Argentino": ("Müller", "Großmann", "Lefèvre", "Aebischer"),
    "Welttanz": ("Weiß", "Bürgi", "Wiśniewski", "Schröder"),
    "Betriebssport": ("Weber Maschinenbau GmbH & Co. KG", "Hotel Alpenblick Betriebs GmbH"),
    "Schulen": ("Grundschule am Lindenweg",),
    "Partner": ("Herzenssache Hochzeitsplanung", "Café Zuckerguß e. K."),
    "Newsletter": (
        *("Müller", "Großmann", "Krüger", "Weiß", "Bianchi", "Lefèvre", "Pichler", "Vogel"),
        *("Weber Maschinenbau GmbH & Co. KG", "Kulturverein Münsterplatz"),
    ),
    "Keine Informationen": ("Freifrau von und zu Hohenstein-Wartenburg",),
}

WEBER = "Weber Maschinenbau GmbH & Co. KG"


def _invoices_of_weber() -> list[Scene]:
    """One for every month of the contract, the last ones still open, one reminded."""
    scenes = []
    for n in range(22):
        day = date(2025 + (n + 1) // 12, (n + 1) % 12 + 1, 3)
        late = 22 - n
        scenes += [
            *factura(
                f"{day} 09:40",
                ANNA,
                "invoice",
                78_000 + 1_500 * (n % 3),
                subject=f"Betriebssport {day:%m/%Y}",
                term=30,
                is_paid=late >= 3,
            )
        ]
    return [*scenes, reminded("2026-11-12 08:20", ANNA, 1, of="Betriebssport 10/2026")]


EVERYDAY: dict[str, Tale] = {
    "Hoffmann": (
        uploaded("2024-08-19 16:30", BEN, "Anmeldung Lena Hoffmann.pdf", sheet("Anmeldung")),
        uploaded("2024-08-19 16:31", BEN, "SEPA-Mandat unterschrieben.pdf", sheet("SEPA-Mandat")),
        *factura(
            "2026-02-02 08:30",
            ANNA,
            "invoice",
            14_700,
            subject="Kinderballett, 1. Halbjahr",
        ),
        *factura(
            "2026-08-03 08:30",
            ANNA,
            "invoice",
            14_700,
            subject="Kinderballett, 2. Halbjahr",
        ),
        *factura(
            "2026-11-02 08:30",
            ANNA,
            "invoice",
            3_900,
            subject="Kostüm Weihnachtsaufführung",
            is_paid=False,
        ),
        said(
            *("2026-09-02 19:40", None, "mail", "in"),
            "Gruppenwechsel",
            "Liebes Team,\n\nLena würde gern zu den Großen wechseln. Ginge das nach den "
            "Herbstferien?\n\nHerzliche Grüße\nSabine Hoffmann",
        ),
        said(
            *("2026-10-30 17:02", BEN, "phone", "in"),
            "Kostüm zu klein",
            "Frau Hoffmann fragt, ob wir das Kostüm in 134 statt 128 bestellen können. Geht noch.",
            due="2026-11-19",
            who="ben",
        ),
        uploaded("2026-10-30 17:10", BEN, "Kostüm Größentabelle.png", picture()),
        said(
            *("2026-11-18 08:12", None, "mail", "in"),
            "Aufführung am 5. Dezember",
            "Guten Morgen,\n\nwie viele Karten dürfen wir für die Aufführung bestellen? Die "
            "Großeltern aus Bremen kommen auch.\n\nViele Grüße\nThomas Hoffmann",
            read=False,
        ),
    ),
    "Müller": (
        uploaded("2022-09-05 10:30", ANNA, "SEPA-Mandat Dr. Müller.pdf", sheet("SEPA-Mandat")),
        *factura(
            "2025-01-07 10:00",
            ANNA,
            "invoice",
            34_000,
            subject="Tango Argentino, Jahresbeitrag",
        ),
        *factura(
            "2026-01-07 10:00",
            ANNA,
            "invoice",
            34_000,
            subject="Tango Argentino, Jahresbeitrag",
        ),
        *factura(
            "2026-10-28 09:00", BEN, "quote", 42_000, subject="Sechs Privatstunden", quantity=6
        ),
        *factura(
            "2026-11-04 20:10",
            ANNA,
            "order_confirmation",
            42_000,
            subject="Sechs Privatstunden",
            quantity=6,
        ),
        *factura(
            "2026-11-12 09:05",
            BEN,
            "invoice",
            21_000,
            subject="Privatstunden, erste Rate",
            paid=10_500,
        ),
        said(
            *("2026-10-27 17:50", BEN, "phone", "in"),
            "Pause im Dezember",
            "Ist vom 4. bis 28. Dezember in Argentinien. Beitrag läuft weiter.",
        ),
        mailed(
            *("2026-11-03 12:15", ANNA),
            "Ihr Angebot über sechs Privatstunden",
            "Sehr geehrte Frau Dr. Müller,\n\nanbei unser Angebot. Dienstags nach 19 Uhr ist "
            "Saal 2 noch frei.\n\nMit freundlichen Grüßen\nAnna Berger",
            to=["Dr. Tanja Müller <tanja.mueller@example.com>"],
            files=[("Angebot Privatstunden.pdf", sheet("Angebot Privatstunden"))],
        ),
        said(
            *("2026-11-17 21:30", None, "form", "in"),
            "Anfrage über die Website",
            "Gibt es am 31.12. noch einen Tisch für acht Personen?",
            read=False,
        ),
        followed(
            "2026-11-16 09:00",
            ANNA,
            "Tischplan Silvesterball mit ihr abstimmen.",
            due="2026-11-23",
            who="anna",
        ),
    ),
    "Großmann": (
        *factura(
            "2026-03-02 09:00",
            ANNA,
            "invoice",
            68_000,
            subject="Tango Argentino, Paarbeitrag",
        ),
        credited(
            *("2026-04-13 09:00", ANNA, 8_500),
            of="Tango Argentino, Paarbeitrag",
            text="Zwei ausgefallene Abende",
        ),
        said(
            "2026-04-10 10:20",
            ANNA,
            "letter",
            "in",
            "Beschwerde über Ausfälle",
            "Brief vom 8. April, liegt eingescannt bei den Dokumenten.",
        ),
        uploaded(
            "2026-04-10 10:25",
            ANNA,
            "2026-04-08 Brief Prof. Großmann.pdf",
            sheet("Brief vom 8. April"),
        ),
        followed(
            "2026-11-10 11:00",
            ANNA,
            "Gutschrift erklären, er hat nachgefragt.",
            due="2026-11-20",
            who="anna",
        ),
    ),
    "Yılmaz": (
        *factura(
            "2026-09-14 09:00",
            ANNA,
            "invoice",
            18_900,
            subject="Hip-Hop, Herbst",
            is_paid=False,
        ),
        reminded("2026-10-12 09:00", ANNA, 1, of="Hip-Hop, Herbst"),
        reminded("2026-11-02 09:00", ANNA, 2, of="Hip-Hop, Herbst"),
        mailed(
            *("2026-11-06 10:15", BEN),
            "Ihre Rechnung über den Herbstkurs",
            "Guten Tag Frau Yılmaz,\n\nsicher ist es nur untergegangen: Die Rechnung vom September "
            "über 189,00 € ist noch offen.\n\nViele Grüße\nBen Kaya",
            to=["Ayşe Yılmaz <rechnung.yilmaz@example.com>"],
            refused="rechnung.yilmaz@example.com: 550 5.1.1 User unknown",
        ),
        said(
            "2026-11-09 18:05",
            BEN,
            "phone",
            "out",
            "Offene Rechnung",
            "Auf die Mailbox gesprochen, bittet um Rückruf.",
            due="2026-11-21",
            who="ben",
        ),
    ),
    "Lefèvre": (
        *factura(
            "2026-05-11 09:00",
            ANNA,
            "quote",
            54_000,
            subject="Privatstunden für die Hochzeit",
            state="declined",
        ),
        *factura(
            "2026-11-16 09:00",
            ANNA,
            "quote",
            96_000,
            subject="Hochzeitskurs an vier Abenden",
        ),
        followed("2026-11-16 09:10", ANNA, "Angebot nachfassen.", due="2026-11-24", who="anna"),
    ),
    "Demir": (
        *factura(
            "2026-10-05 09:00",
            ANNA,
            "invoice",
            15_900,
            subject="Salsa, Herbst",
            is_paid=False,
        ),
        said(
            "2026-10-12 16:44",
            BEN,
            "visit",
            "in",
            "Vorbeigekommen",
            "Möchte in Raten zahlen, Anna fragen.",
            due="2026-11-22",
            who="anna",
        ),
    ),
    "Krüger": (
        *factura(
            "2026-05-04 09:00",
            ANNA,
            "invoice",
            22_000,
            subject="Discofox, Sommer",
            state="cancelled",
            is_paid=False,
        ),
        *factura(
            "2026-05-05 09:00",
            ANNA,
            "invoice",
            19_800,
            subject="Discofox, Sommer (mit Rabatt)",
        ),
    ),
    "Bürgi": (
        *factura(
            "2026-09-01 09:00",
            ANNA,
            "invoice",
            128_050,
            subject="Workshop Welttanz, Bern",
            currency="CHF",
            is_paid=False,
            term=30,
        ),
        *factura(
            "2026-09-01 09:05",
            ANNA,
            "delivery_note",
            0,
            subject="Leihgabe: 20 Paar Rasseln",
        ),
    ),
    "Weiß": (
        followed(
            "2026-11-13 15:30",
            BEN,
            "Schuhe in 39 zurücklegen, wenn die Lieferung kommt.",
            due="2026-11-25",
            who="ben",
        ),
    ),
    "Bianchi": (
        followed(
            "2026-11-12 12:00",
            BEN,
            "Mutter anrufen: Tochter passt in zwei Kurse.",
            due="2026-11-26",
            who="anna",
        ),
    ),
    WEBER: (
        uploaded(
            "2025-01-20 11:20", ANNA, "Rahmenvertrag Betriebssport.pdf", sheet("Rahmenvertrag")
        ),
        uploaded("2025-09-25 10:00", ANNA, "Angebot Werk Leverkusen.pdf", sheet("Angebot")),
        uploaded(
            "2026-10-06 10:05",
            ANNA,
            "Verlängerung 2027 (unterschrieben).pdf",
            sheet("Verlängerung"),
        ),
        uploaded(
            "2026-11-10 17:50",
            BEN,
            "Ablauf Weihnachtsfeier.csv",
            b"Uhrzeit;Punkt\r\n18:00;Begr\xc3\xbc\xc3\x9fung\r\n",
        ),
        *factura(
            "2025-09-25 10:02",
            ANNA,
            "quote",
            312_000,
            subject="Betriebssport Leverkusen",
            state="accepted",
        ),
        *_invoices_of_weber(),
        *factura(
            "2026-11-10 17:52",
            BEN,
            "quote",
            145_000,
            subject="Weihnachtsfeier mit Livemusik",
        ),
        *factura(
            "2026-11-18 09:00",
            ANNA,
            "invoice",
            145_000,
            subject="Weihnachtsfeier mit Livemusik",
            state="draft",
            is_paid=False,
        ),
        said(
            "2026-10-05 09:31",
            None,
            "mail",
            "in",
            "Verlängerung",
            "Sehr geehrte Frau Berger,\n\nanbei der unterschriebene Vertrag.\n\nIhre Martina Pohl",
        ),
        said(
            "2026-11-09 14:10",
            ANNA,
            "phone",
            "in",
            "Weihnachtsfeier",
            "Frau Pohl: 120 Leute, Bühne ist da, Strom prüfen.",
        ),
        said(
            "2026-11-17 08:55",
            None,
            "mail",
            "in",
            "Bestellnummer 4500-2231",
            "Guten Tag,\n\nbitte 4500-2231 auf die Rechnung setzen.\n\nKreditoren",
            read=False,
        ),
        mailed(
            *("2026-11-10 08:30", ANNA),
            "Weihnachtsfeier: Ablauf und Technik",
            "Guten Tag Frau Pohl, guten Tag Herr Weber,\n\nwir kommen um 16 Uhr zum Aufbau. Auf "
            "der Bühne brauchen wir zwei getrennte Stromkreise.\n\nMit freundlichen Grüßen\n"
            "Anna Berger",
            to=["Martina Pohl <m.pohl@weber-maschinenbau.example.com>"],
            cc=["Dipl.-Ing. Friedrich Weber <f.weber@weber-maschinenbau.example.com>"],
        ),
        said(
            *("2026-11-10 17:55", BEN, "phone", "out"),
            "Strom auf der Bühne",
            "Herrn Kowalski nicht erreicht, noch einmal anrufen.",
            due="2026-11-18",
            who="ben",
        ),
    ),
    "Grundschule am Lindenweg": (
        *factura(
            "2026-06-30 09:00",
            ANNA,
            "invoice",
            54_000,
            subject="Projektwoche",
            term=30,
        ),
        said(
            "2026-11-19 10:40",
            BEN,
            "visit",
            "in",
            "Projektwoche 2027",
            "Frau Sander möchte wieder die Woche vor den Osterferien.",
            due="2026-11-27",
            who="anna",
        ),
    ),
    "Herzenssache Hochzeitsplanung": (
        said(
            "2026-11-16 16:18",
            ANNA,
            "letter",
            "out",
            "SEPA-Lastschriftmandat",
            "Guten Tag Nicole Baumgärtner,\n\nanbei noch einmal das Formular. Bitte schicken Sie "
            "es uns unterschrieben zurück.\n\nMit freundlichen Grüßen\nAnna Berger",
            files=[("Brief SEPA-Lastschriftmandat.pdf", sheet("SEPA-Lastschriftmandat"))],
        ),
        followed("2026-11-16 16:25", ANNA, "Ist das Mandat da?", due="2026-11-28", who="anna"),
    ),
    "Hotel Alpenblick Betriebs GmbH": (
        *factura(
            "2026-08-20 09:00",
            ANNA,
            "pro_forma",
            240_000,
            subject="Tanzwochenende im Januar",
        ),
        *factura(
            "2026-10-20 09:00",
            ANNA,
            "invoice",
            120_000,
            subject="Anzahlung Tanzwochenende",
            is_paid=False,
            term=21,
        ),
    ),
}


def everyday_of(name: str, since: str) -> Tale:
    """What to add to the tale of the customer of this name, who is one since then."""
    joining = max(since, "2026-01-12 09:00")
    later = f"{date.fromisoformat(joining[:10]) + timedelta(days=1)} 09:00"
    groups = tuple(group for group, names in MEMBERS.items() if name in names)
    return (*EVERYDAY.get(name, ()), *((joined(later, ANNA, *groups),) if groups else ()))
