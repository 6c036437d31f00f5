"""Every format and every rule: what rounds are opened with, what ballots say, what was decided."""

from alembic import op

from shared import migrate

revision = "0003"
down_revision = "0002"

TABLES = """
alter table project add filed bigint;

alter table round
    add format jsonb,
    add rule jsonb,
    add listed text,                           -- the digest of what the rule sees of the options
    add asked jsonb,                           -- the tie that officers are asked about
    add answers jsonb,                         -- the order of options that they said
    add outcome jsonb;                         -- the allocation as it was published
update round set
    format = jsonb_build_object(
        'type', 'approval', 'min', least, 'max', most, 'wrong', 'refused'),
    rule = jsonb_build_object(
        'envelopes', jsonb_build_array(jsonb_build_object('name', 'all', 'amount', budget)),
        'passes', jsonb_build_array(
            jsonb_build_object('name', 'all', 'order', jsonb_build_object('type', 'votes'))),
        'ties', jsonb_build_object('criteria', to_jsonb(case
            when tie_order[1] = 'cost' then array['cost', 'option'] else array['option'] end))),
    listed = repeat('0', 64);
alter table round
    alter format set not null, alter rule set not null, alter listed set not null,
    drop least, drop most, drop tie_order;

alter table option
    add seen jsonb,
    add amount bigint,
    add place integer,
    add step text[],
    add facts jsonb,
    drop constraint option_votes_check;        -- votes can be against an option
update option set
    seen = jsonb_build_object('id', option_id::text, 'number', number, 'cost', cost),
    amount = case when funded then cost when not funded then 0 end,
    step = case when funded is not null then array['all', 'all'] end,
    facts = case when reason = 'does_not_fit'
        then jsonb_build_object('needs', cost, 'left', left_then)
        when funded is not null then '{}'::jsonb end;
update option set place = ranked.place from (
    select round_id, number, row_number() over (partition by round_id order by rank) as place
    from option where funded) ranked
where option.round_id = ranked.round_id and option.number = ranked.number;
alter table option alter seen set not null, drop left_then;

-- `said`: the values beside the choices, where the format has values. `given`: the votes that each
-- choice gives, where that is neither one nor the value. `void`: the code, of a ballot that does
-- not count; one that is not of its format's shape has no choices here.
alter table ballot add said integer[], add given integer[], add void text;

-- As before, for every format; a void ballot moves nothing.
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
        select distinct on (key) key, tier, revision, choices, said, given, void
        from jsonb_to_recordset(sent) as x(key text, tier text, revision integer,
            choices integer[], said integer[], given integer[], void text)
        order by key, revision desc
    ), old as (
        select b.key, b.choices, b.said, b.given, b.void from ballot b join incoming using (key)
        where b.round_id = the_round
    ), kept as (
        insert into ballot as b (round_id, key, tier, revision, choices, said, given, void)
        select the_round, key, tier, revision, choices, said, given, void from incoming
        on conflict (round_id, key) do update
        set revision = excluded.revision, choices = excluded.choices, said = excluded.said,
            given = excluded.given, void = excluded.void
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
"""


def upgrade() -> None:
    migrate.execute(op, TABLES)


def downgrade() -> None:
    raise RuntimeError("rules that are not greedy have nowhere to go")
