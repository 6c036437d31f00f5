"""Count: what it knows of programmes and projects; rounds, ballots, tallies and decisions."""

from alembic import op

from shared import inbox, migrate, outbox

revision = "0001"
down_revision = None

TABLES = """
create table programme (
    programme_id uuid primary key,
    rehearsal boolean not null
);

create table project (
    project_id uuid primary key,
    programme_id uuid not null,
    title text not null,
    cost bigint not null check (cost >= 0)
);

create table frozen_options (
    round_id uuid primary key,
    programme_id uuid not null,
    log text not null,
    options uuid[] not null check (cardinality(options) > 0),
    digest text not null
);

create table round (
    round_id uuid primary key references frozen_options,
    programme_id uuid not null,
    log text not null,
    state text not null default 'prepared'
        check (state in ('prepared', 'open', 'closed', 'decided')),
    budget bigint not null check (budget >= 0),
    least integer not null,
    most integer not null check (most >= least),
    tie_order text[] not null,
    opens_at timestamptz not null,
    closes_at timestamptz not null check (closes_at > opens_at),
    options integer not null check (options > 0),
    digest text not null,
    tiers jsonb,
    ballots bigint not null default 0,         -- projected, every revision counted
    tallied bigint not null default -1,        -- `ballots` when the last tally was announced
    box_ballots bigint,                        -- what the box stated when it closed
    box_keys bigint,
    box_number bigint,                         -- the number of that statement
    spent bigint,
    allocation_event uuid,                     -- who finds it in the ledger finds all decisions
    check (state not in ('open', 'closed', 'decided') or tiers is not null)
);

create table option (
    round_id uuid not null references round,
    number integer not null check (number > 0),
    option_id uuid not null,
    cost bigint not null check (cost >= 0),
    title text not null,
    votes bigint not null default 0 check (votes >= 0),
    rank integer,
    funded boolean,
    reason text,
    left_then bigint,
    primary key (round_id, number),
    unique (round_id, option_id)
);

-- The counted ballot of each key: the highest revision.
create table ballot (
    round_id uuid not null,
    key text not null,
    revision integer not null,
    choices integer[] not null,
    primary key (round_id, key)
);

create table checkpoint (
    log text primary key,
    size bigint not null,
    numbers jsonb not null
);

-- Projects ballots of one round, and moves its tally by what they change. Returns how many.
create function project_ballots(the_round uuid, sent jsonb) returns bigint
language plpgsql as $$
declare
    arrived bigint;
begin
    -- A dead letter can be replayed beside the consumer: without the lock, two revisions of one
    -- key at the same time would each leave the other's votes in the tally.
    perform 1 from round where round_id = the_round for update;
    arrived := jsonb_array_length(sent);
    with incoming as (
        select distinct on (key) key, revision, choices
        from jsonb_to_recordset(sent) as x(key text, revision integer, choices integer[])
        order by key, revision desc
    ), old as (
        select b.key, b.choices from ballot b join incoming using (key)
        where b.round_id = the_round
    ), kept as (
        insert into ballot as b (round_id, key, revision, choices)
        select the_round, key, revision, choices from incoming
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
    )
    update option o set votes = votes + change.delta
    from change where o.round_id = the_round and o.number = change.number;
    update round set ballots = ballots + arrived where round_id = the_round;
    return arrived;
end $$;

grant select, insert, update on programme, project, frozen_options, round, option, ballot,
    checkpoint to voting_count;
"""


def upgrade() -> None:
    migrate.execute(op, outbox.CREATE + outbox.RUN_TIME_GRANTS.format(role="voting_count"))
    migrate.execute(op, inbox.CREATE + inbox.RUN_TIME_GRANTS.format(role="voting_count"))
    migrate.execute(op, TABLES)


def downgrade() -> None:
    raise RuntimeError("the first version has nothing before it")
