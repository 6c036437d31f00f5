"""Committees vote: rounds of a charter's bodies, what reviews give them, and what they decided."""

from alembic import op

from shared.migrate import execute

revision = "0012"
down_revision = "0011"

ROLE = "submission"

TABLES = """
alter table round add body_name text;          -- null: residents vote
alter table round drop constraint round_programme_id_key;
create unique index one_round_of_residents on round (programme_id) where body_name is null;
create index rounds_of_programme on round (programme_id);

alter table project
    add voted_family text,                     -- that its committee votes on
    add decided_in uuid references round,      -- by the committee's vote
    drop constraint project_check2,
    add constraint decided_for_a_reason check (
        (reason is not null or decided_in is not null) = (refused or family is not null)
        and (reason is null or decided_in is null)),
    add constraint reviewed_for_a_vote check (
        voted_family is null or missing = '{}');
create index project_in_round on project (round_id);

-- What is frozen stays as it is, whoever writes. Only a body's round leaves projects again, with
-- what was decided there, and with nothing else.
create or replace function refuse_frozen() returns trigger language plpgsql as $$
declare
    decided constant text[] := '{round_id,family,refused,decided_in}';
begin
    if tg_op = 'UPDATE' and new.round_id is null
        and (new.decided_in is null or new.decided_in = old.round_id)
        and to_jsonb(new) - decided = to_jsonb(old) - decided
        and exists (select from round r where r.round_id = old.round_id and r.body_name is not null)
    then
        return new;
    end if;
    raise exception 'project % is frozen', old.project_id using errcode = 'check_violation';
end $$;
"""
GRANTS = f"""
grant update (voted_family, decided_in) on project to {ROLE};
"""


def upgrade() -> None:
    """Add what rounds of bodies need."""
    execute(op, TABLES)
    execute(op, GRANTS)


def downgrade() -> None:
    """Refused: what a committee decided has nowhere to go."""
    raise RuntimeError("what committees decided has nowhere to go")
