"""Rounds with their tiers, posted codes, and the one token of each."""

from alembic import op

from shared import inbox, outbox
from shared.migrate import execute

revision = "0001"
down_revision = None

ROLE = "voting_roll"

TABLES = """
create table round (
    round_id uuid primary key,
    log text not null check (log ~ '^[a-z0-9-]{1,60}$'),
    opens_at timestamptz,
    closes_at timestamptz,
    closed boolean not null default false,
    check ((opens_at is null) = (closes_at is null)),
    check (opens_at < closes_at)
);

create table tier (
    round_id uuid not null references round,
    tier text not null check (tier ~ '^[A-Z]$'),
    public_key bytea not null,                 -- SPKI, DER
    announced bigint not null default 0 check (announced >= 0),
    primary key (round_id, tier)
);

-- Keyed hashes, without a time and without the order in which letters were written.
create table code (
    round_id uuid not null,
    code bytea not null check (octet_length(code) = 32),
    tier text not null,
    primary key (round_id, code),
    foreign key (round_id, tier) references tier
);

-- One token a code. It is kept without a time; `key` is a keyed hash of the ballot key.
create table token (
    round_id uuid not null,
    code bytea not null,
    key bytea not null check (octet_length(key) = 32),
    primary key (round_id, code),
    foreign key (round_id, code) references code
);

create table counting (
    one boolean primary key default true check (one),
    intervals bigint not null default 0
);
insert into counting default values;
"""
FUNCTIONS = """
-- Held alone by who closes a round, in share by who imports or issues.
create function lock_round(the_round uuid) returns void language sql as $$
    select pg_advisory_xact_lock(hashtextextended('round ' || the_round, 0))
$$;
create function share_round(the_round uuid) returns void language sql as $$
    select pg_advisory_xact_lock_shared(hashtextextended('round ' || the_round, 0))
$$;

create function import_codes(the_round uuid, the_tier text, the_codes bytea[],
                             out verdict text, out imported bigint) language plpgsql as $$
begin
    perform share_round(the_round);
    select case when r.closed or r.closes_at <= clock_timestamp() then 'voting_closed'
                when t.tier is null then 'tier_unknown' else 'imported' end
    into verdict
    from round r left join tier t on t.round_id = r.round_id and t.tier = the_tier
    where r.round_id = the_round;
    if not found then
        verdict := 'round_unknown';
    end if;
    if verdict <> 'imported' then
        return;
    end if;
    insert into code (round_id, code, tier) select the_round, unnest(the_codes), the_tier
    on conflict do nothing;
    get diagnostics imported = row_count;
end $$;

create function issue_token(the_round uuid, the_code bytea, the_key bytea,
                            out verdict text, out tier text) language plpgsql as $$
begin
    -- Before the clock is read: who waited here for a closing finds the round closed.
    perform share_round(the_round);
    select case when r.closed or r.closes_at <= clock_timestamp() then 'voting_closed'
                when r.opens_at <= clock_timestamp() then 'issued' else 'not_open' end
    into verdict from round r where r.round_id = the_round;
    if not found then
        verdict := 'round_unknown';
    end if;
    if verdict <> 'issued' then
        return;
    end if;
    select c.tier into tier from code c where c.round_id = the_round and c.code = the_code;
    if not found then
        verdict := 'code_unknown';
        return;
    end if;
    insert into token as t (round_id, code, key) values (the_round, the_code, the_key)
    on conflict do nothing;
    if not found then
        perform from token t
        where t.round_id = the_round and t.code = the_code and t.key = the_key;
        if not found then
            verdict := 'code_used';
        end if;
    end if;
end $$;
"""
GRANTS = f"""
grant select, insert, update (opens_at, closes_at, closed) on round to {ROLE};
grant select, insert, update (announced) on tier to {ROLE};
grant select, insert on code, token to {ROLE};
grant select, update (intervals) on counting to {ROLE};
"""


def upgrade() -> None:
    """Make tables and functions, and grant what the run-time role needs of them."""
    execute(op, outbox.CREATE + outbox.RUN_TIME_GRANTS.format(role=ROLE))
    execute(op, inbox.CREATE + inbox.RUN_TIME_GRANTS.format(role=ROLE))
    execute(op, TABLES)
    execute(op, FUNCTIONS)
    execute(op, GRANTS)
