"""Rows whose number is known are looked at again when a file is run, and what they differ in is
said."""

from alembic import op

from shared.migrate import execute

revision = "0028"
down_revision = "0027"
ROLE = "submission"

ROWS = """
drop index rows_to_do;
create index rows_to_do on import_row (import_id, line) where fields is not null and not done;
"""
GRANTS = f"grant update (detail) on import_row to {ROLE};"


def upgrade() -> None:
    """Find rows by what they say and not by what was foreseen of them."""
    execute(op, ROWS)
    execute(op, GRANTS)


def downgrade() -> None:
    """Nothing is lost: the rows are found by their outcome again."""
    execute(op, "drop index rows_to_do;")
    execute(
        op,
        "create index rows_to_do on import_row (import_id, line)"
        " where outcome = 'new' and not done;",
    )
