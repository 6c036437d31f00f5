"""What a second code is when another officer confirms it: one that counts."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from shared.database import raw
from shared.people import Role
from shared.people.second_officer import ActKind
from voting.roll.declared.queries import keep_code, lock_registering
from voting.roll.reissues import queries
from voting.roll.reissues.refusals import ReissuedBefore, ReissueUnknown
from voting.roll.verdicts import refusal

REISSUE = "reissue-code"


async def reissue(
    session: AsyncSession, asked: Mapping[str, Any], officers: tuple[UUID, UUID]
) -> None:
    """The code counts, and whoever asked for it hands it out: who confirmed never sees it.

    Raises `ReissueUnknown`, `ReissuedBefore`, `VotingClosed`.
    """
    connection = await raw(session)
    round_id, reissue_id = UUID(asked["round_id"]), UUID(asked["reissue_id"])
    row = await queries.reissue(connection, round_id, reissue_id)
    if row is None:
        raise ReissueUnknown("this second code is gone: the identities of its round are destroyed")
    verdict = await lock_registering(connection, round_id, row["tier"])
    if verdict != "open":
        raise refusal(verdict, round_id, row["tier"])
    if not await queries.give(connection, reissue_id, officers[0]):
        raise ReissuedBefore("this second code was given before")
    await keep_code(connection, round_id, row["tier"], row["code"])


KINDS = {REISSUE: ActKind(Role.RETURNING_OFFICER, reissue)}
