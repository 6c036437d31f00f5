"""Sealed rounds: the commission's key, the size of ballots, and the ballots as they are opened.

A ballot that nobody has opened yet has no choices here, and `void` is "sealed".
"""

from alembic import op

from shared import migrate

revision = "0010"
down_revision = "0009"

TABLES = """
alter table round
    add secrecy text not null default 'live' check (secrecy in ('named', 'live', 'sealed')),
    add rehearsal boolean not null default true,
    add flush jsonb not null default '{"k": 1, "interval": 0}',
    add padded integer check (padded > 0),     -- the size of a sealed ballot
    add asked_commission jsonb,                -- the key whose holders are to open a test ballot
    add commission jsonb,                      -- once they have
    add openings bigint not null default 0,    -- ballots that were opened
    add check ((secrecy = 'sealed') = (padded is not null)),
    add check (state = 'prepared' or secrecy <> 'sealed' or commission is not null);

alter table ballot
    add commitment text,                       -- what a sealed ballot shows of its choices
    add check (void is distinct from 'sealed' or commitment is not null);

-- As before; what is sealed has a commitment, and moves nothing. The tier is the last revision's: a
-- key may have tokens of several.
create or replace function project_ballots(the_round uuid, sent jsonb) returns bigint
language plpgsql as $$
declare
    arrived bigint;
    fresh bigint;
begin
    -- A dead letter can be replayed beside the consumer: without the lock, two revisions of one
    -- key at the same time would each leave the other's votes in the tally.
    perform 1 from round where round_id = the_round for update;
    arrived := jsonb_array_length(sent);
    with incoming as (
        select distinct on (key) key, tier, revision, choices, said, given, void, commitment
        from jsonb_to_recordset(sent) as x(key text, tier text, revision integer,
            choices integer[], said integer[], given integer[], void text, commitment text)
        order by key, revision desc
    ), old as (
        select b.key, b.choices, b.said, b.given, b.void from ballot b join incoming using (key)
        where b.round_id = the_round
    ), kept as (
        insert into ballot as b
            (round_id, key, tier, revision, choices, said, given, void, commitment)
        select the_round, key, tier, revision, choices, said, given, void, commitment
        from incoming
        on conflict (round_id, key) do update
        set tier = excluded.tier, revision = excluded.revision, choices = excluded.choices,
            said = excluded.said, given = excluded.given, void = excluded.void,
            commitment = excluded.commitment
        where excluded.revision > b.revision
        returning key, choices, said, given, void
    ), change as (
        select number, sum(delta) as delta from (
            select number, coalesce(votes, 1) as delta
            from kept, unnest(choices, coalesce(given, said)) as entry(number, votes)
            where void is null
            union all
            select number, -coalesce(votes, 1)
            from old join (select key from kept) replaced using (key),
                unnest(choices, coalesce(given, said)) as entry(number, votes)
            where void is null
        ) moves group by number
    ), moved as (
        update option o set votes = votes + change.delta
        from change where o.round_id = the_round and o.number = change.number
    )
    select (select count(*) from incoming) - (select count(*) from old) into fresh;
    update round set ballots = ballots + arrived, voters = voters + fresh
    where round_id = the_round;
    return arrived;
end $$;

-- Keeps what ballots say that were sealed until now, and moves the tally. Returns how many.
create function open_ballots(the_round uuid, sent jsonb) returns bigint
language plpgsql as $$
declare
    opened bigint;
begin
    perform 1 from round where round_id = the_round for update;
    with incoming as (
        select key, revision, choices, said, given, void
        from jsonb_to_recordset(sent) as x(key text, revision integer,
            choices integer[], said integer[], given integer[], void text)
    ), kept as (
        update ballot b
        set choices = incoming.choices, said = incoming.said, given = incoming.given,
            void = incoming.void
        from incoming
        where b.round_id = the_round and b.key = incoming.key
            and b.revision = incoming.revision and b.void = 'sealed'
        returning b.choices, b.said, b.given, b.void
    ), change as (
        select number, sum(coalesce(votes, 1)) as delta
        from kept, unnest(choices, coalesce(given, said)) as entry(number, votes)
        where void is null group by number
    ), moved as (
        update option o set votes = votes + change.delta
        from change where o.round_id = the_round and o.number = change.number
    )
    select count(*) from kept into opened;
    update round set openings = openings + opened where round_id = the_round;
    return opened;
end $$;
"""


def upgrade() -> None:
    migrate.execute(op, TABLES)


def downgrade() -> None:
    raise RuntimeError("sealed rounds would have nowhere to go")
