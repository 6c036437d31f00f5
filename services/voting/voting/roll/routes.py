"""HTTP in: the desk imports posted codes, and each of them gets one token, signed blindly."""

import json
from base64 import b64encode
from hashlib import sha256
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from shared.bodies import bounded_body
from shared.database import Database, raw
from shared.events.event import Tier
from shared.openapi import documented
from shared.people.guards import everybody, operator
from shared.process import RouteDatabase, process_of
from shared.refusal import Refusal
from voting.roll import queries, telling
from voting.roll.codes import Hashed, hashed_code, keyed_hashes, read_codes
from voting.roll.keys import RollKeys
from voting.roll.paths import ASSISTED, path_of
from voting.roll.signer import Signer
from voting.roll.tokens import (
    AnnouncedKey,
    CodeIn,
    RequestMalformed,
    TokenIn,
    check_signature,
    fitting,
    read_code_of,
    read_request,
)
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


class TierOut(BaseModel):
    """The tier of a code."""

    tier: Tier


class SignatureOut(BaseModel):
    """What the code's token is made of: the blind signature in base64, of the code's tier."""

    tier: Tier
    signature: str


class RoundOut(BaseModel):
    """Where a round stands by the roll's clock, and its tier keys (SPKI, DER, base64)."""

    state: str
    tiers: dict[str, str]


class Tiers:
    """The keys that were announced for rounds: each round's never change."""

    def __init__(self) -> None:
        self._known: dict[UUID, dict[str, AnnouncedKey]] = {}

    async def of(self, database: Database, round_id: UUID) -> dict[str, AnnouncedKey]:
        """A round's, by tier; none where the round is not known."""
        if (known := self._known.get(round_id)) is not None:
            return known
        row = await database.straight(queries.TIER_KEYS, round_id)
        if row is None or row["tiers"] is None:
            return {}
        keys = map(AnnouncedKey.of, row["keys"])
        return self._known.setdefault(round_id, dict(zip(row["tiers"], keys, strict=True)))


def create_router(keys: RollKeys, signer: Signer, booth_key: str | None = None) -> APIRouter:
    """The routes of a roll with these keys, whose tokens this signer signs. Who asks with the
    `booth_key` is the booth: its tokens are of tier S, whatever the code's tier is."""
    router, known = APIRouter(), Tiers()

    @documented(takes=CodeIn, gives=TierOut, status=200)
    async def find_tier(request: Request) -> Response:
        """The tier of a code's token, which a voter has to know before she makes her ballot key."""
        round_id, path = _round_id(request), path_of(request.headers, booth_key)
        code = read_code_of(await bounded_body(request, LARGEST_REQUEST))
        database, hashed = process_of(request).database, hashed_code(keys.roll_key, round_id, code)
        row = await database.straight(queries.CODE_TIER, round_id, hashed.code, path)
        assert row is not None
        if row["verdict"] != "open":
            raise await _refused(database, row["verdict"], round_id, hashed)
        return _json({"tier": row["tier"]}, 200)

    @documented(takes=TokenIn, gives=SignatureOut, status=201)
    async def issue_token(request: Request) -> Response:
        """Sign what a code's one token is made of, blindly. The same value again gets the same
        answer, another value none.

        It is signed when the issuance is committed: a crash in between, or a signer that is away,
        costs the voter another request, never a second token.
        """
        database = process_of(request).database
        round_id, path = _round_id(request), path_of(request.headers, booth_key)
        asked = read_request(await bounded_body(request, LARGEST_REQUEST))
        tiers = await known.of(database, round_id)
        hashed = hashed_code(keys.roll_key, round_id, asked.code)
        row = await database.straight(
            queries.ISSUE,
            round_id,
            hashed.code,
            sha256(asked.blinded).digest(),
            fitting(tiers, asked.blinded),
            telling.wait(),
            path,
        )
        assert row is not None
        if row["verdict"] != "issued":
            raise await _refused(database, row["verdict"], round_id, hashed)
        tier = row["tier"]
        signature = await signer.sign(round_id, tier, asked.blinded)
        check_signature(tiers[tier], asked.blinded, signature)
        return _json({"tier": tier, "signature": b64encode(signature).decode()}, 201)

    # Bare Starlette routes: FastAPI's own would add to what recording costs half as much.
    router.add_route("/rounds/{round_id}/tier", find_tier, methods=["POST"])
    router.add_route("/rounds/{round_id}/tokens", issue_token, methods=["POST"])

    @router.post("/rounds/{round_id}/codes", status_code=201, dependencies=[operator])
    async def import_codes(round_id: UUID, sent: CodesIn, database: RouteDatabase) -> Imported:
        """Import posted codes, all or none. A code that is known counts no second time."""
        if sent.tier == ASSISTED:  # else there were ballots of tier S that nobody but voters saw
            raise refusal("tier_unknown", round_id, sent.tier)
        hashed = keyed_hashes(keys.roll_key, round_id, read_codes(sent.codes))
        row = await database.straight(queries.IMPORT, round_id, sent.tier, *queries.parted(hashed))
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


async def _refused(database: Database, verdict: str, round_id: UUID, hashed: Hashed) -> Refusal:
    """The refusal of a verdict. A code that is none is a try at the letter that begins so."""
    if verdict == "code_unknown":
        await database.straight(queries.WRONG_CODE, round_id, hashed.letter)
    return refusal(verdict, round_id)


def _round_id(request: Request) -> UUID:
    try:
        return UUID(request.path_params["round_id"])
    except ValueError:
        raise RequestMalformed("the round's id is not a UUID") from None


def _json(answer: dict[str, str], status: int) -> Response:
    return Response(json.dumps(answer), status, media_type="application/json")
