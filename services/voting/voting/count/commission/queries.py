"""The SQL of the commission. `open_ballots` is in the migrations."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.database import raw
from shared.unsealing import Sealed
from voting.count.commission.opening import Known
from voting.count.tables import Round


async def is_covered(session: AsyncSession, row: Round) -> bool:
    """Whether every ballot of a round is here, and a checkpoint covers the box's last word."""
    found: bool = await (await raw(session)).fetchval(
        "select exists (select from round r join checkpoint c on c.log = r.log"
        " where r.round_id = $1 and r.state = 'closed'"
        " and r.ballots = r.box_ballots + r.paper_ballots"
        " and (c.numbers->>'voting.box')::bigint >= r.box_number)",
        row.round_id,
    )
    return found


async def known_ballots(
    session: AsyncSession, round_id: UUID, keys: Iterable[str]
) -> Mapping[str, Known]:
    """The ballots that count under these keys."""
    rows = await (await raw(session)).fetch(
        "select key, tier, revision, commitment, void from ballot"
        " where round_id = $1 and key = any($2) and commitment is not null",
        round_id,
        [*keys],
    )
    return {key: Known(tier, revision, *others) for key, tier, revision, *others in rows}


async def open_ballots(
    session: AsyncSession, round_id: UUID, opened: Sequence[Mapping[str, Any]]
) -> int:
    """Keep what these ballots say, and move the tally; how many were sealed until now."""
    connection = await raw(session)
    found: int = await connection.fetchval(
        "select open_ballots($1, $2)", round_id, json.dumps(opened)
    )
    await connection.execute(
        "delete from sealed_ballot where round_id = $1 and key = any($2)",
        round_id,
        [each["key"] for each in opened],
    )
    return found


async def sealed_keys(session: AsyncSession, round_id: UUID) -> list[str]:
    """The keys whose ballot nobody has opened yet."""
    rows = await (await raw(session)).fetch(
        "select key from sealed_ballot where round_id = $1", round_id
    )
    return [row["key"] for row in rows]


async def sealed_ballots(
    session: AsyncSession, round_id: UUID, keys: Iterable[str]
) -> dict[str, Sealed]:
    """What is sealed under those of these keys that nobody has opened yet."""
    rows = await (await raw(session)).fetch(
        "select key, tier, revision, sealed from sealed_ballot"
        " where round_id = $1 and key = any($2)",
        round_id,
        [*keys],
    )
    return {key: Sealed(*others) for key, *others in rows}


async def rounds_under_seal(session: AsyncSession) -> Sequence[Round]:
    """Every round of which a commission's members do something, the latest to close first."""
    statement = (
        select(Round)
        .where(Round.secrecy == "sealed", Round.state != "annulled")
        .order_by(col(Round.closes_at).desc(), col(Round.round_id))
    )
    return (await session.exec(statement)).all()
