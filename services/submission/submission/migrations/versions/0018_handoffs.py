"""Deadlines, sessions with registrations, and handoffs from desk to desk."""

from alembic import op

from shared.migrate import execute

revision = "0018"
down_revision = "0017"

ROLE = "submission"

TABLES = """
-- What is due, and for what; the row stays until it is done, whatever is stopped meanwhile.
create table deadline (
    deadline_id uuid primary key default gen_random_uuid(),
    kind text not null check (kind ~ '^[a-z0-9][a-z0-9-]{0,59}$'),
    subject uuid not null,
    due_at timestamptz not null,
    fired_at timestamptz,
    unique (kind, subject)
);
create index deadlines_to_come on deadline (due_at, deadline_id) where fired_at is null;

alter table gathering
    add title text references text,
    add host text references text,
    add desk text,
    add workshops text[] not null default '{}',
    add online boolean not null default false,
    add state text not null default 'announced'
        check (state in ('announced', 'cancelled', 'held')),
    add reason text references text,           -- why it is cancelled
    add ended_by uuid,                         -- the officer who cancelled it
    add changes integer not null default 0 check (changes >= 0),
    add constraint cancelled_for_a_reason check (
        (state = 'cancelled') = (reason is not null)
        and (state = 'cancelled') = (ended_by is not null));

-- A place at a gathering, or in its waiting list; `at` says who is first.
create table registration (
    registration_id uuid primary key,
    gathering_id uuid not null references gathering,
    handoff_id uuid not null references handoff,
    state text not null check (
        state in ('placed', 'waiting', 'attended', 'missed', 'unmarked', 'waited', 'freed')),
    at timestamptz not null
);
create unique index one_place_of_handoff on registration (handoff_id)
    where state in ('placed', 'waiting');
create index registrations_of_gathering on registration (gathering_id, state, at);
create index registrations_of_handoff on registration (handoff_id);

insert into registration (registration_id, gathering_id, handoff_id, state, at)
select gen_random_uuid(), gathering_id, handoff_id,
       case state when 'accepted' then 'placed' else state end, requested_at
from handoff where state in ('accepted', 'attended', 'missed');

drop index one_waiting_handoff;
alter table handoff
    drop constraint handoff_state_check,
    drop constraint handoff_check,
    alter column gathering_id drop not null,
    add desk text,
    add after uuid references handoff,         -- the handoff that led to this one
    add cause text,
    add due_at timestamptz;
-- Until now a handoff ended without being handed back.
update handoff set state = 'returned', cause = 'declined' where state = 'declined';
update handoff set state = 'returned', cause = 'done' where state = 'attended';
update handoff set state = 'returned', cause = 'missed' where state = 'missed';
update handoff set state = 'scheduled' where state = 'accepted';
alter table handoff
    add constraint handoff_state_check check (state in (
        'requested', 'accepted', 'awaiting', 'scheduled', 'attended', 'missed',
        'redirected', 'returned')),
    add constraint returned_for_a_cause check (
        (state = 'returned') = (cause is not null) and cause in (
            'done', 'declined', 'unanswered', 'missed', 'withdrawn', 'cancelled')),
    add constraint said_why check (
        reason is not null or (state <> 'redirected' and cause is distinct from 'declined')),
    add constraint at_a_session check (
        gathering_id is not null or state not in ('awaiting', 'scheduled', 'attended', 'missed')),
    add constraint ended_without_deadline check (
        due_at is null or state not in ('redirected', 'returned'));
create unique index one_open_handoff on handoff (project_id)
    where state not in ('redirected', 'returned');
create unique index one_next_handoff on handoff (after);
create index handoffs_at_desk on handoff (programme_id, desk)
    where state not in ('redirected', 'returned');

-- What a desk hands on is at the next desk when the transaction ends, whoever writes.
create function refuse_lost_handoff() returns trigger language plpgsql as $$
begin
    if not exists (select from handoff h where h.after = new.handoff_id) then
        raise exception 'handoff % was handed on to nobody', new.handoff_id
            using errcode = 'check_violation';
    end if;
    return null;
end $$;
create constraint trigger handoff_goes_on after insert or update on handoff
    deferrable initially deferred for each row
    when (new.state = 'redirected') execute function refuse_lost_handoff();

-- Where counters are still open, what waits has a deadline from now on.
update handoff h set due_at = case h.state
    when 'requested' then least(now() + interval '10 days',
                                greatest(g.ends_at, now() + interval '1 day'))
    else greatest(g.ends_at + interval '7 days', now() + interval '1 day') end
from gathering g, phase p
where g.gathering_id = h.gathering_id and h.state in ('requested', 'scheduled')
  and p.programme_id = h.programme_id and p.name = 'counters' and p.state <> 'closed';
insert into deadline (kind, subject, due_at)
select 'handoff', handoff_id, due_at from handoff where due_at is not null;
insert into deadline (kind, subject, due_at)
select 'gathering-held', gathering_id, greatest(ends_at + interval '7 days', now())
from gathering g join phase p on p.programme_id = g.programme_id and p.name = 'counters'
where p.state <> 'closed';
"""
GRANTS = f"""
grant select, insert, update, delete on deadline to {ROLE};
grant select, insert, update (state, at) on registration to {ROLE};
grant update (place, begins_at, ends_at, capacity, title, host, workshops, online, state, reason,
    ended_by, changes) on gathering to {ROLE};
grant update (gathering_id, cause, due_at) on handoff to {ROLE};
"""


def upgrade() -> None:
    """Make the tables, map what there is, and grant what the run-time role needs."""
    execute(op, TABLES)
    execute(op, GRANTS)


def downgrade() -> None:
    """Refused: what desks handed on has nowhere to go."""
    raise RuntimeError("what desks handed on has nowhere to go")
