"""Decisions by every rule: what is paid, and the numbers of the reason."""

from alembic import op

from shared import migrate

revision = "0004"
down_revision = "0003"

TABLES = """
alter table decision add amount bigint, add facts jsonb;
update decision set
    amount = case when funded then cost else 0 end,
    facts = case when reason = 'does_not_fit'
        then jsonb_build_object('needs', cost, 'left', left_over) else '{}'::jsonb end
where funded is not null;
alter table decision drop left_over;
"""


def upgrade() -> None:
    migrate.execute(op, TABLES)


def downgrade() -> None:
    raise RuntimeError("reasons that name no money have nowhere to go")
