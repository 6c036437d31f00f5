"""How a commission tries its key before a round opens, and tells what ballots say after it.

Nobody signs in for it: who opens the test ballot holds the key, and that is all that matters. Which
key is asked to do so is an officer's word, and stands in what two officers open the round with.
"""

import json
from collections.abc import Mapping
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel, ValidationError

from shared.bodies import bounded_body
from shared.events.voting import Commission
from shared.openapi import documented
from shared.people import FormData, Person, Role, needs
from shared.people.guards import everybody, operator
from shared.process import RouteDatabase, process_of
from voting.count import queries as count_queries
from voting.count.commission.handling import (
    CommissionState,
    Kept,
    ask,
    open_ballots,
    prepare_commission,
    state_of,
)
from voting.count.commission.opening import OpeningMalformed, Openings, Trial, TrialOpened
from voting.count.moving import locked_round, no_charter
from voting.refusals import RoundUnknown

Officer = Annotated[Person, needs(Role.RETURNING_OFFICER)]
LARGEST_OPENINGS = 16 * 1024 * 1024
LARGEST_TEST = 1024


class Prepared(BaseModel):
    """The commission holds its key: the round can be opened with it."""

    round_id: UUID
    commission: Commission


def create_router(trial: Trial) -> APIRouter:
    """The routes of one count."""
    router = APIRouter()

    @router.post("/rounds/{round_id}/commission", status_code=201, dependencies=[operator])
    async def ask_commission(
        round_id: UUID, commission: Commission, database: RouteDatabase
    ) -> CommissionState:
        """Say to whose key a round's ballots are to be sealed; its holders try it next."""
        async with database.begin() as session:
            row = await locked_round(session, round_id)
            await no_charter(session, row)
            await ask(session, trial, row, commission)
            return await state_of(session, trial, row)

    @router.post("/desk/rounds/{round_id}/commission")
    async def ask_commission_of_charter(
        round_id: UUID, data: FormData, database: RouteDatabase, officer: Officer
    ) -> Response:
        """The same under a charter, as a returning officer says; two open the round with it."""
        commission = _written(data)
        async with database.begin() as session:
            row = await locked_round(session, round_id)
            officer.check(Role.RETURNING_OFFICER, row.programme_id)
            await ask(session, trial, row, commission)
        return RedirectResponse("/desk/rounds", 303)

    @router.get("/rounds/{round_id}/commission", dependencies=[everybody])
    async def commission_state(round_id: UUID, database: RouteDatabase) -> CommissionState:
        """The commission of a sealed round, and the test ballot that it can open now."""
        async with database.begin() as session:
            row = await count_queries.round_as_it_is(session, round_id)
            if row is None:
                raise RoundUnknown(f"there is no round {round_id}")
            return await state_of(session, trial, row)

    @documented(takes=TrialOpened, gives=Prepared, status=201)
    async def keep_commission(request: Request) -> Response:
        """The holders opened the test ballot: the round can be opened with their key."""
        said = _read(TrialOpened, await bounded_body(request, LARGEST_TEST))
        async with process_of(request).database.begin() as session:
            row = await locked_round(session, _round_id(request))
            await prepare_commission(session, trial, row, said)
        prepared = {"round_id": str(row.round_id), "commission": row.commission}
        return Response(json.dumps(prepared), 201, media_type="application/json")

    @documented(takes=Openings, gives=Kept, status=201)
    async def keep_openings(request: Request) -> Response:
        """Publish what these ballots say, all of them or none; said again, nothing more happens."""
        said = _read(Openings, await bounded_body(request, LARGEST_OPENINGS))
        async with process_of(request).database.begin() as session:
            row = await locked_round(session, _round_id(request))
            kept = await open_ballots(session, trial, row, said)
        return Response(kept.model_dump_json(), 201, media_type="application/json")

    # A commission has no session: neither has anything that a form would protect.
    router.add_route("/rounds/{round_id}/commission/tried", keep_commission, methods=["POST"])
    router.add_route("/rounds/{round_id}/openings", keep_openings, methods=["POST"])
    return router


def _written(data: Mapping[str, str]) -> Commission:
    """A commission as an officer's form says it."""
    names = ("key", "threshold", "shares")
    try:
        return Commission.model_validate({name: data.get(name, "").strip() for name in names})
    except ValidationError:
        raise OpeningMalformed(
            "a commission has a key of 44 characters, and numbers of 2 to 16"
        ) from None


def _round_id(request: Request) -> UUID:
    """The round of a route that FastAPI does not read."""
    try:
        return UUID(request.path_params["round_id"])
    except ValueError:
        raise OpeningMalformed("round_id: this is no id") from None


def _read[Said: BaseModel](kind: type[Said], sent: bytes) -> Said:
    try:
        return kind.model_validate_json(sent)
    except ValidationError as error:
        found = error.errors(include_input=False, include_url=False, include_context=False)[0]
        loc = () if found["type"] == "extra_forbidden" else found["loc"]
        place = ".".join(str(part) for part in loc) or "body"
        raise OpeningMalformed(f"{place}: {found['msg']}") from None
