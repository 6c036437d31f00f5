"""Rounds whose ballots are sealed: how many bytes each is padded to. Of the others, none."""

from alembic import op

from shared import migrate

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    migrate.execute(op, "alter table round add padded integer check (padded > 0)")


def downgrade() -> None:
    raise RuntimeError("a sealed round would take ballots that say their choices")
