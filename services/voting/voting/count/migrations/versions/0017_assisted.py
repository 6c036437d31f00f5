"""Rounds in which the booth has a tier of its own."""

from alembic import op

from shared import migrate

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    """No round before this version has one."""
    migrate.execute(op, "alter table round add assisted boolean not null default false;")


def downgrade() -> None:
    migrate.execute(op, "alter table round drop assisted")
