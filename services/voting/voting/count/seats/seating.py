"""Who may have a seat, who may vote under one, and when a round has its quorum. Pure."""

from collections.abc import Sequence
from uuid import UUID

from shared.events.charter import Body
from shared.events.exact import fraction
from shared.events.voting import Seats
from shared.people import Person, Role
from shared.people.roles import Forbidden
from shared.refusal import Refusal
from voting.count.rounds import WrongState
from voting.count.seats.tables import Seat, SeatInRound
from voting.count.tables import Round


class TooFewSeats(Refusal):
    """With so few seats given, the round could never have its quorum."""

    code = "too_few_seats"


class SeatsTaken(Refusal):
    """Every seat of the body is given."""

    code = "seats_taken"


class HasSeat(Refusal):
    """The person has a seat of this body."""

    code = "has_seat"


class HasChair(Refusal):
    """The body has a chair."""

    code = "has_chair"


class OfficerUnknown(Refusal):
    """Nobody who has signed in here is this one."""

    code = "officer_unknown"


class SeatUnknown(Refusal):
    """There is no such seat, or it does not vote in this round."""

    code = "seat_unknown"


class SeatGone(Refusal):
    """The seat is withdrawn: nothing more is said under it."""

    code = "seat_withdrawn"


class NoSeat(Refusal):
    """Whoever asks has no seat that votes in this round."""

    code = "no_seat"


class NotNamed(Refusal):
    """In this round nobody votes by seats."""

    code = "not_named"


class RecusedBefore(Refusal):
    """The seat is recused on this project already."""

    code = "recused_before"


class OnlyTheChair(Refusal):
    """For another seat only the chair can say that it is recused."""

    code = "only_the_chair"


def quorate(seats: Seats, voted: int) -> bool:
    """Whether so many seats are at least the quorum of the body's members."""
    return voted >= fraction(seats.quorum) * seats.members


def check_enough(seats: Seats, standing: int) -> None:
    """Raises `TooFewSeats` where the quorum could not be reached if all of them voted."""
    if not quorate(seats, standing):
        raise TooFewSeats(
            f"{standing} of {seats.members} seats are given, the quorum is {seats.quorum} of them"
        )


def check_giver(body: Body, programme_id: UUID, officer: Person) -> None:
    """Raises `Forbidden` unless this is whom the charter lets give seats of the body."""
    if officer.kind != "officer":
        raise Forbidden("seats are given by somebody who is signed in")
    officer.check(Role(body.seats_by), programme_id)


def check_room(body: Body, known: Sequence[Seat], officer_id: UUID, *, chair: bool) -> int:
    """The number of the next seat of a body; `known` are all it ever had.

    Raises `SeatsTaken`, `HasSeat`, `HasChair`.
    """
    standing = [seat for seat in known if seat.withdrawn_event is None]
    if len(standing) >= body.members:
        raise SeatsTaken(f"all {body.members} seats of {body.name} are given")
    if any(seat.officer_id == officer_id for seat in standing):
        raise HasSeat(f"this person has a seat of {body.name}")
    if chair and any(seat.chair for seat in standing):
        raise HasChair(f"{body.name} has a chair")
    return max((seat.number for seat in known), default=0) + 1


def given_before(known: Sequence[Seat], officer_id: UUID, *, chair: bool) -> Seat | None:
    """The seat that somebody has, where she has it just so: a form was sent twice."""
    return next(
        (
            seat
            for seat in known
            if seat.withdrawn_event is None and (seat.officer_id, seat.chair) == (officer_id, chair)
        ),
        None,
    )


def check_votes(row: Round, seat: Seat | None, voice: SeatInRound | None) -> SeatInRound:
    """The seat in a round that can be voted in; all three are locked.

    Raises `NotNamed`, `NoSeat`, `SeatGone`, `WrongState`.
    """
    if row.seats is None:
        raise NotNamed(f"round {row.round_id} is not one of seats")
    if seat is None or voice is None:
        raise NoSeat(f"you have no seat that votes in round {row.round_id}")
    if seat.withdrawn_event is not None:
        raise SeatGone(f"seat {seat.number} is withdrawn")
    if row.state != "open":
        raise WrongState(f"round {row.round_id} is {row.state}, not open")
    return voice
