"""The voting page offers every format."""

from alembic import op

from shared import migrate

revision = "0003"
down_revision = "0002"

TABLES = """
alter table round add format jsonb;            -- null until the round is opened
update round set format = jsonb_build_object(
    'type', 'approval', 'min', least, 'max', most, 'wrong', 'refused')
where most is not null;
alter table round drop least, drop most;
"""


def upgrade() -> None:
    migrate.execute(op, TABLES)


def downgrade() -> None:
    raise RuntimeError("formats that are not approval have nowhere to go")
