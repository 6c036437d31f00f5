"""The SQL of second codes."""

from collections.abc import Sequence
from uuid import UUID

import asyncpg

# Once a person. Of homonyms, whom two officers admitted beside somebody of the same identity, each.
_STANDING = """
select p.tier, p.held is not null as held,
    1 + (select count(*) from held h where h.round_id = p.round_id and h.identity = p.identity
         and h.contested and h.state = 'admitted') as most,
    (select count(*) from reissue r where r.round_id = p.round_id and r.person = p.identity
     and r.given_to is not null) as given,
    (select r.reissue_id from reissue r where r.round_id = p.round_id and r.person = p.identity
     and r.given_to is null) as asked
from person p where p.round_id = $1 and p.identity = $2
"""


async def standing(
    connection: asyncpg.Connection, round_id: UUID, identity: bytes
) -> asyncpg.Record | None:
    """Where somebody stands: her `tier`, whether she is `held`, how many second codes she may get
    at `most` and was `given`, and the one that is `asked` for; None where she is not on the
    roll."""
    return await connection.fetchrow(_STANDING, round_id, identity)


async def keep(
    connection: asyncpg.Connection,
    round_id: UUID,
    reissue_id: UUID,
    *,
    person: bytes,
    tier: str,
    code: bytes,
) -> None:
    """Keep a second code that is asked for: it counts when another officer confirms it."""
    await connection.execute(
        "insert into reissue (reissue_id, round_id, person, tier, code)"
        " values ($1, $2, $3, $4, $5)",
        *(reissue_id, round_id, person, tier, code),
    )


async def reissue(
    connection: asyncpg.Connection, round_id: UUID, reissue_id: UUID
) -> asyncpg.Record | None:
    """One, asked for or given."""
    return await connection.fetchrow(
        "select tier, code, given_to from reissue where round_id = $1 and reissue_id = $2",
        *(round_id, reissue_id),
    )


async def give(connection: asyncpg.Connection, reissue_id: UUID, officer: UUID) -> bool:
    """Let an officer hand it out; false where it was given before."""
    given = await connection.fetchval(
        "update reissue set given_to = $2, code = $3"
        " where reissue_id = $1 and given_to is null returning true",
        *(reissue_id, officer, bytes(32)),
    )
    return bool(given)


async def is_used(connection: asyncpg.Connection, round_id: UUID, code: bytes) -> bool:
    """Whether a code has its token, or its person was marked as voting on paper."""
    found: bool = await connection.fetchval(
        "select exists (select from token where round_id = $1 and code = $2)"
        " or exists (select from paper_mark where round_id = $1 and person = $2)",
        *(round_id, code),
    )
    return found


async def given_by_tier(
    connection: asyncpg.Connection, round_id: UUID
) -> Sequence[tuple[str, int]]:
    """How many second codes were given in a round, by tier."""
    rows = await connection.fetch(
        "select tier, count(*) as given from reissue"
        " where round_id = $1 and given_to is not null group by tier order by tier",
        round_id,
    )
    return [(row["tier"], row["given"]) for row in rows]
