"""Places at a session: never more than there are, and nobody who waits is passed over."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from submission.gatherings.places import (
    CapacityBelowPlaced,
    Counts,
    check_capacity,
    has_room,
    move_up,
)
from submission.gatherings.tables import Gathering, Registration

NOON = datetime(2027, 2, 1, 12, tzinfo=UTC)
SESSION = UUID(int=1)
counts = st.builds(Counts, *[st.integers(0, 4)] * 5)


def session(capacity: int) -> Gathering:
    return Gathering(
        gathering_id=SESSION,
        programme_id=UUID(int=2),
        kind="counter",
        territory="artois",
        place="0" * 64,
        begins_at=NOON,
        ends_at=NOON + timedelta(hours=2),
        capacity=capacity,
    )


def waiting(number: int, minutes: int) -> Registration:
    return Registration(
        registration_id=UUID(int=number),
        gathering_id=SESSION,
        handoff_id=UUID(int=number),
        state="waiting",
        at=NOON + timedelta(minutes=minutes),
    )


lines = st.lists(st.integers(0, 3), max_size=8).map(
    lambda minutes: [waiting(n, m) for n, m in enumerate(minutes)]
)


@given(st.integers(1, 8), counts, lines)
def test_as_many_move_up_as_places_are_free_and_the_first_in_line_first(
    capacity: int, found: Counts, line: list[Registration]
) -> None:
    moved = move_up(session(capacity), found, line)
    assert len(moved) == min(len(line), max(0, capacity - found.taken))
    left = [each for each in line if each not in moved]
    assert all(first.at <= later.at for first in moved for later in left)
    assert move_up(session(capacity), found, [*reversed(line)]) == moved


@given(st.integers(1, 8), counts)
def test_who_comes_now_gets_no_place_that_somebody_waits_for(capacity: int, found: Counts) -> None:
    if has_room(session(capacity), found):
        assert found.taken + found.waiting < capacity
    else:
        assert found.taken + found.waiting >= capacity


@given(st.integers(1, 8), counts)
def test_nobody_loses_a_place_by_an_amendment(capacity: int, found: Counts) -> None:
    if found.taken <= capacity:
        check_capacity(capacity, found)
    else:
        with pytest.raises(CapacityBelowPlaced, match=str(found.taken)):
            check_capacity(capacity, found)
