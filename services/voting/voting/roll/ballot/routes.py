"""What a voter opens: the rounds that are held, and the ballot of one of them.

The page casts by its script: the code goes to the roll, the ballot straight to the box.
"""

import hashlib
from base64 import b64encode
from pathlib import Path
from uuid import UUID

from fastapi import APIRouter, Request, Response

from shared.database import raw
from shared.people.guards import everybody
from shared.process import RouteDatabase, process_of
from shared.web.kit import RoutePages
from voting.refusals import RoundUnknown
from voting.roll.offered import queries
from voting.roll.offered.sentences import split

SCRIPT = (Path(__file__).parents[1] / "static" / "vote.js").read_bytes()
DIGEST = hashlib.sha256(SCRIPT).digest()

router = APIRouter(include_in_schema=False)


@router.get("/", dependencies=[everybody])
async def list_rounds(request: Request, pages: RoutePages, database: RouteDatabase) -> Response:
    """The rounds that are held now or soon, with what can be done in each."""
    async with database.begin() as session:
        rounds = await queries.rounds_shown(await raw(session))
    return pages.show(request, "rounds.html", rounds=rounds, rehearsal=True)


@router.get("/rounds/{round_id}/vote", dependencies=[everybody])
async def show_ballot(
    round_id: UUID, request: Request, pages: RoutePages, database: RouteDatabase
) -> Response:
    """The ballot of a round. Nothing of what is done with it comes back here but the code."""
    async with database.begin() as session:
        connection = await raw(session)
        shown = await queries.round_shown(connection, round_id)
        options = await queries.options_shown(connection, round_id)
    if shown is None:
        raise RoundUnknown(f"round {round_id} was never prepared")
    sites = process_of(request).settings.sites
    asked = [sites[name].rstrip("/") for name in ("box", "ledger") if name in sites]
    return pages.show(
        request,
        "vote.html",
        connect=asked,
        shown=shown,
        options=[(option, *split(option.summary or "")) for option in options],
        territories={t.name: t for t in shown.rules.territories} if shown.rules else {},
        contests=sorted({each for o in options if (each := o.contest(shown.format)) is not None}),
        box=sites.get("box", "").rstrip("/"),
        digest=DIGEST.hex(),
        integrity=f"sha256-{b64encode(DIGEST).decode()}",
    )
