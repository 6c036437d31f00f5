"""People, charters' rules, the phases of an edition, and what voting says of its round."""

from alembic import op

from shared import people
from shared.migrate import execute

revision = "0002"
down_revision = "0001"

ROLE = "submission"

TABLES = """
-- Reasons and summaries are longer than titles.
alter table text drop constraint text_value_check,
    add constraint text_value_check check (char_length(value) between 1 and 5000);

-- Both null: imported, so that everything is possible at any time. `event_id`: its publication.
alter table programme add column rules jsonb, add column event_id uuid;

create table phase (
    programme_id uuid not null references programme,
    name text not null check (name in ('ideas', 'counters', 'dossiers', 'labelling', 'vote')),
    opens_at timestamptz not null,
    closes_at timestamptz not null,
    state text not null default 'coming' check (state in ('coming', 'open', 'closed')),
    primary key (programme_id, name),
    check (opens_at < closes_at)
);
create index phase_to_open on phase (opens_at) where state = 'coming';
create index phase_to_close on phase (closes_at) where state <> 'closed';

-- Two topics say these things, and neither waits for the other: every column but the key may be
-- null until its event has come.
create table round_state (
    round_id uuid primary key,
    opened_at timestamptz,
    opens_at timestamptz,
    closes_at timestamptz,
    closed_at timestamptz,
    budget bigint,
    spent bigint,
    ballots bigint,
    funded integer,
    options integer,
    allocation text,
    decided_at timestamptz,
    decided_event_id uuid,
    validated text,
    validated_at timestamptz,
    validated_event_id uuid,
    told boolean not null default false        -- whether the carriers were told the result
);

create table decision (
    round_id uuid not null,
    project_id uuid not null,
    number integer,
    rank integer,
    votes bigint,
    cost bigint,
    funded boolean,
    reason text,
    left_over bigint,
    event_id uuid,
    agreed bigint,
    agreed_at timestamptz,
    agreed_event_id uuid,
    primary key (round_id, project_id)
);
create index decision_of_project on decision (project_id);
"""
GRANTS = f"""
grant select, insert, update (opens_at, closes_at, state) on phase to {ROLE};
grant select, insert, update on round_state, decision to {ROLE};
"""


def upgrade() -> None:
    """Add the tables and grant what the run-time role needs of them."""
    execute(op, people.CREATE + people.RUN_TIME_GRANTS.format(role=ROLE))
    execute(op, people.CREATE_RESIDENTS + people.RESIDENTS_GRANTS.format(role=ROLE))
    execute(op, TABLES)
    execute(op, GRANTS)
