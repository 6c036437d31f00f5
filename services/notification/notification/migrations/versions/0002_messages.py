"""Messages: sealed until they are sent, and no word of them afterwards."""

from alembic import op

from shared.migrate import execute

revision = "0002"
down_revision = "0001"

ROLE = "notification"

TABLES = """
create table message (
    message_id uuid primary key,
    sealed bytea check (octet_length(sealed) <= 30000),
    state text not null default 'waiting'
        check (state in ('waiting', 'attempted', 'delivered', 'bounced')),
    attempts integer not null default 0 check (attempts >= 0),
    put_offs integer not null default 0 check (put_offs between 0 and attempts),
    reason text,                               -- of a bounce: a code, never what a server said
    accepted_at timestamptz not null default now(),
    due_at timestamptz not null default now(), -- not to be attempted before
    leased_until timestamptz,                  -- somebody attempts it; over: it may have been sent
    deferred boolean not null default false,   -- its recipient's server asked for patience
    ended_at timestamptz,
    check ((sealed is null) = (state in ('delivered', 'bounced'))),
    check ((ended_at is null) = (state in ('waiting', 'attempted'))),
    check ((reason is null) = (state <> 'bounced')),
    check ((attempts = 0) = (state = 'waiting'))
);
create index message_due on message (due_at) where state in ('waiting', 'attempted');
create index message_ended on message (ended_at);
"""
GRANTS = f"""
grant select, insert on message to {ROLE};
grant update (sealed, state, attempts, put_offs, reason, due_at, leased_until, deferred, ended_at)
    on message to {ROLE};
"""


def upgrade() -> None:
    """Make the table and grant what the run-time role needs of it."""
    execute(op, TABLES + GRANTS)
