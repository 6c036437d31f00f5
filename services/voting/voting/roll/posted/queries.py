"""The SQL of letters."""

from uuid import UUID

import asyncpg

from voting.roll.declared.queries import keep_code, put_on_roll


async def post_letter(
    connection: asyncpg.Connection, round_id: UUID, tier: str, identity: bytes, code: bytes
) -> bool:
    """Put somebody on the roll with the code of her letter; the same letter again changes nothing.

    False where she is on the roll otherwise: the code then counts for nothing.
    """
    if await put_on_roll(connection, round_id, tier, identity):
        await keep_code(connection, round_id, tier, code)
        return True
    same = await connection.fetchval(
        "select true from code join person using (round_id, tier)"
        " where code.round_id = $1 and code = $2 and identity = $3",
        round_id,
        code,
        identity,
    )
    return bool(same)
