"""What a stolen password of the writer's cannot do either; what somebody else said of an event;
keys that nobody vouches for."""

from alembic import op

from shared.migrate import execute

revision = "0006"
down_revision = "0005"

# A copy that somebody else sent first is kept beside the event, and does not count as the event.
UNFIT = """
alter table quarantine add unfit boolean not null default false;
update quarantine set unfit = true where reason like '% does not publish on %';
alter table quarantine drop constraint quarantine_pkey, add primary key (id, digest, unfit);
"""

# A key is one that an entry of the platform's log announces; more is not to be read here, since
# signatures are checked by the sequencer and by every auditor.
KEYS = """
create table unvouched_key (
    src text not null,
    public_key text not null,
    event_id uuid not null,
    event_type text not null,
    since timestamptz not null default now(),
    primary key (src, public_key)
);
create function refuse_unannounced() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
    said jsonb;
begin
    select convert_from(bytes, 'UTF8')::jsonb into said from entry
    where id = new.event_id and log = 'platform' and src = new.src;
    if said is null or (said #>> '{body,service_key}', said ->> 'type')
                       is distinct from (new.public_key, new.event_type) then
        raise exception 'no entry announces this key of %', new.src
            using errcode = 'integrity_constraint_violation';
    end if;
    return new;
end $$;
create trigger refuse_unannounced before insert on service_key
    for each row execute function refuse_unannounced();
create trigger refuse_unannounced before insert on unvouched_key
    for each row execute function refuse_unannounced();
create trigger refuse_change before update or delete on unvouched_key
    for each row execute function refuse_change();
create trigger refuse_truncate before truncate on unvouched_key
    for each statement execute function refuse_change();
alter table service_key enable always trigger refuse_unannounced;
alter table unvouched_key enable always trigger refuse_unannounced;
alter table unvouched_key enable always trigger refuse_change;
alter table unvouched_key enable always trigger refuse_truncate;
grant select, insert on unvouched_key to ledger;
"""

# What is said of logs and keys beside the entries is what the ledger's own entries say: a trigger
# writes it, as the tables' owner. It runs behind `refuse_gap`, by its name.
TELL = """
-- The key within `<name>+<hex>+<base64 of its kind and itself>`.
create function raw_key(vkey text) returns bytea language sql immutable
    return substring(decode(substring(vkey from '\\+[0-9a-f]{8}\\+(.*)$'), 'base64') from 2);

alter table head add entries bigint not null default 0;
update head set entries = coalesce((select max(index) + 1 from entry where log = head.log), 0);

alter table rotated_key add reason text;
alter table rotated_key disable trigger refuse_change;
update rotated_key r set reason = convert_from(e.bytes, 'UTF8')::jsonb #>> '{body,reason}'
    from entry e where e.log = 'platform' and e.src = 'ledger'
    and e.bytes like '%"type":"ledger.key-rotated.v1"%'::bytea
    and raw_key(convert_from(e.bytes, 'UTF8')::jsonb #>> '{body,vkey}') = r.public_key;
alter table rotated_key enable always trigger refuse_change;

create function tell() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    update head set entries = f.final + 1
    from (select log, max(index) as final from fresh group by log) f where f.log = head.log;

    insert into frozen_log (log, index)
    select f.log, f.index from fresh f
    where f.src = 'ledger' and f.log <> 'platform'
      and convert_from(f.bytes, 'UTF8')::jsonb ->> 'type' = 'ledger.log-frozen.v1';
    if exists (select from fresh f join frozen_log z on z.log = f.log and z.index < f.index) then
        raise exception 'nothing follows the end of a log'
            using errcode = 'integrity_constraint_violation';
    end if;

    insert into rotated_key (log, public_key, previous, both_until, reason)
    select said #>> '{body,log}', raw_key(said #>> '{body,vkey}'),
           raw_key(said #>> '{body,previous}'), (said #>> '{body,both_until}')::timestamptz,
           said #>> '{body,reason}'
    from (select index, convert_from(bytes, 'UTF8')::jsonb as said
          from fresh where src = 'ledger' and log = 'platform') own
    where said ->> 'type' = 'ledger.key-rotated.v1' order by index;
    return null;
end $$;
create trigger tell after insert on entry referencing new table as fresh
    for each statement execute function tell();
alter table entry enable always trigger tell;
revoke execute on function tell() from public;
revoke insert on frozen_log, rotated_key, head from ledger;
grant insert (log, size, root) on head to ledger;
"""

# When a transaction ends, a head is where its entries end, no tile is wider than these, and what
# was held is an entry or put aside.
AT_THE_END = """
create function refuse_other_size() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    if exists (select from head where log = new.log and size <> entries) then
        raise exception 'the head of % is not where its entries end', new.log
            using errcode = 'integrity_constraint_violation';
    end if;
    return null;
end $$;
create function refuse_wide_tile() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    if new.level > 7 or not exists (
        select from head where log = new.log
        and new.index * 256 + length(new.hashes) / 32 <= entries >> 8 * new.level
    ) then
        raise exception 'a tile of % goes beyond its entries', new.log
            using errcode = 'integrity_constraint_violation';
    end if;
    return null;
end $$;
create function refuse_loss() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    if not exists (select from entry where id = old.id)
       and not exists (select from quarantine where id = old.id)
       and not exists (select from held where id = old.id) then
        raise exception 'what is held for % does not vanish', old.log
            using errcode = 'integrity_constraint_violation';
    end if;
    return null;
end $$;
create constraint trigger refuse_other_size after insert or update on head
    deferrable initially deferred for each row execute function refuse_other_size();
create constraint trigger refuse_wide_tile after insert or update on tile
    deferrable initially deferred for each row execute function refuse_wide_tile();
create constraint trigger refuse_loss after delete on held
    deferrable initially deferred for each row execute function refuse_loss();
alter table head enable always trigger refuse_other_size;
alter table tile enable always trigger refuse_wide_tile;
alter table held enable always trigger refuse_loss;
"""

# Epochs do not run out; and a table that somebody makes for the session is never looked at.
GUARDS = """
create or replace function refuse_smaller_epoch() returns trigger language plpgsql as $$
begin
    if new.epoch <> old.epoch + 1 then
        raise exception 'epochs rise by one: % does not follow %', new.epoch, old.epoch
            using errcode = 'integrity_constraint_violation';
    end if;
    return new;
end $$;
alter function refuse_gap() set search_path = pg_catalog, public, pg_temp;
alter function refuse_earlier() set search_path = pg_catalog, public, pg_temp;
alter function refuse_shrinking() set search_path = pg_catalog, public, pg_temp;
"""


def upgrade() -> None:
    for statements in (UNFIT, KEYS, TELL, AT_THE_END, GUARDS):
        execute(op, statements)


def downgrade() -> None:
    raise RuntimeError("a ledger is never taken back")
