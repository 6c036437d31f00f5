"""Ballots of every format: what the box takes is the round's format, and what it asks of options.

Rounds that are open keep what they were opened with. Rounds from before have no options here: the
box asks for none of their costs, so each is one that costs nothing.
"""

from alembic import op

from shared import migrate

revision = "0002"
down_revision = "0001"

TABLES = """
create table option (
    round_id uuid not null,                    -- listed before its round is opened
    number integer not null check (number > 0),
    seen jsonb not null,                       -- `shared.events.rules.Option`
    primary key (round_id, number)
);
insert into option
select round_id, number,
    jsonb_build_object('id', number::text, 'number', number, 'cost', 0)
from round, generate_series(1, options) as number;

alter table round add format jsonb;
update round set format = jsonb_build_object(
    'type', 'approval', 'min', least, 'max', most, 'wrong', 'refused');
alter table round alter format set not null, drop least, drop most;

grant select, insert on option to voting_box;
"""


def upgrade() -> None:
    migrate.execute(op, TABLES)


def downgrade() -> None:
    raise RuntimeError("formats that are not approval have nowhere to go")
