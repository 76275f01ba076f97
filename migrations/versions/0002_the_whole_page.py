"""documents, groups, messages, factura documents, follow-ups, trash, imports by page"""

import sqlalchemy as sa
from alembic import op

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None

# An id that was given once is never given again, so an old page or link leads to nobody else.
# (The mandate's, which stands in no address, is left out: SQLite cannot copy its computed column.)
NEVER_TWICE = {'recreate': 'always', 'table_kwargs': {'sqlite_autoincrement': True}}
OTHERS = (
    *('address', 'audit_entry', 'bank_account', 'contact_person', 'customer_email'),
    *('customer_phone', 'login_attempt', 'team_settings'),
)


def upgrade() -> None:
    op.create_table('customer_group',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('parent_id', sa.Integer(), nullable=True),
    sa.Column('name', sa.String(length=100), nullable=False),
    sa.Column('name_sort', sa.String(length=100), nullable=False),
    sa.Column('no_information', sa.Boolean(), nullable=False),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['parent_id'], ['customer_group.id'], name=op.f('fk_customer_group_parent_id_customer_group'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_customer_group')),
    sqlite_autoincrement=True,
    )
    with op.batch_alter_table('customer_group', schema=None) as batch_op:
        batch_op.create_index('ix_customer_group_parent', ['parent_id', 'name_sort'], unique=False)

    op.create_table('group_change',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('group_id', sa.Integer(), nullable=False),
    sa.Column('action', sa.String(length=10), nullable=False),
    sa.Column('customer_ids', sa.JSON(), nullable=False),
    sa.Column('since', sa.JSON(), nullable=False),
    sa.Column('at', sa.DateTime(), nullable=False),
    sa.Column('undone_at', sa.DateTime(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_group_change')),
    sqlite_autoincrement=True,
    )
    op.create_table('document',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('customer_id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=1000), nullable=False),
    sa.Column('words', sa.String(length=2000), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('size', sa.BigInteger(), nullable=False),
    sa.Column('media_type', sa.String(length=100), nullable=False),
    sa.Column('uploaded_at', sa.DateTime(), nullable=False),
    sa.Column('author_id', sa.Integer(), nullable=True),
    sa.Column('author_name', sa.String(length=200), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('removed_at', sa.DateTime(), nullable=True),
    sa.ForeignKeyConstraint(['author_id'], ['user.id'], name=op.f('fk_document_author_id_user'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['customer_id'], ['customer.id'], name=op.f('fk_document_customer_id_customer'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_document')),
    sqlite_autoincrement=True,
    )
    with op.batch_alter_table('document', schema=None) as batch_op:
        batch_op.create_index('ix_document_customer', ['customer_id', 'removed_at', 'id'], unique=False)
        batch_op.create_index('ix_document_digest', ['digest'], unique=False)

    op.create_table('factura_document',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('customer_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('number', sa.String(length=40), nullable=True),
    sa.Column('subject', sa.String(length=300), nullable=False),
    sa.Column('issued_on', sa.Date(), nullable=True),
    sa.Column('due_on', sa.Date(), nullable=True),
    sa.Column('currency', sa.String(length=3), nullable=False),
    sa.Column('total', sa.BigInteger(), nullable=False),
    sa.Column('paid', sa.BigInteger(), nullable=False),
    sa.Column('reminder_level', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['customer_id'], ['customer.id'], name=op.f('fk_factura_document_customer_id_customer'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_factura_document')),
    sqlite_autoincrement=True,
    )
    with op.batch_alter_table('factura_document', schema=None) as batch_op:
        batch_op.create_index('ix_factura_document_customer', ['customer_id', 'issued_on', 'id'], unique=False)
        batch_op.create_index('ix_factura_document_sums', ['customer_id', 'currency', 'kind', 'state', 'total', 'paid'], unique=False)
        batch_op.create_index('ix_factura_document_open', ['customer_id', 'currency', 'total', 'paid', 'due_on', 'reminder_level'], unique=False, sqlite_where=sa.text("kind = 'invoice' AND state = 'issued' AND paid < total"))
        batch_op.create_index('uq_factura_document_number', ['number', 'kind'], unique=True)

    op.create_table('group_member',
    sa.Column('group_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('customer_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('added_at', sa.DateTime(), nullable=False),
    sa.ForeignKeyConstraint(['customer_id'], ['customer.id'], name=op.f('fk_group_member_customer_id_customer'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['group_id'], ['customer_group.id'], name=op.f('fk_group_member_group_id_customer_group'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('group_id', 'customer_id', name=op.f('pk_group_member'))
    )
    with op.batch_alter_table('group_member', schema=None) as batch_op:
        batch_op.create_index('ix_group_member_customer', ['customer_id', 'group_id'], unique=False)

    op.create_table('message',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('direction', sa.String(length=3), nullable=False),
    sa.Column('channel', sa.String(length=10), nullable=False),
    sa.Column('subject', sa.String(length=300), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('words', sa.Text(), nullable=False),
    sa.Column('at', sa.DateTime(), nullable=False),
    sa.Column('read_at', sa.DateTime(), nullable=True),
    sa.Column('author_id', sa.Integer(), nullable=True),
    sa.Column('author_name', sa.String(length=200), nullable=False),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.Column('edited_at', sa.DateTime(), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('removed_at', sa.DateTime(), nullable=True),
    sa.Column('due_on', sa.Date(), nullable=True),
    sa.Column('assignee_id', sa.Integer(), nullable=True),
    sa.Column('done_at', sa.DateTime(), nullable=True),
    sa.ForeignKeyConstraint(['assignee_id'], ['user.id'], name=op.f('fk_message_assignee_id_user'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['author_id'], ['user.id'], name=op.f('fk_message_author_id_user'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_message')),
    sqlite_autoincrement=True,
    )
    with op.batch_alter_table('message', schema=None) as batch_op:
        batch_op.create_index('ix_message_follow_up', ['assignee_id', 'due_on'], unique=False, sqlite_where=sa.text('due_on IS NOT NULL AND done_at IS NULL AND removed_at IS NULL'))

    op.create_table('message_link',
    sa.Column('message_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('customer_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('at', sa.DateTime(), nullable=False),
    sa.Column('removed', sa.Boolean(), nullable=False),
    sa.Column('unread', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['customer_id'], ['customer.id'], name=op.f('fk_message_link_customer_id_customer'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['message_id'], ['message.id'], name=op.f('fk_message_link_message_id_message'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('message_id', 'customer_id', name=op.f('pk_message_link'))
    )
    with op.batch_alter_table('message_link', schema=None) as batch_op:
        batch_op.create_index('ix_message_link_customer', ['customer_id', 'removed', 'at', 'message_id'], unique=False)
        batch_op.create_index('ix_message_link_unread', ['customer_id', 'removed', 'message_id'], unique=False, sqlite_where=sa.text('unread = 1'))

    with op.batch_alter_table('comment', schema=None, **NEVER_TWICE) as batch_op:
        batch_op.add_column(sa.Column('due_on', sa.Date(), nullable=True))
        batch_op.add_column(sa.Column('assignee_id', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('done_at', sa.DateTime(), nullable=True))
        batch_op.create_index('ix_comment_newest', ['customer_id', 'removed_at', 'id'], unique=False)
        batch_op.create_index('ix_comment_follow_up', ['assignee_id', 'due_on'], unique=False, sqlite_where=sa.text('due_on IS NOT NULL AND done_at IS NULL AND removed_at IS NULL'))
        batch_op.create_foreign_key(batch_op.f('fk_comment_assignee_id_user'), 'user', ['assignee_id'], ['id'], ondelete='RESTRICT')

    with op.batch_alter_table('customer', schema=None, **NEVER_TWICE) as batch_op:
        batch_op.add_column(sa.Column('removed_at', sa.DateTime(), nullable=True))
        batch_op.create_index('ix_customer_removed_at', ['removed_at'], unique=False, sqlite_where=sa.text('removed_at IS NOT NULL'))

    # built anew, because SQLite takes AUTOINCREMENT only when it makes a table
    with op.batch_alter_table('import_batch', schema=None, **NEVER_TWICE) as batch_op:
        batch_op.add_column(sa.Column('state', sa.String(length=12), nullable=False, server_default='finished'))
        batch_op.add_column(sa.Column('source', sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column('digest', sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column('encoding', sa.String(length=40), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('separator', sa.String(length=4), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('groups', sa.JSON(), nullable=False, server_default='[]'))
        batch_op.add_column(sa.Column('records', sa.Integer(), nullable=False, server_default='0'))
        batch_op.add_column(sa.Column('new', sa.Integer(), nullable=False, server_default='0'))
        batch_op.add_column(sa.Column('skipped', sa.Integer(), nullable=False, server_default='0'))
        batch_op.add_column(sa.Column('in_trash', sa.Integer(), nullable=False, server_default='0'))
        batch_op.add_column(sa.Column('refused', sa.Integer(), nullable=False, server_default='0'))
        batch_op.add_column(sa.Column('refusals', sa.JSON(), nullable=False, server_default='[]'))
        batch_op.add_column(sa.Column('skips', sa.JSON(), nullable=False, server_default='[]'))
        batch_op.add_column(sa.Column('joined', sa.JSON(), nullable=False, server_default='{}'))
        batch_op.add_column(sa.Column('removed', sa.Integer(), nullable=False, server_default='0'))
        batch_op.add_column(sa.Column('beat_at', sa.DateTime(), nullable=True))
        batch_op.add_column(sa.Column('ended_at', sa.DateTime(), nullable=True))
        batch_op.create_index('ix_import_batch_digest', ['digest'], unique=False)

    # of earlier imports it is known who is left of them, and whether they were taken back
    op.execute("UPDATE import_batch SET state = 'reverted' WHERE reverted_at IS NOT NULL")
    op.execute("UPDATE import_batch SET new = (SELECT count(*) FROM imported_customer WHERE batch_id = import_batch.id)")

    with op.batch_alter_table('user', schema=None, **NEVER_TWICE) as batch_op:
        batch_op.add_column(sa.Column('columns', sa.JSON(), nullable=True))

    for name in OTHERS:
        with op.batch_alter_table(name, schema=None, **NEVER_TWICE):
            pass

    # a customer who cannot be deleted is put here; every team may rename or delete it
    op.execute(
        "INSERT INTO customer_group (name, name_sort, no_information, created_at, version)"
        " VALUES ('Keine Informationen', 'keine informationen', 1, datetime('now'), 1)"
    )


def downgrade() -> None:
    if op.get_bind().scalar(sa.text('SELECT 1 FROM customer WHERE removed_at IS NOT NULL LIMIT 1')):
        raise RuntimeError('there are customers in the trash, whom the earlier version does not know: bring them back or empty the trash first')

    with op.batch_alter_table('user', schema=None) as batch_op:
        batch_op.drop_column('columns')

    with op.batch_alter_table('import_batch', schema=None) as batch_op:
        batch_op.drop_index('ix_import_batch_digest')
        batch_op.drop_column('ended_at')
        batch_op.drop_column('beat_at')
        batch_op.drop_column('removed')
        batch_op.drop_column('joined')
        batch_op.drop_column('skips')
        batch_op.drop_column('refusals')
        batch_op.drop_column('refused')
        batch_op.drop_column('in_trash')
        batch_op.drop_column('skipped')
        batch_op.drop_column('new')
        batch_op.drop_column('records')
        batch_op.drop_column('groups')
        batch_op.drop_column('separator')
        batch_op.drop_column('encoding')
        batch_op.drop_column('digest')
        batch_op.drop_column('source')
        batch_op.drop_column('state')

    with op.batch_alter_table('customer', schema=None) as batch_op:
        batch_op.drop_index('ix_customer_removed_at', sqlite_where=sa.text('removed_at IS NOT NULL'))
        batch_op.drop_column('removed_at')

    with op.batch_alter_table('comment', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_comment_assignee_id_user'), type_='foreignkey')
        batch_op.drop_index('ix_comment_newest')
        batch_op.drop_index('ix_comment_follow_up', sqlite_where=sa.text('due_on IS NOT NULL AND done_at IS NULL AND removed_at IS NULL'))
        batch_op.drop_column('done_at')
        batch_op.drop_column('assignee_id')
        batch_op.drop_column('due_on')

    with op.batch_alter_table('message_link', schema=None) as batch_op:
        batch_op.drop_index('ix_message_link_unread', sqlite_where=sa.text('unread = 1'))
        batch_op.drop_index('ix_message_link_customer')

    op.drop_table('message_link')
    with op.batch_alter_table('message', schema=None) as batch_op:
        batch_op.drop_index('ix_message_follow_up', sqlite_where=sa.text('due_on IS NOT NULL AND done_at IS NULL AND removed_at IS NULL'))

    op.drop_table('message')
    with op.batch_alter_table('group_member', schema=None) as batch_op:
        batch_op.drop_index('ix_group_member_customer')

    op.drop_table('group_member')
    with op.batch_alter_table('factura_document', schema=None) as batch_op:
        batch_op.drop_index('uq_factura_document_number')
        batch_op.drop_index('ix_factura_document_open', sqlite_where=sa.text("kind = 'invoice' AND state = 'issued' AND paid < total"))
        batch_op.drop_index('ix_factura_document_sums')
        batch_op.drop_index('ix_factura_document_customer')

    op.drop_table('factura_document')
    with op.batch_alter_table('document', schema=None) as batch_op:
        batch_op.drop_index('ix_document_digest')
        batch_op.drop_index('ix_document_customer')

    op.drop_table('document')
    op.drop_table('group_change')
    with op.batch_alter_table('customer_group', schema=None) as batch_op:
        batch_op.drop_index('ix_customer_group_parent')

    op.drop_table('customer_group')
