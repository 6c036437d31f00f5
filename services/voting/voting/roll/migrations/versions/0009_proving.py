"""The checkpoints that were heard, which prove the ledger's entries, whoever hands them over."""

from alembic import op

from shared import proving
from shared.migrate import execute

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    execute(op, proving.CREATE)
    execute(op, proving.RUN_TIME_GRANTS.format(role="voting_roll"))


def downgrade() -> None:
    execute(op, "drop table heard_checkpoint, proving_checkpoint")
