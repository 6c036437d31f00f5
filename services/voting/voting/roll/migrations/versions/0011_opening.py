"""The voting page says where the record has a round's opening, and how secret its ballots are."""

from alembic import op

from shared import migrate

revision = "0011"
down_revision = "0010"

ROLE = "voting_roll"

# Null until the round is opened, and of those that opened before this version.
TABLES = """
alter table round add opened_event uuid, add secrecy text;
"""
GRANTS = f"grant update (opened_event, secrecy) on round to {ROLE};"


def upgrade() -> None:
    """Let both be set when a round opens."""
    migrate.execute(op, TABLES)
    migrate.execute(op, GRANTS)


def downgrade() -> None:
    migrate.execute(op, "alter table round drop opened_event, drop secrecy")
