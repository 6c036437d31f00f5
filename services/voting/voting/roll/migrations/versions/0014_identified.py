"""Identities that a provider vouches for; marks on paper are destroyed with the others."""

from alembic import op

from shared.migrate import execute

revision = "0014"
down_revision = "0013"

ROLE = "voting_roll"

TABLES = """
-- Who came back from the identity provider, for half an hour: hashes, and sealed messages.
create table identified (
    session bytea primary key check (octet_length(session) = 32),
    round_id uuid not null references round,
    identity bytea not null check (octet_length(identity) = 32),
    subject bytea not null check (octet_length(subject) = 32),
    in_need boolean not null,                  -- of a parent's consent
    placed boolean not null,
    case_id uuid not null,
    messages jsonb not null,
    expires_at timestamptz not null
);
create index identified_expires on identified (expires_at);
create index held_of_subject on held (round_id, subject) where subject is not null;
"""
GRANTS = f"""
grant select, insert, update (expires_at), delete on identified to {ROLE};
grant delete on paper_mark to {ROLE};
"""


def upgrade() -> None:
    """Make the table, and grant what the run-time role needs of it."""
    execute(op, TABLES)
    execute(op, GRANTS)
