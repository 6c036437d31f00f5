"""How far the ledger's checkpoints cover what is published here."""

from alembic import op

from shared import covering
from shared.migrate import execute

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    execute(op, covering.CREATE)
    execute(op, covering.RUN_TIME_GRANTS.format(role="notification"))


def downgrade() -> None:
    execute(op, "drop table outbox_covered, outbox_recovered")
