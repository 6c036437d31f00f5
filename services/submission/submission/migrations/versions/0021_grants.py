"""What bodies decided that give no labels."""

from alembic import op

from shared.migrate import execute

revision = "0021"
down_revision = "0020"

ROLE = "submission"

TABLES = """
create table body_decision (
    project_id uuid not null references project,
    body_name text not null,
    round_id uuid not null references round,
    chosen boolean not null,
    amount bigint not null check (amount >= 0),
    again boolean not null,                    -- money had run out: it can be given once more
    primary key (project_id, body_name),
    check (chosen or amount = 0),
    check (not (chosen and again))
);
create index decided_by_round on body_decision (round_id);
"""
GRANTS = f"""
grant select, insert, update, delete on body_decision to {ROLE};
"""


def upgrade() -> None:
    """Add what bodies decided."""
    execute(op, TABLES)
    execute(op, GRANTS)


def downgrade() -> None:
    """Refused: what bodies decided has nowhere to go."""
    raise RuntimeError("what bodies decided has nowhere to go")
