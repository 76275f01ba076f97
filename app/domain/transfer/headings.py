"""What a column of a table is, told by its header in German or English.

Headers are compared without case, accents, spaces and punctuation. What is left is looked up; if it
is unknown, numbers ("E-Mail 2"), places ("Business Street", "PLZ privat") and words without a
meaning of their own ("Adresse: Ort", "Phone 1 - Value") are taken off its ends until it is known.
That covers the exports of Outlook and Google, whose headers are built from such parts.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from app.domain.transfer.words import key


class Column(NamedTuple):
    """What a column holds, and of which address, e-mail or phone when there are several."""

    field: str
    scope: str = ""
    number: int = 1


OTHER = Column("other")
"""A column that is not understood: kept, under its header."""

TOWNS = {"postcode", "town", "postcode_town"}
ADDRESS = {"street", "house_number", "address_extra", "po_box", "region", "country"} | TOWNS
NAMES = {"salutation", "title", "first_name", "last_name", "full_name", "company"}
LABELS = {"email_label", "phone_label"}
REACH = {"email", "phone", "mobile", "fax"} | LABELS

MEANINGS = {
    "number": """Kundennummer, Kunden-Nr., Kundennr, Kunde Nr., Kd-Nr., Kdnr, KNr, Kunden-ID,
        Kundencode, Kundenkonto, Debitor, Debitorennummer, Debitoren-Nr., Debitorenkonto,
        Mitgliedsnummer, Mitglieds-Nr., Mitglied-Nr., Adressnummer, Adress-Nr., Customer number,
        Customer no., Customer #, Customer ID, Customer code, Client number,
        Client ID, Member number, Member ID, Account ID, Contact ID""",
    "weak_number": "Nr., Nummer, No., Number, ID, Lfd. Nr.",
    "kind": "Kundentyp, Kundenart, Kontakttyp, Kontaktart, Customer type, Contact type, Kind",
    "salutation": "Anrede, Salutation, Form of address, Briefanrede kurz, Anredeschlüssel",
    "title": """Titel, Title, Akademischer Titel, Academic title, Name Prefix, Namenspräfix,
        Namenszusatz vorne, Prefix""",
    "first_name": "Vorname, Vornamen, First name, Given name, Forename, Rufname",
    "middle_name": "Weitere Vornamen, Zweiter Vorname, Middle name, Additional name",
    "last_name": """Nachname, Familienname, Zuname, Last name, Surname, Family name,
        Name Nachname""",
    "full_name": """Name, Vollständiger Name, Voller Name, Vor- und Nachname, Vorname Nachname,
        Vorname und Nachname, Vorname Name, Name Vorname, Nachname Vorname, Kundenname, Full name,
        Display name, Customer name, Client name, Contact name, Contact person, Ansprechpartner,
        Ansprechpartnerin, Ansprechperson, Kontaktperson, Kontakt, Empfänger, Recipient""",
    "company": """Firma, Firmenname, Firmenbezeichnung, Unternehmen, Unternehmensname,
        Organisation, Organisationsname, Betrieb, Verein, Company, Company name, Organization,
        Organization name, Organisation name, Business name, Firma 1""",
    "role": """Position, Funktion, Rolle, Job title, Role, Berufsbezeichnung, Stellung,
        Organization title, Organisation title""",
    "street": """Straße, Strasse, Str., Straße Nr., Straße Hausnummer, Straße Hausnr.,
        Straße und Hausnummer, Straße und Nr., Adresse, Anschrift, Adresszeile, Street,
        Street address, Street and number, Address, Address line, Straßenname""",
    "house_number": """Hausnummer, Haus-Nr., Hausnr, HNr, House number, House no., Street number,
        Straßennummer""",
    "address_extra": """Adresszusatz, Adresszusätze, Adress-Zusatz, Anschriftenzusatz, Zusatz,
        Adressergänzung, c/o, Address extra, Address addition, Extended address, Address supplement,
        Zusatzzeile, Apartment, Suite""",
    "po_box": "Postfach, PO box, P.O. Box, Post office box",
    "postcode": """PLZ, Postleitzahl, Post code, Postcode, Postal code, ZIP, ZIP code,
        ZIP/Postal code""",
    "town": "Ort, Stadt, Wohnort, Ortschaft, Town, City, Locality, Ortsname",
    "postcode_town": "PLZ Ort, PLZ und Ort, PLZ Stadt, PLZ Wohnort, Postleitzahl Ort, ZIP City",
    "region": """Region, Bundesland, Kanton, Bundesland/Kanton, Provinz, State, Province,
        State/Province, County, Canton""",
    "country": """Land, Land/Region, Staat, Ländercode, Länderkürzel, Landeskennzeichen, LKZ,
        Ländername, Country, Country/Region, Country code, Nation""",
    "email": """E-Mail, Mail, E-Mail-Adresse, Mailadresse, Email address, Mail address, EMailadr""",
    "email_label": "E-Mail Label, E-mail type, E-Mail-Typ, E-Mail Art",
    "phone": """Telefon, Tel., Telefonnummer, Telefon-Nr., Telnr, Festnetz, Rufnummer, Phone,
        Phone number, Phone no., Telephone, Telephone number, Landline, Haupttelefon""",
    "phone_label": "Phone Label, Phone type, Telefonart, Telefontyp",
    "mobile": """Mobil, Mobiltelefon, Mobilnummer, Mobilfunk, Mobile, Mobile phone,
        Mobile number, Cell, Cell phone, Cellphone, Handy, Handynummer, Handy-Nr., Natel,
        Telefon mobil, Tel. mobil, Tel. Handy, Phone mobile""",
    "fax": "Fax, Telefax, Faxnummer, Fax-Nr., Fax number",
    "birthday": """Geburtstag, Geburtsdatum, Geb.-Datum, Geb., Gebdat, Geb.-Tag, Geboren,
        Geboren am, Birthday, Birth date, Birthdate, Date of birth, Born, DOB""",
    "language": "Sprache, Korrespondenzsprache, Language, Preferred language, Sprachcode",
    "groups": """Gruppe, Gruppen, Kundengruppe, Kundengruppen, Kategorie, Kategorien, Schlagwort,
        Schlagworte, Schlagwörter, Stichworte, Etiketten, Group, Groups, Group membership,
        Customer group, Category, Categories, Labels, Tags""",
    "vat_number": """USt-IdNr., USt-ID, UStIDNr, Umsatzsteuer-ID,
        Umsatzsteuer-Identifikationsnummer, USt-Identnummer, MwSt-Nr., MwSt-Nummer, UID,
        UID-Nummer, UID-Nr., VAT number, VAT no., VAT ID, VAT, VAT Reg. No.""",
    "iban": "IBAN, IBAN-Nr., IBAN-Nummer, IBAN number, Kunden-IBAN",
    "bic": "BIC, SWIFT, BIC/SWIFT, SWIFT/BIC, SWIFT-Code, BIC-Code, BIC (SWIFT)",
    "account_holder": """Kontoinhaber, Kontoinhaberin, Abweichender Kontoinhaber, Kto.-Inhaber,
        Account holder, Account owner, Name of account holder""",
    "account_number": """Kontonummer, Konto-Nr., Kto.-Nr., Kontonr, Konto, Account number,
        Account no.""",
    "bank_code": """Bankleitzahl, BLZ, Clearing, Clearingnummer, Clearing-Nr., BC-Nr., Bank code,
        Sort code, Bank sort code, Clearing number""",
    "bank_name": "Bank, Bankname, Name der Bank, Kreditinstitut, Geldinstitut, Bank name",
    "mandate_reference": """Mandatsreferenz, Mandatsreferenznummer, Mandatsref., Mandats-ID,
        Mandatsnummer, Mandats-Nr., SEPA-Mandatsreferenz, SEPA Mandats-ID,
        Mandate reference, Mandate ID, SEPA mandate reference, UMR""",
    "mandate_date": """Mandatsdatum, Mandat vom, Datum des Mandats, Datum der Unterschrift,
        Unterschriftsdatum, Mandat unterschrieben am, Mandatsunterschrift, Mandat Datum,
        SEPA-Mandatsdatum, Mandate date, Date of mandate, Mandate signed on, Signature date,
        Mandate signature date, Date of signature""",
    "first_debit_on": """Erster Einzug, Erster Einzug am, Ersteinzug, Erste Lastschrift,
        Erste Lastschrift am, Datum der ersten Lastschrift, Erste Abbuchung, First debit,
        First debit on, First debit date, First direct debit, First collection,
        Date of first debit""",
    "payment_method": """Zahlungsart, Zahlart, Zahlungsweise, Zahlungsmethode, Bezahlart,
        Payment method, Payment type, Method of payment""",
    "note": """Notiz, Notizen, Bemerkung, Bemerkungen, Anmerkung, Anmerkungen, Kommentar,
        Kommentare, Memo, Hinweis, Note, Notes, Comment, Comments, Remark, Remarks""",
}

SCOPES = {
    "private": "privat, private, home, heim, personal",
    "work": """geschäftlich, geschäft, dienstlich, beruflich, business, work, office, büro, firma,
        firmen, company, company main""",
    "other": """weitere, weiterer, weiteres, andere, anderer, sonstige, zusätzliche, other,
        additional""",
    "delivery": """Lieferadresse, Lieferanschrift, Lieferung, Liefer, delivery, delivery address,
        shipping, shipping address, ship to, Versand, Versandadresse""",
    "billing": """Rechnungsadresse, Rechnungsanschrift, Rechnungsempfänger, Rechnungs, Rechnung,
        billing, billing address, invoice, invoice address, bill to""",
    "": """Kunde, Kunden, Kontakt, Person, Mitglied, Haupt, Adresse, Adress, Anschrift, Post,
        customer, client, contact, member, main, primary, address, mailing, postal, value, Wert""",
}


def _keys(table: dict[str, str]) -> dict[str, str]:
    return {key(name): what for what, names in table.items() for name in names.split(",")}


HEADERS = _keys(MEANINGS)
_PLACES = _keys(SCOPES)
AFFIXES = sorted(_PLACES.items(), key=lambda item: -len(item[0]))


def understand(headers: Sequence[str]) -> list[Column]:
    """What each column is, given all headers; OTHER where a header says nothing known."""
    columns = [_column(header[:100]) for header in headers]
    _settle_numbers(columns)
    _settle_names(columns)
    _settle_streets(columns)
    return columns


def place(label: str) -> str:
    """'delivery' or 'billing' when a label says so, else ''."""
    means = _PLACES.get(key(label), "")
    return means if means in ("delivery", "billing") else ""


@lru_cache(maxsize=4096)
def _column(header: str) -> Column:
    whole = key(header)
    if whole in HEADERS:
        return Column(HEADERS[whole])
    number = re.search(r"\d{1,2}", whole)
    found = _without_affixes(re.sub(r"\d+", "", whole))
    if found is None or not whole:
        return OTHER
    column = Column(*found, int(number[0]) if number else 1)
    return column if _is_possible(column) else OTHER


def _without_affixes(name: str) -> tuple[str, str] | None:
    """The field and the scope of a header that is built from parts."""
    scope = ""
    for _part in range(4):
        if name in HEADERS:
            return HEADERS[name], scope
        for affix, means in AFFIXES:
            if len(affix) < len(name) and (name.startswith(affix) or name.endswith(affix)):
                name = name.removeprefix(affix) if name.startswith(affix) else name[: -len(affix)]
                scope = scope or means
                break
        else:
            return None
    return None


def _is_possible(column: Column) -> bool:
    """Whether there can be such a thing: a second street yes, a private IBAN or a third name no."""
    if column.field in ADDRESS or column.field in REACH:
        return True
    if column.field in NAMES and column.scope in ("delivery", "billing"):
        return True
    return column.number <= 1 and not column.scope and column.field != "weak_number"


def _settle_numbers(columns: list[Column]) -> None:
    """After a street "Nr." is the house number, else the customer number if none is named."""
    taken = any(column.field == "number" for column in columns)
    for i, column in enumerate(columns):
        if column.field != "weak_number":
            continue
        if i and columns[i - 1].field == "street":
            columns[i] = columns[i - 1]._replace(field="house_number")
        else:
            columns[i] = OTHER if taken else Column("number")
            taken = True


def _settle_names(columns: list[Column]) -> None:
    """Beside "Vorname", "Name" is the last name."""
    fields = {column.field for column in columns if not column.scope}
    if "first_name" in fields and "last_name" not in fields:
        for i, column in enumerate(columns):
            if column == Column("full_name"):
                columns[i] = Column("last_name")
                return


def _settle_streets(columns: list[Column]) -> None:
    """A "Street 2" is a second line of the address, unless there is a second town as well."""
    towns = {column[1:] for column in columns if column.field in TOWNS}
    for i, column in enumerate(columns):
        second = column.field in ("street", "address_extra") and column.number > 1
        if second and column[1:] not in towns:
            columns[i] = Column("address_extra", column.scope)
