"""Which words of a project name its carrier, and which browser used a mailed link."""

from alembic import op

from shared.migrate import execute
from shared.people.tables import LINKS_PRESSED_TWICE, LINKS_PRESSED_TWICE_GRANTS

revision = "0026"
down_revision = "0025"

ROLE = "submission"

# Of earlier versions of dossiers nothing says which words were the name.
NAMES = """
alter table project_text add of_carrier boolean not null default false;
update project_text x set of_carrier = true from project p
    where p.project_id = x.project_id and p.carrier = x.content_id;
"""


def upgrade() -> None:
    """Add the marks."""
    execute(op, NAMES)
    execute(op, LINKS_PRESSED_TWICE + LINKS_PRESSED_TWICE_GRANTS.format(role=ROLE))


def downgrade() -> None:
    """Refused: which words name a carrier has nowhere to go."""
    raise RuntimeError("which words name a carrier has nowhere to go")
