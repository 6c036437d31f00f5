"""Time stamps of checkpoints (RFC 3161): that they existed at a time, as somebody else says."""

from alembic import op

from shared.migrate import execute

revision = "0005"
down_revision = "0004"

STAMPS = """
create table stamp (
    log text not null,
    size bigint not null,
    authority text not null,
    note text not null,       -- what was stamped, byte for byte: cosignatures come and go
    reply bytea not null check (octet_length(reply) <= 65536),
    stamped_at timestamptz not null,                 -- as the authority says
    kept_at timestamptz not null default now(),
    primary key (log, size)
);
create trigger refuse_change before update or delete on stamp
    for each row execute function refuse_change();
create trigger refuse_truncate before truncate on stamp
    for each statement execute function refuse_change();
alter table stamp enable always trigger refuse_change;
alter table stamp enable always trigger refuse_truncate;

grant select, insert on stamp to ledger_signer;
grant select on stamp to ledger, ledger_reader;
"""


def upgrade() -> None:
    execute(op, STAMPS)


def downgrade() -> None:
    raise RuntimeError("a ledger is never taken back")
