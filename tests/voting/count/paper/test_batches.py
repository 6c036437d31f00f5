"""The rules of a batch: two who read alike, or a third; as many papers as stubs; signed ballots."""

import random
from base64 import b64decode
from uuid import UUID, uuid4

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from shared.events.ballots import Approval, Cumulative, Format, Ranking
from shared.events.paper import PaperBatchLocked
from voting.count.paper import batches
from voting.count.paper.batches import Entry

ONE, OTHER, THIRD, FOURTH = (uuid4() for _ in range(4))
ROUND, BATCH = uuid4(), uuid4()
FORM = Approval(max=3)


def read(agent: UUID, *numbers: int) -> Entry:
    return Entry(agent, numbers, None)


def twice(*numbers: int) -> list[Entry]:
    """A paper that two read alike."""
    return [read(ONE, *numbers), read(OTHER, *numbers)]


def test_a_paper_that_two_read_alike_needs_nobody_else() -> None:
    assert batches.standing([read(ONE, 1)]) == "waits"
    assert batches.standing(twice(1, 2)) == "agreed"
    assert batches.decided(twice(1, 2)).choices == (1, 2)
    with pytest.raises(batches.PaperDone):
        batches.turn(twice(1), THIRD)


def test_a_paper_that_two_read_differently_goes_to_a_third_who_decides() -> None:
    entries = [read(ONE, 1), read(OTHER, 2)]
    assert batches.standing(entries) == "differs"
    assert batches.turn(entries, THIRD) == 3
    entries.append(Entry(THIRD, None, "unreadable"))
    assert batches.standing(entries) == "agreed"
    assert batches.decided(entries).void == "unreadable"
    with pytest.raises(batches.PaperDone):
        batches.turn(entries, FOURTH)


@pytest.mark.parametrize("entries", [[read(ONE, 1)], [read(OTHER, 1), read(ONE, 2)]])
def test_nobody_enters_a_paper_twice(entries: list[Entry]) -> None:
    with pytest.raises(batches.EnteredBefore):
        batches.turn(entries, ONE)


def test_each_agent_is_led_to_what_she_has_not_entered() -> None:
    entered = {1: twice(1), 2: [read(ONE, 1)], 4: [read(ONE, 1), read(OTHER, 3)]}
    assert batches.next_paper(entered, 4, ONE) == (3, "waits")
    assert batches.next_paper(entered, 4, OTHER) == (2, "waits")
    entered[2].append(read(OTHER, 1))
    entered[3] = twice(2)
    assert batches.next_paper(entered, 4, ONE) is None
    assert batches.next_paper(entered, 4, THIRD) == (4, "differs")


@pytest.mark.parametrize(
    ("form", "typed", "choices"),
    [
        (FORM, " 3, 1 ;2 ", (1, 2, 3)),
        (FORM, "", ()),
        (FORM, "4 3 2 1", (1, 2, 3, 4)),  # too many: the count makes it void
        (Ranking(points=(3, 2, 1), max=3), "3 1 2", (3, 1, 2)),
        (Cumulative(total=10, most_each=5), "2=1 1=5", ((1, 5), (2, 1))),
    ],
)
def test_what_a_paper_says_is_typed_in_any_order_and_kept_in_one(
    form: Format, typed: str, choices: tuple[object, ...]
) -> None:
    assert batches.read_entry(ONE, typed, "", form, 4).choices == choices


@pytest.mark.parametrize(
    ("typed", "void"),
    [("5", ""), ("0", ""), ("1 1", ""), ("1=2", ""), ("one", ""), ("1", "signed"), ("", "torn")],
)
def test_what_no_paper_can_say_is_refused(typed: str, void: str) -> None:
    with pytest.raises(batches.PaperMalformed):
        batches.read_entry(ONE, typed, void, FORM, 4)


def test_a_batch_locks_only_when_its_papers_are_as_many_as_its_stubs() -> None:
    for entered in ({}, {1: twice(1)}, {1: twice(1), 2: [read(ONE, 1), read(OTHER, 2)]}):
        with pytest.raises(batches.NotAllEntered):
            batches.lock(ROUND, BATCH, 2, entered)


papers = st.lists(
    st.one_of(
        st.sampled_from(batches.VOID).map(lambda void: [Entry(ONE, None, void)] * 3),
        st.sets(st.integers(1, 4)).map(lambda numbers: twice(*sorted(numbers))),
    ),
    min_size=1,
    max_size=20,
)


@given(papers)
def test_a_locked_batch_says_what_its_papers_say_and_nothing_of_their_order(
    read_off: list[list[Entry]],
) -> None:
    locked = batches.lock(ROUND, BATCH, len(read_off), dict(enumerate(read_off, start=1)))
    event, ballots = locked.event, locked.ballots
    assert event.ballots + sum(event.void.values()) == event.stubs == len(read_off)
    wanted = [e[-1].choices for e in read_off if e[-1].choices is not None]
    assert sorted(ballot.choices for ballot in ballots) == sorted(wanted)
    assert [ballot.number for ballot in ballots] == [*range(1, len(ballots) + 1)]
    key = Ed25519PublicKey.from_public_bytes(b64decode(event.batch_key))
    for ballot in ballots:
        key.verify(b64decode(ballot.sig), ballot.signed_bytes())
        other = ballot.model_copy(update={"choices": (*ballot.choices, 7)})
        with pytest.raises(InvalidSignature):
            key.verify(b64decode(ballot.sig), other.signed_bytes())
    shuffled = random.Random(len(ballots)).sample(ballots, len(ballots))
    assert event.digest == PaperBatchLocked.hashed(shuffled)


def test_the_numbers_of_a_batch_are_drawn_by_lot_and_its_key_is_its_own() -> None:
    entered = {n: twice(n) for n in range(1, 101)}
    one, other = (batches.lock(ROUND, BATCH, 100, entered) for _ in range(2))
    orders = [[ballot.choices for ballot in each.ballots] for each in (one, other)]
    in_order = [(n,) for n in range(1, 101)]
    # That two of 100! orders are the same, nobody will see.
    assert orders[0] != orders[1] and in_order not in orders
    assert one.event.batch_key != other.event.batch_key
