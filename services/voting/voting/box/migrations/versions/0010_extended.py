"""A round that two officers extended has a later end; promises name the one that was frozen."""

from alembic import op

from shared import migrate

revision = "0010"
down_revision = "0009"

TABLES = "alter table round add first_closes_at timestamptz check (first_closes_at < closes_at);"
GRANTS = "grant update (closes_at, first_closes_at) on round to voting_box;"


def upgrade() -> None:
    migrate.execute(op, TABLES)
    migrate.execute(op, GRANTS)


def downgrade() -> None:
    migrate.execute(op, "alter table round drop first_closes_at;")
