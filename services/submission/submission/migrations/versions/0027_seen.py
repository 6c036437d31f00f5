"""Which transaction noted an event, and which were over when a page was made: what is noted before
a visit and committed after it is new the next time. Residents have visits, too."""

from alembic import op

from shared.migrate import execute

revision = "0027"
down_revision = "0026"

ROLE = "submission"

TABLES = """
-- What is there already is this transaction's, which is over before any page is made.
alter table project_event add noted_by xid8 not null default pg_current_xact_id();
-- A visit of before has none: its moment decides alone.
alter table visit add seen pg_snapshot;
"""
GRANTS = f"""
grant update (seen), delete on visit to {ROLE};
"""


def upgrade() -> None:
    """Add what tells what a page could not show."""
    execute(op, TABLES)
    execute(op, GRANTS)
