"""Versions of charters, each from its instant on."""

from alembic import op

from shared.migrate import execute

revision = "0022"
down_revision = "0021"

ROLE = "voting_count"

TABLES = """
alter table programme add version int not null default 1;
create table charter_version (
    programme_id uuid not null,
    version int not null,
    rules jsonb not null,
    takes_effect_at timestamptz not null,
    primary key (programme_id, version)
);
"""
GRANTS = f"""
grant select, insert on charter_version to {ROLE};
"""


def upgrade() -> None:
    """Add versions."""
    execute(op, TABLES)
    execute(op, GRANTS)


def downgrade() -> None:
    """Refused: what was amended has nowhere to go."""
    raise RuntimeError("amended charters have nowhere to go")
