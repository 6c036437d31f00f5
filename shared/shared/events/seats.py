"""What count tells of bodies that vote: their seats, and what is said under a seat in a round.

Nobody is named: a seat has an id, and its member's name is a commitment. Whoever reads what count
published, in the order of its numbers, can say of each ballot whether its seat could vote: a seat
votes in a round if it was given before the round opened, and until it is withdrawn. A ballot that
was cast before counts.
"""

from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import Field

from shared.events.event import Event, Hash, Ledgered, Name, Signed
from shared.events.voting import Choice, Count, Number

# What is said under a seat in one round, one after the other.
MOST_SAID = 10_000
Revision = Annotated[int, Field(ge=1, le=MOST_SAID)]


class _OfBody(Event):
    topic: ClassVar[str] = "voting.seats"
    ledgered: ClassVar[Ledgered] = Ledgered.EDITION
    seat_id: UUID
    programme_id: UUID
    body_name: Name
    officer: UUID

    @property
    def key(self) -> str:
        return str(self.programme_id)

    @property
    def subject(self) -> str:
        return str(self.seat_id)


class SeatGranted(_OfBody):
    """A seat of a body was given to a person. `member` is a commitment to the person's name.

    Who has the `chair` may say that other seats are recused.
    """

    type: ClassVar[str] = "voting.seat-granted.v1"
    member: Hash
    chair: bool


class SeatWithdrawn(_OfBody):
    """Nobody votes under this seat any more; what was cast before stays. `reason` is a commitment,
    to what is written to the member."""

    type: ClassVar[str] = "voting.seat-withdrawn.v1"
    reason: Hash


class _OfRound(Event):
    topic: ClassVar[str] = "voting.seats"
    ledgered: ClassVar[Ledgered] = Ledgered.EDITION
    round_id: UUID

    @property
    def key(self) -> str:
        return str(self.round_id)


class SeatBallotCast(_OfRound):
    """A ballot was cast under a seat of a named round. It replaces any earlier one of that seat.

    `revision` numbers what is said under the seat in this round, recusals among it, from 1 on.
    """

    type: ClassVar[str] = "voting.seat-ballot-cast.v1"
    seat_id: UUID
    revision: Revision
    choices: tuple[Choice, ...]


class SeatRecused(_OfRound):
    """A seat has no say on an option of a named round, whatever its ballot says, before or after.

    It was said by the seat itself or by that of the chair, `by`; `reason` is a commitment, which
    the chair always gives.
    """

    type: ClassVar[str] = "voting.seat-recused.v1"
    seat_id: UUID
    revision: Revision
    number: Number
    by: UUID
    reason: Hash | None = None


class SeatsClosed(Signed):
    """Nothing more is said under the seats of a round. `last_number` is the last number of count in
    this log before this one.

    `ballots` were cast, changes included; `seats` are those whose ballot is counted: the ones that
    cast one and, where the format is a decision, the recused. `quorum`: whether these are enough of
    the body's members for anything to be decided; in a decision each option has its own quorum.
    """

    topic: ClassVar[str] = "voting.seats"
    type: ClassVar[str] = "voting.seats-closed.v1"
    ledgered: ClassVar[Ledgered] = Ledgered.EDITION
    round_id: UUID
    ballots: Count
    seats: Count
    quorum: bool
    last_number: Count

    @property
    def key(self) -> str:
        return str(self.round_id)


ALL: tuple[type[Event], ...] = (
    SeatGranted,
    SeatWithdrawn,
    SeatBallotCast,
    SeatRecused,
    SeatsClosed,
)
