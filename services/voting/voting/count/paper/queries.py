"""The SQL of paper ballots."""

import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import asyncpg
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.events.paper import PaperBallotEntered, PaperBatchLocked
from voting.count.paper.batches import Entry
from voting.count.paper.closing import Batch
from voting.count.tables import Round

_BATCH = (
    "select batch_id, round_id, number, place, stubs, state, ballots, void::text, locked_event"
    " from paper_batch"
)


async def keep_batch(
    connection: asyncpg.Connection,
    batch_id: UUID,
    round_id: UUID,
    place: str,
    salt: bytes,
    stubs: int,
) -> None:
    """A batch, with the next number of its round, which the caller has locked."""
    await connection.execute(
        "insert into paper_batch (batch_id, round_id, number, place, salt, stubs)"
        " select $1, $2, coalesce(max(number), 0) + 1, $3, $4, $5 from paper_batch"
        " where round_id = $2",
        *(batch_id, round_id, place, salt, stubs),
    )


async def batch(connection: asyncpg.Connection, batch_id: UUID) -> Batch | None:
    """A batch as it is."""
    row = await connection.fetchrow(f"{_BATCH} where batch_id = $1", batch_id)
    return None if row is None else _read(row)


async def batch_for_update(connection: asyncpg.Connection, batch_id: UUID) -> Batch | None:
    """A batch that nobody else enters, locks or annuls meanwhile."""
    row = await connection.fetchrow(f"{_BATCH} where batch_id = $1 for update", batch_id)
    return None if row is None else _read(row)


async def batches(connection: asyncpg.Connection, round_id: UUID) -> list[Batch]:
    """The batches of a round, by number."""
    rows = await connection.fetch(f"{_BATCH} where round_id = $1 order by number", round_id)
    return [_read(row) for row in rows]


async def entries(connection: asyncpg.Connection, batch_id: UUID) -> dict[int, list[Entry]]:
    """The entries of a batch by paper, each paper's in the order of their turns."""
    found: dict[int, list[Entry]] = {}
    for row in await connection.fetch(
        "select paper, agent, choices::text, void from paper_entry"
        " where batch_id = $1 order by paper, turn",
        batch_id,
    ):
        choices = None if row["choices"] is None else _choices(json.loads(row["choices"]))
        found.setdefault(row["paper"], []).append(Entry(row["agent"], choices, row["void"]))
    return found


async def keep_entry(
    connection: asyncpg.Connection, batch_id: UUID, paper: int, turn: int, entry: Entry
) -> None:
    """What an agent read off a paper."""
    await connection.execute(
        "insert into paper_entry (batch_id, paper, turn, agent, choices, void)"
        " values ($1, $2, $3, $4, $5, $6)",
        *(batch_id, paper, turn, entry.agent),
        None if entry.choices is None else json.dumps(entry.choices),
        entry.void,
    )


async def keep_locked(
    connection: asyncpg.Connection,
    locked: PaperBatchLocked,
    event_id: UUID,
    ballots: Sequence[PaperBallotEntered],
) -> None:
    """A batch is complete: its ballots stay, and who read which paper is forgotten."""
    await connection.execute(
        "update paper_batch set state = 'locked', ballots = $2, void = $3, locked_event = $4"
        " where batch_id = $1",
        *(locked.batch_id, locked.ballots, json.dumps(locked.void), event_id),
    )
    await connection.executemany(
        "insert into paper_ballot (batch_id, number, choices) values ($1, $2, $3)",
        [(each.batch_id, each.number, json.dumps(each.choices)) for each in ballots],
    )
    await forget_entries(connection, locked.batch_id)


async def forget_entries(connection: asyncpg.Connection, batch_id: UUID) -> None:
    """What agents read off the papers of a batch is gone."""
    await connection.execute("delete from paper_entry where batch_id = $1", batch_id)


async def annul_batch(connection: asyncpg.Connection, batch_id: UUID) -> None:
    """No paper of a batch counts."""
    await connection.execute(
        "update paper_batch set state = 'annulled' where batch_id = $1", batch_id
    )


async def rounds_with_paper(session: AsyncSession) -> Sequence[Round]:
    """The rounds in which people vote on paper and which are not decided, by their end."""
    statement = (
        select(Round)
        .where(col(Round.paper), col(Round.state).in_(["open", "closed"]))
        .order_by(col(Round.closes_at), col(Round.round_id))
    )
    return (await session.exec(statement)).all()


async def locked_ballots(
    connection: asyncpg.Connection, round_id: UUID
) -> list[tuple[UUID, int, tuple[Any, ...]]]:
    """The ballots of the locked batches of a round: batch, number, choices."""
    rows = await connection.fetch(
        "select batch_id, p.number, choices::text from paper_ballot p join paper_batch b"
        " using (batch_id) where b.round_id = $1 and b.state = 'locked'"
        " order by batch_id, p.number",
        round_id,
    )
    return [(r["batch_id"], r["number"], _choices(json.loads(r["choices"]))) for r in rows]


def _choices(found: Sequence[Any]) -> tuple[Any, ...]:
    return tuple(each if isinstance(each, int) else (each[0], each[1]) for each in found)


def _read(row: asyncpg.Record) -> Batch:
    void = None if row["void"] is None else json.loads(row["void"])
    return Batch(
        batch_id=row["batch_id"],
        round_id=row["round_id"],
        number=row["number"],
        place=row["place"],
        stubs=row["stubs"],
        state=row["state"],
        ballots=row["ballots"],
        void=void,
        locked_event=row["locked_event"],
    )
