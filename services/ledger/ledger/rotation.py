"""An operator gives a log another key: first in public, in the platform's log."""

from datetime import timedelta
from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field

from ledger import queries
from ledger.appending import append_own, begin
from ledger.handlers import NoSpareKey
from ledger.notes import verifier_key
from ledger.refusals import NotThere
from shared.database import database_time, raw
from shared.events.event import PLATFORM_LOG
from shared.events.ledger import KeyRotated
from shared.people.guards import operator
from shared.process import RouteDatabase

router = APIRouter(prefix="/desk/logs", dependencies=[operator])


class Rotation(BaseModel):
    """Why, and for how many days the previous key signs beside the next one: none where somebody
    else may have it."""

    reason: Literal["planned", "lost", "compromised"]
    days: Annotated[int, Field(ge=0, le=400)]


class Rotated(BaseModel):
    """The key from now on."""

    vkey: str


@router.post("/{log}/key")
async def rotate(log: str, rotation: Rotation, database: RouteDatabase) -> Rotated:
    """Take a spare key of the signer's for a log, and say so in the platform's log."""
    async with database.begin() as session:
        connection = await raw(session)
        await begin(connection, [log])
        found = await queries.origin_and_key(connection, log)
        if found is None:
            raise NotThere(f"there is no log {log[:60]!r}")
        key = await queries.spare_key(connection)
        if key is None:
            raise NoSpareKey(f"no key for the log {log}: does the signer run?")
        (origin, previous), now = found, await database_time(session)
        event = KeyRotated(
            log=log,
            origin=origin,
            vkey=verifier_key(origin, key),
            previous=verifier_key(origin, previous),
            both_until=(now + timedelta(days=rotation.days)).replace(microsecond=0),
            reason=rotation.reason,
        )
        # The database takes the key from this entry: nobody rotates one in silence.
        await append_own(connection, PLATFORM_LOG, event, now)
    return Rotated(vkey=event.vkey)
