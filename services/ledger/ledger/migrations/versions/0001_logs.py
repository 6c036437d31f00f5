"""Logs, their entries, tiles and heads; what is held or in quarantine; signed checkpoints."""

from alembic import op

from shared import inbox, outbox
from shared.migrate import execute

revision = "0001"
down_revision = None

LOGS = """
create table log_key (
    public_key bytea primary key check (length(public_key) = 32),
    made_at timestamptz not null default now()
);

create table log (
    log text primary key check (log ~ '^[a-z0-9-]{1,60}$'),
    origin text not null unique,
    public_key bytea not null unique references log_key,
    opened_at timestamptz not null default now()
);

create table head (
    log text primary key references log,
    size bigint not null check (size >= 0),
    root bytea not null check (length(root) = 32)
);

-- No foreign key: a look-up for each of 20,000 rows a second; the trigger asks once a statement.
create table entry (
    log text not null,
    index bigint not null check (index >= 0),
    id uuid not null unique,
    src text not null,
    number bigint not null check (number > 0),
    leaf_hash bytea not null check (length(leaf_hash) = 32),
    bytes bytea not null check (length(bytes) between 1 and 65535),
    primary key (log, index),
    unique (log, src, number)
);

create table tile (
    log text not null references log,
    level integer not null check (level between 0 and 63),
    index bigint not null check (index >= 0),
    hashes bytea not null check (length(hashes) between 32 and 8192 and length(hashes) % 32 = 0),
    primary key (log, level, index)
);
alter table tile alter hashes set storage external;  -- hashes cannot be compressed

create table held (
    log text not null,
    src text not null,
    number bigint not null check (number > 0),
    id uuid not null unique,
    bytes bytea not null,
    since timestamptz not null default now(),
    primary key (log, src, number)
);

create table quarantine (
    id uuid not null,
    digest bytea not null,
    log text not null,
    src text not null,
    number bigint not null,
    bytes bytea not null,
    reason text not null,
    since timestamptz not null default now(),
    primary key (id, digest)
);

create table signed_checkpoint (
    log text not null references log,
    size bigint not null check (size > 0),
    root bytea not null check (length(root) = 32),
    note text not null,
    signed_at timestamptz not null default now(),
    primary key (log, size)
);
"""

# These stop mistakes and a stolen password. What a superuser does is found by the tree.
TRIGGERS = """
create function refuse_change() returns trigger language plpgsql as $$
begin
    raise exception '% is append-only: % refused', tg_table_name, tg_op
        using errcode = 'insufficient_privilege';
end $$;

-- Entries come in statements: each begins where its log ends, and so does each publisher's number.
create function refuse_gap() returns trigger language plpgsql as $$
declare
    found record;
begin
    for found in
        select f.log, min(f.index) as first, max(f.index) - min(f.index) + 1 as span, count(*) as n,
               (select max(e.index) from entry e where e.log = f.log and e.index < min(f.index))
                   as before,
               exists (select from head h where h.log = f.log) as known
        from fresh f group by f.log
    loop
        if not found.known or found.span <> found.n or found.first <> coalesce(found.before, -1) + 1
        then
            raise exception 'the entries of % from % do not follow %',
                found.log, found.first, found.before
                using errcode = 'integrity_constraint_violation';
        end if;
    end loop;
    for found in
        select f.log, f.src, min(f.number) as first, max(f.number) - min(f.number) + 1 as span,
               count(*) as n,
               (select max(e.number) from entry e
                where e.log = f.log and e.src = f.src and e.number < min(f.number)) as before
        from fresh f group by f.log, f.src
    loop
        if found.span <> found.n or found.first <> coalesce(found.before, 0) + 1 then
            raise exception 'the numbers of % in % from % do not follow %',
                found.src, found.log, found.first, found.before
                using errcode = 'integrity_constraint_violation';
        end if;
    end loop;
    return null;
end $$;

create function refuse_shrinking() returns trigger language plpgsql as $$
begin
    if (new.log, new.level, new.index) <> (old.log, old.level, old.index)
       or substring(new.hashes for length(old.hashes)) <> old.hashes then
        raise exception 'a tile of % only grows', old.log using errcode = 'insufficient_privilege';
    end if;
    return new;
end $$;

create function refuse_earlier() returns trigger language plpgsql as $$
begin
    if exists (select from signed_checkpoint where log = new.log and size > new.size) then
        raise exception 'a larger checkpoint of % is signed already', new.log
            using errcode = 'integrity_constraint_violation';
    end if;
    return new;
end $$;

create trigger refuse_gap after insert on entry referencing new table as fresh
    for each statement execute function refuse_gap();
create trigger refuse_change before update or delete on entry
    for each row execute function refuse_change();
create trigger refuse_truncate before truncate on entry
    for each statement execute function refuse_change();
create trigger refuse_earlier before insert on signed_checkpoint
    for each row execute function refuse_earlier();
create trigger refuse_change before update or delete on signed_checkpoint
    for each row execute function refuse_change();
create trigger refuse_truncate before truncate on signed_checkpoint
    for each statement execute function refuse_change();
create trigger refuse_shrinking before update on tile
    for each row execute function refuse_shrinking();
create trigger refuse_change before delete on tile
    for each row execute function refuse_change();
create trigger refuse_truncate before truncate on tile
    for each statement execute function refuse_change();

alter table entry enable always trigger refuse_gap;
alter table entry enable always trigger refuse_change;
alter table entry enable always trigger refuse_truncate;
alter table signed_checkpoint enable always trigger refuse_earlier;
alter table signed_checkpoint enable always trigger refuse_change;
alter table signed_checkpoint enable always trigger refuse_truncate;
alter table tile enable always trigger refuse_shrinking;
alter table tile enable always trigger refuse_change;
alter table tile enable always trigger refuse_truncate;
"""

GRANTS = """
grant select on log_key, signed_checkpoint to ledger;
grant select, insert on log, entry, quarantine to ledger;
grant select, insert, update on tile to ledger;
-- A head is moved, never renamed.
grant select, insert, update (size, root) on head to ledger;
grant select, insert, delete on held to ledger;

grant select on log, head, entry, tile to ledger_signer;
grant select, insert on log_key, signed_checkpoint to ledger_signer;
grant select (id), insert on outbox to ledger_signer;
"""


def upgrade() -> None:
    for statements in (LOGS, TRIGGERS, outbox.CREATE, inbox.CREATE):
        execute(op, statements)
    execute(op, outbox.RUN_TIME_GRANTS.format(role="ledger"))
    execute(op, inbox.RUN_TIME_GRANTS.format(role="ledger"))
    execute(op, GRANTS)


def downgrade() -> None:
    raise RuntimeError("a ledger is never taken back")
