"""Every SQL statement of the desk of carriers."""

from collections.abc import Sequence
from uuid import UUID

import asyncpg
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.database import raw

MOST = 500


async def carried(
    session: AsyncSession,
    programme_id: UUID,
    territories: Sequence[str] | None,
    sponsored: Sequence[str],
) -> Sequence[asyncpg.Record]:
    """The projects of a programme that have a dossier, with who answers for each and whether it is
    in order; those that wait for an agreement first. `territories` are those of whoever looks; None
    stands for all. For carriers of the types `sponsored` their sponsor answers."""
    return await (await raw(session)).fetch(
        "select p.project_id, p.cost, i.stage, i.territory, t.value as title,"
        " c.carrier_id, c.part, c.type, coalesce(n.value, w.value) as carrier,"
        " l.at as cleared_at, l.de_minimis"
        " from project p join idea i using (project_id)"
        " join text t on t.content_id = p.title"
        " join text w on w.content_id = i.carrier"
        " join lateral (select * from carriage x where x.project_id = p.project_id"
        " and x.left_at is null and x.part in ('lead', 'sponsor')"
        " order by (x.part = 'sponsor' and exists (select from carriage y"
        " where y.project_id = x.project_id and y.part = 'lead' and y.left_at is null"
        " and y.type = any($3))) desc, x.part, x.place limit 1) c on true"
        " left join organisation o using (organisation_id)"
        " left join text n on n.content_id = o.name"
        " left join clearance l on l.project_id = p.project_id"
        " and l.carrier_id = c.carrier_id and l.withdrawn_at is null"
        " where p.programme_id = $1 and ($2::text[] is null or i.territory = any($2))"
        " order by l.at is not null, array_position(array['funded', 'labelled'], i.stage) nulls"
        " last, t.value, p.project_id limit $4",
        programme_id,
        territories,
        list(sponsored),
        MOST,
    )
