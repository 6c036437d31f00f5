"""What an admission at a counter is when another officer confirms it: somebody is on the roll."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from shared.database import raw
from shared.people import Role
from shared.people.second_officer import ActKind
from voting.roll.counter import queries
from voting.roll.counter.refusals import AdmissionUnknown, OnRoll
from voting.roll.declared.queries import keep_code, lock_registering, put_on_roll
from voting.roll.handlers import POSTED
from voting.roll.verdicts import refusal

ADMIT_AT_COUNTER = "admit-at-counter"


async def admit(
    session: AsyncSession, asked: Mapping[str, Any], officers: tuple[UUID, UUID]
) -> None:
    """She is on the roll at tier A, and whoever asked for it hands her code out: who confirmed
    never sees it.

    Raises `AdmissionUnknown`, `VotingClosed`, and `OnRoll` where she registered meanwhile.
    """
    connection = await raw(session)
    round_id, admission_id = UUID(asked["round_id"]), UUID(asked["admission_id"])
    row = await queries.admission(connection, round_id, admission_id)
    if row is None:
        raise AdmissionUnknown("this is gone: the identities of its round are destroyed")
    verdict = await lock_registering(connection, round_id, POSTED)
    if verdict != "open":
        raise refusal(verdict, round_id, POSTED)
    if not await put_on_roll(connection, round_id, POSTED, row["person"]):
        raise OnRoll("this person came to the roll in another way meanwhile")
    await queries.give(connection, admission_id, officers[0])
    await keep_code(connection, round_id, POSTED, row["code"], band=row["band"])


KINDS = {ADMIT_AT_COUNTER: ActKind(Role.RETURNING_OFFICER, admit)}
