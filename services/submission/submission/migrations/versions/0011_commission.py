"""The members of a commission have a role."""

from alembic import op

from shared.migrate import execute
from shared.people.tables import COMMISSION_ROLE

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    execute(op, COMMISSION_ROLE)


def downgrade() -> None:
    raise RuntimeError("the role may have been granted")
