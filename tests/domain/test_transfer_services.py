"""What becomes of files: whole customers in every table, refusals with a reason, a way back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest
from flask import Flask
from flask_babel import force_locale
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, text

from app.core import events, history
from app.core.audit import AuditEntry
from app.core.database import Model, db
from app.core.i18n import today
from app.core.problems import Refused
from app.domain.addresses.models import Address
from app.domain.banking.models import BankAccount, Mandate
from app.domain.banking.services import record_bank
from app.domain.comments.models import Comment
from app.domain.comments.rules import LONGEST as LONGEST_COMMENT
from app.domain.comments.services import write_comment
from app.domain.customers import index
from app.domain.customers.models import (
    ContactPerson,
    Customer,
    CustomerEmail,
    CustomerPhone,
    SearchEntry,
)
from app.domain.customers.queries import find
from app.domain.customers.services import change_customer, create_customer
from app.domain.groups.services import groups_named
from app.domain.settings.queries import Team
from app.domain.transfer import rows, services
from app.domain.transfer.models import ImportBatch, ImportedCustomer
from app.domain.transfer.reading import read
from app.domain.transfer.services import Outcome, Reverted
from tests.browserless import Browser
from tests.factories import customer_values

IBAN, BIC, BANK_NAME = "DE89370400440532013000", "COBADEFFXXX", "Commerzbank"
OTHER_IBAN = "DE02120300000000202051"
SIGNED = {"Kontoinhaber": "Tanja Müller", "IBAN": IBAN, "Mandatsdatum": "01.03.2026"}


@pytest.fixture(autouse=True)
def _english(context: None) -> Iterator[None]:
    with force_locale("en"):
        yield


def begun(*names: str) -> int:
    batch_id = services.begin_batch(names or ("a.csv",))
    db.session.commit()
    return batch_id


def imported(data: str | bytes, batch_id: int | None = None, name: str = "a.csv") -> Outcome:
    """What became of a file, every chunk committed."""
    data = data.encode() if isinstance(data, str) else data
    outcome = Outcome()
    for piece in services.import_file(batch_id or begun(name), name, data, today()):
        db.session.commit()
        outcome += piece
    return outcome


def row(**over: str) -> str:
    """A table of one customer."""
    values = {"Nachname": "Müller"} | over
    return ";".join(values) + "\n" + ";".join(values.values()) + "\n"


def reverted(batch_id: int) -> tuple[int, list[str]]:
    services.end_batch(batch_id)
    steps = []
    for step in services.revert_batch(batch_id):
        db.session.commit()
        steps.append(step)
    return sum(step.removed for step in steps), steps[-1].kept


def reasons(outcome: Outcome) -> list[tuple[int, str]]:
    return [(refusal.line, refusal.reason) for refusal in outcome.refused]


def all_of(model: type[Model]) -> list[Any]:
    return list(db.session.scalars(select(model).order_by(*model.__table__.primary_key)))


def only(model: type[Model]) -> Any:
    (found,) = all_of(model)
    return found


def numbers() -> list[str]:
    return [customer.number for customer in all_of(Customer)]


def found(typed: str) -> list[str]:
    return [hit.number for hit in find(typed).rows]


def counts() -> dict[str, int]:
    return {
        name: db.session.scalar(select(func.count()).select_from(table)) or 0
        for name, table in db.metadata.tables.items()
    }


def is_sound() -> bool:
    """The search holds exactly its entries, in the order of the names, and nothing is orphaned."""
    for name in index.INDEXES:
        db.session.execute(text(f"INSERT INTO {name}({name}, rank) VALUES('integrity-check', 1)"))
    assert not db.session.execute(text("PRAGMA foreign_key_check")).all()
    by_label = select(SearchEntry.customer_id).order_by(SearchEntry.label)
    by_name = select(Customer.id).order_by(Customer.name_sort, Customer.id)
    return db.session.scalars(by_label).all() == db.session.scalars(by_name).all()


class TestColumns:
    """Every column has its place, whatever it is called and wherever it comes from."""

    GERMAN = (
        "Kundennummer;Anrede;Titel;Vorname;Nachname;Straße;PLZ;Ort;Land;E-Mail;Telefon;Mobil;"
        "Geburtstag;Sprache;Gruppen;IBAN;BIC;Kontoinhaber;Mandatsreferenz;Mandatsdatum;"
        "Erster Einzug;Notiz;Tanzlevel\n"
        "K-7;Frau;Dr.;Tanja;Müller;Hauptstr. 5a;50667;Köln;Deutschland;tanja@example.com;"
        "0221 98765;0176 1234567;24.12.1990;Deutsch;Salsa, Tango;DE89 3704 0044 0532 0130 00;"
        "COBADEFFXXX;Tanja Müller;M-1;01.03.2026;01.04.2026;Ruft abends an.;Silber\n"
    )
    ENGLISH = (
        "number,salutation,title,first name,last name,street,postcode,town,country,e-mail,phone,"
        "mobile,birthday,language,groups,IBAN,BIC,account holder,mandate reference,mandate date,"
        "first debit,note,Dance level\n"
        "K-7,Ms,Dr.,Tanja,Müller,Hauptstr. 5a,50667,Köln,Germany,tanja@example.com,0221 98765,"
        '0176 1234567,1990-12-24,German,"Salsa, Tango",DE89370400440532013000,COBADEFFXXX,'
        "Tanja Müller,M-1,2026-03-01,2026-04-01,Ruft abends an.,Silber\n"
    )

    @pytest.mark.parametrize("table", [GERMAN, ENGLISH], ids=["german", "english"])
    def test_every_one_lands_in_its_place(self, table: str):
        assert imported(table) == Outcome(new=1)
        customer = only(Customer)
        assert {name: getattr(customer, name) for name in customer_values() if name in VALUES} == {
            "kind": "person",
            "number": "K-7",
            "salutation": "ms",
            "title": "Dr.",
            "first_name": "Tanja",
            "last_name": "Müller",
            "company": "",
            "street": "Hauptstr.",
            "house_number": "5a",
            "address_extra": "",
            "postcode": "50667",
            "town": "Köln",
            "region": "",
            "country": "DE",
            "language": "de",
            "birthday": date(1990, 12, 24),
            "vat_number": "",
        }
        assert (customer.list_name, customer.payment_method) == (
            "Müller, Dr. Tanja",
            "sepa_direct_debit",
        )
        assert [(e.position, e.label, e.address) for e in all_of(CustomerEmail)] == [
            (0, "", "tanja@example.com")
        ]
        assert [(p.position, p.label, p.number, p.key) for p in all_of(CustomerPhone)] == [
            (0, "", "0221 98765", "4922198765"),
            (1, "mobile", "0176 1234567", "491761234567"),
        ]
        account, mandate = only(BankAccount), only(Mandate)
        assert (account.iban, account.bic, account.bank_name) == (IBAN, BIC, BANK_NAME)
        assert account.account_holder == "Tanja Müller"
        assert (mandate.state, mandate.reference) == ("on_hand", "M-1")
        assert (mandate.signed_on, mandate.first_debit_on) == (date(2026, 3, 1), date(2026, 4, 1))
        assert mandate.bank_account_id == account.id
        kept, note = all_of(Comment)
        level = "Tanzlevel" if table == self.GERMAN else "Dance level"
        assert kept.body.splitlines()[1:] == [f"{level}: Silber"]
        assert note.body == "Ruft abends an."
        assert only(ImportedCustomer).groups == ["Salsa", "Tango"]

    CARDS = {
        "2.1": "VERSION:2.1\nN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:M=C3=BCller;Tanja;;Dr.;\n"
        "TEL;CELL:0176 1234567\nTEL;WORK:0221 98765\nEMAIL;INTERNET:tanja@example.com\n"
        "ADR;HOME:;;Hauptstr. 5a;Köln;;50667;Germany\nBDAY:19901224\nNOTE:Ruft abends an.\n"
        "CATEGORIES:Salsa,Tango\n",
        "3.0": "VERSION:3.0\nN:Müller;Tanja;;Dr.;\nFN:Dr. Tanja Müller\nTEL;TYPE=CELL:0176 1234567"
        "\nTEL;TYPE=WORK,VOICE:0221 98765\nEMAIL;TYPE=INTERNET:tanja@example.com\n"
        "ADR;TYPE=HOME:;;Hauptstr. 5a;Köln;;50667;Germany\nBDAY:1990-12-24\n"
        "NOTE:Ruft abends an.\nCATEGORIES:Salsa,Tango\n",
        "4.0": "VERSION:4.0\nN:Müller;Tanja;;Dr.;\nFN:Dr. Tanja Müller\n"
        "TEL;VALUE=uri;TYPE=cell:tel:0176 1234567\nTEL;VALUE=uri;TYPE=work:tel:0221 98765\n"
        "EMAIL:tanja@example.com\nADR:;;Hauptstr. 5a;Köln;;50667;Germany\nBDAY:19901224\n"
        "NOTE:Ruft abends an.\nCATEGORIES:Salsa,Tango\n",
    }

    @pytest.mark.parametrize("card", CARDS.values(), ids=CARDS)
    def test_every_version_of_vcard(self, card: str):
        assert imported(f"BEGIN:VCARD\n{card}END:VCARD\n", name="a.vcf") == Outcome(new=1)
        customer = only(Customer)
        assert (customer.name, customer.number) == ("Dr. Tanja Müller", "10001")
        assert (customer.street, customer.house_number) == ("Hauptstr.", "5a")
        assert (customer.postcode, customer.town, customer.country) == ("50667", "Köln", "DE")
        assert customer.birthday == date(1990, 12, 24)
        assert only(CustomerEmail).address == "tanja@example.com"
        assert {(p.label, p.number) for p in all_of(CustomerPhone)} == {
            ("mobile", "0176 1234567"),
            ("work", "0221 98765"),
        }
        assert only(Comment).body == "Ruft abends an."
        assert only(ImportedCustomer).groups == ["Salsa", "Tango"]

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
    @pytest.mark.parametrize("sep", [";", ",", "\t", "|"])
    def test_encodings_and_separators(self, encoding: str, sep: str):
        table = f"Vorname{sep}Nachname{sep}Ort\r\nJörg{sep}Weiß{sep}Döbeln\r\n"
        assert imported(table.encode(encoding)) == Outcome(new=1)
        customer = only(Customer)
        assert (customer.first_name, customer.last_name) == ("Jörg", "Weiß")
        assert customer.town == "Döbeln"

    def test_a_company_with_the_person_one_talks_to(self):
        imported("Firma;Anrede;Vorname;Nachname;Position\nWeiß GmbH;Herr;Jörg;Weiß;Einkauf\n")
        customer, person = only(Customer), only(ContactPerson)
        assert (customer.kind, customer.name) == ("company", "Weiß GmbH")
        assert (person.salutation, person.last_name, person.role) == ("mr", "Weiß", "Einkauf")
        assert person.is_main

    def test_an_additional_address(self):
        imported(
            row(
                **{
                    "Straße": "Hauptstr. 5a",
                    "Ort": "Bern",
                    "Land": "CH",
                    "Rechnungsadresse Name": "Petra Kowalska",
                    "Rechnungsadresse Straße": "Am Rheinufer 12",
                    "Rechnungsadresse PLZ": "53111",
                    "Rechnungsadresse Ort": "Bonn",
                }
            )
        )
        address = only(Address)
        assert (address.first_name, address.last_name) == ("Petra", "Kowalska")
        assert (address.street, address.house_number) == ("Am Rheinufer", "12")
        assert (address.is_billing, address.is_delivery, address.country) == (True, False, "CH")

    def test_an_address_that_no_envelope_takes_is_kept_in_the_comment(self):
        table = row(**{"Ort": "Köln", "Lieferadresse Straße": "Am Rheinufer 12"})
        assert imported(table).new == 1
        assert all_of(Address) == []
        assert only(Comment).body.splitlines()[1:] == ["Delivery address: Am Rheinufer 12"]

    def test_whoever_has_no_country_and_language_gets_the_teams(self):
        imported(row())
        assert (only(Customer).country, only(Customer).language) == ("DE", "de")

    @pytest.mark.parametrize(("country", "street"), [("FR", "12 rue de la Paix"), ("", "Weg 12")])
    def test_the_country_tells_where_the_house_number_stands(self, country: str, street: str):
        imported(row(**{"Straße": street, "Land": country}))
        assert only(Customer).house_number == "12"

    def test_a_long_note_is_split_between_words(self):
        note = " ".join(f"Wort{i}" for i in range(6000))
        imported(row(Notiz=note))
        pieces = [comment.body for comment in all_of(Comment)]
        assert len(pieces) == 3
        assert all(len(piece) <= LONGEST_COMMENT for piece in pieces)
        assert " ".join(pieces) == note

    def test_a_note_of_one_endless_word_too(self):
        imported(row(Notiz="x" * 45_000))
        assert [len(comment.body) for comment in all_of(Comment)] == [20_000, 20_000, 5_000]


VALUES = {*customer_values()} - {"emails", "phones"}


class TestRefusals:
    """A row that does not hold is told with its line and a reason; the others are imported."""

    @pytest.mark.parametrize(
        ("bad", "reason"),
        [
            (";;tanja@example.com;;;", "Last name: Please give a last name or a company"),
            ("Müller;Tanja;tanja(at)example.com;;;", "E-mail addresses: This is not an e-mail"),
            ("Müller;Tanja;;12;;", "Phone numbers: A phone number has at least three digits"),
            ("Müller;Tanja;;;31.02.1990;", "31.02.1990"),
            ("Müller;Tanja;;;24.12.2190;", "Birthday: This birthday is in the future"),
            ("Müller;Tanja;;;;Atlantis", "There is no country Atlantis"),
            (f"{'M' * 101};Tanja;;;;", "Last name: Please take at most 100 characters"),
            ("Müller;Tanja;;;;;;zu viel", "more fields than there are columns"),
            ('"Müller;Tanja', "quotation mark"),
        ],
    )
    def test_the_others_are_imported(self, bad: str, reason: str):
        head = "Nachname;Vorname;E-Mail;Telefon;Geburtstag;Land\n"
        outcome = imported(f"{head}Adam;Eva;;;;\n{bad}\nZander;Otto;;;;\n")
        assert outcome.new == 2
        ((line, told),) = reasons(outcome)
        assert line == 3
        assert reason in told
        assert found("adam")
        assert found("zander")
        assert is_sound()

    def test_all_that_is_wrong_is_told_at_once(self):
        ((_line, reason),) = reasons(
            imported(row(**{"E-Mail": "x", "Telefon": "1", "IBAN": "DE1"}))
        )
        assert [label in reason for label in ("E-mail", "Phone numbers:", "IBAN:")] == [True] * 3

    def test_nothing_of_them_is_written(self):
        batch_id = begun()
        before = counts()
        table = (
            "Nachname;E-Mail;Notiz;Sparte;IBAN;Gruppen;Kundennummer\n"
            "Müller;x;Notiz;Tanz;;Salsa;\n"
            f"Weiß;;Notiz;Tanz;{IBAN[:-1]}1;Salsa;\n"
            ";w@example.com;Notiz;Tanz;;;5\n"
        )
        outcome = imported(table, batch_id)
        assert (outcome.new, [line for line, _reason in reasons(outcome)]) == (0, [2, 3, 4])
        assert counts() == before

    @pytest.mark.parametrize(
        "data",
        [
            b"",
            b"   \n\n",
            b"PK\x03\x04" + b"\0" * 1000,
            bytes(range(256)) * 1000,
            b"a" * (25 * 1024 * 1024),
            b"a" * (25 * 1024 * 1024 + 1),
            b'Nachname\n"' + b"a" * 10_000_000,
            b"Farbe;Form\nrot;rund\n",
        ],
        ids=["empty", "blank", "zip", "binary", "line", "large", "quote", "nobody"],
    )
    def test_a_hostile_file_is_refused_as_a_whole(self, data: bytes):
        outcome = imported(data)
        assert outcome.new == outcome.skipped == 0
        (refusal,) = outcome.refused
        assert refusal.file == "a.csv"
        assert refusal.reason

    def test_where_reading_ends_early_the_rest_is_told(self):
        outcome = imported("Nachname\nMüller\n" + '"a"b\n' * 200 + "Weiß\n")
        assert outcome.new == 1
        assert reasons(outcome)[-1][0] == 0
        assert "reading stopped" in reasons(outcome)[-1][1]

    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
    @given(
        st.lists(
            st.one_of(
                st.text(alphabet="aß1 ,;@.-+/\"'\n\u0301\ufffd", max_size=12),
                st.sampled_from(
                    ["DE", IBAN, "31.12.2026", "a@b.de", "0176 123", "SEPA", "x" * 300]
                ),
            ),
            min_size=15,
            max_size=15,
        )
    )
    def test_nothing_in_a_row_stops_the_others(self, cells: list[str]):
        head = (
            "Nr;Anrede;Nachname;Firma;Straße;PLZ;Land;Rechnungsadresse Ort;E-Mail;Telefon;"
            "Geburtstag;IBAN;BIC;Mandatsdatum;USt-IdNr."
        )
        quoted = ";".join('"' + cell.replace('"', '""') + '"' for cell in cells)
        for record in read(f"{head}\n{quoted}\n".encode(), today()).records:
            made = rows.newcomer(record, Team(), today())
            assert made.reason or made.values["last_name"] or made.values["company"]


class TestNumbers:
    def test_an_existing_one_is_skipped_and_never_overwritten(self, make_customer: Any):
        make_customer(number="7", last_name="Alt")
        outcome = imported("Kundennummer;Nachname;IBAN\n7;Neu;\n8;Weiß;\n7;Falsch;DE1\n")
        assert outcome == Outcome(new=1, skipped=2)
        assert {c.number: c.last_name for c in all_of(Customer)} == {"7": "Alt", "8": "Weiß"}

    def test_the_second_of_two_in_a_file_is_skipped(self):
        assert imported("Kundennummer;Nachname\n7;Adam\n7;Eva\n") == Outcome(new=1, skipped=1)
        assert only(Customer).last_name == "Adam"

    def test_one_of_an_earlier_file_is_skipped(self):
        batch_id = begun("a.csv", "b.csv")
        imported("Kundennummer;Nachname\n7;Adam\n", batch_id)
        assert imported("Kundennummer;Nachname\n7;Eva\n", batch_id).skipped == 1

    def test_a_refused_row_keeps_no_number(self):
        outcome = imported("Kundennummer;Nachname;E-Mail\n7;Adam;x\n7;Eva;eva@example.com\n")
        assert (outcome.new, outcome.skipped, len(outcome.refused)) == (1, 0, 1)

    def test_without_one_the_next_free_is_given(self, make_customer: Any):
        make_customer(number="10002")
        imported("Nachname\nAdam\nEva\nKain\n")
        assert numbers() == ["10002", "10001", "10003", "10004"]
        assert create_customer(customer_values()) > 0
        assert numbers()[-1] == "10005"

    def test_automatic_ones_leave_those_given_later_in_the_file(self, monkeypatch: Any):
        monkeypatch.setattr(services, "CHUNK", 2)
        outcome = imported("Nachname;Kundennummer\nAdam;\nEva;\nKain;\nAbel;10002\nSet;10001\n")
        assert outcome == Outcome(new=5)
        assert {c.last_name: c.number for c in all_of(Customer)} == {
            "Adam": "10003",
            "Eva": "10004",
            "Kain": "10005",
            "Abel": "10002",
            "Set": "10001",
        }

    def test_all_reasons_of_a_row_are_told(self):
        told = row(**{"E-Mail": "x", "IBAN": "DE00", "Geburtstag": "31.02.1999"})
        ((_line, reason),) = reasons(imported(told))
        assert "There is no day 31.02.1999." in reason
        assert "E-mail addresses: This is not an e-mail address." in reason
        assert "IBAN: " in reason

    @pytest.mark.parametrize(
        ("over", "told"),
        [
            (
                {
                    "Land": "Atlantis",
                    "PLZ": "5066",
                    "Telefon": "0221 98765",
                    "USt-IdNr": "DE136695976",
                    "IBAN": "DE89370400440532013000",
                },
                "There is no country Atlantis.",
            ),
            (
                {"Zahlungsart": "SEPA", "IBAN": IBAN, "Mandatsdatum": "31.02.1999"},
                "There is no day 31.02.1999.",
            ),
            ({"Nachname": "\0"}, "Nachname: holds characters that are no text."),
        ],
        ids=["country", "mandate", "name"],
    )
    def test_nothing_is_said_of_what_only_follows(self, over: dict[str, str], told: str):
        assert reasons(imported(row(**over))) == [(2, told)]

    def test_a_number_that_no_customer_may_have_is_refused(self):
        ((_line, reason),) = reasons(imported(row(Kundennummer="7 *")))
        assert reason.startswith("Customer number:")


class TestBank:
    """Bank columns obey the rules of the dialog."""

    @pytest.mark.parametrize(
        ("over", "reason"),
        [
            ({"IBAN": "DE89370400440532013001"}, "IBAN: The check digits"),
            ({"IBAN": "DE8937040044053201300"}, "IBAN: This IBAN has 21 characters"),
            ({"IBAN": IBAN, "BIC": "COBA"}, "BIC: A BIC has 8 or 11"),
            ({"IBAN": IBAN, "BIC": "UBSWCHZH80A"}, "BIC: This is a bank in CH"),
            ({"USt-IdNr.": "DE136695977"}, "VAT number:"),
            ({"Kontonummer": "532013000"}, "Bank code: An account number without IBAN"),
            (SIGNED | {"Erster Einzug": "28.02.2026"}, "cannot come before the mandate"),
            (SIGNED | {"Mandatsdatum": "01.03.2126"}, "in the future"),
            (SIGNED | {"IBAN": ""}, "IBAN: A mandate on hand needs this"),
            (SIGNED | {"Kontoinhaber": ""}, "Account holder: A mandate on hand needs this"),
            (SIGNED | {"Mandatsreferenz": "Ä-1"}, "Mandate reference: Banks take"),
        ],
    )
    def test_what_the_dialog_refuses(self, over: dict[str, str], reason: str):
        outcome = imported(row(**over))
        assert outcome.new == 0
        ((_line, told),) = reasons(outcome)
        assert reason in told
        assert all_of(BankAccount) == all_of(Mandate) == []

    def test_a_valid_iban_fills_bic_and_bank(self):
        imported(row(IBAN="de89 3704 0044 0532 0130 00"))
        account = only(BankAccount)
        assert (account.iban, account.bic, account.bank_name) == (IBAN, BIC, BANK_NAME)
        assert (only(Customer).payment_method, all_of(Mandate)) == ("invoice", [])

    def test_what_is_given_is_not_filled_over(self):
        imported(row(IBAN=IBAN, BIC="DEUTDEFF", Bank="Hausbank"))
        account = only(BankAccount)
        assert (account.bic, account.bank_name) == ("DEUTDEFF", "Hausbank")

    def test_a_national_account_stays_as_it_is(self):
        imported(row(BLZ="370 400 44", Kontonummer="532013000"))
        account = only(BankAccount)
        assert (account.bank_code, account.account_number) == ("37040044", "532013000")
        assert (account.iban, account.bic) == ("", "")

    @pytest.mark.parametrize(
        ("over", "state", "reference", "method"),
        [
            (SIGNED, "on_hand", "10001-1", "sepa_direct_debit"),
            (SIGNED | {"Mandatsreferenz": "M-1"}, "on_hand", "M-1", "sepa_direct_debit"),
            (SIGNED | {"Zahlungsart": "Rechnung"}, "on_hand", "10001-1", "invoice"),
            ({"Mandatsreferenz": "M-1"}, "prepared", "M-1", "invoice"),
            ({"Zahlungsart": "Lastschrift"}, "prepared", "10001-1", "sepa_direct_debit"),
            ({"Erster Einzug": "01.04.2026"}, "prepared", "10001-1", "invoice"),
        ],
    )
    def test_mandates(self, over: dict[str, str], state: str, reference: str, method: str):
        assert imported(row(**over)).new == 1
        mandate = only(Mandate)
        assert (mandate.state, mandate.reference) == (state, reference)
        assert only(Customer).payment_method == method

    @pytest.mark.parametrize(("method", "code"), [("PayPal", "paypal"), ("Überweisung", "invoice")])
    def test_a_payment_method_alone_makes_no_account(self, method: str, code: str):
        imported(row(Zahlungsart=method))
        assert only(Customer).payment_method == code
        assert all_of(BankAccount) == all_of(Mandate) == []

    def test_a_reference_of_another_customer_is_refused(self, make_customer: Any):
        customer_id = make_customer(number="1")
        record_bank(customer_id, {"mandate_reference": "m-1"})
        db.session.commit()
        outcome = imported("Nachname;Mandatsreferenz\nAdam;M-1\nEva;M-2\nKain;m-2\n")
        assert outcome.new == 1
        taken = "Mandate reference: The mandate of another customer has this reference."
        assert reasons(outcome) == [(2, taken), (4, taken)]

    def test_made_references_are_those_that_nobody_has(self, make_customer: Any):
        customer_id = make_customer(number="1")
        record_bank(customer_id, {"mandate_reference": "7-1"})
        db.session.commit()
        imported(
            "Kundennummer;Nachname;Zahlungsart;Mandatsreferenz\n"
            "7;Adam;SEPA;\n8;Eva;;7-2\nK/1;Kain;SEPA;\nK-1;Abel;SEPA;\n"
        )
        assert [m.reference for m in all_of(Mandate)[1:]] == ["7-3", "7-2", "K-1-1", "K-1-2"]


class TestFound:
    TABLE = (
        "Firma;Nachname;Vorname;PLZ;Straße;Telefon;IBAN;Kontoinhaber;Lieferadresse Ort;"
        "Lieferadresse Straße;E-Mail\n"
        f"Schuhe AG;Jóhansson;Björk;50667;Domgasse 3;0176 1234567;{IBAN};Käse & Söhne;Bonn;"
        "Rheinufer 1;schuh@example.com\n"
    )

    @pytest.mark.parametrize(
        "typed",
        [
            *("schuhe", "bjork", "johansson", "50667", "domgasse 3", "01761234567", "+49 176 1234"),
            *(IBAN, "DE89 3704", "kaese", "kase", "bonn rheinufer", "schuh@ex", "10001", "uhe"),
        ],
    )
    def test_by_everything(self, typed: str):
        imported(self.TABLE)
        assert found(typed) == ["10001"]

    def test_in_the_order_of_their_names_among_those_who_were_there(self, make_customer: Any):
        for last_name in ("Müller", "Adam", "Zander", "Müller"):
            make_customer(last_name=last_name, first_name="")
        names = [f"Müller {i % 50}" for i in range(300)] + ["Müller"] * 100 + ["Öz", "Aal"]
        imported("Nachname\n" + "\n".join(names))
        assert is_sound()
        imported("Nachname\n" + "Müller\n" * 500)
        assert is_sound()


class TestHistory:
    def test_one_entry_tells_what_was_imported(self):
        batch_id = begun()
        imported(TestColumns.GERMAN, batch_id)
        customer = only(Customer)
        (entry,) = history.page(customer.id).rows
        assert (entry.area, entry.action, entry.subject) == ("transfer", "imported", str(batch_id))
        changes = {field: after for field, _before, after in entry.changes}
        assert changes["last_name"] == "Müller"
        assert changes["iban"] == "DE89 •••• 3000"
        assert changes["mandate_date"] == "2026-03-01"
        assert changes["groups"] == ["Salsa", "Tango"]
        assert "company" not in changes
        assert IBAN not in str(entry.changes)

    def test_the_page_shows_it(self, app: Flask, anna: Browser):
        imported(TestColumns.GERMAN)
        customer_id = only(Customer).id
        db.session.commit()
        page = anna.get(f"/customers/{customer_id}/history").text
        assert "Customer added by import" in page
        assert "DE89 •••• 3000" in page

    def test_it_is_announced(self):
        events.announced().clear()
        imported(row())
        assert "customers.imported" in events.announced()

    def test_every_table_knows_the_moment_and_the_author(self, app: Flask):
        imported(row(Notiz="Hallo"))
        customer = only(Customer)
        assert customer.created_at == customer.changed_at == only(ImportedCustomer).changed_at
        assert (only(Comment).author_id, only(Comment).author_name) == (None, "")
        assert only(ImportBatch).files == ["a.csv"]


class TestChunks:
    TABLE = "Nachname;E-Mail;IBAN\n" + "".join(f"M{i};m{i}@example.com;{IBAN}\n" for i in range(7))

    def test_each_is_written_whole_or_not_at_all(self, monkeypatch: Any):
        monkeypatch.setattr(services, "CHUNK", 3)
        batch_id = begun()
        steps = services.import_file(batch_id, "a.csv", self.TABLE.encode(), today())
        for _step in range(2):
            next(steps)
            db.session.commit()
        before = counts()
        monkeypatch.setattr(index, "add", None)
        with pytest.raises(TypeError):
            next(steps)
        db.session.rollback()
        assert counts() == before
        assert len(numbers()) == 3
        assert is_sound()
        monkeypatch.undo()
        assert reverted(batch_id) == (3, [])

    def test_no_transaction_is_open_while_a_file_is_read(self, monkeypatch: Any):
        monkeypatch.setattr(services, "CHUNK", 3)
        judge, seen = rows.newcomer, set()

        def watched(*arguments: Any) -> Any:
            seen.add(db.session().in_transaction())
            return judge(*arguments)

        monkeypatch.setattr(rows, "newcomer", watched)
        assert imported(self.TABLE).new == 7
        assert seen == {False}

    def test_statements_do_not_grow_with_the_rows(self, count_queries: Callable[[], Any]):
        sent = []
        for lines in (10, 200):
            table = "Nachname;E-Mail;IBAN;Zahlungsart\n" + "".join(
                f"M{i};m{i}@example.com;{IBAN};SEPA\n" for i in range(lines)
            )
            with count_queries() as statements:
                imported(table)
            sent.append(len(statements))
        assert sent[1] <= sent[0] < 40


class TestRevert:
    FULL = TestColumns.GERMAN + "K-8;;;;Weiß;;;;;;;;;;;;;;;;;;\n"

    def test_it_leaves_the_database_as_it_was(self, make_customer: Any):
        make_customer(number="1", last_name="Alt")
        groups_named(["Salsa", "Tango"])
        before = counts()
        batch_id = begun()
        imported(self.FULL, batch_id)
        imported(TestFound.TABLE, batch_id)
        assert reverted(batch_id) == (3, [])
        after = counts()
        assert after.pop("import_batch") == before.pop("import_batch") + 1
        assert after.pop("audit_entry") == before.pop("audit_entry") + 1
        assert after.pop("counter") >= before.pop("counter")
        assert after == before
        assert numbers() == ["1"]
        assert is_sound()

    def test_one_entry_names_the_removed(self):
        batch_id = begun()
        imported(self.FULL, batch_id)
        reverted(batch_id)
        entry = all_of(AuditEntry)[-1]
        assert (entry.area, entry.action, entry.subject) == ("transfer", "reverted", str(batch_id))
        assert entry.changes == [
            ["customer", "K-7 Dr. Tanja Müller", None],
            ["customer", "K-8 Weiß", None],
        ]

    @pytest.mark.parametrize(
        "touch",
        [
            lambda i: write_comment(i, {"body": "Hat angerufen."}),
            lambda i: record_bank(i, {"iban": OTHER_IBAN}),
            lambda i: change_customer(i, customer_values(number="K-8")),
        ],
        ids=["comment", "bank", "master data"],
    )
    def test_whom_somebody_touched_stays(self, touch: Callable[[int], Any]):
        batch_id = begun()
        imported(self.FULL, batch_id)
        touch(next(c.id for c in all_of(Customer) if c.number == "K-8"))
        db.session.commit()
        assert reverted(batch_id) == (1, ["K-8"])
        assert numbers() == ["K-8"]
        assert only(ImportedCustomer).batch_id == batch_id
        assert is_sound()

    def test_in_chunks(self, monkeypatch: Any):
        monkeypatch.setattr(services, "CHUNK", 3)
        batch_id = begun()
        imported(TestChunks.TABLE, batch_id)
        services.end_batch(batch_id)
        steps = list(services.revert_batch(batch_id))
        assert steps == [Reverted(3), Reverted(3), Reverted(1), Reverted()]

    def test_another_import_is_left_alone(self):
        first, second = begun(), begun()
        imported(row(Kundennummer="1"), first)
        imported(row(Kundennummer="2"), second)
        reverted(first)
        assert numbers() == ["2"]

    def test_not_twice(self, changes_nothing: Callable[[], Any]):
        batch_id = begun()
        imported(row(), batch_id)
        reverted(batch_id)
        with changes_nothing(), pytest.raises(Refused) as refusal:
            reverted(batch_id)
        assert str(refusal.value.message) == f"Import {batch_id} has been reverted already."

    def test_not_what_never_was(self):
        with pytest.raises(Refused) as refusal:
            reverted(99)
        assert str(refusal.value.message) == "There is no import 99."
