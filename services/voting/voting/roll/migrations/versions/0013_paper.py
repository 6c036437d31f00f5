"""People who vote on paper: marked before they get the ballot, and never given a token."""

from alembic import op

from shared.migrate import execute

revision = "0013"
down_revision = "0012"

ROLE = "voting_roll"

TABLES = """
alter table round
    add paper boolean not null default false,
    add set_aside integer not null default 0 check (set_aside >= 0),  -- envelopes, unopened
    add papers_marked boolean not null default false;                 -- the marks were announced

-- Keyed hashes of codes or identities, without a time and without an order.
create table paper_mark (
    round_id uuid not null references round,
    person bytea not null check (octet_length(person) = 32),
    primary key (round_id, person)
);
"""
FUNCTIONS = """
-- The first channel wins: a code that was marked gets no token. Whoever marks it holds its row, so
-- that of two at the same time the second finds what the first did.
create function no_token_beside_paper() returns trigger language plpgsql as $$
begin
    perform 1 from code where round_id = new.round_id and code = new.code for key share;
    perform 1 from paper_mark where round_id = new.round_id and person = new.code;
    return case when found then null else new end;
end $$;
create trigger no_token_beside_paper before insert on token
    for each row execute function no_token_beside_paper();

-- Whether somebody may be marked now: at a counter while voting is open, by the envelope of an
-- offline urn until the marks are announced.
create function paper_state(the_round uuid, by_envelope boolean) returns text
language plpgsql as $$
declare
    verdict text;
begin
    perform share_round(the_round);
    select case when not paper then 'no_paper'
                when papers_marked then 'papers_marked'
                when opens_at is null or opens_at > clock_timestamp() then 'not_open'
                when not by_envelope and (closed or closes_at <= clock_timestamp())
                    then 'voting_closed'
                else 'open' end
    into verdict from round where round_id = the_round;
    return coalesce(verdict, 'round_unknown');
end $$;

create function mark_code(the_round uuid, the_code bytea) returns text language plpgsql as $$
begin
    perform 1 from code where round_id = the_round and code = the_code for update;
    if not found then
        return 'code_unknown';
    end if;
    perform 1 from token where round_id = the_round and code = the_code;
    if found then
        return 'code_used';
    end if;
    insert into paper_mark (round_id, person) values (the_round, the_code)
    on conflict do nothing;
    return case when found then 'marked' else 'already_marked' end;
end $$;
"""
GRANTS = f"""
grant update (paper, set_aside, papers_marked) on round to {ROLE};
grant select, insert on paper_mark to {ROLE};
"""


def upgrade() -> None:
    """Make the table, keep tokens from who is in it, and grant what the run-time role needs."""
    execute(op, TABLES)
    execute(op, FUNCTIONS)
    execute(op, GRANTS)


def downgrade() -> None:
    raise RuntimeError("people who were marked could vote again")
