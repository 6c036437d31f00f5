"""Letters with a code, for people whom the public body knows: it is theirs, and theirs alone."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from shared.database import database_time, raw
from shared.people.guards import operator
from shared.process import RouteDatabase
from shared.refusal import Refusal
from shared.web.filters import PARIS
from voting.roll import identity as rules
from voting.roll.codes import CodeMalformed, keyed_hash, read_one
from voting.roll.declared.form import NotOffered, charter_of
from voting.roll.declared.queries import lock_registering
from voting.roll.declared.routes import known_round
from voting.roll.handlers import POSTED
from voting.roll.identity import Charter, Identity
from voting.roll.keys import RollKeys
from voting.roll.posted import queries
from voting.roll.round_keys import RoundKeys
from voting.roll.verdicts import refusal

MOST_LETTERS = 1000
Text = Annotated[str, Field(max_length=200)]


class LetterRefused(Refusal):
    """Of these letters, the one at `place` cannot be; none was taken."""

    code = "letter_refused"

    def __init__(self, place: int, why: str) -> None:
        super().__init__(f"letter {place}: {why}; none of these letters was taken")
        self.place = place


class LetterIn(BaseModel):
    """A code, and whose it is."""

    model_config = ConfigDict(extra="forbid", strict=True)

    code: Text
    birth_name: Text
    first_name: Text
    born: Text
    country: Text
    commune: Text


class LettersIn(BaseModel):
    """Letters of one round."""

    model_config = ConfigDict(extra="forbid", strict=True)

    letters: Annotated[list[LetterIn], Field(min_length=1, max_length=MOST_LETTERS)]


class Posted(BaseModel):
    """The places, from 1, of those who are on the roll otherwise: they get no letter."""

    known: list[int]


STATUSES: dict[type[Refusal], int] = {LetterRefused: 422}


def create_router(keys: RollKeys, round_keys: RoundKeys) -> APIRouter:
    """The routes of a roll with these keys."""
    router = APIRouter()

    @router.post("/rounds/{round_id}/letters", status_code=201, dependencies=[operator])
    async def post_letters(round_id: UUID, sent: LettersIn, database: RouteDatabase) -> Posted:
        """Put people on the roll with the codes of their letters, all or none of a chunk.

        Who is on the roll already gets no second right; the same letters again change nothing.
        """
        async with database.begin() as session:
            connection = await raw(session)
            shown = await known_round(session, round_id)
            today = (await database_time(session)).astimezone(PARIS).date()
            try:
                charter = charter_of(shown.rules, shown.opens_at)
            except NotOffered:
                charter = None  # an imported programme says nothing of ages
            verdict = await lock_registering(connection, round_id, POSTED)
            if verdict != "open":
                raise refusal(verdict, round_id, POSTED)
            known = []
            for place, letter in enumerate(sent.letters, 1):
                identity, code = _read(place, letter, charter, today)
                posted = await queries.post_letter(
                    connection,
                    round_id,
                    POSTED,
                    round_keys.hashed(round_id, "identity", identity.secret()),
                    keyed_hash(keys.roll_key, round_id, code.encode()),
                )
                known += [] if posted else [place]
        return Posted(known=known)

    return router


def _read(
    place: int, letter: LetterIn, charter: Charter | None, today: date
) -> tuple[Identity, str]:
    try:
        code = read_one(letter.code)
        identity = Identity.read(
            letter.birth_name, letter.first_name, letter.born, letter.country, letter.commune
        )
        if charter is not None:
            rules.check_age(identity.born, charter, today)
    except (
        CodeMalformed,
        rules.IdentityMalformed,
        rules.ImplausibleAge,
        rules.TooYoung,
    ) as refused:
        raise LetterRefused(place, str(refused)) from None
    return identity, code
