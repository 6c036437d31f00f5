"""Letters with a code, for people whom the public body knows: it is theirs, and theirs alone."""

from dataclasses import dataclass
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
from voting.roll.codes import CodeMalformed, hashed_code, read_one
from voting.roll.declared.form import NotOffered, charter_of
from voting.roll.declared.queries import lock_registering
from voting.roll.declared.routes import known_round
from voting.roll.handlers import POSTED
from voting.roll.identity import Charter, Identity
from voting.roll.keys import RollKeys
from voting.roll.posted import queries
from voting.roll.posted.queries import Sent
from voting.roll.round_keys import RoundKeys, hashed_under
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
    """A code, and whose it is; of a new letter, which code it replaces that was tried too often."""

    model_config = ConfigDict(extra="forbid", strict=True)

    code: Text
    birth_name: Text
    first_name: Text
    born: Text
    country: Text
    commune: Text
    instead_of: Text | None = None


class LettersIn(BaseModel):
    """Letters of one round."""

    model_config = ConfigDict(extra="forbid", strict=True)

    letters: Annotated[list[LetterIn], Field(min_length=1, max_length=MOST_LETTERS)]


class Posted(BaseModel):
    """The places, from 1, of letters whose codes do not count.

    `waiting`: its identity was declared before, or is that of another letter of these, and two
    officers look at it. `spent`: the code was tried five times, and needs a new letter. `known`:
    its person has another code of this tier, votes on paper, or was declined by two officers; or
    the code that it stands for is not spent, or was replaced before.
    """

    waiting: list[int]
    spent: list[int]
    known: list[int]


STATUSES: dict[type[Refusal], int] = {LetterRefused: 422}


def create_router(keys: RollKeys, round_keys: RoundKeys) -> APIRouter:
    """The routes of a roll with these keys."""
    router = APIRouter()

    @router.post("/rounds/{round_id}/letters", status_code=201, dependencies=[operator])
    async def post_letters(round_id: UUID, sent: LettersIn, database: RouteDatabase) -> Posted:
        """Put people on the roll with the codes of their letters, all or none of a chunk.

        Whose identity was declared before waits for two officers, who may admit the code of this
        letter (`contested`), as do homonyms; the same letters again change nothing.
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
            letters = _Letters(keys.roll_key, round_keys.key(round_id), round_id, charter, today)
            read = [letters.read(place, each) for place, each in enumerate(sent.letters, 1)]
            fresh = await queries.post_fresh(connection, round_id, POSTED, read)
            places: dict[str, list[int]] = {"waiting": [], "spent": [], "known": []}
            seen = set[bytes]()
            for place, letter in enumerate(read, 1):
                homonym = letter.identity in seen
                seen.add(letter.identity)
                if letter.identity in fresh:
                    continue
                standing = await queries.post_letter(
                    connection, round_id, POSTED, letter, homonym=homonym
                )
                if standing != "posted":
                    places[standing].append(place)
        return Posted(waiting=places["waiting"], spent=places["spent"], known=places["known"])

    return router


@dataclass(frozen=True, slots=True, repr=False)
class _Letters:
    """Reads letters of a round, and hashes them: its keys are read once for all of them."""

    roll_key: bytes
    round_key: bytes
    round_id: UUID
    charter: Charter | None
    today: date

    def read(self, place: int, letter: LetterIn) -> Sent:
        """The letter at a place. Raises `LetterRefused`."""
        try:
            code = read_one(letter.code)
            spent = None if letter.instead_of is None else read_one(letter.instead_of)
            identity = Identity.read(
                letter.birth_name, letter.first_name, letter.born, letter.country, letter.commune
            )
            if self.charter is not None:
                rules.check_age(identity.born, self.charter, self.today)
        except (
            CodeMalformed,
            rules.IdentityMalformed,
            rules.ImplausibleAge,
            rules.TooYoung,
        ) as refused:
            raise LetterRefused(place, str(refused)) from None
        age = None if self.charter is None else rules.age_on(identity.born, self.charter.opens)
        return Sent(
            identity=hashed_under(self.round_key, "identity", identity.secret()),
            code=hashed_code(self.roll_key, self.round_id, code),
            # Of the code: the same letter again finds its case, and nobody else does.
            reference=hashed_under(self.round_key, "letter", code.encode()),
            band=None if age is None else rules.band_of(age),
            spent=None if spent is None else hashed_code(self.roll_key, self.round_id, spent).code,
        )
