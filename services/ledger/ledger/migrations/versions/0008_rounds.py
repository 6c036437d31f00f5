"""What count says of rounds is found without reading a log: it says when promises are due."""

from alembic import op

from shared.migrate import execute

revision = "0008"
down_revision = "0007"

# The sequencer pays for entries of count alone, of which there are few beside ballots.
INDEX = """
create index entry_round on entry (log, index)
where src = 'voting.count' and position('"type":"voting.round-'::bytea in bytes) > 0;
"""


def upgrade() -> None:
    execute(op, INDEX)


def downgrade() -> None:
    execute(op, "drop index entry_round;")
