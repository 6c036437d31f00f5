"""The SQL of letters."""

from typing import Any, Literal
from uuid import UUID, uuid4

import asyncpg

from voting.roll.codes import Hashed
from voting.roll.declared.queries import hold, put_on_roll
from voting.roll.paper.queries import PAPER

# `posted`: the code counts. `waiting`: its identity is contested, and two officers look at it.
# `spent`: it was tried five times. `known`: it counts for nothing.
type Standing = Literal["posted", "waiting", "spent", "known"]

_STANDING = """
select case
    when exists (select from code where round_id = $1 and code = $2) then 'posted'
    when exists (select from spent_code where round_id = $1 and code = $2) then 'spent'
    when exists (select from held where round_id = $1 and reference = $3 and state = 'waiting')
        then 'waiting'
    when exists (select from held where round_id = $1 and reference = $3) then 'known'
end
"""
_REPLACED = """
update spent_code s set replaced = true
where s.round_id = $1 and s.code = $2 and not s.replaced
    and exists (select from person p
                where p.round_id = $1 and p.identity = $3 and p.tier <> $4)
returning true
"""


async def post_letter(
    connection: asyncpg.Connection,
    round_id: UUID,
    tier: str,
    identity: bytes,
    code: Hashed,
    reference: bytes,
    *,
    homonym: bool,
    band: int | None,
) -> Standing:
    """Put somebody on the roll with the code of her letter; the same letter again changes nothing.

    Where somebody declared her identity before, or is her `homonym`, it is contested, and held. Who
    has a code of this tier already, or votes on paper, gets no other.
    """
    known: Standing | None = await connection.fetchval(_STANDING, round_id, code.code, reference)
    if known is not None:
        return known
    if await put_on_roll(connection, round_id, tier, identity):
        await keep_letter(connection, round_id, tier, code, band)
        return "posted"
    declared = await connection.fetchval(
        "select tier <> all ($3) from person where round_id = $1 and identity = $2",
        *(round_id, identity, [tier, PAPER]),
    )
    if not declared and not homonym:
        return "known"
    row: dict[str, Any] = {"case_id": uuid4(), "identity": identity, "band": band}
    row |= {"code": code.code, "reference": reference}
    await hold(connection, round_id, tier, ["identity"], row, {}, contested=True)
    return "waiting"


async def replace_letter(
    connection: asyncpg.Connection,
    round_id: UUID,
    tier: str,
    identity: bytes,
    code: Hashed,
    spent: bytes,
    *,
    band: int | None,
) -> Standing:
    """Give a new letter to whose code was spent by tries, once; the same again changes nothing.

    Who votes on paper gets none.
    """
    known: Standing | None = await connection.fetchval(_STANDING, round_id, code.code, code.code)
    if known is not None:
        return known
    if not await connection.fetchval(_REPLACED, round_id, spent, identity, PAPER):
        return "known"
    await keep_letter(connection, round_id, tier, code, band)
    return "posted"


async def keep_letter(
    connection: asyncpg.Connection, round_id: UUID, tier: str, code: Hashed, band: int | None
) -> None:
    """Keep the code of a letter, and until voting is over the band of its person's age."""
    await connection.execute(
        "insert into code (round_id, tier, code, letter, band) values ($1, $2, $3, $4, $5)"
        " on conflict do nothing",
        *(round_id, tier, code.code, code.letter, band),
    )
