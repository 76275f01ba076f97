"""The companies, schools and clubs the demo company works for."""

from __future__ import annotations

from datetime import date

from app.demo.story import Scene, Tale, address, bank, company, contact, master, note, note_pinned

ANNA, BEN = "anna", "ben"

LESSONS = """
2025-02-04 Erste Stunde der Betriebssportgruppe: 14 Leute, Stimmung bestens.
2025-02-11 Frau Pohl fragt, ob Straßenschuhe erlaubt sind. Ja, mit heller Sohle.
2025-02-18 Heute nur 9 da, in der Montage ist Inventur.
2025-02-25 Discofox sitzt. Nächstes Mal Langsamer Walzer.
2025-03-04 Herr Weber hat zugesehen und will mitmachen!
2025-03-11 Anlage in der Kantine brummt, eigene Box mitbringen.
2025-03-18 Fällt nächste Woche aus (Betriebsversammlung).
2025-03-20 Ersatztermin für die ausgefallene Stunde: Donnerstag 17:30 Uhr.
2025-03-25 Zwei Neue aus dem Einkauf, Paare neu gemischt.
2025-04-01 Langsamer Walzer: Drehungen brauchen noch eine Stunde.
2025-04-08 Osterpause besprochen, zwei Wochen frei.
2025-04-29 Nach der Pause gleich alle wieder da.
2025-05-06 Cha-Cha-Cha begonnen. Sehr laut gelacht.
2025-05-08 Rechnung für das erste Quartal ist bezahlt.
2025-05-13 Frau Pohl sammelt Unterschriften für eine zweite Gruppe.
2025-05-20 Zweite Gruppe kommt, ab Juni mittwochs.
2025-05-27 Raum ist ab Juni die alte Kantine, Schlüssel beim Pförtner.
2025-06-04 Zweite Gruppe gestartet: 11 Leute, fast alle Anfänger.
2025-06-11 Pförtner hatte keinen Schlüssel. Handynummer von Herrn Kowalski notiert.
2025-06-24 Sommerfest am 18. Juli: kleine Vorführung gewünscht.
2025-07-08 Probe für das Sommerfest, Musik steht.
2025-07-21 Sommerfest war ein Erfolg, Geschäftsführung begeistert.
2025-07-22 Ferienpause bis Ende August.
2025-09-02 Gruppe 1 macht weiter mit Rumba.
2025-09-03 Gruppe 2: Schritt zurück, noch einmal Discofox.
2025-09-16 Herr Weber hat sich den Fuß verknackst, schaut zu.
2025-09-25 Anfrage: Kurs auch im Werk Leverkusen? Angebot geschickt.
2025-10-14 Werk Leverkusen wartet auf die Freigabe der Geschäftsführung.
2025-10-28 Weihnachtsfeier: 90 Minuten Tanzspiel, Termin steht.
2025-11-04 Herr Weber tanzt wieder.
2025-12-02 Weihnachtsfeier vorbereitet, Ablauf liegt bei Frau Pohl.
2025-12-15 Weihnachtsfeier lief rund. Dankesmail der Geschäftsführung im Postfach.
2026-01-13 Neues Jahr, beide Gruppen vollzählig.
2026-02-10 Freigabe für Leverkusen ist da, Start im März.
""".strip().splitlines()


def _lessons() -> list[Scene]:
    """What was noted after the lessons, by turns."""
    told = [line.partition(" ") for line in LESSONS]
    return [
        note(f"{day} 18:40", (BEN, BEN, ANNA)[n % 3], text) for n, (day, _, text) in enumerate(told)
    ]


COMPANIES: tuple[Tale, ...] = (
    (
        company(
            *("2025-01-20 11:00", ANNA),
            company="Weber Maschinenbau GmbH & Co. KG",
            street="Industriestraße",
            house_number="17-21",
            postcode="50735",
            town="Köln",
            vat_number="DE129273398",
            emails=[
                ("", "info@weber-maschinenbau.example.com"),
                ("billing", "rechnungseingang@weber-maschinenbau.example.com"),
            ],
            phones=[("work", "0221 4710 170"), ("fax", "0221 4710 179")],
        ),
        contact(
            *("2025-01-20 11:04", ANNA),
            salutation="ms",
            first_name="Martina",
            last_name="Pohl",
            role="Personal, Betriebssport",
            email="m.pohl@weber-maschinenbau.example.com",
            phone="0221 4710 175",
            is_main=True,
        ),
        contact(
            *("2025-01-20 11:06", ANNA),
            salutation="mr",
            title="Dipl.-Ing.",
            first_name="Friedrich",
            last_name="Weber",
            role="Geschäftsführer",
            email="f.weber@weber-maschinenbau.example.com",
        ),
        contact(
            *("2025-06-25 17:20", BEN),
            salutation="mr",
            first_name="Andrzej",
            last_name="Kowalski",
            role="Hausmeister",
            phone="0174 9091317",
        ),
        address(
            *("2025-01-20 11:10", ANNA),
            company="Weber Maschinenbau GmbH & Co. KG",
            last_name="Kreditorenbuchhaltung",
            street="Postfach 30 04 12",
            postcode="50774",
            town="Köln",
            is_billing=True,
        ),
        address(
            *("2025-06-02 09:30", BEN),
            company="Weber Maschinenbau, Alte Kantine",
            street="Industriestraße",
            house_number="19",
            address_extra="Tor 3, beim Pförtner melden",
            postcode="50735",
            town="Köln",
            is_delivery=True,
        ),
        bank(
            *("2025-01-20 11:16", ANNA),
            payment_method="invoice",
            account_holder="Weber Maschinenbau GmbH & Co. KG",
            iban="DE59370700240610437600",
        ),
        note(
            *("2025-01-20 11:18", ANNA),
            "Rahmenvertrag Betriebssport: 40 Einheiten im Jahr, Zahlungsziel 30 Tage, "
            "Bestellnummer muss auf jede Rechnung.",
            pinned=True,
        ),
        *_lessons(),
        note("2026-10-06 10:02", ANNA, "Vertrag bis Ende nächsten Jahres verlängert."),
        note("2026-11-10 17:45", BEN, "Weihnachtsfeier dieses Jahr mit Livemusik, siehe Angebot."),
    ),
    (
        company(
            *("2022-10-24 08:30", ANNA),
            company="Grundschule am Lindenweg",
            street="Lindenweg",
            house_number="2",
            postcode="50829",
            town="Köln",
            emails=[("", "sekretariat@gs-lindenweg.example.org")],
            phones=[("work", "0221 4710 829")],
        ),
        contact(
            *("2022-10-24 08:35", ANNA),
            salutation="ms",
            first_name="Ruth",
            last_name="Sander",
            role="Schulleitung",
            email="sander@gs-lindenweg.example.org",
        ),
        contact(
            *("2023-08-14 09:10", BEN),
            salutation="mr",
            first_name="Cem",
            last_name="Arslan",
            role="Offener Ganztag",
            email="ganztag@gs-lindenweg.example.org",
            phone="0221 4710 830",
            is_main=True,
        ),
        note("2023-08-14 09:12", BEN, "Tanz-AG dienstags 14:00 bis 15:30 Uhr, Turnhalle."),
        note("2026-08-24 10:00", BEN, "AG läuft weiter, neue Liste der Kinder kommt per E-Mail."),
    ),
    (
        company(
            *("2023-06-12 13:00", ANNA),
            company="Seniorenresidenz Rheinblick gGmbH",
            street="Rheinuferstraße",
            house_number="80",
            postcode="50996",
            town="Köln",
            emails=[("", "empfang@residenz-rheinblick.example.org")],
            phones=[("work", "0221 4710 996")],
        ),
        contact(
            *("2023-06-12 13:05", ANNA),
            salutation="ms",
            first_name="Birgit",
            last_name="Jütten",
            role="Sozialer Dienst",
            email="juetten@residenz-rheinblick.example.org",
        ),
        bank(
            *("2023-06-12 13:10", ANNA),
            payment_method="sepa_direct_debit",
            account_holder="Seniorenresidenz Rheinblick gGmbH",
            iban="DE04370502999786743949",
            has_mandate=True,
            mandate_date=date(2023, 6, 12),
            first_debit_on=date(2023, 7, 3),
        ),
        note("2023-06-12 13:12", ANNA, "Sitztanz jeden ersten Montag im Monat, 15 Uhr, Saal 1."),
    ),
    (
        company(
            *("2023-07-03 12:20", BEN),
            company="Café Zuckerguß e. K.",
            street="Sülzburgstraße",
            house_number="33",
            postcode="50937",
            town="Köln",
            emails=[("", "torten@cafe-zuckerguss.example.com")],
            phones=[("", "0221 4710 937")],
        ),
        bank("2023-07-03 12:22", BEN, payment_method="paypal"),
        note("2023-07-03 12:23", BEN, "Beliefert die Bälle und bekommt dafür einen Paarkurs."),
    ),
    (
        company(
            *("2024-05-27 15:30", ANNA),
            company="Herzenssache Hochzeitsplanung",
            first_name="Nicole",
            last_name="Baumgärtner",
            salutation="ms",
            street="Königsallee",
            house_number="60",
            postcode="40212",
            town="Düsseldorf",
            emails=[("", "nicole@herzenssache.example.com")],
            phones=[("mobile", "0171 3920099")],
        ),
        bank(
            *("2024-05-27 15:36", ANNA),
            payment_method="sepa_direct_debit",
            account_holder="Nicole Baumgärtner",
            iban="DE82300501100907419964",
        ),
        note("2024-05-27 15:38", ANNA, "Vermittelt Hochzeitspaare, 10 % Provision vereinbart."),
        note("2026-11-16 16:20", ANNA, "SEPA-Mandat angefordert, zum zweiten Mal."),
    ),
    (
        company(
            *("2022-11-11 11:11", BEN),
            company="Karnevalsgesellschaft Blau-Gold von 1923 Köln-Ehrenfeld e. V. – Tanzgarde "
            "und Kinder- und Jugendtanzgruppen",
            street="Vogelsanger Straße",
            house_number="250",
            postcode="50825",
            town="Köln",
            emails=[("", "garde@blau-gold-1923.example.org")],
            phones=[("mobile", "0152 28817386")],
        ),
        contact(
            *("2022-11-11 11:20", BEN),
            salutation="mr",
            first_name="Jupp",
            last_name="Schmitz",
            role="Präsident",
            phone="0171 3920011",
        ),
        contact(
            *("2024-11-11 12:00", BEN),
            salutation="ms",
            first_name="Vanessa",
            last_name="Kürten",
            role="Trainerin Tanzgarde",
            email="vanessa.kuerten@example.com",
            phone="0172 9925904",
            is_main=True,
        ),
        bank(
            *("2022-11-11 11:25", BEN),
            payment_method="invoice",
            account_holder="KG Blau-Gold von 1923 e. V.",
            account_number="7397581505",
            bank_code="38060186",
        ),
        note("2022-11-11 11:30", BEN, "Saal 2 jeden Mittwoch von 19 bis 22 Uhr. Alaaf!"),
        note_pinned("2022-11-11 11:31", BEN),
        note("2026-11-11 11:11", BEN, "Sessionseröffnung: heute kein Training."),
    ),
    (
        company(
            *("2024-06-17 10:00", ANNA),
            company="Hotel Alpenblick Betriebs GmbH",
            street="Seestraße",
            house_number="5",
            postcode="6213",
            town="Pertisau",
            country="AT",
            vat_number="ATU13585627",
            emails=[("", "rezeption@hotel-alpenblick.example.com")],
            phones=[("work", "+43 5243 12345")],
        ),
        contact(
            *("2024-06-17 10:05", ANNA),
            salutation="mr",
            first_name="Alois",
            last_name="Rieder",
            role="Direktor",
            email="direktion@hotel-alpenblick.example.com",
        ),
        bank(
            *("2024-06-17 10:12", ANNA),
            payment_method="invoice",
            account_holder="Hotel Alpenblick Betriebs GmbH",
            iban="AT483200000012345864",
        ),
        note("2024-06-17 10:15", ANNA, "Tanzwoche im Oktober: 20 Doppelzimmer, Halbpension."),
    ),
    (
        company(
            *("2024-10-07 09:30", BEN),
            company="Kulturverein Münsterplatz",
            street="Münsterplatz",
            house_number="9",
            postcode="4051",
            town="Basel",
            country="CH",
            vat_number="CHE100155212MWST",
            emails=[("", "verein@muensterplatz.example.org")],
            phones=[("", "+41 61 123 45 67")],
        ),
        contact(
            *("2024-10-07 09:36", BEN),
            salutation="ms",
            first_name="Regula",
            last_name="Zumbühl",
            role="Kassierin",
            email="kasse@muensterplatz.example.org",
        ),
        note("2024-10-07 09:40", BEN, "Rechnungen in Franken, zahlbar innert 30 Tagen."),
    ),
    (
        company(
            *("2025-03-24 14:00", ANNA),
            company="Studio Pas de Deux SARL",
            street="Avenue de la Marseillaise",
            house_number="8",
            postcode="67000",
            town="Strasbourg",
            country="FR",
            language="fr",
            vat_number="FR83404833048",
            emails=[("", "bonjour@pasdedeux.example.com")],
            phones=[("", "+33 1 99 00 12 34")],
        ),
        contact(
            *("2025-03-24 14:04", ANNA),
            salutation="ms",
            first_name="Héloïse",
            last_name="Dupont-Müller",
            role="Gérante",
        ),
        bank(
            *("2025-03-24 14:10", ANNA),
            payment_method="sepa_direct_debit",
            account_holder="Studio Pas de Deux SARL",
            iban="FR7630006000011234567890189",
        ),
    ),
    (
        company(
            *("2022-09-01 09:00", ANNA),
            company="Tanzbedarf Krämer OHG",
            street="Breite Straße",
            house_number="44",
            postcode="50667",
            town="Köln",
            emails=[("", "bestellung@tanzbedarf-kraemer.example.com")],
            phones=[("work", "0221 4710 440")],
        ),
        note("2022-09-01 09:02", ANNA, "Rabatt für unsere Schüler: 10 % auf Schuhe."),
        master(
            *("2025-10-13 10:48", BEN),
            street="Mittelstraße",
            house_number="12",
            postcode="50672",
        ),
        note("2025-10-13 10:50", BEN, "Umgezogen, Schild im Foyer ist getauscht."),
    ),
    (
        company(
            *("2025-05-05 16:00", BEN),
            company="Lichttechniek Jansen B.V.",
            street="Prinsengracht",
            house_number="263",
            postcode="1016 GV",
            town="Amsterdam",
            country="NL",
            language="nl",
            vat_number="NL004495445B01",
            emails=[("", "info@jansen-licht.example.com")],
        ),
        bank(
            *("2025-05-05 16:06", BEN),
            payment_method="invoice",
            account_holder="Lichttechniek Jansen B.V.",
            iban="NL91ABNA0417164300",
        ),
        note("2025-05-05 16:08", BEN, "Leihscheinwerfer für den Ball, Rückgabe am Montag danach."),
    ),
)
