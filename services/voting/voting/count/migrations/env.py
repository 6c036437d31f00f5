"""Alembic's way into the count's database."""

from alembic import context

from shared import migrate

migrate.run(context)
