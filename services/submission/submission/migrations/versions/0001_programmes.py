"""Programmes, projects, the words of their titles, and the round their options are frozen for."""

from alembic import op

from shared import inbox, outbox
from shared.migrate import execute

revision = "0001"
down_revision = None

ROLE = "submission"

TABLES = """
create table text (
    content_id text primary key check (content_id ~ '^[0-9a-f]{64}$'),
    value text check (char_length(value) between 1 and 200),
    salt bytea check (octet_length(salt) = 32),
    check ((value is null) = (salt is null))   -- both null: erased
);

create table programme (
    programme_id uuid primary key,
    log text not null unique check (log ~ '^[a-z0-9-]{1,60}$' and log <> 'platform'),
    title text not null references text,
    charter text not null check (charter ~ '^[0-9a-f]{64}$'),
    rehearsal boolean not null
);

create table round (
    round_id uuid primary key,
    programme_id uuid not null unique references programme,
    options integer not null check (options > 0),
    digest text not null check (digest ~ '^[0-9a-f]{64}$'),
    unique (round_id, programme_id)
);

create table project (
    project_id uuid primary key,
    programme_id uuid not null references programme,
    title text not null references text,
    cost bigint not null check (cost between 1 and 1000000000000000),
    round_id uuid,                             -- not null: frozen
    foreign key (round_id, programme_id) references round (round_id, programme_id)
);
create index project_of_programme on project (programme_id);

-- What is frozen stays as it is, whoever writes.
create function refuse_frozen() returns trigger language plpgsql as $$
begin
    raise exception 'project % is frozen', old.project_id using errcode = 'check_violation';
end $$;
create trigger project_frozen before update or delete on project
    for each row when (old.round_id is not null) execute function refuse_frozen();

create table answered (
    key text primary key check (char_length(key) between 1 and 200),
    asked bytea not null check (octet_length(asked) = 32),
    answer jsonb                               -- null only within the transaction that asks
);
"""
GRANTS = f"""
grant select, insert on text, programme, round to {ROLE};
grant select, insert, update (title, cost, round_id) on project to {ROLE};
grant select, insert, update (answer) on answered to {ROLE};
-- To lock a programme takes the right to change a column of it; its key is the harmless one.
grant update (programme_id) on programme to {ROLE};
"""


def upgrade() -> None:
    """Make the tables and grant what the run-time role needs of them."""
    execute(op, outbox.CREATE + outbox.RUN_TIME_GRANTS.format(role=ROLE))
    execute(op, inbox.CREATE + inbox.RUN_TIME_GRANTS.format(role=ROLE))
    execute(op, TABLES)
    execute(op, GRANTS)
