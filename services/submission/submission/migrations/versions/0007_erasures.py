"""Words that were erased stay erased, whatever a database was restored from."""

from alembic import op

from shared import migrate

revision = "0007"
down_revision = "0006"

# What this database never had, since it is older than the words, stands as erased from now on:
# whoever brings words back, from a topic or a mirror, finds their place taken.
ERASE = """
create or replace function erase_texts(erased text[]) returns setof text
    language sql security definer set search_path = pg_catalog, public as $$
    insert into public.text (content_id) select distinct unnest(erased)
    on conflict (content_id) do nothing;
    update public.text set value = null, salt = null
    where content_id = any(erased) and value is not null returning content_id
$$;
"""
BEFORE = """
create or replace function erase_texts(erased text[]) returns setof text
    language sql security definer set search_path = pg_catalog, public as $$
    update public.text set value = null, salt = null
    where content_id = any(erased) and value is not null returning content_id
$$;
"""


def upgrade() -> None:
    migrate.execute(op, ERASE)


def downgrade() -> None:
    migrate.execute(op, BEFORE)
