"""The voting page offers every format."""

from alembic import op

from shared import migrate

revision = "0003"
down_revision = "0002"

ROLE = "voting_roll"

TABLES = """
alter table round add format jsonb;            -- null until the round is opened
update round set format = jsonb_build_object(
    'type', 'approval', 'min', least, 'max', most, 'wrong', 'refused')
where most is not null;
alter table round drop least, drop most;

-- An option's values by kind of group; of those said before this version, its territory.
alter table option add groups jsonb not null default '{}';
update option set groups = jsonb_build_object('territory', jsonb_build_array(territory))
where territory is not null;
alter table option alter groups drop default;
"""
# Rights on columns go with the columns.
GRANTS = f"grant update (format) on round to {ROLE};"


def upgrade() -> None:
    """Keep formats and groups, and let a round's format be set when it opens."""
    migrate.execute(op, TABLES)
    migrate.execute(op, GRANTS)


def downgrade() -> None:
    raise RuntimeError("formats that are not approval have nowhere to go")
