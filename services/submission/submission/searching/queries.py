"""Every SQL statement that finds projects."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import asyncpg
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.database import raw
from submission.searching.looked import PAGE, Looked


def sought(programme_id: UUID, looked: Looked) -> tuple[str, list[Any]]:
    """The rows of what is looked for, as what stands behind `from`, and its arguments.

    What is not asked is not in the statement: one that asks for anything or this reads everything.
    """
    conditions = ["programme_id = $1"]
    given: list[Any] = [programme_id]
    if looked.territory:
        given.append(looked.within or (looked.territory,))
        conditions.append(f"territory = any(${len(given)})")
    for name in ("theme", "category", "stage"):
        if value := getattr(looked, name):
            given.append(value)
            conditions.append(f"{name} = ${len(given)}")
    if looked.words:
        given.append(looked.words)
        conditions.append(f"words @@ search_query(${len(given)})")
    return f"project_search where {' and '.join(conditions)}", given


async def found_projects(
    session: AsyncSession, programme_id: UUID, looked: Looked
) -> tuple[int, Sequence[asyncpg.Record]]:
    """How many projects were found, and one page of them, in the order of their deposit."""
    rows, given = sought(programme_id, looked)
    # Words are looked for once, by their index. Without any, the other index has both answers: it
    # is counted, and read in its order up to the page.
    once = "materialized" if looked.words else "not materialized"
    statement = f"""
        with found as {once} (select project_id, deposited_at from {rows}),
        shown as (
            select project_id from found
            order by deposited_at, project_id limit ${len(given) + 1} offset ${len(given) + 2})
        select total.count, i.project_id, i.territory, f.theme, f.category, i.stage, f.standing,
               i.deposited_at, p.cost, coalesce(d.value, t.value) as title,
               coalesce(e.value, s.value) as summary, coalesce(o.value, c.value) as carrier
        from (select count(*) from found) total
        left join shown on true
        left join project_search f on f.project_id = shown.project_id
        left join idea i on i.project_id = shown.project_id
        left join text t on t.content_id = i.title
        left join text s on s.content_id = i.summary
        left join text c on c.content_id = i.carrier
        left join project p on p.project_id = i.project_id
        left join text d on d.content_id = p.title
        left join text e on e.content_id = p.summary
        left join text o on o.content_id = p.carrier
        order by i.deposited_at, i.project_id"""
    offset = (looked.page - 1) * PAGE
    shown = await (await raw(session)).fetch(statement, *given, PAGE, offset)
    return shown[0]["count"], [row for row in shown if row["project_id"] is not None]


async def counts_by_territory(
    session: AsyncSession, programme_id: UUID, looked: Looked
) -> dict[str, int]:
    """How many of the projects that are looked for belong to each territory that has any."""
    rows, given = sought(programme_id, looked)
    counted = await (await raw(session)).fetch(
        f"select territory, count(*) from {rows} group by territory", *given
    )
    return {row["territory"]: row["count"] for row in counted}
