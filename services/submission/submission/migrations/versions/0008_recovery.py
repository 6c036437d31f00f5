"""Each recovery from the ledger has an id, by which officers say which one they open."""

from alembic import op

from shared import covering
from shared.migrate import execute

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    execute(op, covering.CREATE_RECOVERY)
    execute(op, covering.RECOVERY_GRANTS.format(role="submission"))


def downgrade() -> None:
    execute(op, "alter table outbox_recovered drop recovery")
