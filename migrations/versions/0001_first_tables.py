"""first tables"""

import sqlalchemy as sa
from alembic import op

revision = '0001'
down_revision = None
branch_labels = None
depends_on = None

# Both indexes read their text from search_entry and follow it by trigger.
INDEXES = {
    "search_trigram": "tokenize='trigram case_sensitive 1', detail=none",
    "search_prefix": "tokenize='unicode61 remove_diacritics 0', prefix='1 2', detail=none",
}
FILL = "INSERT INTO {0}(rowid, words) VALUES (new.label, new.words);"
EMPTY = "INSERT INTO {0}({0}, rowid, words) VALUES ('delete', old.label, old.words);"


def create_search() -> None:
    for index, options in INDEXES.items():
        op.execute(
            f"CREATE VIRTUAL TABLE {index} USING fts5"
            f"(words, content='search_entry', content_rowid='label', {options})"
        )
        for event, actions in (
            ("INSERT", (FILL,)),
            ("DELETE", (EMPTY,)),
            ("UPDATE", (EMPTY, FILL)),
        ):
            body = " ".join(action.format(index) for action in actions)
            name = f"{index}_{event.lower()}"
            op.execute(f"CREATE TRIGGER {name} AFTER {event} ON search_entry BEGIN {body} END")


def drop_search() -> None:
    for index in INDEXES:
        for event in ("insert", "delete", "update"):
            op.execute(f"DROP TRIGGER {index}_{event}")
        op.execute(f"DROP TABLE {index}")


def upgrade() -> None:
    op.create_table('audit_entry',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=True),
    sa.Column('user_name', sa.String(length=200), nullable=False),
    sa.Column('customer_id', sa.Integer(), nullable=True),
    sa.Column('area', sa.String(length=40), nullable=False),
    sa.Column('action', sa.String(length=40), nullable=False),
    sa.Column('subject', sa.String(length=300), nullable=False),
    sa.Column('changes', sa.JSON(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_audit_entry'))
    )
    with op.batch_alter_table('audit_entry', schema=None) as batch_op:
        batch_op.create_index('ix_audit_entry_customer', ['customer_id', 'id'], unique=False)

    op.create_table('counter',
    sa.Column('name', sa.String(length=40), nullable=False),
    sa.Column('value', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_counter'))
    )
    op.create_table('customer',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('number', sa.String(length=32), nullable=False),
    sa.Column('kind', sa.String(length=10), nullable=False),
    sa.Column('salutation', sa.String(length=10), nullable=False),
    sa.Column('title', sa.String(length=50), nullable=False),
    sa.Column('first_name', sa.String(length=100), nullable=False),
    sa.Column('last_name', sa.String(length=100), nullable=False),
    sa.Column('company', sa.String(length=200), nullable=False),
    sa.Column('language', sa.String(length=2), nullable=False),
    sa.Column('birthday', sa.Date(), nullable=True),
    sa.Column('vat_number', sa.String(length=20), nullable=False),
    sa.Column('payment_method', sa.String(length=20), nullable=False),
    sa.Column('name', sa.String(length=400), nullable=False),
    sa.Column('list_name', sa.String(length=400), nullable=False),
    sa.Column('name_sort', sa.String(length=400), nullable=False),
    sa.Column('company_sort', sa.String(length=200), nullable=False),
    sa.Column('town_sort', sa.String(length=100), nullable=False),
    sa.Column('number_sort', sa.String(length=200), nullable=False),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.Column('changed_at', sa.DateTime(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('street', sa.String(length=100), nullable=False),
    sa.Column('house_number', sa.String(length=20), nullable=False),
    sa.Column('address_extra', sa.String(length=100), nullable=False),
    sa.Column('postcode', sa.String(length=20), nullable=False),
    sa.Column('town', sa.String(length=100), nullable=False),
    sa.Column('region', sa.String(length=100), nullable=False),
    sa.Column('country', sa.String(length=2), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_customer')),
    sa.UniqueConstraint('number', name=op.f('uq_customer_number'))
    )
    with op.batch_alter_table('customer', schema=None) as batch_op:
        batch_op.create_index('ix_customer_changed_at', ['changed_at', 'id'], unique=False)
        batch_op.create_index('ix_customer_company_sort', ['company_sort', 'name_sort', 'id'], unique=False)
        batch_op.create_index('ix_customer_name_sort', ['name_sort', 'id'], unique=False)
        batch_op.create_index('ix_customer_number_sort', ['number_sort', 'id'], unique=False)
        batch_op.create_index('ix_customer_postcode', ['postcode'], unique=False)
        batch_op.create_index('ix_customer_town_sort', ['town_sort', 'name_sort', 'id'], unique=False)

    op.create_table('ended_session',
    sa.Column('key', sa.String(length=32), nullable=False),
    sa.Column('at', sa.DateTime(), nullable=False),
    sa.PrimaryKeyConstraint('key', name=op.f('pk_ended_session'))
    )
    op.create_table('import_batch',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(), nullable=False),
    sa.Column('user_name', sa.String(length=200), nullable=False),
    sa.Column('files', sa.JSON(), nullable=False),
    sa.Column('reverted_at', sa.DateTime(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_import_batch'))
    )
    op.create_table('login_attempt',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(), nullable=False),
    sa.Column('account', sa.String(length=254), nullable=False),
    sa.Column('network', sa.String(length=64), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_login_attempt'))
    )
    with op.batch_alter_table('login_attempt', schema=None) as batch_op:
        batch_op.create_index('ix_login_attempt_account', ['account', 'network', 'at'], unique=False)
        batch_op.create_index('ix_login_attempt_network', ['network', 'at'], unique=False)

    op.create_table('team_settings',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('street', sa.String(length=100), nullable=False),
    sa.Column('house_number', sa.String(length=20), nullable=False),
    sa.Column('postcode', sa.String(length=20), nullable=False),
    sa.Column('town', sa.String(length=100), nullable=False),
    sa.Column('country', sa.String(length=2), nullable=False),
    sa.Column('language', sa.String(length=2), nullable=False),
    sa.Column('time_zone', sa.String(length=64), nullable=False),
    sa.Column('first_customer_number', sa.Integer(), nullable=False),
    sa.Column('logo', sa.String(length=64), nullable=True),
    sa.Column('logo_type', sa.String(length=40), nullable=True),
    sa.Column('panels', sa.JSON(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_team_settings'))
    )
    op.create_table('user',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('email', sa.String(length=254), nullable=False),
    sa.Column('name', sa.String(length=100), nullable=False),
    sa.Column('role', sa.String(length=10), nullable=False),
    sa.Column('language', sa.String(length=2), nullable=False),
    sa.Column('letter_keys', sa.Boolean(), nullable=False),
    sa.Column('panels', sa.JSON(), nullable=True),
    sa.Column('password', sa.String(length=255), nullable=True),
    sa.Column('active', sa.Boolean(), nullable=False),
    sa.Column('fs_uniquifier', sa.String(length=64), nullable=False),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_user')),
    sa.UniqueConstraint('email', name=op.f('uq_user_email')),
    sa.UniqueConstraint('fs_uniquifier', name=op.f('uq_user_fs_uniquifier'))
    )
    op.create_table('address',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('customer_id', sa.Integer(), nullable=False),
    sa.Column('salutation', sa.String(length=10), nullable=False),
    sa.Column('title', sa.String(length=50), nullable=False),
    sa.Column('first_name', sa.String(length=100), nullable=False),
    sa.Column('last_name', sa.String(length=100), nullable=False),
    sa.Column('company', sa.String(length=200), nullable=False),
    sa.Column('is_delivery', sa.Boolean(), nullable=False),
    sa.Column('is_billing', sa.Boolean(), nullable=False),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('removed_at', sa.DateTime(), nullable=True),
    sa.Column('street', sa.String(length=100), nullable=False),
    sa.Column('house_number', sa.String(length=20), nullable=False),
    sa.Column('address_extra', sa.String(length=100), nullable=False),
    sa.Column('postcode', sa.String(length=20), nullable=False),
    sa.Column('town', sa.String(length=100), nullable=False),
    sa.Column('region', sa.String(length=100), nullable=False),
    sa.Column('country', sa.String(length=2), nullable=False),
    sa.ForeignKeyConstraint(['customer_id'], ['customer.id'], name=op.f('fk_address_customer_id_customer'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_address'))
    )
    with op.batch_alter_table('address', schema=None) as batch_op:
        batch_op.create_index('ix_address_customer', ['customer_id'], unique=False)

    op.create_table('bank_account',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('customer_id', sa.Integer(), nullable=False),
    sa.Column('account_holder', sa.String(length=70), nullable=False),
    sa.Column('account_number', sa.String(length=34), nullable=False),
    sa.Column('bank_code', sa.String(length=20), nullable=False),
    sa.Column('bank_name', sa.String(length=100), nullable=False),
    sa.Column('rib_key', sa.String(length=2), nullable=False),
    sa.Column('branch_code', sa.String(length=5), nullable=False),
    sa.Column('iban', sa.String(length=34), nullable=False),
    sa.Column('bic', sa.String(length=11), nullable=False),
    sa.Column('since', sa.DateTime(), nullable=False),
    sa.Column('ended_at', sa.DateTime(), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['customer_id'], ['customer.id'], name=op.f('fk_bank_account_customer_id_customer'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_bank_account'))
    )
    with op.batch_alter_table('bank_account', schema=None) as batch_op:
        batch_op.create_index('ix_bank_account_customer', ['customer_id', 'ended_at'], unique=False)
        batch_op.create_index('uq_bank_account_holding', ['customer_id'], unique=True, sqlite_where=sa.text('ended_at IS NULL'))

    op.create_table('comment',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('customer_id', sa.Integer(), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('pinned', sa.Boolean(), nullable=False),
    sa.Column('author_id', sa.Integer(), nullable=True),
    sa.Column('author_name', sa.String(length=200), nullable=False),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.Column('edited_at', sa.DateTime(), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('removed_at', sa.DateTime(), nullable=True),
    sa.ForeignKeyConstraint(['author_id'], ['user.id'], name=op.f('fk_comment_author_id_user'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['customer_id'], ['customer.id'], name=op.f('fk_comment_customer_id_customer'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_comment'))
    )
    with op.batch_alter_table('comment', schema=None) as batch_op:
        batch_op.create_index('ix_comment_customer', ['customer_id', 'pinned', 'id'], unique=False)

    op.create_table('contact_person',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('customer_id', sa.Integer(), nullable=False),
    sa.Column('salutation', sa.String(length=10), nullable=False),
    sa.Column('title', sa.String(length=50), nullable=False),
    sa.Column('first_name', sa.String(length=100), nullable=False),
    sa.Column('last_name', sa.String(length=100), nullable=False),
    sa.Column('role', sa.String(length=100), nullable=False),
    sa.Column('email', sa.String(length=254), nullable=False),
    sa.Column('phone', sa.String(length=50), nullable=False),
    sa.Column('is_main', sa.Boolean(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('removed_at', sa.DateTime(), nullable=True),
    sa.ForeignKeyConstraint(['customer_id'], ['customer.id'], name=op.f('fk_contact_person_customer_id_customer'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_contact_person'))
    )
    with op.batch_alter_table('contact_person', schema=None) as batch_op:
        batch_op.create_index('ix_contact_person_customer', ['customer_id'], unique=False)

    op.create_table('customer_email',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('customer_id', sa.Integer(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('label', sa.String(length=20), nullable=False),
    sa.Column('address', sa.String(length=254), nullable=False),
    sa.Column('key', sa.String(length=254), nullable=False),
    sa.ForeignKeyConstraint(['customer_id'], ['customer.id'], name=op.f('fk_customer_email_customer_id_customer'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_customer_email'))
    )
    with op.batch_alter_table('customer_email', schema=None) as batch_op:
        batch_op.create_index('ix_customer_email_customer', ['customer_id', 'position'], unique=False)
        batch_op.create_index(batch_op.f('ix_customer_email_key'), ['key'], unique=False)

    op.create_table('customer_phone',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('customer_id', sa.Integer(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('label', sa.String(length=20), nullable=False),
    sa.Column('number', sa.String(length=50), nullable=False),
    sa.Column('key', sa.String(length=50), nullable=False),
    sa.ForeignKeyConstraint(['customer_id'], ['customer.id'], name=op.f('fk_customer_phone_customer_id_customer'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_customer_phone'))
    )
    with op.batch_alter_table('customer_phone', schema=None) as batch_op:
        batch_op.create_index('ix_customer_phone_customer', ['customer_id', 'position'], unique=False)
        batch_op.create_index(batch_op.f('ix_customer_phone_key'), ['key'], unique=False)

    op.create_table('imported_customer',
    sa.Column('customer_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('batch_id', sa.Integer(), nullable=False),
    sa.Column('changed_at', sa.DateTime(), nullable=False),
    sa.Column('groups', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['batch_id'], ['import_batch.id'], name=op.f('fk_imported_customer_batch_id_import_batch'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['customer_id'], ['customer.id'], name=op.f('fk_imported_customer_customer_id_customer'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('customer_id', name=op.f('pk_imported_customer'))
    )
    with op.batch_alter_table('imported_customer', schema=None) as batch_op:
        batch_op.create_index('ix_imported_customer_batch', ['batch_id'], unique=False)

    op.create_table('search_entry',
    sa.Column('label', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('customer_id', sa.Integer(), nullable=False),
    sa.Column('words', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['customer_id'], ['customer.id'], name=op.f('fk_search_entry_customer_id_customer'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('label', name=op.f('pk_search_entry')),
    sa.UniqueConstraint('customer_id', name=op.f('uq_search_entry_customer_id'))
    )
    op.create_table('mandate',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('customer_id', sa.Integer(), nullable=False),
    sa.Column('bank_account_id', sa.Integer(), nullable=True),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('reference', sa.String(length=35), nullable=False),
    sa.Column('reference_key', sa.String(length=35), sa.Computed('upper(reference)', persisted=False), nullable=False),
    sa.Column('signed_on', sa.Date(), nullable=True),
    sa.Column('first_debit_on', sa.Date(), nullable=True),
    sa.Column('since', sa.DateTime(), nullable=False),
    sa.Column('ended_at', sa.DateTime(), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['bank_account_id'], ['bank_account.id'], name=op.f('fk_mandate_bank_account_id_bank_account'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['customer_id'], ['customer.id'], name=op.f('fk_mandate_customer_id_customer'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_mandate'))
    )
    with op.batch_alter_table('mandate', schema=None) as batch_op:
        batch_op.create_index('ix_mandate_customer', ['customer_id', 'ended_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_mandate_reference_key'), ['reference_key'], unique=False)
        batch_op.create_index('uq_mandate_holding', ['customer_id'], unique=True, sqlite_where=sa.text('ended_at IS NULL'))

    create_search()


def downgrade() -> None:
    drop_search()
    with op.batch_alter_table('mandate', schema=None) as batch_op:
        batch_op.drop_index('uq_mandate_holding')
        batch_op.drop_index(batch_op.f('ix_mandate_reference_key'))
        batch_op.drop_index('ix_mandate_customer')

    op.drop_table('mandate')
    op.drop_table('search_entry')
    with op.batch_alter_table('imported_customer', schema=None) as batch_op:
        batch_op.drop_index('ix_imported_customer_batch')

    op.drop_table('imported_customer')
    with op.batch_alter_table('customer_phone', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_customer_phone_key'))
        batch_op.drop_index('ix_customer_phone_customer')

    op.drop_table('customer_phone')
    with op.batch_alter_table('customer_email', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_customer_email_key'))
        batch_op.drop_index('ix_customer_email_customer')

    op.drop_table('customer_email')
    with op.batch_alter_table('contact_person', schema=None) as batch_op:
        batch_op.drop_index('ix_contact_person_customer')

    op.drop_table('contact_person')
    with op.batch_alter_table('comment', schema=None) as batch_op:
        batch_op.drop_index('ix_comment_customer')

    op.drop_table('comment')
    with op.batch_alter_table('bank_account', schema=None) as batch_op:
        batch_op.drop_index('uq_bank_account_holding')
        batch_op.drop_index('ix_bank_account_customer')

    op.drop_table('bank_account')
    with op.batch_alter_table('address', schema=None) as batch_op:
        batch_op.drop_index('ix_address_customer')

    op.drop_table('address')
    op.drop_table('user')
    op.drop_table('team_settings')
    with op.batch_alter_table('login_attempt', schema=None) as batch_op:
        batch_op.drop_index('ix_login_attempt_network')
        batch_op.drop_index('ix_login_attempt_account')

    op.drop_table('login_attempt')
    op.drop_table('import_batch')
    op.drop_table('ended_session')
    with op.batch_alter_table('customer', schema=None) as batch_op:
        batch_op.drop_index('ix_customer_town_sort')
        batch_op.drop_index('ix_customer_postcode')
        batch_op.drop_index('ix_customer_number_sort')
        batch_op.drop_index('ix_customer_name_sort')
        batch_op.drop_index('ix_customer_company_sort')
        batch_op.drop_index('ix_customer_changed_at')

    op.drop_table('customer')
    op.drop_table('counter')
    with op.batch_alter_table('audit_entry', schema=None) as batch_op:
        batch_op.drop_index('ix_audit_entry_customer')

    op.drop_table('audit_entry')
