"""When an event of a project's life was noted here: what count decided can be heard of late."""

from alembic import op

from shared.migrate import execute

revision = "0023"
down_revision = "0022"

TABLES = """
alter table project_event add noted_at timestamptz;
update project_event set noted_at = at;
alter table project_event
    alter noted_at set default clock_timestamp(),
    alter noted_at set not null;
create index project_events_as_noted on project_event (noted_at);
"""


def upgrade() -> None:
    execute(op, TABLES)
