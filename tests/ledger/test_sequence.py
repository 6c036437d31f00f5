"""Whatever the order of arrival, a publisher's events stand in the order of their numbers."""

from dataclasses import replace
from hashlib import sha256
from itertools import groupby, pairwise
from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st

from ledger.sequence import (
    PUBLISHERS,
    TOPICS,
    Leaf,
    Quarantined,
    Stream,
    place,
    unfit,
    without_known,
)
from shared.events import ALL
from shared.events.event import Ledgered

STREAMS = [Stream("one", "voting.box"), Stream("one", "voting.count"), Stream("two", "voting.box")]


def leaf(stream: Stream, number: int, said: str = "") -> Leaf:
    return Leaf(stream, number, UUID(int=hash((stream, number)) % 2**128), said.encode())


@st.composite
def shuffled(draw: st.DrawFn) -> list[Leaf]:
    """All events of some streams, in any order."""
    counts = draw(st.lists(st.integers(0, 6), min_size=3, max_size=3))
    events = [
        leaf(stream, number)
        for stream, count in zip(STREAMS, counts, strict=True)
        for number in range(1, count + 1)
    ]
    return draw(st.permutations(events))


@given(shuffled(), st.lists(st.integers(0, 20), max_size=4))
def test_every_event_is_appended_once_in_its_order_whatever_the_batches(
    events: list[Leaf], cuts: list[int]
) -> None:
    last, held, appended = dict[Stream, int](), list[Leaf](), list[Leaf]()
    places = sorted({0, len(events), *(cut % (len(events) + 1) for cut in cuts)})
    for start, end in pairwise(places):
        placed = place([*held, *events[start:end]], last, {"one", "two"})
        assert not placed.taken and not placed.late
        appended += placed.appended
        held = placed.held
        last |= {found.stream: found.number for found in placed.appended}
    assert not held
    assert sorted(appended, key=lambda e: (e.stream, e.number)) == sorted(
        events, key=lambda e: (e.stream, e.number)
    )
    for stream in STREAMS:
        numbers = [found.number for found in appended if found.stream == stream]
        assert numbers == [*range(1, len(numbers) + 1)]


@given(shuffled())
def test_what_is_in_order_already_keeps_its_place_between_streams(events: list[Leaf]) -> None:
    ordered, following = list[Leaf](), dict[Stream, int]()
    for event in events:
        number = following[event.stream] = following.get(event.stream, 0) + 1
        ordered.append(leaf(event.stream, number))
    assert place(ordered, {}, {"one", "two"}).appended == ordered


def test_a_gap_holds_one_publisher_and_not_the_others() -> None:
    box, count, other = STREAMS
    events = [leaf(box, 1), leaf(box, 3), leaf(count, 1), leaf(other, 1), leaf(box, 4)]
    placed = place(events, {}, {"one", "two"})
    assert placed.appended == [leaf(box, 1), leaf(count, 1), leaf(other, 1)]
    assert placed.held == [leaf(box, 3), leaf(box, 4)]


def test_what_belongs_to_no_log_yet_is_held_from_its_first_number_on() -> None:
    placed = place([leaf(STREAMS[2], 1), leaf(STREAMS[0], 1)], {}, {"one"})
    assert placed.appended == [leaf(STREAMS[0], 1)]
    assert placed.held == [leaf(STREAMS[2], 1)]


def test_a_number_that_another_event_has_is_taken() -> None:
    box = STREAMS[0]
    again = Leaf(box, 3, uuid4(), b"another")
    placed = place([again, leaf(box, 7), Leaf(box, 7, uuid4(), b"another")], {box: 5}, {"one"})
    assert [found.number for found in placed.taken] == [3, 7]
    assert placed.held == [leaf(box, 7)]


def test_a_redelivery_is_dropped_and_a_contradiction_is_not_believed() -> None:
    box = STREAMS[0]
    first, second = leaf(box, 1, "said"), leaf(box, 2, "said")
    lie = Leaf(box, 2, second.id, b"unsaid")
    elsewhere = Leaf(STREAMS[2], 1, first.id, first.bytes)
    fresh, found = without_known(
        [first, second, second, lie, elsewhere], {first.id: ("one", first.bytes)}
    )
    assert fresh == [second]
    assert found == [
        Quarantined(each, "its id is taken by other bytes") for each in (lie, elsewhere)
    ]


def test_nobody_writes_in_anothers_name() -> None:
    assert unfit(leaf(STREAMS[0], 1), "voting.ballots") is None
    assert (
        unfit(leaf(STREAMS[0], 1), "voting.rounds")
        == "voting.box does not publish on voting.rounds"
    )
    assert unfit(leaf(STREAMS[0], 1), "submission.texts") is not None


def test_what_is_unread_holds_back_its_publisher_and_nobody_else() -> None:
    box, count, _ = STREAMS
    unread = replace(leaf(box, 2), unread="the type is unknown")
    placed = place([leaf(box, 1), unread, leaf(box, 3), leaf(count, 1)], {}, {"one"})
    assert placed.appended == [leaf(box, 1), leaf(count, 1)]
    assert placed.held == [unread, leaf(box, 3)]


def test_what_is_refused_has_its_place_in_the_order() -> None:
    box = STREAMS[0]
    refused = replace(leaf(box, 2), refused="too_large")
    placed = place([leaf(box, 3), refused, leaf(box, 1)], {}, {"one"})
    assert placed.appended == [leaf(box, 1), refused, leaf(box, 3)]


def test_what_comes_for_a_log_that_has_ended_is_late_whatever_its_number() -> None:
    box, _, other = STREAMS
    placed = place([leaf(box, 6), leaf(box, 9), leaf(other, 1)], {box: 5}, {"one", "two"}, {"one"})
    assert placed.late == [leaf(box, 6), leaf(box, 9)]
    assert placed.appended == [leaf(other, 1)]


def test_what_was_put_aside_and_comes_again_is_dropped() -> None:
    again = leaf(STREAMS[0], 1, "said")
    aside = {(again.id, sha256(b"said").digest())}
    assert without_known([again], {}, aside) == ([], [])
    other = replace(again, bytes=b"other")
    assert without_known([other], {}, aside) == ([other], [])


def test_every_ledgered_topic_is_consumed_and_no_other() -> None:
    of_topic = groupby(sorted(ALL, key=lambda e: e.topic), key=lambda e: e.topic)
    ledgered = {t for t, kinds in of_topic if any(k.ledgered is not Ledgered.NO for k in kinds)}
    assert set(TOPICS) == ledgered - {"none"}
    assert all(topic.split(".")[0] == src.split(".")[0] for topic, src in PUBLISHERS.items())
