"""Five wrong codes that begin as that of a letter does, and a new letter is needed."""

from alembic import op

from shared.migrate import execute

revision = "0017"
down_revision = "0016"

ROLE = "voting_roll"

TABLES = """
-- A keyed hash of the code's beginning: what begins so and is no code was a try at this letter.
-- Null of codes that came by message, and of those before this version.
alter table code
    add letter bytea check (octet_length(letter) = 32),
    add tries smallint not null default 0 check (tries between 0 and 4);
create index code_of_letter on code (round_id, letter) where letter is not null;

-- Codes of letters that were tried five times: they get no token. `replaced`: a new letter was
-- made, or the person was marked as voting on paper.
create table spent_code (
    round_id uuid not null references round,
    code bytea not null check (octet_length(code) = 32),
    replaced boolean not null default false,
    primary key (round_id, code)
);
"""
FUNCTIONS = """
drop function import_codes(uuid, text, bytea[]);

create function import_codes(the_round uuid, the_tier text, the_codes bytea[], the_letters bytea[],
                             out verdict text, out imported bigint) language plpgsql as $$
begin
    perform share_round(the_round);
    select case when r.closed or r.closes_at <= clock_timestamp() then 'voting_closed'
                when t.tier is null then 'tier_unknown' else 'imported' end
    into verdict
    from round r left join tier t on t.round_id = r.round_id and t.tier = the_tier
    where r.round_id = the_round;
    if not found then
        verdict := 'round_unknown';
    end if;
    if verdict <> 'imported' then
        return;
    end if;
    insert into code (round_id, code, tier, letter)
    select the_round, each.code, the_tier, each.letter
    from unnest(the_codes, the_letters) as each (code, letter)
    where not exists (select from spent_code s where s.round_id = the_round and s.code = each.code)
    on conflict do nothing;
    get diagnostics imported = row_count;
end $$;

-- Somebody asked with a code that is none, and begins as this letter's does. One that has its token
-- is none to guess any more. With its owner's rights: the process itself can take no code away.
create function note_wrong_code(the_round uuid, the_letter bytea) returns void
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
    tried record;
begin
    for tried in
        select c.code, c.tries from code c
        where c.round_id = the_round and c.letter = the_letter
            and not exists (select from token t where t.round_id = the_round and t.code = c.code)
        order by c.code for update
    loop
        if tried.tries < 4 then
            update code set tries = tries + 1 where round_id = the_round and code = tried.code;
        else
            delete from code c where c.round_id = the_round and c.code = tried.code
                and not exists (select from token t
                                where t.round_id = the_round and t.code = tried.code);
            if found then
                insert into spent_code (round_id, code, replaced)
                values (the_round, tried.code, exists (
                    select from paper_mark m
                    where m.round_id = the_round and m.person = tried.code));
            end if;
        end if;
    end loop;
end $$;

-- A code can be spent while its token is asked for: the row is locked, and there, or nothing is
-- issued.
create or replace function no_token_beside_paper() returns trigger language plpgsql as $$
begin
    perform 1 from code where round_id = new.round_id and code = new.code for key share;
    if not found then
        return null;
    end if;
    perform 1 from paper_mark where round_id = new.round_id and person = new.code;
    return case when found then null else new end;
end $$;

-- Her letter may be spent: at a counter, with it in hand, she votes on paper all the same.
create or replace function mark_code(the_round uuid, the_code bytea) returns text
language plpgsql as $$
begin
    perform 1 from code where round_id = the_round and code = the_code for update;
    if not found then
        perform 1 from spent_code where round_id = the_round and code = the_code for update;
        if not found then
            return 'code_unknown';
        end if;
        perform 1 from paper_mark where round_id = the_round and person = the_code;
        if found then
            return 'already_marked';
        end if;
        update spent_code set replaced = true
        where round_id = the_round and code = the_code and not replaced;
        if not found then
            return 'code_unknown';
        end if;
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
revoke execute on function note_wrong_code from public;
grant execute on function note_wrong_code to {ROLE};
grant select, update (replaced) on spent_code to {ROLE};
"""


def upgrade() -> None:
    """Count tries, and keep the codes that are spent by them."""
    execute(op, TABLES)
    execute(op, FUNCTIONS)
    execute(op, GRANTS)


def downgrade() -> None:
    raise RuntimeError("codes that were tried five times would be good again")
