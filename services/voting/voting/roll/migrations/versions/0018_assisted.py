"""Tokens of a tier that is not the code's: of whoever votes in the booth; and none for a voting
code that is another person's."""

from alembic import op

from shared.migrate import execute

revision = "0018"
down_revision = "0017"

TABLES = """
-- The tier that signed it. Of what was issued before this version it is the code's.
alter table token add tier text check (tier ~ '^[A-Z]$');
update token t set tier = c.tier from code c where c.round_id = t.round_id and c.code = t.code;
alter table token alter tier set not null;
-- Whether a voting code is somebody else's. Of two who use one at the same moment nobody is told.
create index token_blinded on token (round_id, blinded);
"""
FUNCTIONS = """
drop function code_tier(uuid, bytea);
drop function issue_token(uuid, bytea, bytea, text[], interval);

-- Whether a code may be used now, and the tier of its token: the one that it has, else that of the
-- path on which somebody votes (`the_path`), else the code's own.
create function code_tier(the_round uuid, the_code bytea, the_path text,
                          out verdict text, out tier text)
language plpgsql as $$
declare
    issued text;
begin
    select case when r.closed or r.closes_at <= clock_timestamp() then 'voting_closed'
                when r.opens_at <= clock_timestamp() then 'open' else 'not_open' end
    into verdict from round r where r.round_id = the_round;
    if not found then
        verdict := 'round_unknown';
    end if;
    if verdict <> 'open' then
        return;
    end if;
    if the_path is not null then
        perform from tier t where t.round_id = the_round and t.tier = the_path;
        if not found then
            verdict := 'not_assisted';
            return;
        end if;
    end if;
    select c.tier, t.tier into tier, issued
    from code c left join token t using (round_id, code)
    where c.round_id = the_round and c.code = the_code;
    if not found then
        verdict := 'code_unknown';
    elsif issued <> the_path then
        verdict := 'code_used';
    else
        tier := coalesce(issued, the_path, tier);
    end if;
end $$;

-- `the_tiers` can sign the value.
create function issue_token(the_round uuid, the_code bytea, the_blinded bytea, the_tiers text[],
                            the_wait interval, the_path text, out verdict text, out tier text)
language plpgsql as $$
begin
    -- Before the clock is read: who waited here for a closing finds the round closed.
    perform share_round(the_round);
    select * into verdict, tier from code_tier(the_round, the_code, the_path);
    if verdict <> 'open' then
        return;
    end if;
    if tier <> all (the_tiers) then
        verdict := 'blinded_refused';
        return;
    end if;
    -- With the voting code of another person: a ballot key has one vote, whoever else's it takes.
    -- Of two who used one at the same moment, each has her token still.
    perform from token t
    where t.round_id = the_round and t.blinded = the_blinded and t.code <> the_code
        and not exists (select from token own where own.round_id = the_round
            and own.code = the_code and own.blinded = the_blinded);
    if found then
        verdict := 'voting_code_taken';
        return;
    end if;
    verdict := 'issued';
    insert into token as t (round_id, code, blinded, tier)
    values (the_round, the_code, the_blinded, issue_token.tier)
    on conflict do nothing;
    if not found then
        -- Of two at the same moment, on two paths, the second has another value.
        perform from token t
        where t.round_id = the_round and t.code = the_code and t.blinded = the_blinded
            and t.tier = issue_token.tier;
        if not found then
            verdict := 'code_used';
        end if;
        return;
    end if;
    -- The same commit: who is told that her right was used has a token, and the reverse.
    with told as (
        select c.notice_id, c.notice, r.rehearsal from code c join round r using (round_id)
        where c.round_id = the_round and c.code = the_code and c.notice_id is not null
    )
    insert into waiting_notice (notice_id, notice, due_at)
    select t.notice_id, t.notice, date_trunc('minute', clock_timestamp()
        + case when t.rehearsal then interval '0' else the_wait + interval '1 minute' end)
    from told t;
    if found then
        update code c set notice_id = null, notice = null
        where c.round_id = the_round and c.code = the_code;
    end if;
end $$;
"""


def upgrade() -> None:
    """Keep which tier signed a token, and let a path have one of its own."""
    execute(op, TABLES)
    execute(op, FUNCTIONS)


def downgrade() -> None:
    raise RuntimeError("tokens of the booth have no tier to go back to")
