"""That a round was annulled: nothing of it holds, whatever was noted of it before."""

from alembic import op

from shared.migrate import execute

revision = "0024"
down_revision = "0023"

TABLES = """
alter table round_state
    add annulled_at timestamptz,
    add annulled_act text,                     -- the ruling or deliberation, by its public name
    add annulled_event_id uuid,
    add constraint annulled_by_an_act check (
        num_nonnulls(annulled_at, annulled_act, annulled_event_id) in (0, 3));
"""


def upgrade() -> None:
    """Add what annulled a round."""
    execute(op, TABLES)


def downgrade() -> None:
    """Refused: what was annulled would hold again."""
    raise RuntimeError("what was annulled would hold again")
