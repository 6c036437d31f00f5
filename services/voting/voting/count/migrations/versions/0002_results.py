"""Words, charters, turnout, and what officers confirm after the decision."""

from alembic import op

from shared import migrate, people

revision = "0002"
down_revision = "0001"

TABLES = """
alter table programme
    add title text,                            -- a commitment
    add log text,
    add rules jsonb;                           -- null: imported, without a charter of ours

alter table project
    add summary text,
    add territory text,
    add family text;                           -- the committee's label, once it is given

alter table round
    add voters bigint not null default 0,      -- ballot keys
    add issued jsonb,                          -- tokens by tier, as the roll last said
    add issued_final boolean not null default false,
    add opened_event uuid,
    add closed_event uuid,
    add issued_event uuid,
    add box_event uuid,
    add allocation_digest text,
    add validated_event uuid,
    add validated_at timestamptz,
    add check (validated_event is null or state = 'decided');
create index round_of_programme on round (programme_id);

alter table option
    add summary text,
    add territory text,
    add family text,
    add decided_event uuid,
    add agreement_event uuid,
    add agreed_at timestamptz,
    add check (agreement_event is null or funded);

alter table ballot add tier text not null default 'A';
alter table ballot alter tier drop default;
update round r set voters = (select count(*) from ballot b where b.round_id = r.round_id);

-- The words behind commitments, until they are erased.
create table words (content_id text primary key, value text not null);

-- Turnout at the end of each minute that changed it.
create table turnout (
    round_id uuid not null references round,
    minute timestamptz not null,
    voters bigint not null,
    ballots bigint not null,
    primary key (round_id, minute)
);

-- As before, with each key's tier, and how many keys there are.
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
        -- A replica that is not upgraded yet names no tier; there was only one then.
        select distinct on (key) key, coalesce(tier, 'A') as tier, revision, choices
        from jsonb_to_recordset(sent)
            as x(key text, tier text, revision integer, choices integer[])
        order by key, revision desc
    ), old as (
        select b.key, b.choices from ballot b join incoming using (key)
        where b.round_id = the_round
    ), kept as (
        insert into ballot as b (round_id, key, tier, revision, choices)
        select the_round, key, tier, revision, choices from incoming
        on conflict (round_id, key) do update
        set revision = excluded.revision, choices = excluded.choices
        where excluded.revision > b.revision
        returning key, choices
    ), change as (
        select number, sum(delta) as delta from (
            select unnest(choices) as number, 1 as delta from kept
            union all
            select unnest(old.choices), -1 from old join kept using (key)
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

grant select, insert, update, delete on words to voting_count;
grant select, insert, update on turnout to voting_count;
"""


def upgrade() -> None:
    migrate.execute(op, TABLES)
    migrate.execute(op, people.CREATE + people.RUN_TIME_GRANTS.format(role="voting_count"))


def downgrade() -> None:
    raise RuntimeError("words that were erased since cannot be told from those that never came")
