"""Editions of the preset with windows around now, as two officers would have published them."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from importlib import resources
from typing import Any
from uuid import UUID, uuid4

import asyncpg

from shared.charters import Charter, charter
from shared.charters.reading import merged, read_yaml
from shared.database import Database, raw
from submission.programmes import acts, queries
from submission.programmes.moving import move_phases

NAME = "pas-de-calais-citizen-budget"
PRESET = (resources.files("submission") / "presets" / f"{NAME}.yaml").read_text()
OFFICERS = (uuid4(), uuid4())
# The committee of the preset, for editions in which it votes.
SAID = read_yaml(PRESET)
BODIES = SAID["bodies"]
# What the preset says of its scheme beside the vote; editions say it where they are about it.
OF_SCHEMES = ("desks", "counters", "submitting", "costs", "funding")
# Days from now; the windows overlap.
WINDOWS = {
    "ideas": (-4, 4),
    "counters": (-3, 3),
    "dossiers": (-2, 5),
    "labelling": (-1, 6),
    "vote": (6, 7),
}


def edition(windows: Mapping[str, tuple[float, float]] | None = None, **changed: Any) -> Charter:
    """A charter whose phases open and close so many days from now. Unless it is given `BODIES`, no
    committee votes: its members record what it decided. Unless it is given them, the parts
    `OF_SCHEMES` are left out."""
    now = datetime.now(UTC).replace(microsecond=0)
    days = {**WINDOWS, **(windows or {})}
    moments = {name: [now + timedelta(days=day) for day in found] for name, found in days.items()}
    first, last = (
        pick(moment.year for pair in moments.values() for moment in pair) for pick in (min, max)
    )
    phases = {
        name: {"opens": opens.isoformat(), "closes": closes.isoformat()}
        for name, (opens, closes) in moments.items()
    }
    said = {"preset": NAME, "edition": str(first) if first == last else f"{first}-{last}"}
    whole = {**said, "phases": phases, "bodies": [], **dict.fromkeys(OF_SCHEMES), **changed}
    return charter(merged(SAID, whole))


async def publish(database: Database, found: Charter | None = None) -> UUID:
    """A programme with this charter."""
    programme_id = uuid4()
    async with database.begin() as session:
        parameters = acts.charter_parameters(found or edition(), programme_id)
        await acts.publish_charter(session, parameters, OFFICERS)
    return programme_id


async def labelled_project(
    connection: asyncpg.Connection, programme_id: UUID, family: str | None = "cooperation"
) -> UUID:
    """A project with a label, or without one, straight into the table."""
    found: UUID = await connection.fetchval(
        "insert into project (project_id, programme_id, title, cost, missing, family, reason)"
        " select gen_random_uuid(), programme_id, title, 100, '{}', $2::text,"
        " case when $2::text is not null then title end from programme where programme_id = $1"
        " returning project_id",
        programme_id,
        family,
    )
    return found


async def all_moved(replica: Database) -> None:
    """Phases that are due have moved: here, or where the served process is at it, there."""
    async with asyncio.timeout(60):
        while True:
            await move_phases(replica)
            async with replica.begin() as session:
                lock = "select pg_advisory_xact_lock($1)"
                await (await raw(session)).execute(lock, queries.PHASES_LOCK)
                if not await queries.programmes_with_due_phases(replica):
                    return
