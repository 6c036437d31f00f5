"""Versions of charters: what each says, and since when; and phases of other schemes."""

from alembic import op

from shared.migrate import execute

revision = "0014"
down_revision = "0013"

ROLE = "submission"

TABLES = """
alter table programme add version int not null default 1 check (version >= 1);

-- The first version is what was published, without a reason. A version that is due becomes the
-- programme's; none is ever changed.
create table charter_version (
    programme_id uuid not null references programme,
    version int not null check (version >= 1),
    charter text not null,
    rules jsonb not null,
    takes_effect_at timestamptz not null,
    adopted jsonb,
    reason text references text,
    event_id uuid,
    primary key (programme_id, version),
    check ((reason is null) = (version = 1))
);
create index charter_version_due on charter_version (takes_effect_at);
insert into charter_version (programme_id, version, charter, rules, takes_effect_at, event_id)
    select programme_id, 1, charter, rules, '-infinity', event_id
    from programme where rules is not null;

alter table phase drop constraint phase_name_check, add constraint phase_name_check check (
    name in ('rules', 'ideas', 'counters', 'dossiers', 'preselection', 'labelling', 'instruction',
        'vote', 'follow-up'));
"""
GRANTS = f"""
grant select, insert on charter_version to {ROLE};
grant update (version, charter, rules) on programme to {ROLE};
"""


def upgrade() -> None:
    """Add versions."""
    execute(op, TABLES)
    execute(op, GRANTS)


def downgrade() -> None:
    """Refused: what was amended has nowhere to go."""
    raise RuntimeError("amended charters have nowhere to go")
