"""articles, factura documents with lines, payments, reminders, hint banners"""

import re
from datetime import date

import sqlalchemy as sa
from alembic import op

from app.core.text import spellings

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

# An id that was given once is never given again.
NEVER_TWICE = {"recreate": "always", "table_kwargs": {"sqlite_autoincrement": True}}

# Both indexes read their text from factura_entry and follow it by trigger.
INDEXES = {
    "search_factura_trigram": "tokenize='trigram case_sensitive 1', detail=none",
    "search_factura_prefix": "tokenize='unicode61 remove_diacritics 0', prefix='1 2', detail=none",
}
LABEL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")  # there it is the row's own id
FILL = "INSERT INTO {0}(rowid, words) VALUES (new.label, new.words);"
EMPTY = "INSERT INTO {0}({0}, rowid, words) VALUES ('delete', old.label, old.words);"


def create_search() -> None:
    for index, options in INDEXES.items():
        op.execute(
            f"CREATE VIRTUAL TABLE {index} USING fts5"
            f"(words, content='factura_entry', content_rowid='label', {options})"
        )
        op.execute(f"INSERT INTO {index}({index}) VALUES('rebuild')")
        for event, actions in (
            ("INSERT", (FILL,)),
            ("DELETE", (EMPTY,)),
            ("UPDATE", (EMPTY, FILL)),
        ):
            body = " ".join(action.format(index) for action in actions)
            name = f"{index}_{event.lower()}"
            op.execute(f"CREATE TRIGGER {name} AFTER {event} ON factura_entry BEGIN {body} END")


def drop_search() -> None:
    for index in INDEXES:
        for event in ("insert", "delete", "update"):
            op.execute(f"DROP TRIGGER {index}_{event}")
        op.execute(f"DROP TABLE {index}")


def upgrade() -> None:
    op.create_table(
        "article",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("name_sort", sa.String(length=400), nullable=False),
        sa.Column("number_sort", sa.String(length=200), nullable=False),
        sa.Column("found_by", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("unit", sa.String(length=20), nullable=False),
        sa.Column("price", sa.String(length=30), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("is_gross", sa.Boolean(), nullable=False),
        sa.Column("tax", sa.String(length=10), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("key", sa.String(length=32), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_article")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("article", schema=None) as batch_op:
        batch_op.create_index(
            "ix_article_key", ["key"], unique=True, sqlite_where=sa.text("key IS NOT NULL")
        )
        batch_op.create_index(
            "ix_article_name", ["name_sort", "id", "active", "found_by"], unique=False
        )
        batch_op.create_index(
            "ix_article_number", ["number_sort", "id", "active", "found_by"], unique=False
        )
        batch_op.create_index(
            "uq_article_number", ["number"], unique=True, sqlite_where=sa.text("number != ''")
        )

    op.create_table(
        "article_word",
        sa.Column("word", sa.String(length=400), nullable=False),
        sa.Column("article_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"],
            ["article.id"],
            name=op.f("fk_article_word_article_id_article"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("word", "article_id", name=op.f("pk_article_word")),
    )
    with op.batch_alter_table("article_word", schema=None) as batch_op:
        batch_op.create_index("ix_article_word_article", ["article_id"], unique=False)

    op.create_table(
        "factura_settings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("is_gross", sa.Boolean(), nullable=False),
        sa.Column("treatment", sa.String(length=20), nullable=False),
        sa.Column("payment_days", sa.Integer(), nullable=False),
        sa.Column("quote_days", sa.Integer(), nullable=False),
        sa.Column("tax_number", sa.String(length=40), nullable=False),
        sa.Column("vat_number", sa.String(length=20), nullable=False),
        sa.Column("exempt_reason", sa.String(length=300), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_factura_settings")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "factura_text",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("place", sa.String(length=10), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.Column("key", sa.String(length=32), nullable=True),
        sa.Column("removed_at", sa.DateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_factura_text")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("factura_text", schema=None) as batch_op:
        batch_op.create_index(
            "ix_factura_text_key", ["key"], unique=True, sqlite_where=sa.text("key IS NOT NULL")
        )
        batch_op.create_index("ix_factura_text_kind", ["kind", "place", "language"], unique=False)

    op.create_table(
        "number_range",
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("prefix", sa.String(length=20), nullable=False),
        sa.Column("with_year", sa.Boolean(), nullable=False),
        sa.Column("digits", sa.Integer(), nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("kind", name=op.f("pk_number_range")),
    )
    op.create_table(
        "reminder_level",
        sa.Column("level", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("payment_days", sa.Integer(), nullable=False),
        sa.Column("fee", sa.BigInteger(), nullable=False),
        sa.Column("texts", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("level", name=op.f("pk_reminder_level")),
    )
    op.create_table(
        "hint_banner",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("style", sa.String(length=10), nullable=False),
        sa.Column("line1", sa.String(length=40), nullable=False),
        sa.Column("line2", sa.String(length=60), nullable=False),
        sa.Column("color", sa.String(length=7), nullable=False),
        sa.Column("article_id", sa.Integer(), nullable=False),
        sa.Column("condition", sa.String(length=10), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=32), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"],
            ["article.id"],
            name=op.f("fk_hint_banner_article_id_article"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hint_banner")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("hint_banner", schema=None) as batch_op:
        batch_op.create_index("ix_hint_banner_article", ["article_id"], unique=False)
        batch_op.create_index(
            "ix_hint_banner_key",
            ["key"],
            unique=True,
            sqlite_where=sa.text("key IS NOT NULL"),
        )

    op.create_table(
        "customer_banner",
        sa.Column("customer_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("banner_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["banner_id"],
            ["hint_banner.id"],
            name=op.f("fk_customer_banner_banner_id_hint_banner"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customer.id"],
            name=op.f("fk_customer_banner_customer_id_customer"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("customer_id", "banner_id", name=op.f("pk_customer_banner")),
    )
    with op.batch_alter_table("customer_banner", schema=None) as batch_op:
        batch_op.create_index("ix_customer_banner_banner", ["banner_id"], unique=False)

    op.create_table(
        "factura_line",
        sa.Column("document_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("article_id", sa.Integer(), nullable=True),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("unit", sa.String(length=20), nullable=False),
        sa.Column("quantity", sa.String(length=30), nullable=True),
        sa.Column("price", sa.String(length=30), nullable=True),
        sa.Column("discount", sa.String(length=30), nullable=False),
        sa.Column("tax", sa.String(length=10), nullable=False),
        sa.Column("tax_rate", sa.String(length=30), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"],
            ["article.id"],
            name=op.f("fk_factura_line_article_id_article"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["document_id"],
            ["factura_document.id"],
            name=op.f("fk_factura_line_document_id_factura_document"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("document_id", "position", name=op.f("pk_factura_line")),
    )
    with op.batch_alter_table("factura_line", schema=None) as batch_op:
        batch_op.create_index(
            "ix_factura_line_article",
            ["article_id", "document_id"],
            unique=False,
            sqlite_where=sa.text("article_id IS NOT NULL"),
        )

    op.create_table(
        "payment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("fees", sa.BigInteger(), nullable=False),
        sa.Column("left", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("method", sa.String(length=20), nullable=False),
        sa.Column("note", sa.String(length=300), nullable=False),
        sa.Column("credit_note_id", sa.Integer(), nullable=True),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("author_name", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("taken_back_at", sa.DateTime(), nullable=True),
        sa.Column("key", sa.String(length=32), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["author_id"], ["user.id"], name=op.f("fk_payment_author_id_user"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["credit_note_id"],
            ["factura_document.id"],
            name=op.f("fk_payment_credit_note_id_factura_document"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customer.id"],
            name=op.f("fk_payment_customer_id_customer"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("payment", schema=None) as batch_op:
        batch_op.create_index(
            "ix_payment_credit",
            ["customer_id", "currency", "received_on", "id", "left", "taken_back_at"],
            unique=False,
            sqlite_where=sa.text('taken_back_at IS NULL AND "left" > 0'),
        )
        batch_op.create_index(
            "ix_payment_credit_note",
            ["credit_note_id"],
            unique=False,
            sqlite_where=sa.text("credit_note_id IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_payment_customer", ["customer_id", "received_on", "id"], unique=False
        )
        batch_op.create_index(
            "ix_payment_key", ["key"], unique=True, sqlite_where=sa.text("key IS NOT NULL")
        )
        batch_op.create_index(
            "ix_payment_method",
            ["method", "received_on", "id", "currency", "amount", "taken_back_at"],
            unique=False,
        )
        batch_op.create_index("ix_payment_received", ["received_on", "id"], unique=False)

    op.create_table(
        "payment_part",
        sa.Column("payment_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("document_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["document_id"],
            ["factura_document.id"],
            name=op.f("fk_payment_part_document_id_factura_document"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["payment_id"],
            ["payment.id"],
            name=op.f("fk_payment_part_payment_id_payment"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("payment_id", "document_id", name=op.f("pk_payment_part")),
    )
    with op.batch_alter_table("payment_part", schema=None) as batch_op:
        batch_op.create_index("ix_payment_part_document", ["document_id"], unique=False)

    with op.batch_alter_table("factura_document", **NEVER_TWICE) as batch_op:
        batch_op.add_column(
            sa.Column("language", sa.String(length=2), nullable=False, server_default="de")
        )
        batch_op.add_column(sa.Column("payment_days", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("service_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("service_until", sa.Date(), nullable=True))
        batch_op.add_column(
            sa.Column("is_gross", sa.Boolean(), nullable=False, server_default=sa.false())
        )
        batch_op.add_column(
            sa.Column("treatment", sa.String(length=20), nullable=False, server_default="taxed")
        )
        batch_op.add_column(sa.Column("net", sa.BigInteger(), nullable=False, server_default="0"))
        batch_op.add_column(
            sa.Column("credited", sa.BigInteger(), nullable=False, server_default="0")
        )
        batch_op.add_column(sa.Column("intro", sa.Text(), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("closing", sa.Text(), nullable=False, server_default=""))
        batch_op.add_column(
            sa.Column("address_key", sa.String(length=20), nullable=False, server_default="main")
        )
        batch_op.add_column(sa.Column("person_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("origin_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("frozen", sa.JSON(none_as_null=True), nullable=True))
        batch_op.add_column(sa.Column("pdf_digest", sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column("pdf_size", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("author_id", sa.Integer(), nullable=True))
        batch_op.add_column(
            sa.Column("author_name", sa.String(length=200), nullable=False, server_default="")
        )
        batch_op.add_column(sa.Column("key", sa.String(length=32), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_factura_document_origin_id_factura_document"),
            "factura_document",
            ["origin_id"],
            ["id"],
            ondelete="RESTRICT",
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_factura_document_author_id_user"),
            "user",
            ["author_id"],
            ["id"],
            ondelete="RESTRICT",
        )
    op.execute(sa.text("UPDATE factura_document SET net = total"))
    _take_over_what_is_paid()
    op.create_index(
        "ix_factura_document_due",
        "factura_document",
        ["kind", "state", "due_on", "id", "reminder_level", "customer_id", "total", "paid"],
        unique=False,
        sqlite_where=sa.text("kind = 'invoice' AND state = 'issued' AND paid < total"),
    )
    op.create_table(
        "reminder_pause",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("document_id", sa.Integer(), nullable=True),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customer.id"],
            name=op.f("fk_reminder_pause_customer_id_customer"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["document_id"],
            ["factura_document.id"],
            name=op.f("fk_reminder_pause_document_id_factura_document"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminder_pause")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("reminder_pause", schema=None) as batch_op:
        batch_op.create_index("ix_reminder_pause_customer", ["customer_id"], unique=False)
        batch_op.create_index(
            "uq_reminder_pause_customer",
            ["customer_id"],
            unique=True,
            sqlite_where=sa.text("document_id IS NULL"),
        )
        batch_op.create_index(
            "uq_reminder_pause_document",
            ["document_id"],
            unique=True,
            sqlite_where=sa.text("document_id IS NOT NULL"),
        )

    op.create_table(
        "reminder_run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("author_name", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("finished_at", sa.DateTime(), nullable=True),
        sa.Column("results", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["author_id"],
            ["user.id"],
            name=op.f("fk_reminder_run_author_id_user"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminder_run")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("reminder_run", schema=None) as batch_op:
        batch_op.create_index("ix_reminder_run_key", ["key"], unique=True)

    op.create_index(
        "ix_factura_document_key",
        "factura_document",
        ["key"],
        unique=True,
        sqlite_where=sa.text("key IS NOT NULL"),
    )
    op.create_index(
        "ix_factura_document_pdf",
        "factura_document",
        ["pdf_digest", "id"],
        sqlite_where=sa.text("pdf_digest IS NOT NULL"),
    )
    op.create_index(
        "ix_factura_document_kind",
        "factura_document",
        ["kind", "issued_on", "id"],
        unique=False,
        sqlite_where=sa.text("issued_on IS NOT NULL"),
    )
    op.create_index(
        "ix_factura_document_latest", "factura_document", ["issued_on", "id"], unique=False
    )
    op.drop_index("ix_factura_document_open", "factura_document")
    op.create_index(
        "ix_factura_document_open",
        "factura_document",
        ["customer_id", "kind", "state", "currency", "total", "paid", "due_on", "reminder_level"],
        unique=False,
        sqlite_where=sa.text("kind = 'invoice' AND state = 'issued' AND paid < total"),
    )
    op.drop_index("ix_factura_document_sums", "factura_document")
    op.create_index(
        "ix_factura_document_sums",
        "factura_document",
        ["customer_id", "currency", "kind", "state", "issued_on"]
        + ["net", "total", "paid", "credited", "due_on", "reminder_level"],
        unique=False,
    )
    op.create_index(
        "ix_factura_document_listed",
        "factura_document",
        ["currency", "kind", "state", "issued_on", "id"]
        + ["net", "total", "paid", "credited", "due_on", "reminder_level"],
        unique=False,
        sqlite_where=sa.text("issued_on IS NOT NULL"),
    )
    op.create_index(
        "ix_factura_document_owed",
        "factura_document",
        ["issued_on", "id", "kind", "state", "currency"]
        + ["due_on", "reminder_level", "net", "total", "paid", "credited"],
        unique=False,
        sqlite_where=sa.text(
            "CASE WHEN kind = 'invoice' AND state = 'issued' THEN paid < total END"
        ),
    )
    op.create_index(
        "ix_factura_document_origin",
        "factura_document",
        ["origin_id", "kind", "state", "issued_on"],
        unique=False,
        sqlite_where=sa.text("origin_id IS NOT NULL"),
    )
    op.create_table(
        "factura_entry",
        sa.Column("label", LABEL, autoincrement=False, nullable=False),
        sa.Column("document_id", sa.Integer(), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["document_id"],
            ["factura_document.id"],
            name=op.f("fk_factura_entry_document_id_factura_document"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("label", name=op.f("pk_factura_entry")),
        sa.UniqueConstraint("document_id", name=op.f("uq_factura_entry_document_id")),
    )
    _write_entries()
    create_search()


def _take_over_what_is_paid() -> None:
    """What is paid is what payments say from now on, so each document with something has one.

    More than the total, what was paid of a cancelled invoice, and what a credit note gives back is
    the customer's credit. A payment has the id of its document.
    """
    invoice = "kind = 'invoice' AND paid > 0 AND state"
    for method, note, amount, which in (
        ("taken_over", "NULL", "paid", f"{invoice} IN ('issued', 'cancelled')"),
        ("credit_note", "id", "total", "kind = 'credit_note' AND total > 0 AND state = 'issued'"),
    ):
        op.execute(
            sa.text(
                'INSERT INTO payment (id, customer_id, received_on, amount, fees, "left", currency,'
                " method, note, credit_note_id, author_name, created_at, version)"
                f" SELECT id, customer_id, issued_on, {amount}, 0, {amount}, currency, '{method}',"
                f" '', {note}, '', created_at, 1 FROM factura_document WHERE {which}"
            )
        )
    op.execute(
        sa.text(
            "INSERT INTO payment_part (payment_id, document_id, amount)"
            " SELECT id, id, min(paid, total) FROM factura_document"
            f" WHERE {invoice} = 'issued' AND total > 0"
        )
    )
    op.execute(
        sa.text(
            'UPDATE payment SET "left" = "left" - part.amount FROM payment_part AS part'
            " WHERE part.payment_id = payment.id"
        )
    )
    op.execute(
        sa.text(
            "UPDATE factura_document SET paid = CASE WHEN kind = 'invoice' AND state = 'issued'"
            " THEN min(paid, total) ELSE 0 END WHERE paid > 0"
        )
    )


def _write_entries() -> None:
    """What the documents that are there are found by, as `domain.factura.index` writes it.

    Words are those of today's `spellings`: whoever changes them writes all entries anew anyway.
    """
    connection = op.get_bind()
    found = connection.execute(
        sa.text(
            "SELECT d.id, d.issued_on, d.number, d.subject, c.name, c.company, c.number"
            " FROM factura_document d JOIN customer c ON c.id = d.customer_id"
        )
    )
    written = sa.text("INSERT INTO factura_entry (label, document_id, words) VALUES (:l, :d, :w)")
    for rows in found.partitions(1000):
        connection.execute(written, [_entry(*row) for row in rows])


def _entry(
    document_id: int, issued_on: str | None, number: str | None, *texts: str
) -> dict[str, int | str]:
    day = date.fromisoformat(issued_on).toordinal() if issued_on else 1 << 22
    last = re.search(r"(?<!\d)0+(\d+)$", number or "")
    words = " ".join([number or "", last[1] if last else "", *texts])
    return {"l": day << 32 | document_id, "d": document_id, "w": spellings(words)}


def downgrade() -> None:
    drop_search()
    op.drop_table("factura_entry")
    op.drop_index("ix_factura_document_owed", "factura_document")
    op.drop_index("ix_factura_document_sums", "factura_document")
    op.create_index(
        "ix_factura_document_sums",
        "factura_document",
        ["customer_id", "currency", "kind", "state", "total", "paid"],
        unique=False,
    )
    op.drop_index("ix_factura_document_open", "factura_document")
    op.create_index(
        "ix_factura_document_open",
        "factura_document",
        ["customer_id", "currency", "total", "paid", "due_on", "reminder_level"],
        unique=False,
        sqlite_where=sa.text("kind = 'invoice' AND state = 'issued' AND paid < total"),
    )
    op.drop_index("ix_factura_document_listed", "factura_document")
    op.drop_index("ix_factura_document_origin", "factura_document")
    op.drop_index("ix_factura_document_latest", "factura_document")
    op.drop_index("ix_factura_document_kind", "factura_document")
    op.drop_index("ix_factura_document_pdf", "factura_document")
    op.drop_index("ix_factura_document_key", "factura_document")
    op.drop_index("ix_factura_document_due", "factura_document")
    with op.batch_alter_table("factura_document", **NEVER_TWICE) as batch_op:
        batch_op.drop_constraint(
            batch_op.f("fk_factura_document_author_id_user"), type_="foreignkey"
        )
        batch_op.drop_constraint(
            batch_op.f("fk_factura_document_origin_id_factura_document"), type_="foreignkey"
        )
        batch_op.drop_column("key")
        batch_op.drop_column("author_name")
        batch_op.drop_column("author_id")
        batch_op.drop_column("pdf_size")
        batch_op.drop_column("pdf_digest")
        batch_op.drop_column("frozen")
        batch_op.drop_column("origin_id")
        batch_op.drop_column("person_id")
        batch_op.drop_column("address_key")
        batch_op.drop_column("closing")
        batch_op.drop_column("intro")
        batch_op.drop_column("credited")
        batch_op.drop_column("net")
        batch_op.drop_column("treatment")
        batch_op.drop_column("is_gross")
        batch_op.drop_column("service_until")
        batch_op.drop_column("service_on")
        batch_op.drop_column("payment_days")
        batch_op.drop_column("language")

    with op.batch_alter_table("payment_part", schema=None) as batch_op:
        batch_op.drop_index("ix_payment_part_document")

    op.drop_table("payment_part")
    with op.batch_alter_table("payment", schema=None) as batch_op:
        batch_op.drop_index("ix_payment_received")
        batch_op.drop_index("ix_payment_method")
        batch_op.drop_index("ix_payment_key", sqlite_where=sa.text("key IS NOT NULL"))
        batch_op.drop_index("ix_payment_customer")
        batch_op.drop_index(
            "ix_payment_credit_note", sqlite_where=sa.text("credit_note_id IS NOT NULL")
        )
        batch_op.drop_index(
            "ix_payment_credit", sqlite_where=sa.text('taken_back_at IS NULL AND "left" > 0')
        )

    op.drop_table("payment")
    with op.batch_alter_table("factura_line", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_factura_line_article", sqlite_where=sa.text("article_id IS NOT NULL")
        )

    op.drop_table("factura_line")
    with op.batch_alter_table("customer_banner", schema=None) as batch_op:
        batch_op.drop_index("ix_customer_banner_banner")

    op.drop_table("customer_banner")
    with op.batch_alter_table("hint_banner", schema=None) as batch_op:
        batch_op.drop_index("ix_hint_banner_key", sqlite_where=sa.text("key IS NOT NULL"))
        batch_op.drop_index("ix_hint_banner_article")

    op.drop_table("hint_banner")
    op.drop_table("reminder_run")
    op.drop_table("reminder_pause")
    op.drop_table("reminder_level")
    op.drop_table("number_range")
    with op.batch_alter_table("factura_text", schema=None) as batch_op:
        batch_op.drop_index("ix_factura_text_kind")
        batch_op.drop_index("ix_factura_text_key", sqlite_where=sa.text("key IS NOT NULL"))

    op.drop_table("factura_text")
    op.drop_table("factura_settings")
    with op.batch_alter_table("article_word", schema=None) as batch_op:
        batch_op.drop_index("ix_article_word_article")

    op.drop_table("article_word")
    with op.batch_alter_table("article", schema=None) as batch_op:
        batch_op.drop_index("uq_article_number", sqlite_where=sa.text("number != ''"))
        batch_op.drop_index("ix_article_number")
        batch_op.drop_index("ix_article_name")
        batch_op.drop_index("ix_article_key", sqlite_where=sa.text("key IS NOT NULL"))

    op.drop_table("article")
