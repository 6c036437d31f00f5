"""What follows a decision: grants, instalments, milestones; who carries a project and is in order;
what a rule asks of projects; whose yearly envelope a round gives out."""

from alembic import op

from shared import migrate

revision = "0021"
down_revision = "0020"

TABLES = """
alter table project
    add theme text,
    add category text,
    add carrier_id uuid,
    add other_money bigint not null default 0 check (other_money >= 0),
    add withdrawn boolean not null default false;
alter table round add fund_year integer;               -- of its charter's fund; null: no fund's
create index rounds_of_fund on round (programme_id) where fund_year is not null;

create table granted (
    round_id uuid not null,
    option_id uuid not null,
    amount bigint not null check (amount >= 0),
    act text check (char_length(act) between 1 and 80),
    confirmed_on date,
    confirmed_event uuid,
    cost bigint check (cost >= 0),
    signed_on date,
    spent bigint check (spent >= 0),
    reduced_event uuid,
    lapsed bigint check (lapsed > 0 and lapsed <= amount),
    ground text check (ground in ('not-signed', 'not-begun', 'not-finished', 'renounced')),
    lapsed_event uuid,
    primary key (round_id, option_id),
    foreign key (round_id, option_id) references option (round_id, option_id),
    check ((confirmed_event is null) = (confirmed_on is null)),
    check ((spent is null) = (reduced_event is null)),
    check ((lapsed is null) = (lapsed_event is null) and (lapsed is null) = (ground is null))
);
create table instalment (
    round_id uuid not null,
    option_id uuid not null,
    name text not null,
    place integer not null check (place > 0),
    amount bigint not null check (amount >= 0),
    due text not null check (due in ('signature', 'order', 'invoice', 'report')),
    paid_on date,
    reference text unique check (reference ~ '^[A-Za-z0-9][A-Za-z0-9/._-]{0,59}$'),
    paid_event uuid,
    primary key (round_id, option_id, name),
    unique (round_id, option_id, place),
    foreign key (round_id, option_id) references granted,
    check ((paid_event is null) = (paid_on is null) and (paid_on is null) = (reference is null))
);
create table milestone (
    round_id uuid not null,
    option_id uuid not null,
    name text not null,
    reached_on date not null,
    reached_event uuid not null,
    primary key (round_id, option_id, name),
    foreign key (round_id, option_id) references granted
);

-- Heard before a dossier, perhaps: of no project here.
create table party (
    project_id uuid not null,
    carrier_id uuid not null,
    part text not null,
    carrier_type text not null,
    name text,
    siret text,
    rna text,
    left_event uuid,
    primary key (project_id, carrier_id, part)
);
create table clearance (
    project_id uuid not null,
    carrier_id uuid not null,
    checked text[] not null,
    contract_on date,
    de_minimis bigint check (de_minimis >= 0),
    cleared_event uuid not null,
    cleared_at timestamptz not null,
    withdrawn_event uuid,
    primary key (project_id, carrier_id)
);

-- What was paid stays as it was entered, whoever writes.
create function refuse_paid() returns trigger language plpgsql as $$
begin
    raise exception 'instalment % is paid', old.name using errcode = 'check_violation';
end $$;
create trigger paid_stays before update or delete on instalment
    for each row when (old.paid_event is not null) execute function refuse_paid();

-- Agreements of before: each is one part of its own.
insert into granted (round_id, option_id, amount, signed_on)
    select round_id, option_id, amount, (agreed_at at time zone 'Europe/Paris')::date
    from option where agreement_event is not null;
insert into instalment (round_id, option_id, name, place, amount, due)
    select round_id, option_id, 'grant', 1, amount, 'signature' from granted;

grant select, insert, update on granted, instalment, party, clearance to voting_count;
grant select, insert on milestone to voting_count;
"""


def upgrade() -> None:
    migrate.execute(op, TABLES)


def downgrade() -> None:
    raise RuntimeError("grants and payments have nowhere to go")
