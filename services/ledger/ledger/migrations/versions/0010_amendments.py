"""What a charter's later versions name is found without reading a log: pages tell entries by it."""

from alembic import op

from shared.migrate import execute

revision = "0010"
down_revision = "0009"

# The sequencer pays for entries of submission alone, of which there are few beside ballots.
INDEX = """
create index entry_amendment on entry (log, index)
where src = 'submission'
    and position('"type":"submission.charter-amended.v1"'::bytea in bytes) > 0;
"""


def upgrade() -> None:
    execute(op, INDEX)


def downgrade() -> None:
    execute(op, "drop index entry_amendment;")
