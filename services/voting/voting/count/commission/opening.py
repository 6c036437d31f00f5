"""What the commission proves, and what an opened ballot is worth. Pure.

Whoever holds the commission's key can open a *test ballot*: count seals a salt to the key, and is
told it. The salt follows from a secret of count and the round, so that every replica knows it and
none keeps it; before the round opens it is another one than after the vote.
"""

import hmac
from base64 import b64decode
from collections.abc import Mapping
from typing import Annotated, Any, Literal, NamedTuple, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from shared import sealing
from shared.events.event import Hash, PublicKey
from shared.events.voting import MOST_REVISIONS, Choice, Commission, choices_on_the_wire
from shared.refusal import Refusal
from shared.sealing import Place
from voting.count.projecting import Projection
from voting.count.rounds import WrongState
from voting.count.tables import Round

# A test ballot before the round opens, and one after the vote.
type Purpose = Literal["prepare", "open"]
_REVISIONS: Mapping[Purpose, int] = {"prepare": 1, "open": 2}
TIER = "A"
MOST_AT_ONCE = 1000
UNOPENED, ANOTHER = "unopened", "commitment_broken"


class NotSealed(Refusal):
    """The round's ballots are not sealed: there is nothing for a commission to do."""

    code = "not_sealed"


class NotTheCommission(Refusal):
    """The test ballot was not opened: whoever asks does not hold the commission's key."""

    code = "not_the_commission"


class CommissionUnknown(Refusal):
    """Nobody has said yet whose key the round's ballots are to be sealed to."""

    code = "commission_unknown"


class CommissionExists(Refusal):
    """The round has a commission, whose holders opened a test ballot: it stays the one."""

    code = "commission_exists"


class KeyUnusable(Refusal):
    """Nothing can be sealed to this key, or nobody could open it."""

    code = "key_unusable"


class NotCovered(Refusal):
    """Nothing is opened before a cosigned checkpoint covers the box's last word; asking again soon
    helps."""

    code = "not_covered"


class BallotUnknown(Refusal):
    """What was opened is no ballot that counts in this round."""

    code = "ballot_unknown"


class OpenedOtherwise(Refusal):
    """The ballot was opened before, and said something else."""

    code = "opened_otherwise"


class OpeningMalformed(Refusal):
    """What was sent is neither a test ballot's salt nor openings of ballots."""

    code = "opening_malformed"


class TrialOpened(BaseModel):
    """The salt of the test ballot, which only the holders of the key can read."""

    model_config = ConfigDict(extra="forbid")

    salt: Hash


class Opening(BaseModel):
    """What one ballot says; neither choices nor salt where nobody can open it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    key: PublicKey
    revision: Annotated[int, Field(ge=1, le=MOST_REVISIONS)]
    choices: tuple[Choice, ...] | None = None
    salt: Hash | None = None

    @model_validator(mode="after")
    def whole(self) -> Self:
        """Half of one would stand in public for ever, and be no opening to whoever counts again."""
        if (self.choices is None) != (self.salt is None):
            raise ValueError("an opening has both choices and salt, or neither")
        return self


class Openings(BaseModel):
    """Openings in random order, from whoever opened the test ballot."""

    model_config = ConfigDict(extra="forbid")

    test: Hash
    openings: Annotated[tuple[Opening, ...], Field(min_length=1, max_length=MOST_AT_ONCE)]


class Known(NamedTuple):
    """A ballot that counts, as it is kept: sealed still where `void` is "sealed"."""

    tier: str
    revision: int
    commitment: str
    void: str | None


class Trial:
    """The test ballots of one count."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def salt(self, round_id: UUID, key: str, purpose: Purpose) -> bytes:
        """What the holders of the key must find."""
        said = b"\0".join((b"comptoir-test-ballot-v1", round_id.bytes, key.encode()))
        return hmac.digest(self._secret, said + purpose.encode(), "sha256")

    def ballot(self, round_id: UUID, key: str, purpose: Purpose, padded: int) -> dict[str, Any]:
        """A test ballot: sealed as voters' ballots are, under the commission's own key as if it
        were a voter's. Raises `KeyUnusable`."""
        place = place_of_test(round_id, key, purpose)
        try:
            sealed = sealing.seal(key, place, [], self.salt(round_id, key, purpose), padded)
        except ValueError:
            raise KeyUnusable("this is no X25519 key, or one of small order") from None
        return {
            "round": place.round_id,
            "tier": place.tier,
            "key": place.key,
            "revision": place.revision,
            "sealed": sealed,
        }

    def check(self, round_id: UUID, key: str, purpose: Purpose, salt: str) -> None:
        """Raise `NotTheCommission` unless this is the salt of the test ballot."""
        if not hmac.compare_digest(bytes.fromhex(salt), self.salt(round_id, key, purpose)):
            raise NotTheCommission("this is not what the test ballot says")


def place_of_test(round_id: UUID, key: str, purpose: Purpose) -> Place:
    """The ballot that a test is sealed in."""
    return Place(str(round_id), TIER, key, _REVISIONS[purpose])


def size_of(row: Round) -> int:
    """The size of a round's sealed ballots. Raises `NotSealed`."""
    if row.padded is None:
        raise NotSealed(f"round {row.round_id} is {row.secrecy}")
    return row.padded


def check_asked(row: Round, commission: Commission) -> None:
    """Whether a commission can be asked to try its key. Raises `NotSealed`, `WrongState`,
    `CommissionExists`, `KeyUnusable`."""
    size_of(row)
    if row.state != "prepared":
        raise WrongState(f"round {row.round_id} is {row.state}, not prepared")
    if row.commission not in (None, commission.model_dump()):
        raise CommissionExists(f"round {row.round_id} has a commission, which was tried")
    if len(b64decode(commission.key)) != 32:
        raise KeyUnusable("an X25519 key has 32 bytes")
    if commission.threshold > commission.shares:
        said = f"{commission.shares} shares, of which {commission.threshold} are needed"
        raise KeyUnusable(f"{said}: nobody could ever open a ballot")


def purpose_of(row: Round) -> Purpose:
    """What a test ballot is for in a round's state. Raises `NotSealed`, `WrongState`."""
    size_of(row)
    match row.state:
        case "prepared":
            return "prepare"
        case "closed":
            return "open"
    raise WrongState(f"round {row.round_id} is {row.state}: there is nothing to try or to open")


def commission_of(row: Round) -> Commission:
    """The commission whose key is to be tried, or was. Raises `CommissionUnknown`."""
    known = row.commission or row.asked_commission
    if known is None:
        raise CommissionUnknown(f"nobody has said who opens the ballots of round {row.round_id}")
    return Commission.model_validate(known)


def opened(
    round_id: UUID, opening: Opening, known: Known | None, read_by: Projection
) -> dict[str, Any] | None:
    """A ballot as `open_ballots` takes it; None where it was opened before, and said the same.

    Raises `BallotUnknown`, `OpenedOtherwise`.
    """
    if known is None or known.revision != opening.revision:
        what = f"revision {opening.revision} under {opening.key}"
        raise BallotUnknown(f"round {round_id} counts no {what}")
    place = Place(str(round_id), known.tier, opening.key, opening.revision)
    void = _unread(opening, place, known.commitment)
    if known.void != "sealed":
        # Two openings can both be what a ballot commits to only if they are the same.
        if (void is None) != (known.void not in (UNOPENED, ANOTHER)):
            raise OpenedOtherwise(f"the ballot under {opening.key} was opened before")
        return None
    if void is not None or opening.choices is None:
        return {"key": opening.key, "revision": opening.revision, "choices": (), "void": void}
    row = read_by.choices_row(opening.choices)
    return {"key": opening.key, "revision": opening.revision} | row


def _unread(opening: Opening, place: Place, commitment: str) -> str | None:
    """Why nobody can say what a ballot chose."""
    if opening.choices is None or opening.salt is None:
        return UNOPENED
    said = choices_on_the_wire(opening.choices)
    found = sealing.commitment(place, said, bytes.fromhex(opening.salt))
    return None if hmac.compare_digest(found, commitment) else ANOTHER
