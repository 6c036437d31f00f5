"""Where projects stand beside their stage, who supports them, plans of dossiers, work lists."""

from alembic import op

from shared.migrate import execute

revision = "0016"
down_revision = "0015"

ROLE = "submission"

TABLES = """
alter table idea
    add standing text not null default 'active'
        check (standing in ('active', 'suspended', 'withdrawn', 'merged', 'split')),
    add into_project uuid references idea,     -- what it was merged into
    add split_from uuid references idea,
    add guided boolean not null default false, -- as a part of what was guided at a counter
    add theme text,
    add category text,
    add supporters integer not null default 0 check (supporters >= 0),
    add check ((standing = 'merged') = (into_project is not null)),
    add check (into_project <> project_id),
    add check (split_from <> project_id);
create index idea_merged_into on idea (into_project) where into_project is not null;
create index idea_split_from on idea (split_from) where split_from is not null;

alter table draft add theme text not null default '' check (char_length(theme) <= 60),
    add category text not null default '' check (char_length(category) <= 60);

-- One event is in the lives of all projects that it is about, as a merger is.
alter table project_event drop constraint project_event_event_id_key,
    add unique (event_id, project_id);

alter table project
    add revision integer not null default 0 check (revision >= 0),
    add charter_version integer not null default 1 check (charter_version >= 1),
    add theme text,
    add category text,
    add carrier_id uuid,
    add carrier_type text,
    add nature text check (nature in ('operating', 'investment')),
    add months integer check (months between 1 and 240),
    add principles text[],
    add costs jsonb,
    add income jsonb;

-- Whoever is forgotten takes her row away, and stays counted.
create table support (
    project_id uuid not null references idea,
    resident uuid not null,
    at timestamptz not null,
    primary key (project_id, resident)
);
create index supported_by on support (resident);

create table visit (
    officer uuid primary key,
    seen_at timestamptz not null,
    looked jsonb not null
);

create table reminded (
    project_id uuid not null references project,
    until timestamptz not null,
    at timestamptz not null,
    primary key (project_id, until)
);

-- No round takes a project that is withdrawn, merged, split or suspended, whoever writes; and none
-- of that happens to a project while a round has it.
create function refuse_inactive() returns trigger language plpgsql as $$
declare
    found text;
begin
    select standing into found from idea where project_id = new.project_id;
    if found <> 'active' then
        raise exception 'project % is %', new.project_id, found using errcode = 'check_violation';
    end if;
    return new;
end $$;
create trigger project_active before update of round_id on project
    for each row when (old.round_id is null and new.round_id is not null)
    execute function refuse_inactive();

create function refuse_in_round() returns trigger language plpgsql as $$
begin
    if exists (select from project where project_id = new.project_id and round_id is not null) then
        raise exception 'project % is in a round', new.project_id
            using errcode = 'check_violation';
    end if;
    return new;
end $$;
create trigger idea_in_round before update of standing on idea
    for each row when (old.standing = 'active' and new.standing <> 'active')
    execute function refuse_in_round();
"""
GRANTS = f"""
grant update (standing, into_project, theme, category, supporters) on idea to {ROLE};
grant update (revision, theme, category, carrier_id, carrier_type, nature, months, principles,
    costs, income) on project to {ROLE};
grant select, insert, delete on support to {ROLE};
grant select, insert, update (seen_at, looked) on visit to {ROLE};
grant select, insert on reminded to {ROLE};
"""


def upgrade() -> None:
    """Add what dossiers, standings and work lists need."""
    execute(op, TABLES)
    execute(op, GRANTS)


def downgrade() -> None:
    """Refused: where projects stand has nowhere to go."""
    raise RuntimeError("where projects stand has nowhere to go")
