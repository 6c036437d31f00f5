"""Charters, options and words for the pages; declared identities; messages that wait for a use."""

from alembic import op

from shared import contacts, people
from shared.migrate import execute

revision = "0002"
down_revision = "0001"

ROLE = "voting_roll"

TABLES = """
-- What the round's events say, as far as a voter has to know it. Null: said before this version.
alter table round
    add programme_id uuid,
    add rehearsal boolean,
    add least integer check (least >= 0),
    add most integer check (most >= least);

-- A programme that was imported has no rules.
create table programme (
    programme_id uuid primary key,
    title text not null check (title ~ '^[0-9a-f]{64}$'),
    rules jsonb,
    vote_opens_at timestamptz
);

-- `title` and `summary` are content ids of words.
create table option (
    round_id uuid not null,
    number integer not null check (number > 0),
    option_id uuid not null,
    cost bigint not null check (cost >= 0),
    title text not null,
    summary text,
    territory text,
    primary key (round_id, number)
);

-- Every text, since an option may be listed after its words were published; a tombstone deletes.
create table words (
    content_id text primary key check (content_id ~ '^[0-9a-f]{64}$'),
    value text not null
);

-- Who declared an identity: keyed hashes, without a time, and without the code that was made.
-- `form` is of the form's one-time value: what is sent twice is known again.
create table declared (
    round_id uuid not null references round,
    identity bytea not null check (octet_length(identity) = 32),
    form bytea not null check (octet_length(form) = 32),
    primary key (round_id, identity)
);

-- How many voters of a round have an address.
create table channel (
    round_id uuid not null references round,
    address bytea not null check (octet_length(address) = 32),
    voters integer not null check (voters between 1 and 2),
    primary key (round_id, address)
);

-- The sealed message for when a code is used, as its event's body; nobody here can read it.
alter table code
    add notice_id uuid,
    add notice bytea,
    add check ((notice_id is null) = (notice is null));
"""
FUNCTIONS = """
create or replace function issue_token(the_round uuid, the_code bytea, the_key bytea,
                                       out verdict text, out tier text) language plpgsql as $$
declare
    the_notice uuid;
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
    select c.tier, c.notice_id into tier, the_notice
    from code c where c.round_id = the_round and c.code = the_code;
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
    elsif the_notice is not null then
        -- The same commit: who is told that her right was used has a token, and the reverse.
        with told as (
            select c.notice_id, c.notice from code c
            where c.round_id = the_round and c.code = the_code
        )
        insert into outbox (event_id, topic, key, type, source, subject, time, body)
        select t.notice_id, 'private.contacts', t.notice_id::text, 'private.message-sealed.v1',
               'voting.roll', t.notice_id::text, date_trunc('minute', clock_timestamp()), t.notice
        from told t;
        update code c set notice_id = null, notice = null
        where c.round_id = the_round and c.code = the_code;
    end if;
end $$;
"""
GRANTS = f"""
grant update (programme_id, rehearsal, least, most) on round to {ROLE};
grant select, insert on programme, option, declared to {ROLE};
grant update (vote_opens_at) on programme to {ROLE};
grant select, insert, delete on words to {ROLE};
grant select, insert, update (voters) on channel to {ROLE};
grant update (notice_id, notice) on code to {ROLE};
"""


def upgrade() -> None:
    """Make the tables, let issuing tell, and grant what the run-time role needs of them."""
    execute(op, contacts.CREATE)
    execute(op, people.CREATE + people.RUN_TIME_GRANTS.format(role=ROLE))
    execute(op, TABLES)
    execute(op, FUNCTIONS)
    execute(op, GRANTS)
