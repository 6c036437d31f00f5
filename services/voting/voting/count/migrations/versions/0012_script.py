"""The digest of the voting page's script, as a round's opening stated it."""

from alembic import op

from shared import migrate

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Null until the round opens, and of those that opened before this version."""
    migrate.execute(op, "alter table round add script text;")


def downgrade() -> None:
    migrate.execute(op, "alter table round drop script")
