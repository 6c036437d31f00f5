"""The rounds of a member as a list: where her vote is missing first, and a filter. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from voting.count.seats.tables import Seat, SeatInRound
from voting.count.tables import Programme, Round

type Stands = Literal["missing", "to-come", "voted", "over"]
# In this order they stand in the list.
ORDER: Final[tuple[Stands, ...]] = ("missing", "to-come", "voted", "over")


@dataclass(frozen=True, slots=True)
class Own:
    """A round in which somebody has a seat, and where it stands for her."""

    row: Round
    seat: Seat
    programme: Programme
    stands: Stands


def stands(row: Round, seat: Seat, voice: SeatInRound, now: datetime) -> Stands:
    """What a round asks of a member: under a seat that was withdrawn, nothing any more."""
    if row.state != "open" or row.ends_at <= now or seat.withdrawn_event is not None:
        return "over"
    if voice.choices is not None:
        return "voted"
    return "missing" if row.opens_at <= now else "to-come"


def listed(
    found: Iterable[tuple[Round, Seat, SeatInRound, Programme]], state: str, now: datetime
) -> list[Own]:
    """The rounds in a state ("" for all): what ends first is first; of what is over, the last."""
    every = [
        Own(row, seat, programme, stands(row, seat, voice, now))
        for row, seat, voice, programme in found
    ]

    def place(own: Own) -> tuple[int, float, int]:
        ends = own.row.ends_at.timestamp()
        return ORDER.index(own.stands), -ends if own.stands == "over" else ends, own.seat.number

    return sorted((each for each in every if state in ("", each.stands)), key=place)
