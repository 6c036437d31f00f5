"""Casting a ballot, and the box's promise for it."""

import hashlib
import json
import time
from base64 import b64decode, b64encode
from datetime import UTC, datetime
from typing import Any, Literal
from uuid import UUID

import asyncpg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import BaseModel, TypeAdapter, ValidationError

from shared.bodies import bounded_body
from shared.database import Database
from shared.events.ballots import Format
from shared.events.rules import Option
from shared.events.voting import BallotCast
from shared.openapi import documented
from shared.people.guards import everybody
from shared.process import process_of
from shared.promises import promise_bytes, promised
from shared.refusal import Refusal
from voting.box import queries
from voting.box.ballots import BallotMalformed, Rules, check_ballot
from voting.box.casting import Casting
from voting.box.highest import (
    LARGEST_QUESTION,
    Highest,
    Nonce,
    Nonces,
    Question,
    check_question,
    read_question,
)
from voting.formats.choices import territories
from voting.refusals import NotOpen, RoundUnknown, VotingClosed

LARGEST_BALLOT = 32 * 1024
_FORMAT = TypeAdapter[Any](Format)
_SEEN = TypeAdapter(list[Option])


class RevisionTaken(Refusal):
    """Another ballot has this revision under this key."""

    code = "revision_taken"


class Promise(BaseModel):
    """The box's signed word that a ballot will be in the ledger so many seconds after the end of
    its round, extensions included."""

    ballot: str
    extensions: Literal["included"]
    published_within: int
    round_id: UUID
    v: Literal["comptoir-promise-v1"]
    signature: str


class Urn:
    """What a replica keeps in memory: its key, and rounds, which never change once open."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self.key = key
        self.nonces = Nonces(key)
        self._rounds: dict[UUID, tuple[Rules, datetime]] = {}
        self._casting: Casting | None = None

    def casting(self, database: Database) -> Casting:
        """What records ballots there."""
        if self._casting is None:
            self._casting = Casting(database)
        return self._casting

    async def round(self, database: Database, round_id: UUID) -> tuple[Rules, datetime]:
        """A round's rules, and when it was to close. Raises `RoundUnknown`."""
        if (known := self._rounds.get(round_id)) is None:
            row = await database.straight(queries.ROUND, round_id)
            if row is None:
                raise RoundUnknown(f"round {round_id} was never opened")
            known = self._rounds[round_id] = (_rules(row), row["closes_at"])
        return known

    def promise(self, ballot: bytes, round_id: UUID) -> dict[str, Any]:
        """The box's signed word that the ballot of this digest will be in the ledger."""
        signature = b64encode(self.key.sign(promise_bytes(ballot, round_id))).decode()
        return {**promised(ballot, round_id), "signature": signature}


def create_router(urn: Urn) -> APIRouter:
    """The routes of one box."""
    router = APIRouter()

    @documented(takes=BallotCast, gives=Promise, status=201)
    async def cast_ballot(request: Request) -> Response:
        """Take a ballot. The answer is a promise; the same bytes again get the same one."""
        database = process_of(request).database
        ballot = read_ballot(await bounded_body(request, LARGEST_BALLOT))
        rules, closes_at = await urn.round(database, ballot.round)
        check_ballot(ballot, rules)
        body = ballot.body()
        digest = hashlib.sha256(body).digest()
        verdict = await urn.casting(database).record(ballot, b64decode(ballot.key), digest, body)
        if verdict != "accepted":
            raise _refusal(verdict, ballot, closes_at)
        promise = urn.promise(digest, ballot.round)
        return Response(json.dumps(promise), 201, media_type="application/json")

    # A bare Starlette route: FastAPI's own costs as much again as the checks.
    router.add_route("/ballots", cast_ballot, methods=["POST"])

    @router.get("/nonce", dependencies=[everybody])
    async def nonce() -> Nonce:
        """What the question after the highest revision must hold; good for five minutes."""
        return Nonce(nonce=urn.nonces.new(time.time()))

    @documented(takes=Question, gives=Highest)
    async def highest(request: Request) -> Response:
        """The highest revision under the key that signed the question; 0 where there is none."""
        database = process_of(request).database
        question = read_question(await bounded_body(request, LARGEST_QUESTION))
        check_question(question, urn.nonces, time.time())
        await urn.round(database, question.round)
        row = await database.straight(queries.HIGHEST, question.round, b64decode(question.key))
        assert row is not None
        return Response(json.dumps({"revision": row["revision"]}), media_type="application/json")

    # As `/ballots`: a voter's software has no session, and nothing that a form would protect.
    router.add_route("/highest", highest, methods=["POST"])

    @router.get("/keys", dependencies=[everybody])
    async def keys() -> dict[str, str]:
        """The public key that promises are signed with (raw Ed25519, base64): the box's service
        key, which it announced in the ledger."""
        return {"promise": b64encode(urn.key.public_key().public_bytes_raw()).decode()}

    return router


def read_ballot(sent: bytes) -> BallotCast:
    """The ballot in a request's body. Raises `BallotMalformed`, without quoting what was sent."""
    try:
        return BallotCast.model_validate_json(sent)
    except ValidationError as error:
        found = error.errors(include_input=False, include_url=False, include_context=False)[0]
        # The name of a field that nobody asked for is a quotation too.
        loc = () if found["type"] == "extra_forbidden" else found["loc"]
        place = ".".join(str(part) for part in loc) or "body"
        raise BallotMalformed(f"{place}: {found['msg']}") from None


def _rules(row: asyncpg.Record) -> Rules:
    """The rules of a round's row."""
    form: Format = _FORMAT.validate_json(row["format"])
    seen = _SEEN.validate_json(row["seen"] or "[]")
    tiers = {tier: b64decode(key) for tier, key in json.loads(row["tiers"]).items()}
    if len(seen) == row["options"]:
        costs = [each.cost for each in seen]
        return Rules(tiers, form, costs, territories(form, seen), row["padded"])
    if form.type in ("knapsack", "contests"):
        raise RuntimeError(f"{len(seen)} of {row['options']} options were listed")
    # Prepared before the box kept options: what this format never asks for is missing.
    return Rules(tiers, form, [0] * row["options"], [-1] * row["options"], row["padded"])


def _refusal(verdict: str, ballot: BallotCast, closes_at: datetime) -> Refusal:
    match verdict:
        case "round_unknown":
            return RoundUnknown(f"round {ballot.round} was never opened")
        case "not_open":
            return NotOpen(f"voting in round {ballot.round} has not begun")
        case "voting_closed":
            return VotingClosed(
                f"voting in round {ballot.round} is closed"
                f" (its window was to end {_rfc3339(closes_at)})"
            )
        case "revision_taken":
            return RevisionTaken(f"another ballot has revision {ballot.revision} under this key")
        case other:
            raise RuntimeError(f"cast_ballot answered {other}")


def _rfc3339(time: datetime) -> str:
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
