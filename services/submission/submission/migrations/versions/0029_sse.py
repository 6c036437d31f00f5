"""Identifiers of the social and solidarity economy, what an officer saw of one, and which of an
organisation's words are numbers."""

from alembic import op

from shared.migrate import execute

revision = "0029"
down_revision = "0028"

ROLE = "submission"

TABLES = """
alter table organisation
    add sse text check (char_length(sse) between 1 and 120),
    add sse_words text references text,
    add constraint sse_said_in_words check ((sse is null) = (sse_words is null)),
    add constraint sse_erased check (erased_at is null or sse is null);
-- Until when the identifier held that an officer looked at; null: she looked at none.
alter table clearance add sse_until date;
-- A SIRET or an RNA number, by which limits know an organisation under whatever name.
alter table organisation_text add is_number boolean not null default false;
update organisation_text x set is_number = true from organisation o
    where o.organisation_id = x.organisation_id and x.content_id in (o.siret_words, o.rna_words);
"""
GRANTS = f"""
grant update (sse, sse_words) on organisation to {ROLE};
"""


def upgrade() -> None:
    """Add the identifier; one that was said by its day alone has to be said whole."""
    execute(op, TABLES)
    execute(op, GRANTS)


def downgrade() -> None:
    """Refused: what officers looked at is said nowhere else."""
    raise RuntimeError("what officers looked at has nowhere to go")
