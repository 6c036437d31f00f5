"""Places at a gathering: who has one, who waits for one, and who moves up."""

from collections.abc import Sequence
from dataclasses import dataclass

from shared.refusal import Refusal
from submission.gatherings.tables import Gathering, Registration


class CapacityBelowPlaced(Refusal):
    """More places are given than there would be: nobody loses one by an amendment."""

    code = "capacity_below_placed"


@dataclass(frozen=True, slots=True)
class Counts:
    """How many registrations of a gathering are in each state."""

    placed: int = 0
    waiting: int = 0
    attended: int = 0
    missed: int = 0
    unmarked: int = 0
    waited: int = 0

    @property
    def taken(self) -> int:
        """How many places are given: nobody else gets that of who came, or stayed away."""
        return self.placed + self.attended + self.missed + self.unmarked


def has_room(gathering: Gathering, counts: Counts, suspended: int = 0) -> bool:
    """Whether who comes now gets a place at once: none who waits is passed over, but so many whose
    idea is `suspended`."""
    return counts.taken + counts.waiting - suspended < gathering.capacity


def move_up(
    gathering: Gathering, counts: Counts, waiting: Sequence[Registration]
) -> Sequence[Registration]:
    """Those who wait and for whom there is a place now: who has waited longest is first."""
    in_line = sorted(waiting, key=lambda each: (each.at, each.registration_id))
    return in_line[: max(0, gathering.capacity - counts.taken)]


def check_capacity(capacity: int, counts: Counts) -> None:
    """Raises `CapacityBelowPlaced`."""
    if capacity < counts.taken:
        raise CapacityBelowPlaced(f"{counts.taken} places are given, more than {capacity}")
