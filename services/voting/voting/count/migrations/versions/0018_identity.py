"""The ways to the roll that a charter names, which are frozen with a round's rules."""

from alembic import op

from shared import migrate

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    """No round before this version has a charter that names any."""
    migrate.execute(op, "alter table round add identity jsonb;")


def downgrade() -> None:
    migrate.execute(op, "alter table round drop identity")
