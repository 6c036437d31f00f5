"""Organisations, who has which part in a project, clearances, de-minimis aid, and consents."""

from alembic import op

from shared.migrate import execute

revision = "0015"
down_revision = "0014"

ROLE = "submission"

TABLES = """
create table organisation (
    organisation_id uuid primary key,
    type text not null check (type ~ '^[a-z0-9][a-z0-9-]{0,59}$' and type <> 'person'),
    name text references text,
    siret text unique check (siret ~ '^[0-9]{14}$'),
    siret_words text references text,
    rna text unique check (rna ~ '^W[0-9][0-9A-Z][0-9]{7}$'),
    rna_words text references text,
    founded_on date,
    seat text check (seat ~ '^[a-z0-9][a-z0-9-]{0,59}$'),
    branch text check (branch ~ '^[a-z0-9][a-z0-9-]{0,59}$'),
    sse_until date,
    ambassador boolean not null default false,
    kept_by uuid,                              -- null: imported, or who declared it is forgotten
    erased_at timestamptz,
    check ((erased_at is null) = (name is not null)),
    check ((siret is null) = (siret_words is null)),
    check ((rna is null) = (rna_words is null)),
    check (erased_at is null or (siret is null and rna is null and founded_on is null
        and seat is null and branch is null and sse_until is null and kept_by is null))
);
create index organisations_of_resident on organisation (kept_by);
create index organisation_of_name on organisation (name);

-- Every version of its name and numbers: what there is to erase.
create table organisation_text (
    content_id text primary key references text,
    organisation_id uuid not null references organisation
);
create index texts_of_organisation on organisation_text (organisation_id);

create table carriage (
    place bigint generated always as identity primary key,
    project_id uuid not null references idea,
    carrier_id uuid not null,
    part text not null
        check (part in ('lead', 'joint', 'sponsor', 'host', 'research-partner', 'co-funder')),
    type text not null check (type ~ '^[a-z0-9][a-z0-9-]{0,59}$'),
    organisation_id uuid references organisation,
    resident uuid,                             -- null: an organisation, or forgotten
    status text,
    joined_at timestamptz not null,
    left_at timestamptz,
    check ((organisation_id is null) = (type = 'person')),
    check (organisation_id is null or (organisation_id = carrier_id and resident is null)),
    check (left_at is null or left_at >= joined_at)
);
create unique index one_lead on carriage (project_id) where part = 'lead' and left_at is null;
create unique index once_in_a_part on carriage (project_id, carrier_id, part)
    where left_at is null;
create index carried_by_organisation on carriage (organisation_id) where left_at is null;
create index carried_by_resident on carriage (resident) where left_at is null;

create table clearance (
    place bigint generated always as identity primary key,
    project_id uuid not null references idea,
    carrier_id uuid not null,
    checked text[] not null check (cardinality(checked) between 1 and 10),
    de_minimis bigint check (de_minimis >= 0),
    contract_on date,
    officer uuid not null,
    at timestamptz not null,
    withdrawn_at timestamptz
);
create unique index one_clearance on clearance (project_id, carrier_id) where withdrawn_at is null;

create table aid (
    aid_id uuid primary key,
    organisation_id uuid not null references organisation,
    granted_on date not null,
    amount bigint not null check (amount between 1 and 1000000000000000),
    granted_by text not null check (char_length(granted_by) between 1 and 120)
);
create index aids_of_organisation on aid (organisation_id, granted_on);

create table consent (
    project_id uuid primary key references idea,
    token bytea not null unique check (octet_length(token) = 32),
    address text check (char_length(address) between 3 and 254),
    language text not null check (language in ('fr', 'en')),
    asked_at timestamptz not null,
    given_at timestamptz,
    check ((given_at is null) = (address is not null))
);

-- Who deposited an idea carried it.
insert into carriage (project_id, carrier_id, part, type, resident, joined_at)
    select project_id, gen_random_uuid(), 'lead', 'person', c.resident, i.deposited_at
    from idea i join carrier c using (project_id);
"""
GRANTS = f"""
grant select, insert, update (type, name, siret, siret_words, rna, rna_words, founded_on, seat,
    branch, sse_until, ambassador, kept_by, erased_at) on organisation to {ROLE};
grant select, insert on organisation_text to {ROLE};
grant select, insert, update (resident, left_at) on carriage to {ROLE};
grant select, insert, update (withdrawn_at) on clearance to {ROLE};
grant select, insert, delete on aid to {ROLE};
grant select, insert, update (address, given_at), delete on consent to {ROLE};
"""


def upgrade() -> None:
    """Add who carries what, and what is found in order before an agreement."""
    execute(op, TABLES)
    execute(op, GRANTS)


def downgrade() -> None:
    """Refused: who carries what has nowhere to go."""
    raise RuntimeError("who carries what has nowhere to go")
