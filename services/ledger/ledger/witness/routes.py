"""HTTP in: `add-checkpoint` of C2SP tlog-witness v1.0.0, and the checkpoints for monitors."""

import re
import time
from hashlib import sha256
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import PlainTextResponse
from prometheus_client import Counter

from ledger.witness import queries
from ledger.witness.cosigning import Witness
from ledger.witness.judging import OtherSize, UnknownLog
from ledger.witness.requests import LONGEST
from shared.bodies import bounded_body
from shared.openapi import documented
from shared.people.guards import everybody
from shared.refusal import Refusal

router = APIRouter()

NOTE = "text/plain; charset=utf-8"
SIZE = "text/x.tlog.size"
_HEX = re.compile(r"[0-9a-f]{64}")


def _witness_of(request: Request) -> Witness:
    witness = request.app.state.witness
    assert isinstance(witness, Witness)
    return witness


async def _witness(request: Request) -> Witness:
    return _witness_of(request)


RouteWitness = Annotated[Witness, Depends(_witness)]


@documented(gives=NOTE)
async def add_checkpoint(request: Request) -> Response:
    """Cosign a checkpoint, once it is remembered that there is one.

    Past FastAPI and its guards: logs are no browsers, and the log's signature is all their right.
    """
    witness, requests = _witness_of(request), _counter_of(request)
    try:
        line = await witness.add(await bounded_body(request, LONGEST), int(time.time()))
    except OtherSize as refusal:
        requests.labels(refusal.code).inc()
        # Set as it stands: a parameter for the character set would be added to any `media_type`.
        return Response(f"{refusal.size}\n", 409, headers={"Content-Type": SIZE})
    except Refusal as refusal:
        requests.labels(refusal.code).inc()
        raise
    requests.labels("cosigned").inc()
    return Response(line, headers={"Content-Type": NOTE})


router.add_route("/add-checkpoint", add_checkpoint, methods=["POST"])


def _counter_of(request: Request) -> Counter:
    counter = request.app.state.requests
    assert isinstance(counter, Counter)
    return counter


@router.get("/vkey", dependencies=[everybody], response_class=PlainTextResponse)
async def vkey(witness: RouteWitness) -> str:
    """What this witness's cosignatures are verified with; trust it only where you had it before."""
    return f"{witness.cosigner.vkey}\n"


@router.get("/{origin_hash}/checkpoint", dependencies=[everybody])
async def checkpoint(origin_hash: str, witness: RouteWitness) -> Response:
    """The last checkpoint cosigned of a log; its origin by SHA-256, in hex."""
    if _HEX.fullmatch(origin_hash):
        for origin in await witness.store.ask(queries.origins):
            if sha256(origin.encode()).hexdigest() == origin_hash:
                found = await witness.store.ask(queries.cosigned, origin)
                assert found is not None
                return Response(found.note, headers={"Content-Type": NOTE})
    raise UnknownLog("nothing was cosigned of such a log here")
