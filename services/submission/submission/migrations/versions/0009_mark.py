"""A number that goes up while the process works, beside which a file knows it, too."""

from alembic import op

from shared import mark
from shared.migrate import execute

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    execute(op, mark.CREATE)
    execute(op, mark.RUN_TIME_GRANTS.format(role="submission"))


def downgrade() -> None:
    execute(op, "drop table database_mark")
    execute(op, "alter table outbox_recovered drop because, drop ended_at")
