"""Registrations are proved by telephone, screened, and held for two officers."""

from alembic import op

from shared.migrate import execute

revision = "0012"
down_revision = "0011"

ROLE = "voting_roll"

TABLES = """
-- Who is on the roll with an identity: hashes under the round's own key, without a time.
-- `subject` is of the identity provider's name for a person; `held` while two officers look.
alter table declared rename to person;
alter table person drop column form;
alter table person
    add tier text not null default 'B' check (tier ~ '^[A-Z]$'),
    add subject bytea check (octet_length(subject) = 32),
    add held uuid;
alter table person alter tier drop default;

-- How many voters of a round have a telephone. More than two were admitted by two officers.
alter table channel rename column address to telephone;
alter table channel drop constraint channel_voters_check;
alter table channel add check (voters >= 0);

-- Begun in a browser and not yet proved by telephone, or proved a moment ago. The messages are
-- sealed when the form comes, while the number is known: nobody here can read them.
create table registration (
    session bytea primary key check (octet_length(session) = 32),
    round_id uuid not null references round,
    identity bytea not null check (octet_length(identity) = 32),
    telephone bytea not null check (octet_length(telephone) = 32),
    address bytea not null check (octet_length(address) = 32),
    age smallint not null check (age between 0 and 115),
    lesson bytea check (octet_length(lesson) = 32),
    digits bytea not null check (octet_length(digits) = 32),
    tries smallint not null default 0 check (tries between 0 and 5),
    proved boolean not null default false,
    code bytea not null check (octet_length(code) = 32),
    reference bytea not null check (octet_length(reference) = 32),
    case_id uuid not null,
    messages jsonb not null,
    expires_at timestamptz not null
);
create index registration_expires on registration (expires_at);

-- What two officers look at. `messages` are sealed, for either decision; a decision
-- takes them and the code away. `reason` is theirs, for the person.
create table held (
    held_id uuid primary key,
    round_id uuid not null references round,
    tier text not null check (tier ~ '^[A-Z]$'),
    place bigint generated always as identity,
    grounds text[] not null check (cardinality(grounds) > 0),
    contested boolean not null,
    identity bytea not null check (octet_length(identity) = 32),
    subject bytea check (octet_length(subject) = 32),
    telephone bytea check (octet_length(telephone) = 32),
    address bytea check (octet_length(address) = 32),
    code bytea not null check (octet_length(code) = 32),
    reference bytea not null check (octet_length(reference) = 32),
    messages jsonb,
    state text not null default 'waiting' check (state in ('waiting', 'admitted', 'declined')),
    reason text check (char_length(reason) between 3 and 1000),
    check ((state = 'waiting') = (reason is null))
);
create index held_of_round on held (round_id, place);
create unique index held_by_reference on held (round_id, reference);

-- What was seen lately, as keyed hashes and counts by minute: forgotten when no figure asks for it.
create table seen (
    round_id uuid not null references round,
    kind text not null,
    what bytea not null check (octet_length(what) = 32),
    minute bigint not null,
    number integer not null check (number > 0),
    until bigint not null,
    primary key (round_id, kind, what, minute)
);
create index seen_until on seen (until);

-- The run of one age, and how many registrations came at night.
create table screening (
    round_id uuid primary key references round,
    age smallint not null,
    run integer not null check (run > 0),
    registrations bigint not null check (registrations > 0),
    at_night bigint not null check (at_night between 0 and registrations)
);

-- A class with its teacher, declared by an officer: so many register together then.
create table lesson (
    round_id uuid not null references round,
    lesson bytea not null check (octet_length(lesson) = 32),
    label text not null check (char_length(label) between 3 and 200),
    opens_at timestamptz not null,
    closes_at timestamptz not null check (closes_at > opens_at),
    people integer not null check (people between 1 and 500),
    registered integer not null default 0 check (registered between 0 and people),
    declared_by uuid not null,
    primary key (round_id, lesson)
);

alter table round
    add counted text,                              -- what was last announced of registrations
    add closed_at timestamptz,
    add destroyed boolean not null default false;  -- identities, and their key
"""
GRANTS = f"""
grant update (counted, closed_at, destroyed) on round to {ROLE};
grant update (held), delete on person to {ROLE};
grant delete on channel to {ROLE};
grant select, insert, update, delete on registration to {ROLE};
grant select, insert, update (state, reason, code, messages), delete on held to {ROLE};
grant select, insert, update (number, until), delete on seen to {ROLE};
grant select, insert, update (age, run, registrations, at_night), delete on screening to {ROLE};
grant select, insert, update (registered), delete on lesson to {ROLE};
"""


def upgrade() -> None:
    """Make the tables, and grant what the run-time role needs of them."""
    execute(op, TABLES)
    execute(op, GRANTS)
