"""How many second codes the roll gave, as it last said."""

from alembic import op

from shared import migrate

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """Null where it gave none, as in every round before this version."""
    migrate.execute(op, "alter table round add reissued jsonb;")


def downgrade() -> None:
    migrate.execute(op, "alter table round drop reissued")
