"""The box: rounds as they were opened, ballots that wait, ballots that were published."""

from alembic import op

from shared import inbox, migrate, outbox

revision = "0001"
down_revision = None

TABLES = """
create table round (
    round_id uuid primary key,
    log text not null,
    opens_at timestamptz not null,
    closes_at timestamptz not null check (closes_at > opens_at),
    options integer not null check (options > 0),
    least integer not null check (least >= 0),
    most integer not null check (most >= least),
    tiers jsonb not null,
    closed boolean not null default false
);

create table waiting (
    round_id uuid not null references round,
    tier text not null,
    key bytea not null,
    revision integer not null,
    digest bytea not null check (length(digest) = 32),
    body bytea not null,
    primary key (round_id, key, revision)
);

create table published (
    round_id uuid not null references round,
    key bytea not null,
    revision integer not null,
    digest bytea not null,
    primary key (round_id, key, revision)
);

-- Casts hold this lock shared, flush and closing alone.
create function tier_lock(the_round uuid, the_tier text) returns bigint
language sql immutable as $$
    select hashtextextended('box/' || the_round::text || '/' || the_tier, 0)
$$;

create function cast_ballot(
    the_round uuid, the_tier text, the_key bytea, the_revision integer,
    the_digest bytea, the_body bytea
) returns text language plpgsql as $$
declare
    rules round%rowtype;
    existing bytea;
begin
    perform pg_advisory_xact_lock_shared(tier_lock(the_round, the_tier));
    select * into rules from round where round_id = the_round;
    if not found then
        return 'round_unknown';
    end if;
    select digest into existing from published
        where round_id = the_round and key = the_key and revision = the_revision;
    if not found then
        select digest into existing from waiting
            where round_id = the_round and key = the_key and revision = the_revision;
    end if;
    if existing is not null then
        return case when existing = the_digest then 'accepted' else 'revision_taken' end;
    end if;
    if clock_timestamp() < rules.opens_at then
        return 'not_open';
    end if;
    if rules.closed or clock_timestamp() >= rules.closes_at then
        return 'voting_closed';
    end if;
    insert into waiting values
        (the_round, the_tier, the_key, the_revision, the_digest, the_body)
        on conflict do nothing;
    if found then
        -- A key may have a token of another tier too, whose flush our lock does not keep out: what
        -- it published since the first look would collide with this ballot, and stop every flush.
        perform 1 from published
            where round_id = the_round and key = the_key and revision = the_revision;
        if not found then
            return 'accepted';
        end if;
        delete from waiting
            where round_id = the_round and key = the_key and revision = the_revision;
        return 'revision_taken';
    end if;
    -- Another request with this revision was committed between the look and the insert.
    select digest into existing from waiting
        where round_id = the_round and key = the_key and revision = the_revision;
    return case when existing = the_digest then 'accepted' else 'revision_taken' end;
end $$;

-- An event's id derives from the ballot: a flush that is repeated announces the same event.
create function ballot_event_id(digest bytea) returns uuid language sql immutable as $$
    select encode(
        set_byte(
            set_byte(substring(digest for 16), 6, get_byte(digest, 6) & 15 | 128),
            8, get_byte(digest, 8) & 63 | 128
        ), 'hex')::uuid
$$;

-- Everything that waits in a tier is published, in the order of the digests, which says nothing
-- about the order of arrival. One statement: a frozen process cannot hold the lock in between.
create function flush_box(the_round uuid, the_tier text) returns bigint
language plpgsql as $$
declare
    the_log text;
    moved bigint;
begin
    perform pg_advisory_xact_lock(tier_lock(the_round, the_tier));
    select log into strict the_log from round where round_id = the_round;
    with gone as (
        delete from waiting where round_id = the_round and tier = the_tier returning *
    ), kept as (
        insert into published select round_id, key, revision, digest from gone
    ), announced as (
        insert into outbox (event_id, topic, key, type, source, subject, time, log, body)
        select ballot_event_id(digest), 'voting.ballots',
               replace(encode(key, 'base64'), chr(10), ''), 'voting.ballot-cast.v1',
               'voting.box', the_round::text, date_trunc('minute', clock_timestamp()), the_log,
               body
        from gone order by digest
        returning 1
    )
    select count(*) into moved from announced;
    return moved;
end $$;

grant select, insert, update (closed) on round to voting_box;
grant select, insert, delete on waiting to voting_box;
grant select, insert on published to voting_box;
"""


def upgrade() -> None:
    migrate.execute(op, outbox.CREATE + outbox.RUN_TIME_GRANTS.format(role="voting_box"))
    migrate.execute(op, inbox.CREATE + inbox.RUN_TIME_GRANTS.format(role="voting_box"))
    migrate.execute(op, TABLES)


def downgrade() -> None:
    raise RuntimeError("the first version has nothing before it")
