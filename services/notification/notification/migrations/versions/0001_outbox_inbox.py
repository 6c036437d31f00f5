"""Outbox and inbox: what every process has."""

from alembic import op

from shared import inbox, outbox
from shared.migrate import execute

revision = "0001"
down_revision = None

ROLE = "notification"


def upgrade() -> None:
    """Make the tables and grant what the run-time role needs of them."""
    execute(op, outbox.CREATE + outbox.RUN_TIME_GRANTS.format(role=ROLE))
    execute(op, inbox.CREATE + inbox.RUN_TIME_GRANTS.format(role=ROLE))
