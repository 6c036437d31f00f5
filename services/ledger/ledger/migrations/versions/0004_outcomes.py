"""What becomes of events that no log takes: rejected, given up, waiting for a version that reads
them; logs that have ended; the sequencer's epoch; service keys; officers."""

from alembic import op

from shared import people
from shared.migrate import execute

revision = "0004"
down_revision = "0003"

TABLES = """
-- Every transaction that appends locks this row: one at a time, and none of an earlier epoch.
create table sequencer (
    one boolean primary key default true check (one),
    epoch bigint not null default 0
);
insert into sequencer default values;

-- Numbers without an event: what an entry of the ledger itself says of them, at `index`.
create table filled (
    log text not null,
    src text not null,
    number bigint not null check (number > 0),
    upto bigint not null check (upto >= number),
    index bigint not null,
    primary key (log, src, number)
);

create table frozen_log (
    log text primary key references log,
    index bigint not null
);

create table service_key (
    src text not null,
    public_key text not null,
    event_id uuid not null,
    event_type text not null,
    signature text,
    primary key (src, public_key)
);

-- `unread`: why this version cannot read it; `refused`: that no version can take it.
alter table held add unread text, add refused text;
create index held_unread on held (since) where unread is not null;
alter table quarantine add seen_by uuid, add seen_at timestamptz;
alter table quarantine add check ((seen_by is null) = (seen_at is null));
create index quarantine_unseen on quarantine (since) where seen_by is null;
"""

# Entries come in statements: each begins where its log ends, and so does each publisher's number,
# with what the ledger's own entries fill. The writer cannot write `filled`: this does, as its
# owner, from the entries' bytes.
REFUSE_GAP = """
create or replace function refuse_gap() returns trigger
language plpgsql security definer set search_path = pg_catalog, public as $$
declare
    found record;
begin
    for found in
        select f.log, min(f.index) as first, max(f.index) - min(f.index) + 1 as span, count(*) as n,
               (select max(e.index) from entry e where e.log = f.log and e.index < min(f.index))
                   as before,
               exists (select from head h where h.log = f.log) as known,
               exists (select from frozen_log z where z.log = f.log) as frozen
        from fresh f group by f.log
    loop
        if found.frozen then
            raise exception 'the log % is frozen', found.log
                using errcode = 'integrity_constraint_violation';
        end if;
        if not found.known or found.span <> found.n or found.first <> coalesce(found.before, -1) + 1
        then
            raise exception 'the entries of % from % do not follow %',
                found.log, found.first, found.before
                using errcode = 'integrity_constraint_violation';
        end if;
    end loop;

    insert into filled (log, src, number, upto, index)
    select own.log, own.said #>> '{body,src}',
           case own.said ->> 'type' when 'ledger.gap-accepted.v1'
                then (own.said #>> '{body,from}')::bigint
                else (own.said #>> '{body,number}')::bigint end,
           case own.said ->> 'type' when 'ledger.gap-accepted.v1'
                then (own.said #>> '{body,to}')::bigint
                else (own.said #>> '{body,number}')::bigint end,
           own.index
    from (select log, index, convert_from(bytes, 'UTF8')::jsonb as said
          from fresh where src = 'ledger') own
    where own.said ->> 'type' = 'ledger.gap-accepted.v1'
       or (own.said ->> 'type' = 'ledger.ingest-rejected.v1'
           and own.said #>> '{body,reason}' not in ('number_taken', 'log_frozen'));

    with pieces as (
        select log, src, number as first, number as final from fresh
        union all
        select g.log, g.src, g.number, g.upto from filled g
        join (select log, min(index) as first from fresh group by log) f
          on f.log = g.log and g.index >= f.first
    ), ordered as (
        select log, src, first, lag(final) over (partition by log, src order by first) as before
        from pieces
    ), following as (
        select o.log, o.src, o.first, coalesce(o.before, greatest(
                   (select max(e.number) from entry e
                    where e.log = o.log and e.src = o.src and e.number < o.first),
                   (select max(g.upto) from filled g
                    where g.log = o.log and g.src = o.src and g.number < o.first)), 0) as before
        from ordered o
    )
    select * into found from (
        select log, src, first, before from following where first <> before + 1
        union all
        -- What is filled now had neither an event nor another filling before.
        select g.log, g.src, g.number, coalesce(
                   (select max(e.number) from entry e
                    where e.log = g.log and e.src = g.src and e.number between g.number and g.upto),
                   (select max(o.upto) from filled o
                    where o.log = g.log and o.src = g.src and o.index <> g.index
                      and o.number <= g.upto and o.upto >= g.number))
        from filled g
        join (select log, min(index) as first from fresh group by log) f
          on f.log = g.log and g.index >= f.first
    ) wrong where before is not null limit 1;
    if found.first is not null then
        raise exception 'the numbers of % in % from % do not follow %',
            found.src, found.log, found.first, found.before
            using errcode = 'integrity_constraint_violation';
    end if;
    return null;
end $$;
"""

TRIGGERS = """
create function refuse_smaller_epoch() returns trigger language plpgsql as $$
begin
    if new.epoch <= old.epoch then
        raise exception 'epochs rise: % is not after %', new.epoch, old.epoch
            using errcode = 'integrity_constraint_violation';
    end if;
    return new;
end $$;
create trigger refuse_smaller_epoch before update on sequencer
    for each row execute function refuse_smaller_epoch();
alter table sequencer enable always trigger refuse_smaller_epoch;

create function refuse_shrinking_head() returns trigger language plpgsql as $$
begin
    if new.log <> old.log or new.size < old.size then
        raise exception 'the log % only grows', old.log using errcode = 'insufficient_privilege';
    end if;
    return new;
end $$;
create trigger refuse_shrinking before update on head
    for each row execute function refuse_shrinking_head();
alter table head enable always trigger refuse_shrinking;

-- A log, and what was put aside, stay: somebody looked at it, and no more.
create trigger refuse_change before update or delete on log
    for each row execute function refuse_change();
create trigger refuse_delete before delete on head
    for each row execute function refuse_change();
create trigger refuse_delete before delete on quarantine
    for each row execute function refuse_change();
create trigger refuse_change before update or delete on filled
    for each row execute function refuse_change();
create trigger refuse_change before update or delete on frozen_log
    for each row execute function refuse_change();
create trigger refuse_change before update or delete on service_key
    for each row execute function refuse_change();
alter table log enable always trigger refuse_change;
alter table head enable always trigger refuse_delete;
alter table quarantine enable always trigger refuse_delete;
alter table filled enable always trigger refuse_change;
alter table frozen_log enable always trigger refuse_change;
alter table service_key enable always trigger refuse_change;
"""

TRUNCATE = """
create trigger refuse_truncate before truncate on {table}
    for each statement execute function refuse_change();
alter table {table} enable always trigger refuse_truncate;
"""
KEPT = ("log", "head", "held", "quarantine", "filled", "frozen_log", "service_key", "sequencer")

GRANTS = """
grant select, update (epoch) on sequencer to ledger;
grant select on filled to ledger;
grant select, insert on frozen_log, service_key to ledger;
grant update (unread) on held to ledger;
grant update (seen_by, seen_at) on quarantine to ledger;
revoke execute on function refuse_gap() from public;

grant select on log, rotated_key, head, entry, tile, published_checkpoint, filled, frozen_log
    to ledger_reader;
"""


def upgrade() -> None:
    for statements in (TABLES, REFUSE_GAP, TRIGGERS, people.CREATE):
        execute(op, statements)
    for table in KEPT:
        execute(op, TRUNCATE.format(table=table))
    execute(op, people.RUN_TIME_GRANTS.format(role="ledger"))
    execute(op, GRANTS)


def downgrade() -> None:
    raise RuntimeError("a ledger is never taken back")
