"""Alembic's entry."""

from alembic import context

from shared import migrate

migrate.run(context)
