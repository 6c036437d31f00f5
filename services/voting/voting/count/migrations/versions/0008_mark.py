"""A number that goes up while the process works, which a file outside knows, too; and logs that
have ended."""

from alembic import op

from shared import covering, mark
from shared.migrate import execute

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    execute(op, mark.CREATE)
    execute(op, covering.CREATE_FROZEN)
    execute(op, mark.RUN_TIME_GRANTS.format(role="voting_count"))


def downgrade() -> None:
    execute(op, "drop table database_mark")
    execute(op, "alter table outbox_recovered drop because, drop ended_at")
    execute(op, "alter table outbox_covered drop frozen")
