"""The members of a commission have a role; tier keys are destroyed once a round is closed;
and voters are told among how many others their ballot leaves the box."""

from alembic import op

from shared.migrate import execute
from shared.people.tables import COMMISSION_ROLE

ROLE = "voting_roll"
revision = "0015"
down_revision = "0014"

TABLES = """
alter table round
    add tier_keys_destroyed boolean not null default false,
    add batch integer check (batch > 0);       -- so many voters leave the box together at least
"""


def upgrade() -> None:
    execute(op, COMMISSION_ROLE)
    execute(op, TABLES)
    execute(op, f"grant update (tier_keys_destroyed, batch) on round to {ROLE}")


def downgrade() -> None:
    raise RuntimeError("the role may have been granted")
