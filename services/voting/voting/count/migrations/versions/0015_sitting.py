"""What is under seal is kept until it is opened, so that a commission can open it on a page; its
members have a role; and results say how many rights to vote are contested."""

from alembic import op

from shared.migrate import execute
from shared.people.tables import COMMISSION_ROLE

revision = "0015"
down_revision = "0014"

TABLES = """
create table sealed_ballot (                   -- the highest revision of each key; gone once opened
    round_id uuid not null references round,
    key text not null,
    tier text not null,
    revision integer not null check (revision > 0),
    sealed text not null,
    primary key (round_id, key)
);
grant select, insert, update, delete on sealed_ballot to voting_count;

alter table round
    add contested bigint,                      -- identities that were on the roll before
    add contested_flagged boolean,             -- more than one in 200 rights to vote
    add contested_event uuid;
"""


def upgrade() -> None:
    execute(op, TABLES)
    execute(op, COMMISSION_ROLE)


def downgrade() -> None:
    raise RuntimeError("what is under seal would have to be read from the ledger again")
