"""Paper ballots in batches, entered twice; rounds that are extended or annulled."""

from alembic import op

from shared import migrate

revision = "0011"
down_revision = "0010"

ROLE = "voting_count"

TABLES = """
alter table round
    add paper boolean not null default false,
    add paper_ballots bigint not null default 0,   -- those that were counted, once all are in
    add marked bigint,                             -- people whom the roll marked for paper
    add set_aside bigint,
    add marked_event uuid,
    add papers jsonb,                              -- the sums of all batches, once all are in
    add papers_event uuid,
    add extended_to timestamptz,                   -- a later end than `closes_at`, which is frozen
    add extended_event uuid,
    add annulled jsonb,                            -- reason and act
    add annulled_event uuid,
    drop constraint round_state_check,
    add constraint round_state_check
        check (state in ('prepared', 'open', 'closed', 'decided', 'annulled')),
    add check (extended_to > closes_at),
    add check ((state = 'annulled') = (annulled_event is not null)),
    add check (papers_event is null or marked is not null);

-- `place` and `salt` are the words behind a public commitment. `number` counts a round's batches.
create table paper_batch (
    batch_id uuid primary key,
    round_id uuid not null references round,
    number integer not null check (number > 0),
    place text not null check (length(place) between 2 and 200),
    salt bytea not null check (octet_length(salt) = 32),
    stubs integer not null check (stubs between 1 and 10000),
    state text not null default 'open' check (state in ('open', 'locked', 'annulled')),
    ballots integer,
    void jsonb,
    locked_event uuid,
    unique (round_id, number),
    check (state <> 'open' or (ballots is null and void is null and locked_event is null)),
    check (state <> 'locked' or (ballots is not null and void is not null
        and locked_event is not null))
);

-- What agents read off the papers of open batches: nobody enters a paper twice. They are deleted
-- when the batch is locked, since the order of papers could be that of people.
create table paper_entry (
    batch_id uuid not null references paper_batch,
    paper integer not null check (paper > 0),
    turn integer not null check (turn between 1 and 3),
    agent uuid not null,
    choices jsonb,
    void text check (void in ('unreadable', 'signed', 'foreign', 'several', 'missing')),
    primary key (batch_id, paper, turn),
    unique (batch_id, paper, agent),
    check ((choices is null) <> (void is null))
);

-- The ballots of locked batches, by the number that was drawn for each.
create table paper_ballot (
    batch_id uuid not null references paper_batch,
    number integer not null check (number > 0),
    choices jsonb not null,
    primary key (batch_id, number)
);
"""
GRANTS = f"""
grant select, insert, update (state, ballots, void, locked_event) on paper_batch to {ROLE};
grant select, insert, delete on paper_entry to {ROLE};
grant select, insert on paper_ballot to {ROLE};
"""


def upgrade() -> None:
    migrate.execute(op, TABLES)
    migrate.execute(op, GRANTS)


def downgrade() -> None:
    raise RuntimeError("papers that were entered have nowhere to go")
