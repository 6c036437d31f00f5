"""What an officer saw of a carrier's identifier of the social and solidarity economy."""

from alembic import op

from shared.migrate import execute

revision = "0025"
down_revision = "0024"

TABLES = """
-- Until when the identifier held that an officer looked at; null: she looked at none.
alter table clearance add sse_until date;
"""


def upgrade() -> None:
    """Add what an officer saw."""
    execute(op, TABLES)


def downgrade() -> None:
    """Refused: nothing else says what an officer saw."""
    raise RuntimeError("what an officer saw has nowhere to go")
