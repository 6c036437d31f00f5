"""Somebody without a letter or a telephone is put on the roll at a counter, by two officers."""

from alembic import op

from shared.migrate import execute

revision = "0019"
down_revision = "0018"

ROLE = "voting_roll"

TABLES = """
-- `code` and the band of her age are forgotten here when the code counts, so that no row of a
-- person has them. `given_to` is the officer who hands it out: null until another one confirmed.
-- Without a time and without an order.
create table admission (
    admission_id uuid primary key,
    round_id uuid not null references round,
    person bytea not null check (octet_length(person) = 32),
    code bytea not null check (octet_length(code) = 32),
    band smallint check (band between 0 and 115),
    given_to uuid,
    unique (round_id, person)
);
"""
GRANTS = f"grant select, insert, update (code, band, given_to), delete on admission to {ROLE};"


def upgrade() -> None:
    """Make the table, and grant what the run-time role needs of it."""
    execute(op, TABLES)
    execute(op, GRANTS)


def downgrade() -> None:
    raise RuntimeError("who was put on the roll at a counter would have no code to be handed")
