"""Turnout by age, as the roll says it when it closes a round."""

from alembic import op

from shared import migrate

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    """No round before this version has it."""
    migrate.execute(op, "alter table round add ages jsonb;")


def downgrade() -> None:
    migrate.execute(op, "alter table round drop ages")
