"""Waiting ballots in a partition for each round, tier and epoch; the flush rule (k, interval).

A flush ends an epoch: what it publishes and what it carries over is written anew, in an order that
says nothing of arrivals, and the partition in which the order of arrivals stood is dropped.
"""

from alembic import op

from shared import migrate

revision = "0009"
down_revision = "0008"

TABLES = """
-- The flush rule, as the round was opened with it: {"k": …, "interval": seconds}.
alter table round add flush jsonb;
update round set flush = '{"k": 1, "interval": 0}';
alter table round alter flush set not null;

create table tier (
    round_id uuid not null references round,
    tier text not null check (tier ~ '^[A-Z]$'),
    -- Which epoch's ballots wait; the last one, once the round is closed, has none.
    epoch integer not null default 1,
    -- Of the last flush: whole minutes since the round's opening, rounded up. It is no arrival's
    -- time, and more exact in what is published.
    flushed integer not null default 0,
    -- The epoch before which nothing is in the write-ahead log any more.
    log_ended integer not null default 1,
    primary key (round_id, tier)
);

alter table waiting rename to waiting_before;
alter index waiting_pkey rename to waiting_before_pkey;
-- Partitioned by round, and each round's by tier. No foreign key: it would lock the round's row
-- once for each ballot, and write that down.
create table waiting (
    round_id uuid not null,
    tier text not null,
    key bytea not null,
    revision integer not null,
    digest bytea not null check (length(digest) = 32),
    body bytea not null,
    -- The key first: it is looked up in all tiers of a round.
    primary key (key, revision, round_id, tier)
) partition by list (round_id);
"""

FUNCTIONS = """
create function waiting_name(the_round uuid) returns text language sql immutable as $$
    select 'waiting_' || replace(the_round::text, '-', '')
$$;
create function waiting_name(the_round uuid, the_tier text, the_epoch integer) returns text
language sql immutable as $$
    select waiting_name(the_round) || '_' || the_tier || '_' || the_epoch
$$;

-- The partition of an epoch. It is vacuumed by nobody: it is read, and dropped.
create function begin_epoch(the_round uuid, the_tier text, the_epoch integer) returns void
language plpgsql as $$
begin
    execute format(
        'create table %I partition of %I for values in (%L)'
        ' with (autovacuum_enabled = false, toast.autovacuum_enabled = false)',
        waiting_name(the_round, the_tier, the_epoch), waiting_name(the_round), the_tier);
end $$;

-- Makes the place for a round's ballots. Attaching keeps no cast of another round out.
create function open_box(the_round uuid) returns void
language plpgsql security definer set search_path = public, pg_temp as $$
declare
    the_tier text;
begin
    execute format(
        'create table %I (like waiting including constraints including indexes)'
        ' partition by list (tier)', waiting_name(the_round));
    execute format(
        'alter table waiting attach partition %I for values in (%L)',
        waiting_name(the_round), the_round);
    for the_tier in select jsonb_object_keys(tiers) from round where round_id = the_round order by 1
    loop
        insert into tier (round_id, tier) values (the_round, the_tier);
        perform begin_epoch(the_round, the_tier, 1);
    end loop;
end $$;

-- Whether a tier is due at a moment: the interval has passed, and 2k keys wait of which nothing was
-- published yet. The others hide nobody: whose ballots are known does not come for the first time.
-- With k = 1 ballots are hidden among no others, and whatever waits leaves.
create function flush_is_due(the_round uuid, the_tier text, the_time timestamptz) returns boolean
language plpgsql stable as $$
declare
    k integer;
    keys integer;
    rest_over boolean;
begin
    select (r.flush->>'k')::integer,
           not r.closed and ((r.flush->>'interval')::integer = 0 or the_time >= r.opens_at
               + make_interval(mins => t.flushed, secs => (r.flush->>'interval')::integer))
    into k, rest_over
    from round r join tier t using (round_id) where r.round_id = the_round and t.tier = the_tier;
    if rest_over is not true then
        return false;
    end if;
    keys := case when k = 1 then 1 else 2 * k end;
    return keys = (
        select count(*) from (
            select key from (
                select distinct key from waiting
                where round_id = the_round and tier = the_tier) waits
            where k = 1 or not exists (
                -- With an offset it is asked key by key, by the index, however much was published.
                select from published p
                where p.round_id = the_round and p.key = waits.key offset 0)
            limit keys) found);
end $$;

-- Ends an epoch, under the tier's lock: `carried` keys, drawn at random among those of which
-- nothing was published yet, wait on with all their revisions, in random order, and everything else
-- is published in the order of the digests. The old partition is dropped only here, in the same
-- transaction. How many ballots were published.
create function end_epoch(
    the_round uuid, the_tier text, carried integer, the_time timestamptz
) returns bigint language plpgsql as $$
declare
    rules round%rowtype;
    old text;
    new text;
    the_epoch integer;
    kept bytea[] := '{}';
    moved bigint;
begin
    select * into strict rules from round where round_id = the_round;
    select epoch into strict the_epoch from tier where round_id = the_round and tier = the_tier;
    old := waiting_name(the_round, the_tier, the_epoch);
    new := waiting_name(the_round, the_tier, the_epoch + 1);
    if carried > 0 then
        -- Random numbers that nobody can foretell, unlike random()'s.
        execute format(
            'select array_agg(key) from (select key from (select distinct key from %I) keys'
            ' where not exists (select from published p'
            '     where p.round_id = $2 and p.key = keys.key)'
            ' order by gen_random_uuid() limit $1) drawn', old)
        into kept using carried, the_round;
    end if;
    execute format(
        'insert into published (round_id, key, revision, digest)'
        ' select round_id, key, revision, digest from %I where key <> all($1) order by digest', old)
    using kept;
    execute format(
        'insert into outbox (event_id, topic, key, type, source, subject, time, log, body)'
        ' select ballot_event_id(digest), ''voting.ballots'','
        '     replace(encode(key, ''base64''), chr(10), ''''), ''voting.ballot-cast.v1'','
        '     ''voting.box'', round_id::text, date_trunc(''minute'', $2), $3, body'
        ' from %I where key <> all($1) order by digest', old)
    using kept, the_time, rules.log;
    get diagnostics moved = row_count;
    -- From here on casts of the round's other tiers wait as well: for a few milliseconds.
    execute format('alter table %I detach partition %I', waiting_name(the_round), old);
    if not rules.closed then
        perform begin_epoch(the_round, the_tier, the_epoch + 1);
        execute format(
            'insert into %I select * from %I where key = any($1) order by gen_random_uuid()',
            new, old) using kept;
    end if;
    execute format('drop table %I', old);
    update tier set epoch = the_epoch + 1,
        flushed = greatest(
            flushed, ceil(extract(epoch from the_time - rules.opens_at) / 60)::integer)
    where round_id = the_round and tier = the_tier;
    return moved;
end $$;

-- Flushes a tier, if that is due; how many ballots were published. Whoever has the lock leads, and
-- the others find that it is not due any more. One statement: a frozen process cannot hold the lock
-- in between.
drop function flush_box(uuid, text);
create function flush_box(the_round uuid, the_tier text, the_time timestamptz) returns bigint
language plpgsql security definer set search_path = public, pg_temp as $$
declare
    k integer;
    interval_of_rule integer;
    moved bigint;
begin
    perform pg_advisory_xact_lock(tier_lock(the_round, the_tier));
    if not flush_is_due(the_round, the_tier, the_time) then
        return 0;
    end if;
    select (flush->>'k')::integer, (flush->>'interval')::integer into strict k, interval_of_rule
        from round where round_id = the_round;
    moved := end_epoch(the_round, the_tier, case when k = 1 then 0 else k end, the_time);
    if k = 1 and interval_of_rule = 0 then
        -- Five times a second, and nothing hidden: the log is ended when the round closes.
        update tier set log_ended = epoch where round_id = the_round and tier = the_tier;
    end if;
    return moved;
end $$;

-- Lets no ballot in any more and publishes all that waits; the round's log, or nothing where it was
-- closed before. All locks first: behind the first flush, casts of another tier wait for us.
create function close_box(the_round uuid, the_time timestamptz) returns text
language plpgsql security definer set search_path = public, pg_temp as $$
declare
    the_log text;
    the_tier text;
    tiers text[];
begin
    select array_agg(tier order by tier) into tiers from tier where round_id = the_round;
    foreach the_tier in array coalesce(tiers, '{}') loop
        perform pg_advisory_xact_lock(tier_lock(the_round, the_tier));
    end loop;
    update round set closed = true where round_id = the_round and not closed
        returning log into the_log;
    if the_log is not null then
        foreach the_tier in array coalesce(tiers, '{}') loop
            perform end_epoch(the_round, the_tier, 0, the_time);
        end loop;
    end if;
    return the_log;
end $$;

create or replace function cast_ballot(
    the_round uuid, the_tier text, the_key bytea, the_revision integer,
    the_digest bytea, the_body bytea
) returns text language plpgsql as $$
declare
    opening timestamptz;
    closing timestamptz;
    over boolean;
    existing bytea;
begin
    perform pg_advisory_xact_lock_shared(tier_lock(the_round, the_tier));
    -- One cast of a key at a time: a key may have a token of another tier too, which waits in
    -- another partition, where no index would find both.
    perform pg_advisory_xact_lock(0, hashbytea(the_key));
    select opens_at, closes_at, closed into opening, closing, over
        from round where round_id = the_round;
    if not found then
        return 'round_unknown';
    end if;
    -- First among those that wait: what a flush of another tier moves meanwhile is then found among
    -- those that are published.
    select digest into existing from waiting
        where round_id = the_round and key = the_key and revision = the_revision;
    if not found then
        select digest into existing from published
            where round_id = the_round and key = the_key and revision = the_revision;
    end if;
    if existing is not null then
        return case when existing = the_digest then 'accepted' else 'revision_taken' end;
    end if;
    if clock_timestamp() < opening then
        return 'not_open';
    end if;
    if over or clock_timestamp() >= closing then
        return 'voting_closed';
    end if;
    insert into waiting values
        (the_round, the_tier, the_key, the_revision, the_digest, the_body);
    return 'accepted';
end $$;

-- Nobody but the box flushes and closes; the other functions do what the caller's rights let them.
revoke execute on function open_box(uuid), flush_box(uuid, text, timestamptz),
    close_box(uuid, timestamptz) from public;
grant execute on function open_box(uuid), flush_box(uuid, text, timestamptz),
    close_box(uuid, timestamptz) to voting_box;
grant select, insert, delete on waiting to voting_box;
grant select, update (log_ended) on tier to voting_box;
"""

# Rounds that are open, with what waits in them. What a closed one has left was never published, and
# a box that was restored knows that it is lost.
MOVE = """
select open_box(round_id) from round where not closed order by round_id;
insert into waiting
select w.* from waiting_before w join round using (round_id)
where not closed order by gen_random_uuid();
insert into tier (round_id, tier, epoch, log_ended)
select round_id, jsonb_object_keys(tiers), 2, 1 from round where closed;
drop table waiting_before;
"""


def upgrade() -> None:
    migrate.execute(op, TABLES)
    migrate.execute(op, FUNCTIONS)
    migrate.execute(op, MOVE)


def downgrade() -> None:
    raise RuntimeError("ballots that wait for others have nowhere to go")
