"""Documents that were attached."""

from alembic import op

from shared.migrate import execute

revision = "0017"
down_revision = "0016"

ROLE = "submission"

TABLES = """
-- A file of a project. What was removed was there once, and nothing else is known of it.
create table document (
    document_id uuid primary key,
    project_id uuid not null references idea,
    name text not null check (char_length(name) between 1 and 60),
    media text not null
        check (media in ('application/pdf', 'image/jpeg', 'image/png', 'text/csv')),
    length integer not null check (length between 1 and 10485760),
    commitment text not null check (commitment ~ '^[0-9a-f]{64}$'),
    salt bytea check (octet_length(salt) = 32),
    kept text not null check (kept in ('database', 'objects', 'nowhere')),
    shown_name text check (char_length(shown_name) between 1 and 120),
    attached_at timestamptz not null,
    removed_at timestamptz,
    check ((removed_at is null) = (salt is not null)),
    check ((removed_at is null) = (shown_name is not null)),
    check (kept <> 'nowhere' or removed_at is not null)
);
create index documents_of_project on document (project_id, name) where removed_at is null;
create index documents_to_sweep on document (removed_at)
    where removed_at is not null and kept = 'objects';

-- Pictures and PDFs are packed already.
create table document_bytes (
    document_id uuid primary key references document,
    bytes bytea not null check (octet_length(bytes) between 1 and 10485760)
);
alter table document_bytes alter bytes set storage external;

create table ticket (
    token_hash bytea primary key check (octet_length(token_hash) = 32),
    document_id uuid not null references document,
    person uuid not null,
    expires_at timestamptz not null,
    used_at timestamptz
);
create index ticket_by_age on ticket (expires_at);
create index tickets_of_document on ticket (document_id);
"""
GRANTS = f"""
grant select, insert, update (kept, salt, shown_name, removed_at) on document to {ROLE};
grant select, insert, delete on document_bytes to {ROLE};
grant select, insert, delete, update (used_at) on ticket to {ROLE};
"""


def upgrade() -> None:
    execute(op, TABLES)
    execute(op, GRANTS)


def downgrade() -> None:
    raise RuntimeError("documents may have been attached")
