"""A dossier is held to the charter of its last change, and a deposit to the one that was read."""

from alembic import op

from shared.migrate import execute

revision = "0030"
down_revision = "0029"

ROLE = "submission"

# A dossier that its carrier amends is held to the version in force; until now it kept that of its
# filing. What was announced under version 1 stays held to it: the record says so.
GRANTS = f"""
grant update (charter_version) on project to {ROLE};
"""
DEPOSIT = """
-- A deposit under a key, as `deposit` keeps it, where the charter is at this version. That function
-- holds the phase, for which an amendment waits: what it sees behind that lock stays.
create function deposit_held(
    of_version int,
    by_key text, asked bytea, answer jsonb, of_draft uuid, as_shown timestamptz,
    content_ids text[], written text[], salts bytea[],
    the_project uuid, the_programme uuid, its_territory text, its_theme text, its_category text,
    now_at timestamptz, by_resident uuid, its_address text, its_language text,
    the_carrier uuid, carrier_type text, the_organisation uuid,
    the_event uuid, about jsonb,
    event_ids uuid[], topics text[], keys text[], types text[], sources text[], subjects text[],
    times timestamptz[], logs text[], traceparents text[], bodies bytea[]
) returns boolean language plpgsql as $$
begin
    if not deposit(
        by_key, asked, answer, of_draft, as_shown, content_ids, written, salts, the_project,
        the_programme, its_territory, its_theme, its_category, now_at, by_resident, its_address,
        its_language, the_carrier, carrier_type, the_organisation, the_event, about, event_ids,
        topics, keys, types, sources, subjects, times, logs, traceparents, bodies)
    then
        return false;
    end if;
    perform from programme p where p.programme_id = the_programme and p.version = of_version;
    if not found then
        raise exception 'the charter was amended';
    end if;
    return true;
end $$;
"""


def upgrade() -> None:
    """Let the version of a dossier change, and a deposit be held to one."""
    execute(op, GRANTS)
    execute(op, DEPOSIT)


def downgrade() -> None:
    """Nothing is lost: a deposit is held to the rules that it was read under."""
    execute(op, f"revoke update (charter_version) on project from {ROLE};")
    execute(op, "drop function deposit_held;")
