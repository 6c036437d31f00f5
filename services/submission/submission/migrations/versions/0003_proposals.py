"""Ideas, counters and handoffs, dossiers with their reviews and labels, and erasure."""

from alembic import op

from shared import contacts
from shared.migrate import execute

revision = "0003"
down_revision = "0002"

ROLE = "submission"

TABLES = """
-- Words and salts go, and nothing else of a text ever changes: the run-time role has no other way.
create function erase_texts(erased text[]) returns setof text
    language sql security definer set search_path = pg_catalog, public as $$
    update public.text set value = null, salt = null
    where content_id = any(erased) and value is not null returning content_id
$$;
revoke execute on function erase_texts(text[]) from public;

-- What people compare when they search: small letters without accents.
create function plain(words text) returns text language sql immutable strict parallel safe as $$
    select translate(replace(replace(lower(words), 'œ', 'oe'), 'æ', 'ae'),
                     'àâäáãåçéèêëíìîïñóòôöõúùûüýÿ' || chr(8217), 'aaaaaaceeeeiiiinooooouuuuyy''')
$$;

create table idea (
    project_id uuid primary key,
    programme_id uuid not null references programme,
    territory text not null,
    title text not null references text,
    summary text not null references text,
    carrier text not null references text,
    stage text not null,
    deposited_at timestamptz not null
);
create index idea_in_order on idea (programme_id, deposited_at, project_id);

create table carrier (
    project_id uuid primary key references idea,
    resident uuid,
    name text check (char_length(name) between 1 and 120),
    address text check (char_length(address) between 3 and 254),
    language text not null check (language in ('fr', 'en')),
    erased_at timestamptz,
    check ((erased_at is null) = (resident is not null)),
    check ((erased_at is null) = (name is not null)),
    check ((erased_at is null) = (address is not null))
);
create index carrier_of_resident on carrier (resident);

-- What a carrier wrote about a project, every version of it: what there is to erase.
create table project_text (
    content_id text primary key references text,
    project_id uuid not null references idea
);
create index texts_of_project on project_text (project_id);

create table project_event (
    place bigint generated always as identity primary key,
    event_id uuid not null unique,
    project_id uuid not null references idea,
    kind text not null,
    at timestamptz not null,
    about jsonb not null
);
create index life_of_project on project_event (project_id, place);

create table draft (
    draft_id uuid primary key,
    secret bytea not null unique check (octet_length(secret) = 32),
    programme_id uuid not null references programme,
    changed_at timestamptz not null,
    title text not null check (char_length(title) <= 200),
    summary text not null check (char_length(summary) <= 4000),
    territory text not null check (char_length(territory) <= 60),
    name text not null check (char_length(name) <= 120),
    address text not null check (char_length(address) <= 254),
    language text not null check (language in ('fr', 'en'))
);
create index draft_by_age on draft (changed_at);

create table deposit_link (
    token bytea primary key check (octet_length(token) = 32),
    draft_id uuid references draft on delete cascade,
    project_id uuid references idea,
    resident uuid,
    used_at timestamptz,
    expires_at timestamptz not null,
    check ((draft_id is null) = (project_id is not null)),
    check ((resident is null) or (project_id is not null))
);
create index links_of_draft on deposit_link (draft_id);

create table gathering (
    gathering_id uuid primary key,
    programme_id uuid not null references programme,
    kind text not null check (kind = 'counter'),
    territory text not null,
    place text not null references text,
    begins_at timestamptz not null,
    ends_at timestamptz not null check (ends_at > begins_at),
    capacity integer not null check (capacity between 1 and 10000),
    unique (gathering_id, programme_id)
);
create index gatherings_in_order on gathering (programme_id, begins_at, gathering_id);

create table handoff (
    handoff_id uuid primary key,
    project_id uuid not null references idea,
    programme_id uuid not null,
    gathering_id uuid not null,
    state text not null
        check (state in ('requested', 'accepted', 'declined', 'attended', 'missed')),
    requested_at timestamptz not null,
    reason text references text,
    check ((state in ('declined', 'missed')) = (reason is not null)),
    foreign key (gathering_id, programme_id) references gathering (gathering_id, programme_id)
);
create unique index one_waiting_handoff on handoff (project_id)
    where state in ('requested', 'accepted');
create index handoffs_of_gathering on handoff (gathering_id, state);
create index handoffs_of_project on handoff (project_id, requested_at);

alter table project
    add summary text references text,
    add territory text,
    add carrier text references text,
    add carrier_status text,
    add documents text[] not null default '{}',
    add missing text[],                        -- null: what it says now was not reviewed
    add family text,                           -- not null: labelled
    add refused boolean not null default false,
    add reason text references text,           -- of the decision
    add check (not (refused and family is not null)),
    add check (family is null or missing = '{}'),
    add check ((reason is not null) = (refused or family is not null));
"""
GRANTS = f"""
grant select, insert, update (stage) on idea to {ROLE};
grant select, insert, update (resident, name, address, erased_at) on carrier to {ROLE};
grant select, insert on project_text, gathering to {ROLE};
grant select, insert on project_event to {ROLE};
grant select, insert, update, delete on draft to {ROLE};
grant select, insert, update, delete on deposit_link to {ROLE};
grant select, insert, update (state, reason) on handoff to {ROLE};
-- To lock a gathering takes the right to change a column of it.
grant update (kind) on gathering to {ROLE};
grant update (summary, carrier, carrier_status, documents, missing, family, refused, reason)
    on project to {ROLE};
grant execute on function erase_texts(text[]) to {ROLE};
"""


def upgrade() -> None:
    """Make the tables and grant what the run-time role needs of them."""
    execute(op, TABLES)
    execute(op, GRANTS)
    execute(op, contacts.CREATE)
