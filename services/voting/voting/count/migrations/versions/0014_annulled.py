"""A round can be annulled whose result was validated."""

from alembic import op

from shared import migrate

revision = "0014"
down_revision = "0013"

TABLES = """
alter table round
    drop constraint round_check3,              -- `validated_event is null or state = 'decided'`
    add constraint round_validated
        check (validated_event is null or state in ('decided', 'annulled'));
"""


def upgrade() -> None:
    migrate.execute(op, TABLES)


def downgrade() -> None:
    raise RuntimeError("a round that was annulled has no state to go back to")
