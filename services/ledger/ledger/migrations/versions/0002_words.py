"""The words behind commitments, for the pages; null where they were erased."""

from alembic import op

from shared.migrate import execute

revision = "0002"
down_revision = "0001"

WORDS = """
create table words (
    content_id text primary key check (content_id ~ '^[0-9a-f]{64}$'),
    value text
);
grant select, insert, update on words to ledger;
"""


def upgrade() -> None:
    execute(op, WORDS)


def downgrade() -> None:
    raise RuntimeError("a ledger is never taken back")
