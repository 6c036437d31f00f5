"""Named rounds: which body votes, who has a seat in it, and what is said under a seat."""

from alembic import op

from shared import migrate

revision = "0013"
down_revision = "0012"

TABLES = """
alter table frozen_options add body_name text;          -- null: residents vote
alter table round
    add seats jsonb,                                    -- of a named round, as its opening says
    add check ((secrecy = 'named') = (seats is not null)),
    add check (seats is null or tiers = '{}');

-- Words stay here; what is published are commitments to them.
create table seat (
    seat_id uuid primary key,
    programme_id uuid not null references programme,
    body_name text not null,
    number integer not null check (number > 0),         -- by which its ballots are shown
    officer_id uuid not null,                           -- the member, as she signs in
    member text not null check (char_length(member) between 1 and 200),
    salt bytea not null check (octet_length(salt) = 32),
    chair boolean not null,
    granted_event uuid not null,
    withdrawn_event uuid,
    reason text check (char_length(reason) between 1 and 1000),
    reason_salt bytea check (octet_length(reason_salt) = 32),
    unique (programme_id, body_name, number),
    check ((withdrawn_event is null) = (reason is null)),
    check ((reason is null) = (reason_salt is null))
);
create unique index one_seat_a_member on seat (programme_id, body_name, officer_id)
    where withdrawn_event is null;
create unique index one_chair on seat (programme_id, body_name)
    where chair and withdrawn_event is null;

-- A seat that stood when its round opened, and the last ballot cast under it.
create table seat_in_round (
    round_id uuid not null references round,
    seat_id uuid not null references seat,
    revision integer not null default 0,                -- of what was said last
    choices jsonb,                                      -- null: no ballot
    ballots integer not null default 0,
    said_event uuid,                                    -- the last ballot's
    primary key (round_id, seat_id)
);

create table recusal (
    round_id uuid not null,
    seat_id uuid not null,
    number integer not null,
    by_seat uuid not null references seat,
    reason text check (char_length(reason) between 1 and 1000),
    salt bytea check (octet_length(salt) = 32),
    said_event uuid not null,
    primary key (round_id, seat_id, number),
    foreign key (round_id, seat_id) references seat_in_round,
    foreign key (round_id, number) references option,
    check ((reason is null) = (salt is null)),
    check (by_seat = seat_id or reason is not null)     -- the chair says why
);

grant select, insert on seat to voting_count;
grant update (withdrawn_event, reason, reason_salt) on seat to voting_count;
grant select, insert on seat_in_round to voting_count;
grant update (revision, choices, ballots, said_event) on seat_in_round to voting_count;
grant select, insert on recusal to voting_count;
"""


def upgrade() -> None:
    migrate.execute(op, TABLES)


def downgrade() -> None:
    raise RuntimeError("ballots of seats have nowhere to go")
