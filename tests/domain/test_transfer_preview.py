"""What a preview promises is what the import does."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask_babel import force_locale
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from app.core.audit import AuditEntry
from app.core.database import db
from app.core.i18n import today
from app.domain.comments.models import Comment
from app.domain.customers.models import Customer
from app.domain.transfer import chunk, preview, rows, services
from app.domain.transfer.models import ImportedCustomer
from app.domain.transfer.preview import Preview, look_into
from app.domain.transfer.reading import Unreadable
from app.domain.transfer.services import How, Outcome
from tests.domain.test_transfer_services import IBAN, TestColumns

MADE = {"number", "mandate_reference"}
"""What only the import gives to those who brought none."""
HEAD = (
    "Kundennummer;Anrede;Vorname;Nachname;Firma;Straße;PLZ;Ort;Land;E-Mail;Mobil;Geburtstag;"
    "Gruppen;IBAN;Kontoinhaber;Mandatsdatum;Lieferadresse Ort;Notiz;Tanzlevel"
)
CELLS = [
    *("", "", "", "7", "Frau", "Weiß", "Łukasz", "Weiß GmbH", "Hauptstr. 5a", "50667", "Köln"),
    *("AT", "a@b.de", "0176 1234567", "24.12.1990", "Salsa, Tango", IBAN, "1.3.2026", "x" * 120),
]


@pytest.fixture(autouse=True)
def _english(context: None) -> Iterator[None]:
    with force_locale("en"):
        yield


def seen(text: str | bytes, encoding: str = "", separator: str = "") -> Preview:
    data = text.encode() if isinstance(text, str) else text
    found = look_into(data, today(), encoding, separator)
    db.session.rollback()
    return found


def imported(text: str | bytes, how: How | None = None) -> Outcome:
    data = text.encode() if isinstance(text, str) else text
    batch_id = services.begin_batch(["a.csv"], how)
    db.session.commit()
    outcome = Outcome()
    for piece in services.import_file(batch_id, "a.csv", data, today()):
        db.session.commit()
        outcome += piece
    return outcome


def saved() -> list[tuple[dict[str, Any], list[str]]]:
    """What the history and the comments tell of the customers of the last import."""
    last = select(ImportedCustomer.batch_id).order_by(ImportedCustomer.batch_id.desc()).limit(1)
    ids = db.session.scalars(
        select(ImportedCustomer.customer_id)
        .where(ImportedCustomer.batch_id == last.scalar_subquery())
        .order_by(ImportedCustomer.customer_id)
    )
    return [(_told(i), _comments(i)) for i in ids]


def promised(found: Preview) -> list[tuple[dict[str, Any], list[str]]]:
    return [
        (_plain(rows.told(fate.made)), fate.made.comments) for fate in found.fates if fate.is_new
    ]


def _told(customer_id: int) -> dict[str, Any]:
    entry = select(AuditEntry.changes).where(AuditEntry.customer_id == customer_id)
    return {
        field: value for field, _none, value in db.session.scalars(entry).one() if field not in MADE
    }


def _comments(customer_id: int) -> list[str]:
    bodies = select(Comment.body).where(Comment.customer_id == customer_id).order_by(Comment.id)
    return list(db.session.scalars(bodies))


def _plain(changes: list[Any]) -> dict[str, Any]:
    return {
        field: value.isoformat() if hasattr(value, "isoformat") else value
        for field, _none, value in changes
        if field not in MADE
    }


class TestPromise:
    @settings(
        suppress_health_check=[HealthCheck.function_scoped_fixture],
        deadline=None,
        max_examples=40,
    )
    @given(st.lists(st.lists(st.sampled_from(CELLS), min_size=19, max_size=19), max_size=8))
    def test_whatever_is_in_the_rows(self, lines: list[list[str]]):
        table = "\n".join([HEAD, *(";".join(cells) for cells in lines)])
        found = seen(table)
        outcome = imported(table)
        assert outcome.new == len(promised(found))
        assert outcome.skipped == sum(fate.is_skipped for fate in found.fates)
        told = [(fate.made.line, fate.reason) for fate in found.fates if fate.reason]
        assert [(refusal.line, refusal.reason) for refusal in outcome.refused] == told
        if outcome.new:
            assert saved() == promised(found)

    @pytest.mark.parametrize("table", [TestColumns.GERMAN, TestColumns.ENGLISH])
    def test_everything_a_customer_can_have(self, table: str):
        found = seen(table)
        assert found.is_whole
        imported(table)
        assert saved() == promised(found)

    @pytest.mark.parametrize("encoding", ["cp1250", "cp850", "mac-roman", "iso-8859-15"])
    @pytest.mark.parametrize("separator", [";", ",", "\t", "|"])
    def test_what_is_chosen_counts(self, encoding: str, separator: str):
        table = separator.join(["Vorname", "Nachname", "Ort"]) + "\n"
        data = (table + separator.join(["Jörg", "Weiß", "Döbeln"]) + "\n").encode(encoding)
        found = seen(data, encoding, separator)
        assert (found.encoding, found.separator) == (encoding, separator)
        assert found.fates[0].made.values["last_name"] == "Weiß"
        imported(data, How(encoding, separator))
        assert db.session.scalars(select(Customer.name)).all() == ["Jörg Weiß"]

    def test_a_number_that_somebody_has(self, make_customer: Any):
        make_customer(number="7")
        found = seen("Kundennummer;Nachname\n7;Adam\n8;Eva\n8;Kain\n")
        assert [(fate.is_new, fate.is_skipped) for fate in found.fates] == [
            (False, True),
            (True, False),
            (False, True),
        ]

    def test_a_row_as_a_whole(self):
        found = seen('Nachname;Ort\nAdam;Köln\nEva;Bonn;zu viel\n"Kain;Bern\n')
        assert [bool(fate.reason) for fate in found.fates] == [False, True, True]


class TestBounds:
    def test_only_the_first_rows_are_read(self, monkeypatch: Any):
        judged: list[int] = []
        judge = rows.newcomer

        def watched(record: Any, *more: Any) -> Any:
            judged.append(record.line)
            return judge(record, *more)

        monkeypatch.setattr(rows, "newcomer", watched)
        found = seen("Nachname\n" + "Adam\n" * 5000)
        assert judged == list(range(2, 2 + preview.SHOWN))
        assert (len(found.fates), found.about, found.is_whole) == (preview.SHOWN, 5000, False)

    def test_few_rows_are_counted_exactly(self):
        found = seen('Nachname;Notiz\nAdam;"eins\nzwei\ndrei"\nEva;\n')
        assert (found.about, found.is_whole) == (2, True)

    def test_cards_are_counted_exactly(self):
        found = seen("BEGIN:VCARD\nN:Adam;Eva\nEND:VCARD\n" * 25)
        assert (found.kind, found.about, found.is_whole) == ("vcard", 25, False)

    def test_no_table_at_all_is_told(self):
        with pytest.raises(Unreadable, match="There is no column for a name"):
            seen("Farbe;Form\nrot;rund\n")

    def test_where_reading_ends_early(self):
        found = seen("Nachname;Ort\n" + 'a"b;"c"d\n' * 300)
        assert all(fate.reason for fate in found.fates)


class TestGroups:
    def test_names_no_group_can_have_are_kept_in_the_comment(self):
        table = f"Nachname;Gruppen\nAdam;Salsa, {'x' * 101}\n"
        found = seen(table)
        assert found.fates[0].made.groups == ["Salsa"]
        assert found.fates[0].made.comments == [f"From the import:\nGroups: {'x' * 101}"]
        imported(table)
        assert saved() == promised(found)

    def test_a_column_of_something_else_makes_no_thousand_groups(self, monkeypatch: Any):
        monkeypatch.setattr(rows, "MOST_GROUPS", 3)
        imported("Nachname;Gruppen\n" + "".join(f"A{n};G{n}\n" for n in range(6)))
        told = [entry.get("groups") for entry, _comments in saved()]
        assert told == [["G0"], ["G1"], ["G2"], None, None, None]
        assert [comments for _entry, comments in saved()][3:] == [
            [f"From the import:\nGroups: G{n}"] for n in (3, 4, 5)
        ]


def test_judging_asks_the_database_twice_however_many_there_are(count_queries: Any):
    made = [
        rows.newcomer(record, services.team(), today())
        for record in services.read(b"Kundennummer;Nachname\n1;A\n2;B\n3;C\n", today()).records
    ]
    with count_queries() as sent:
        assert len(list(chunk.judge(made))) == 3
    assert len(sent) == 2
