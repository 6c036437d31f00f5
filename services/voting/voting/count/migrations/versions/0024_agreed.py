"""What a grant was of when its agreement was signed: a lower cost lowers that, and not what an
earlier one left."""

from alembic import op

from shared.migrate import execute

revision = "0024"
down_revision = "0023"

TABLES = """
alter table granted add agreed bigint check (agreed >= amount);
update granted set agreed = amount where signed_on is not null and reduced_event is null;
"""


def upgrade() -> None:
    """Keep what was agreed; of grants that were reduced before nobody knows it any more."""
    execute(op, TABLES)


def downgrade() -> None:
    """Nothing is lost but cents: a grant is reduced from what it is of again."""
    execute(op, "alter table granted drop column agreed;")
