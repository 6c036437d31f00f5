"""Turnout by age: a band of ages stands beside a code until voting is over."""

from alembic import op

from shared.migrate import execute

revision = "0020"
down_revision = "0019"

ROLE = "voting_roll"

TABLES = """
-- The first year of the band (`identity.BANDS`) of a person's age when voting opens; null where the
-- roll never knew it, and of a code once the round is closed and counted.
alter table code add band smallint check (band between 0 and 115);
alter table held add band smallint check (band between 0 and 115);
alter table identified add band smallint check (band between 0 and 115);
"""
GRANTS = f"grant update (band) on code, held to {ROLE};"


def upgrade() -> None:
    """Make the columns, and let the run-time role forget what is in them."""
    execute(op, TABLES)
    execute(op, GRANTS)


def downgrade() -> None:
    raise RuntimeError("the role may have been granted")
