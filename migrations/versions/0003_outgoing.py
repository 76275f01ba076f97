"""the outbox, mails, templates, letters, serials"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

# An id that was given once is never given again.
NEVER_TWICE = {"recreate": "always", "table_kwargs": {"sqlite_autoincrement": True}}


def upgrade() -> None:
    op.create_table(
        "letter_settings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("window", sa.String(length=10), nullable=False),
        sa.Column("return_line", sa.String(length=200), nullable=False),
        sa.Column("contact_lines", sa.Text(), nullable=False),
        sa.Column("footer", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter_settings")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "mail_account",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("host", sa.String(length=255), nullable=False),
        sa.Column("port", sa.Integer(), nullable=False),
        sa.Column("security", sa.String(length=10), nullable=False),
        sa.Column("username", sa.String(length=255), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("from_name", sa.String(length=200), nullable=False),
        sa.Column("from_address", sa.String(length=254), nullable=False),
        sa.Column("sends_as", sa.String(length=10), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_account")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "nightly_run",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("night", sa.Date(), nullable=False),
        sa.Column("began_at", sa.DateTime(), nullable=False),
        sa.Column("ended_at", sa.DateTime(), nullable=True),
        sa.Column("error", sa.String(length=40), nullable=False),
        sa.Column("told", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_nightly_run")),
    )
    op.create_table(
        "outbox_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("reference", sa.String(length=255), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("held", sa.Boolean(), nullable=False),
        sa.Column("batch", sa.Integer(), nullable=True),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("due_at", sa.DateTime(), nullable=False),
        sa.Column("lease_until", sa.DateTime(), nullable=True),
        sa.Column("first_tried_at", sa.DateTime(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("error", sa.String(length=40), nullable=False),
        sa.Column("detail", sa.String(length=500), nullable=False),
        sa.Column("done_at", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox_entry")),
        sa.UniqueConstraint("reference", name=op.f("uq_outbox_entry_reference")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_outbox_entry_batch", "outbox_entry", ["batch", "state", "id"], unique=False)
    op.create_index(
        "ix_outbox_entry_due",
        "outbox_entry",
        ["state", "held", "due_at", "id"],
        unique=False,
        sqlite_where=sa.text("batch IS NULL"),
    )
    op.create_index(
        "ix_outbox_entry_due_batch",
        "outbox_entry",
        ["state", "held", "due_at", "id"],
        unique=False,
        sqlite_where=sa.text("batch IS NOT NULL"),
    )
    op.create_index(
        "ix_outbox_entry_failed",
        "outbox_entry",
        ["user_id", "kind"],
        unique=False,
        sqlite_where=sa.text("state = 'failed'"),
    )
    op.create_index("ix_outbox_entry_state", "outbox_entry", ["state", "id"], unique=False)
    op.create_table(
        "team_account",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_holder", sa.String(length=70), nullable=False),
        sa.Column("iban", sa.String(length=34), nullable=False),
        sa.Column("bic", sa.String(length=11), nullable=False),
        sa.Column("bank_name", sa.String(length=100), nullable=False),
        sa.Column("creditor_id", sa.String(length=35), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_team_account")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "template_category",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("name_sort", sa.String(length=100), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_template_category")),
        sa.UniqueConstraint("name_sort", name=op.f("uq_template_category_name_sort")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "mail_draft",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.Column("pen", sa.String(length=32), nullable=False),
        sa.Column("values", sa.JSON(), nullable=False),
        sa.Column("changed_at", sa.DateTime(), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("removed_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customer.id"],
            name=op.f("fk_mail_draft_customer_id_customer"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_mail_draft_user_id_user"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_draft")),
        sa.UniqueConstraint(
            "user_id", "customer_id", "key", name=op.f("uq_mail_draft_user_id_customer_id_key")
        ),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_mail_draft_customer", "mail_draft", ["customer_id"], unique=False)
    op.create_index(
        "ix_mail_draft_open",
        "mail_draft",
        ["user_id", "changed_at"],
        unique=False,
        sqlite_where=sa.text("removed_at IS NULL"),
    )
    op.create_index("ix_mail_draft_removed_at", "mail_draft", ["removed_at"], unique=False)
    op.create_table(
        "template",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("category_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("name_sort", sa.String(length=100), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("subject", sa.String(length=300), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("used_at", sa.DateTime(), nullable=True),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("changed_at", sa.DateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("removed_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["category_id"],
            ["template_category.id"],
            name=op.f("fk_template_category_id_template_category"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_template")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_template_kind", "template", ["kind", "removed_at", "name_sort"], unique=False
    )
    op.create_table(
        "draft_attachment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("draft_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=1000), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("document_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["draft_id"],
            ["mail_draft.id"],
            name=op.f("fk_draft_attachment_draft_id_mail_draft"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draft_attachment")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_draft_attachment_digest", "draft_attachment", ["digest"], unique=False)
    op.create_index("ix_draft_attachment_draft", "draft_attachment", ["draft_id"], unique=False)
    op.create_table(
        "message_attachment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=1000), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("document_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["message_id"],
            ["message.id"],
            name=op.f("fk_message_attachment_message_id_message"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message_attachment")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_message_attachment_digest", "message_attachment", ["digest"], unique=False)
    op.create_index(
        "ix_message_attachment_message",
        "message_attachment",
        ["message_id", "position"],
        unique=False,
    )
    op.create_table(
        "serial",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("template_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("subject", sa.String(length=300), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("options", sa.JSON(), nullable=False),
        sa.Column("addressed", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=16), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("user_name", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("started_at", sa.DateTime(), nullable=True),
        sa.Column("finished_at", sa.DateTime(), nullable=True),
        sa.Column("outbox_id", sa.Integer(), nullable=True),
        sa.Column("files", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(
            ["template_id"],
            ["template.id"],
            name=op.f("fk_serial_template_id_template"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_serial_user_id_user"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_serial")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "serial_recipient",
        sa.Column("serial_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("address", sa.String(length=254), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("detail", sa.String(length=500), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=True),
        sa.Column("outbox_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customer.id"],
            name=op.f("fk_serial_recipient_customer_id_customer"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["serial_id"],
            ["serial.id"],
            name=op.f("fk_serial_recipient_serial_id_serial"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("serial_id", "position", name=op.f("pk_serial_recipient")),
    )
    op.create_index(
        "ix_serial_recipient_customer", "serial_recipient", ["customer_id"], unique=False
    )
    op.create_index(
        "ix_serial_recipient_state",
        "serial_recipient",
        ["serial_id", "state", "position"],
        unique=False,
    )
    with op.batch_alter_table("message", **NEVER_TWICE) as batch_op:
        batch_op.add_column(sa.Column("envelope", sa.JSON(), nullable=True))
        batch_op.add_column(sa.Column("outbox_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("key", sa.String(length=32), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_message_outbox_id_outbox_entry"),
            "outbox_entry",
            ["outbox_id"],
            ["id"],
            ondelete="RESTRICT",
        )

    op.create_index(
        "ix_message_outbox",
        "message",
        ["outbox_id"],
        unique=True,
        sqlite_where=sa.text("outbox_id IS NOT NULL"),
    )
    op.create_index(
        "ix_message_key",
        "message",
        ["key"],
        unique=True,
        sqlite_where=sa.text("key IS NOT NULL"),
    )
    op.drop_index("ix_document_digest", table_name="document")
    op.create_index("ix_document_digest", "document", ["digest", "customer_id"], unique=False)
    op.add_column("user", sa.Column("signature", sa.Text(), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("user", "signature")
    op.drop_index("ix_document_digest", table_name="document")
    op.create_index("ix_document_digest", "document", ["digest"], unique=False)
    op.drop_index("ix_message_key", table_name="message")
    op.drop_index("ix_message_outbox", table_name="message")
    with op.batch_alter_table("message", **NEVER_TWICE) as batch_op:
        batch_op.drop_constraint(
            batch_op.f("fk_message_outbox_id_outbox_entry"), type_="foreignkey"
        )
        batch_op.drop_column("key")
        batch_op.drop_column("outbox_id")
        batch_op.drop_column("envelope")

    op.drop_index("ix_serial_recipient_state", table_name="serial_recipient")
    op.drop_index("ix_serial_recipient_customer", table_name="serial_recipient")
    op.drop_table("serial_recipient")
    op.drop_table("serial")
    op.drop_index("ix_message_attachment_message", table_name="message_attachment")
    op.drop_index("ix_message_attachment_digest", table_name="message_attachment")
    op.drop_table("message_attachment")
    op.drop_index("ix_draft_attachment_draft", table_name="draft_attachment")
    op.drop_index("ix_draft_attachment_digest", table_name="draft_attachment")
    op.drop_table("draft_attachment")
    op.drop_index("ix_template_kind", table_name="template")
    op.drop_table("template")
    op.drop_index("ix_mail_draft_removed_at", table_name="mail_draft")
    op.drop_index("ix_mail_draft_customer", table_name="mail_draft")
    op.drop_table("mail_draft")
    op.drop_table("template_category")
    op.drop_table("team_account")
    op.drop_index("ix_outbox_entry_state", table_name="outbox_entry")
    op.drop_index(
        "ix_outbox_entry_failed",
        table_name="outbox_entry",
        sqlite_where=sa.text("state = 'failed'"),
    )
    op.drop_index(
        "ix_outbox_entry_due_batch",
        table_name="outbox_entry",
        sqlite_where=sa.text("batch IS NOT NULL"),
    )
    op.drop_index(
        "ix_outbox_entry_due", table_name="outbox_entry", sqlite_where=sa.text("batch IS NULL")
    )
    op.drop_index("ix_outbox_entry_batch", table_name="outbox_entry")
    op.drop_table("outbox_entry")
    op.drop_table("nightly_run")
    op.drop_table("mail_account")
    op.drop_table("letter_settings")
