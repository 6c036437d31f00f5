"""The voting page says which options were withdrawn."""

from alembic import op

from shared import migrate

revision = "0004"
down_revision = "0003"

# Why it is out; null: it is not, or was listed before this version. Rights go with the table.
TABLES = "alter table option add withdrawn text;"


def upgrade() -> None:
    """Keep why an option was withdrawn."""
    migrate.execute(op, TABLES)


def downgrade() -> None:
    migrate.execute(op, "alter table option drop withdrawn;")
