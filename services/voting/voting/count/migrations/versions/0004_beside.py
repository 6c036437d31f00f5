"""What stands beside a decision: how ballots graded, and what another rule would have funded."""

from alembic import op

from shared import migrate

revision = "0004"
down_revision = "0003"

TABLES = """
-- Computed once with the decision, and published in no event: anybody can compute it from ballots.
alter table round add beside jsonb;
"""


def upgrade() -> None:
    migrate.execute(op, TABLES)


def downgrade() -> None:
    migrate.execute(op, "alter table round drop beside")
