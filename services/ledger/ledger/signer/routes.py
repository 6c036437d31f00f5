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
    """A log, and what its checkpoints are verified with; published or not yet.

    `beside` are earlier keys that still sign beside the present one. `earlier` are all that signed
    before, but for those that somebody else may have: old checkpoints and receipts have their
    signatures alone.
    """

    log: str
    origin: str
    vkey: str
    beside: list[str]
    earlier: list[str]


@router.get("/logs")
async def logs(database: RouteDatabase) -> list[SignedLog]:
    """Every log that there is, the platform's first."""
    async with database.begin() as session:
        heads = await queries.heads(await raw(session))
    return [
        SignedLog(
            log=head.log,
            origin=head.origin,
            vkey=verifier_key(head.origin, head.public_key),
            beside=[verifier_key(head.origin, key) for key in head.previous],
            earlier=[verifier_key(head.origin, key) for key in head.earlier],
        )
        for head in heads
    ]
