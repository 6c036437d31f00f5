"""Alembic's way into the box's database."""

from alembic import context

from shared import migrate

migrate.run(context)
