"""What two officers decide about registrations that are held, done as it is confirmed.

Their reason is told to the person: the desk says so where it is written.
"""

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import asyncpg
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.database import raw
from shared.people import Role
from shared.people.second_officer import ActKind
from shared.refusal import Refusal
from voting.roll.declared import queries as declared
from voting.roll.held import queries
from voting.roll.messages import taken, tell
from voting.roll.verdicts import refusal

ADMIT, DECLINE = "admit-registrations", "decline-registrations"
Officers = tuple[UUID, UUID]


class CasesDecided(Refusal):
    """Some of these registrations are decided already: ask again for those that wait."""

    code = "cases_decided"


async def admit(session: AsyncSession, asked: Mapping[str, Any], officers: Officers) -> None:
    """Each of them gets her one code. Raises `CasesDecided`, `VotingClosed`."""
    for case in await _cases(session, asked):
        connection, round_id = await raw(session), case["round_id"]
        verdict = await declared.lock_registering(connection, round_id, case["tier"])
        if verdict != "open":
            raise refusal(verdict, round_id, case["tier"])
        await queries.decide(connection, case["held_id"], "admitted", asked["reason"])
        await queries.release(connection, case["held_id"])
        messages: dict[str, str] = json.loads(case["sealed"])
        notice = taken("right-used", messages) if "right-used" in messages else None
        await declared.keep_code(
            connection,
            round_id,
            case["tier"],
            case["code"],
            notice.message_id if notice else None,
            notice.body() if notice else None,
            band=case["band"],
        )
        _tell(session, "voting-code", messages)


async def decline(session: AsyncSession, asked: Mapping[str, Any], officers: Officers) -> None:
    """None of them is on the roll, and each is told where the reason is. Raises `CasesDecided`."""
    for case in await _cases(session, asked):
        connection = await raw(session)
        await queries.decide(connection, case["held_id"], "declined", asked["reason"])
        await queries.take_off(connection, case)
        _tell(session, "registration-declined", json.loads(case["sealed"]))


async def _cases(session: AsyncSession, asked: Mapping[str, Any]) -> list[asyncpg.Record]:
    wanted = [UUID(each) for each in asked["cases"]]
    found = await queries.cases_for_update(await raw(session), UUID(asked["round_id"]), wanted)
    if len(found) < len(wanted):
        raise CasesDecided(f"{len(wanted) - len(found)} of these registrations are decided already")
    return list(found)


def _tell(session: AsyncSession, name: str, messages: Mapping[str, str]) -> None:
    """Where somebody identified herself with a provider that names no address, her page tells."""
    if name in messages:
        tell(session, taken(name, messages))


KINDS = {
    ADMIT: ActKind(Role.RETURNING_OFFICER, admit),
    DECLINE: ActKind(Role.RETURNING_OFFICER, decline),
}
