"""Alembic's way into the ledger's migrations."""

from alembic import context

from ledger.tables import metadata
from shared.migrate import run

run(context, metadata)
