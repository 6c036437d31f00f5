"""What a reason is said by: the round's ballots and rule, and the step that looked at a project."""

from alembic import op

from shared import migrate

revision = "0005"
down_revision = "0004"

TABLES = """
alter table round_state add format jsonb, add rule jsonb;
alter table decision add step text[];
"""


def upgrade() -> None:
    migrate.execute(op, TABLES)


def downgrade() -> None:
    migrate.execute(op, "alter table decision drop step")
    migrate.execute(op, "alter table round_state drop format, drop rule")
