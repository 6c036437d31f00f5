"""Tokens are signed blindly; "your right was used" waits before anybody is told."""

from alembic import op

from shared.migrate import execute

revision = "0010"
down_revision = "0009"

ROLE = "voting_roll"

TABLES = """
-- SHA-256 of the blinded value. Of a token that was issued before this version it is a keyed hash
-- of the ballot key, which no blinded value has: the code stays used.
alter table token rename column key to blinded;

-- "Your right was used", for who used it: without round and code, and until when it waits. Told at
-- once, it would say who voted while her ballot waits in the box.
create table waiting_notice (
    notice_id uuid primary key,
    notice bytea not null,
    due_at timestamptz not null
);
create index waiting_notice_due on waiting_notice (due_at);
"""
FUNCTIONS = """
drop function issue_token(uuid, bytea, bytea);

-- Whether a code may be used now, and its tier.
create function code_tier(the_round uuid, the_code bytea, out verdict text, out tier text)
language plpgsql as $$
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
    select c.tier into tier from code c where c.round_id = the_round and c.code = the_code;
    if not found then
        verdict := 'code_unknown';
    end if;
end $$;

-- `the_tiers` can sign the value.
create function issue_token(the_round uuid, the_code bytea, the_blinded bytea, the_tiers text[],
                            the_wait interval, out verdict text, out tier text)
language plpgsql as $$
begin
    -- Before the clock is read: who waited here for a closing finds the round closed.
    perform share_round(the_round);
    select * into verdict, tier from code_tier(the_round, the_code);
    if verdict <> 'open' then
        return;
    end if;
    if tier <> all (the_tiers) then
        verdict := 'blinded_refused';
        return;
    end if;
    verdict := 'issued';
    insert into token as t (round_id, code, blinded) values (the_round, the_code, the_blinded)
    on conflict do nothing;
    if not found then
        perform from token t
        where t.round_id = the_round and t.code = the_code and t.blinded = the_blinded;
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
GRANTS = f"grant select, insert, delete on waiting_notice to {ROLE};"


def upgrade() -> None:
    """Rename what a token was issued for, let notices wait, and issue for blinded values."""
    execute(op, TABLES)
    execute(op, FUNCTIONS)
    execute(op, GRANTS)


def downgrade() -> None:
    raise RuntimeError("tokens that were issued blindly have no ballot key to go back to")
