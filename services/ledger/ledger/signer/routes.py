"""HTTP in: which logs are signed here, and with which keys; what a witness's operator needs."""

from fastapi import APIRouter
from pydantic import BaseModel

from ledger.notes import verifier_key
from ledger.signer import queries
from shared.database import raw
from shared.people.guards import everybody
from shared.process import RouteDatabase

router = APIRouter(dependencies=[everybody])


class SignedLog(BaseModel):
    """A log, and what its checkpoints are verified with; published or not yet."""

    log: str
    origin: str
    vkey: str


@router.get("/logs")
async def logs(database: RouteDatabase) -> list[SignedLog]:
    """Every log that there is, the platform's first."""
    async with database.begin() as session:
        heads = await queries.heads(await raw(session))
    return [
        SignedLog(log=h.log, origin=h.origin, vkey=verifier_key(h.origin, h.public_key))
        for h in heads
    ]
