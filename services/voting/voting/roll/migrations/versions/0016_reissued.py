"""A second code for who lost her voting code, given by two officers, and counted."""

from alembic import op

from shared.migrate import execute

revision = "0016"
down_revision = "0015"

ROLE = "voting_roll"

TABLES = """
-- `code` is forgotten here when it counts, so that no row of a person has it. `given_to` is the
-- officer who hands it out: null until another one confirmed. Without a time and without an order.
create table reissue (
    reissue_id uuid primary key,
    round_id uuid not null references round,
    person bytea not null check (octet_length(person) = 32),
    tier text not null check (tier ~ '^[A-Z]$'),
    code bytea not null check (octet_length(code) = 32),
    given_to uuid
);
create index reissue_of_person on reissue (round_id, person);
"""
GRANTS = f"grant select, insert, update (code, given_to), delete on reissue to {ROLE};"


def upgrade() -> None:
    """Make the table, and grant what the run-time role needs of it."""
    execute(op, TABLES)
    execute(op, GRANTS)


def downgrade() -> None:
    raise RuntimeError("who was given a second code could be given a third")
