"""The SQL of dashboards."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from shared.database import raw


class Announced(NamedTuple):
    """The last tally of a round that was announced."""

    round_id: UUID
    final: bool
    ballots: int


class Sample(NamedTuple):
    """Turnout at the end of a minute."""

    minute: datetime
    voters: int


async def announced(session: AsyncSession, rounds: Sequence[UUID]) -> list[Announced]:
    """Up to which ballot the tallies of these rounds were announced."""
    rows = await (await raw(session)).fetch(
        "select round_id, state in ('decided', 'annulled') as final, tallied as ballots from round"
        " where round_id = any($1) and tallied >= 0",
        rounds,
    )
    return [Announced(*row) for row in rows]


async def turnout(session: AsyncSession, round_id: UUID, most: int) -> list[Sample]:
    """Turnout over time, oldest first: the last sample of each of at most so many equal spans."""
    rows = await (await raw(session)).fetch(
        "select distinct on (span) minute, voters from ("
        " select minute, voters, width_bucket(extract(epoch from minute),"
        "  extract(epoch from min(minute) over ()),"
        "  extract(epoch from max(minute) over ()) + 60, $2) as span"
        " from turnout where round_id = $1) sampled order by span, minute desc",
        round_id,
        most,
    )
    return [Sample(*row) for row in rows]
