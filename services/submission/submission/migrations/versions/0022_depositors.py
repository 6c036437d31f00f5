"""As what somebody deposits an idea, and who agrees for her where she is a minor."""

from alembic import op

from shared.migrate import execute

revision = "0022"
down_revision = "0021"

TABLES = """
alter table draft
    add carrier_type text not null default 'person' check (char_length(carrier_type) <= 60),
    add representative text not null default '' check (char_length(representative) <= 254);
"""


def upgrade() -> None:
    execute(op, TABLES)
