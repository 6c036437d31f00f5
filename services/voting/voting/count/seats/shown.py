"""Seats and what was said under them, as pages show it. Pure: rows in, lines out."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from shared.events.ballots import Format
from voting.count.seats import ballots
from voting.count.seats.seating import NoSeat
from voting.count.seats.tables import Recusal, Seat, SeatInRound
from voting.formats.choices import entries


@dataclass(frozen=True, slots=True)
class Said:
    """A seat in a round: by an option's number what its ballot says, and the recusals.

    `says` is empty where it has no ballot, or a blank one (`cast` tells which).
    """

    seat: Seat
    cast: bool
    says: dict[int, int]
    recused: dict[int, Recusal]
    event: UUID | None


def said(
    form: Format, found: Sequence[tuple[Seat, SeatInRound]], recusals: Sequence[Recusal]
) -> list[Said]:
    """What was said under each seat, by its number; what a recused one said is left out."""
    lines = []
    for seat, voice in found:
        choices = ballots.stored(voice.choices)
        its = recused(recusals, seat.seat_id)
        says = {n: value for n, value in entries(form, choices or ()) if n not in its}
        lines.append(Said(seat, choices is not None, says, its, voice.said_event))
    return lines


def recused(recusals: Sequence[Recusal], seat_id: UUID) -> dict[int, Recusal]:
    """On what a seat is recused, by the option's number."""
    return {each.number: each for each in recusals if each.seat_id == seat_id}


def own(found: Sequence[tuple[Seat, SeatInRound]], officer_id: UUID) -> tuple[Seat, SeatInRound]:
    """A member's seat, one that stands before one that was withdrawn. Raises `NoSeat`."""
    seats = [each for each in found if each[0].officer_id == officer_id]
    if not seats:
        raise NoSeat("you have no seat that votes in this round")
    return min(seats, key=lambda each: each[0].withdrawn_event is not None)


def filled(form: Format, voice: SeatInRound) -> dict[str, str]:
    """The fields of a ballot's form as the last ballot has them."""
    choices = ballots.stored(voice.choices) or ()
    return {f"option-{number}": str(value) for number, value in entries(form, choices)}
