"""Editions whose charters say more than the preset does, and projects straight in their tables."""

from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import asyncpg

from shared.charters import Charter
from shared.database import Database
from shared.events.scheme import Category, Costs, Grant, Labelled
from tests.submission.editions import edition, publish
from tests.submission.proposing import Town

NAMES = ("equipment", "services")
COSTS = Costs(
    kinds=tuple(Labelled(name=name, fr=name.title(), en=name.title()) for name in NAMES),
    excluded=(Labelled(name="consumables", fr="Consommables", en="Consumables"),),
)
GRANT = Grant(percent=80, ceiling=2_000_000)
THEMES = tuple(Labelled(name=name, fr=name.title(), en=name.title()) for name in ("food", "water"))
CATEGORIES = (Category(name="youth", fr="Jeunesse", en="Youth"),)
PRINCIPLES = (Labelled(name="local", fr="Ancré ici", en="Rooted here"),)
# 5 000 euros, of which 4 000 are asked for.
PLAN = {
    "cost": "4 000",
    "cost-kind-1": "equipment",
    "cost-amount-1": "3 000",
    "cost-kind-2": "services",
    "cost-amount-2": "2 000",
    "income-own": "1 000",
}


def saying(found: Charter, **rules: Any) -> Charter:
    """A charter that says this, too."""
    return replace(found, rules=found.rules.model_copy(update=rules))


async def begin(town: Town, **rules: Any) -> None:
    """A new edition of the town, whose charter says this, too."""
    database = Database(town.dsn, name="test")
    town.programme_id = await publish(database, saying(edition(rehearsal=True), **rules))
    await database.close()
    await town.connection.execute(
        "update phase set state = case when closes_at <= now() then 'closed'"
        " when opens_at <= now() then 'open' else 'coming' end where programme_id = $1",
        town.programme_id,
    )


async def labelled_idea(connection: asyncpg.Connection, programme_id: UUID, cost: int) -> UUID:
    """An idea whose dossier has a label, without a carrier, straight into the tables."""
    project_id = uuid4()
    await connection.execute(
        "insert into idea (project_id, programme_id, territory, title, summary, carrier, stage,"
        " deposited_at) select $1, programme_id, 'artois', title, title, title, 'labelled', now()"
        " from programme where programme_id = $2",
        project_id,
        programme_id,
    )
    await connection.execute(
        "insert into project (project_id, programme_id, title, cost, missing, family, reason)"
        " select $1, programme_id, title, $3, '{}', 'cooperation', title from programme"
        " where programme_id = $2",
        project_id,
        programme_id,
        cost,
    )
    return project_id
