"""HTTP in: the desk imports posted codes, and each of them gets one token."""

import json
from base64 import b64decode, b64encode
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from shared.bodies import bounded_body
from shared.database import Database, raw
from shared.events.event import Tier
from shared.events.voting import token_bytes
from shared.openapi import documented
from shared.people.guards import everybody, operator
from shared.process import RouteDatabase, process_of
from voting.roll import queries
from voting.roll.codes import keyed_hash, keyed_hashes, read_codes
from voting.roll.keys import RollKeys
from voting.roll.tokens import RequestMalformed, Signer, TokenIn, read_request, sign_token
from voting.roll.verdicts import refusal

MOST_CODES = 5000
LARGEST_REQUEST = 1024


class CodesIn(BaseModel):
    """Posted codes of one tier."""

    model_config = ConfigDict(extra="forbid", strict=True)

    tier: Tier
    codes: Annotated[list[str], Field(min_length=1, max_length=MOST_CODES)]


class Imported(BaseModel):
    """How many of the codes were new."""

    imported: int


class TokenOut(BaseModel):
    """The token of a code: base64, of the code's tier."""

    tier: Tier
    token: str


class RoundOut(BaseModel):
    """Where a round stands by the roll's clock, and its tier keys (SPKI, DER, base64)."""

    state: str
    tiers: dict[str, str]


def create_router(keys: RollKeys) -> APIRouter:
    """The routes of a roll with these keys."""
    router = APIRouter()

    @documented(takes=TokenIn, gives=TokenOut, status=201)
    async def issue_token(request: Request) -> Response:
        """Issue the one token of a code. For the same ballot key again, it is the same token.

        It is signed when the issuance is committed: a crash in between costs the voter another
        request, never a second token.
        """
        database = process_of(request).database
        round_id = _round_id(request)
        asked = read_request(await bounded_body(request, LARGEST_REQUEST))
        row = await database.straight(
            queries.ISSUE,
            round_id,
            keyed_hash(keys.roll_key, round_id, asked.code.encode()),
            keyed_hash(keys.roll_key, round_id, b64decode(asked.key)),
        )
        assert row is not None
        if row["verdict"] != "issued":
            raise refusal(row["verdict"], round_id)
        tier = row["tier"]
        signer = keys.known_signer(round_id, tier) or await _signer(database, round_id, tier)
        token = sign_token(signer, token_bytes(round_id, tier, asked.key))
        answer = {"tier": tier, "token": b64encode(token).decode()}
        return Response(json.dumps(answer), 201, media_type="application/json")

    async def _signer(database: Database, round_id: UUID, tier: str) -> Signer:
        row = await database.straight(queries.TIER_KEY, round_id, tier)
        assert row is not None
        return keys.signer(round_id, tier, row["public_key"])

    # A bare Starlette route: FastAPI's own would add to what the signature costs half as much.
    router.add_route("/rounds/{round_id}/tokens", issue_token, methods=["POST"])

    @router.post("/rounds/{round_id}/codes", status_code=201, dependencies=[operator])
    async def import_codes(round_id: UUID, sent: CodesIn, database: RouteDatabase) -> Imported:
        """Import posted codes, all or none. A code that is known counts no second time."""
        hashed = keyed_hashes(keys.roll_key, round_id, read_codes(sent.codes))
        row = await database.straight(queries.IMPORT, round_id, sent.tier, hashed)
        assert row is not None
        if row["verdict"] != "imported":
            raise refusal(row["verdict"], round_id, sent.tier)
        return Imported(imported=row["imported"])

    @router.get("/rounds/{round_id}", dependencies=[everybody])
    async def round_out(round_id: UUID, database: RouteDatabase) -> RoundOut:
        """A round, as the roll knows it."""
        async with database.begin() as session:
            connection = await raw(session)
            state = await queries.round_state(connection, round_id)
            tiers = await queries.tier_keys(connection, round_id)
        if state is None:
            raise refusal("round_unknown", round_id)
        encoded = {tier: b64encode(key).decode() for tier, key in tiers.items()}
        return RoundOut(state=state, tiers=encoded)

    return router


def _round_id(request: Request) -> UUID:
    try:
        return UUID(request.path_params["round_id"])
    except ValueError:
        raise RequestMalformed("the round's id is not a UUID") from None
