"""Instructors have a role."""

from alembic import op

from shared.migrate import execute
from shared.people.tables import INSTRUCTOR_ROLE

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    execute(op, INSTRUCTOR_ROLE)


def downgrade() -> None:
    raise RuntimeError("the role may have been granted")
