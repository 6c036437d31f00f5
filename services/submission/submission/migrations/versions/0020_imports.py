"""Imports of ideas, organisations and published elections."""

from alembic import op

from shared.migrate import execute

revision = "0020"
down_revision = "0019"

ROLE = "submission"

TABLES = """
create table import_file (
    import_id uuid primary key,
    programme_id uuid not null references programme,
    kind text not null check (kind in ('ideas', 'organisations', 'projects')),
    digest bytea not null check (octet_length(digest) = 32),
    name text not null check (char_length(name) <= 120),
    state text not null
        check (state in ('checked', 'running', 'done', 'stopped', 'forgotten')),
    rows integer not null check (rows between 0 and 50000),
    officer uuid not null,
    at timestamptz not null,
    done_at timestamptz,
    check ((state = 'done') = (done_at is not null))
);
create index imports_of_programme on import_file (programme_id, at);
create index imports_to_run on import_file (at) where state = 'running';

-- What a row of a file says is kept until it is recorded, or nobody has asked for that for long.
create table import_row (
    import_id uuid not null references import_file,
    line integer not null check (line > 0),
    key text not null check (char_length(key) <= 100),
    outcome text not null check (outcome in ('new', 'known', 'changed', 'refused')),
    field text,
    code text,
    detail text,
    fields jsonb,
    digest bytea check (octet_length(digest) = 32),
    subject uuid,
    done boolean not null default false,
    primary key (import_id, line),
    check ((outcome in ('refused', 'changed')) = (code is not null))
);
create index rows_to_do on import_row (import_id, line) where outcome = 'new' and not done;

-- What came in a file, under its reference there: the same row again is nothing new.
create table imported (
    programme_id uuid not null references programme,
    kind text not null,
    key text not null,
    digest bytea not null check (octet_length(digest) = 32),
    subject uuid not null,
    primary key (programme_id, kind, key)
);
"""
GRANTS = f"""
grant select, insert, update (state, rows, done_at) on import_file to {ROLE};
grant select, insert, update (outcome, code, subject, fields, done) on import_row to {ROLE};
grant select, insert on imported to {ROLE};
"""


def upgrade() -> None:
    execute(op, TABLES)
    execute(op, GRANTS)


def downgrade() -> None:
    raise RuntimeError("something may have been imported")
