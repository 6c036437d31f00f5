"""The SQL of people who vote on paper. `paper_state` and `mark_code` are in the migrations."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import asyncpg

from voting.roll.declared.queries import put_on_roll

# The tier of papers (voting-protocol.md §7): they have no token, and no tier key.
PAPER = "P"


class Marks(NamedTuple):
    """Of a round: whether people vote on paper, how many were marked, how many envelopes of others
    were set aside, whether that was announced, and whether voting is over."""

    paper: bool
    marked: int
    set_aside: int
    announced: bool
    closed: bool
    log: str


async def let_vote_on_paper(connection: asyncpg.Connection, round_id: UUID) -> None:
    """In this round people may vote on paper."""
    await connection.execute("update round set paper = true where round_id = $1", round_id)


async def extend(connection: asyncpg.Connection, round_id: UUID, closes_at: datetime) -> None:
    """Tokens are issued until then, if the round is not over; an end is only ever moved on."""
    await connection.execute(
        "update round set closes_at = $2 where round_id = $1 and not closed and closes_at < $2",
        round_id,
        closes_at,
    )


async def marks(connection: asyncpg.Connection, round_id: UUID) -> Marks | None:
    """Where the marks of a round stand; None where it was never prepared."""
    row = await connection.fetchrow(
        "select paper, (select count(*) from paper_mark m where m.round_id = r.round_id) as marked,"
        " set_aside, papers_marked as announced, closed, log from round r where round_id = $1",
        round_id,
    )
    return None if row is None else Marks(**row)


async def state(connection: asyncpg.Connection, round_id: UUID, *, by_envelope: bool) -> str:
    """Whether somebody may be marked now: `open`, or why not. A closing waits for the caller."""
    found: str = await connection.fetchval("select paper_state($1, $2)", round_id, by_envelope)
    return found


async def mark_code(connection: asyncpg.Connection, round_id: UUID, code: bytes) -> str:
    """Mark who has a code: no token is issued for it any more."""
    found: str = await connection.fetchval("select mark_code($1, $2)", round_id, code)
    return found


async def mark_identity(connection: asyncpg.Connection, round_id: UUID, identity: bytes) -> str:
    """Put somebody on the roll and mark her: she cannot declare herself any more."""
    if not await put_on_roll(connection, round_id, PAPER, identity):
        marked = await connection.fetchval(
            "select true from paper_mark where round_id = $1 and person = $2", round_id, identity
        )
        return "already_marked" if marked else "already_on_roll"
    await connection.execute(
        "insert into paper_mark (round_id, person) values ($1, $2)", round_id, identity
    )
    return "marked"


async def set_aside(connection: asyncpg.Connection, round_id: UUID) -> None:
    """One more envelope stays unopened."""
    await connection.execute(
        "update round set set_aside = set_aside + 1 where round_id = $1", round_id
    )


async def end_marks(connection: asyncpg.Connection, round_id: UUID) -> bool:
    """Let nobody be marked any more; false where that was so before, or where nobody votes on
    paper. Marks under way come first: they hold the round's lock in share."""
    await connection.execute("select lock_round($1)", round_id)
    found = await connection.fetchval(
        "update round set papers_marked = true"
        " where round_id = $1 and paper and not papers_marked returning true",
        round_id,
    )
    return bool(found)
