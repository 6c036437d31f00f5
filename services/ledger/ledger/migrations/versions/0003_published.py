"""Published checkpoints: what was signed, once enough witnesses cosigned it. Rotated keys."""

from alembic import op

from shared.migrate import execute

revision = "0003"
down_revision = "0002"

PUBLISHED = """
create table published_checkpoint (
    log text not null,
    size bigint not null,
    note text not null,
    published_at timestamptz not null default now(),
    refreshed_at timestamptz not null default now(),
    -- No foreign key: what refuses to truncate `signed_checkpoint` would no longer be asked.
    primary key (log, size)
);
-- Until now what was signed was published.
insert into published_checkpoint (log, size, note, published_at, refreshed_at)
    select log, size, note, signed_at, signed_at from signed_checkpoint;

-- A later cosignature is added to a note; what it is about never changes.
create function refuse_other_text() returns trigger language plpgsql as $$
begin
    if (new.log, new.size, split_part(new.note, e'\\n\\n', 1))
       <> (old.log, old.size, split_part(old.note, e'\\n\\n', 1)) then
        raise exception 'another checkpoint of % for size % is refused', old.log, old.size
            using errcode = 'insufficient_privilege';
    end if;
    return new;
end $$;
create trigger refuse_other_text before update on published_checkpoint
    for each row execute function refuse_other_text();
create trigger refuse_change before delete on published_checkpoint
    for each row execute function refuse_change();
create trigger refuse_truncate before truncate on published_checkpoint
    for each statement execute function refuse_change();
alter table published_checkpoint enable always trigger refuse_other_text;
alter table published_checkpoint enable always trigger refuse_change;
alter table published_checkpoint enable always trigger refuse_truncate;

grant select on published_checkpoint to ledger;
grant select, insert, update (note, refreshed_at) on published_checkpoint to ledger_signer;
"""

ROTATED = """
-- Each key of a log after its first: the next one, how long the one before signs beside it.
create table rotated_key (
    log text not null references log,
    public_key bytea not null unique references log_key,
    previous bytea not null,
    both_until timestamptz not null,
    rotated_at timestamptz not null default clock_timestamp(),
    primary key (log, public_key)
);
create trigger refuse_change before update or delete on rotated_key
    for each row execute function refuse_change();
create trigger refuse_truncate before truncate on rotated_key
    for each statement execute function refuse_change();
alter table rotated_key enable always trigger refuse_change;
alter table rotated_key enable always trigger refuse_truncate;

grant select, insert on rotated_key to ledger;
grant select on rotated_key to ledger_signer;
"""


def upgrade() -> None:
    execute(op, PUBLISHED)
    execute(op, ROTATED)


def downgrade() -> None:
    raise RuntimeError("a ledger is never taken back")
