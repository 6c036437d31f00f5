"""The keys that were announced: those that sign this service's decisions and closings."""

from alembic import op

from shared import service_key
from shared.migrate import execute

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    execute(op, service_key.CREATE)
    execute(op, service_key.RUN_TIME_GRANTS.format(role="voting_roll"))


def downgrade() -> None:
    execute(op, "drop table service_key")
