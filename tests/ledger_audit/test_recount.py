"""The recount: the same winners from the ballots alone, and every lie about them named."""

import json
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ledger_audit
from ledger_audit import ballots, earlier, reference, sifting
from shared.canonical import canonical
from shared.events import Event
from shared.events.earlier import AllocationPublishedV1, OptionDecidedV1, RoundOpenedV1
from shared.events.ledger import LogBegun
from shared.events.submission import OptionsFrozen
from shared.events.voting import (
    BallotCast,
    BoxClosed,
    FlushRule,
    OptionListed,
    RoundClosed,
    RoundOpened,
    RoundPrepared,
    Seats,
    TokensIssued,
)
from tests.ledger_audit.logs import (
    EDITION,
    EDITION_VKEY,
    VKEY,
    Election,
    ElectionBefore,
    Log,
    ballot,
    identity,
    option_ids,
    publish,
)

COSTS = [500_00, 300_00, 300_00, 400_00]
VOTES = [[1], [1, 2], [2, 3], [2, 3, 4], [3], []]
VERSIONS = pytest.mark.parametrize("version", [Election, ElectionBefore])


def counted(log: Log, directory: Path) -> ledger_audit.Recount:
    """The recount of a log with one round, which is well-formed in any case."""
    export = ledger_audit.read(publish(log.entries, directory))
    (found,) = ledger_audit.recount(ledger_audit.verify(export, VKEY))
    return found


@VERSIONS
def test_an_honest_election_agrees(tmp_path: Path, version: type[Election]) -> None:
    found = counted(version(COSTS, VOTES).log(), tmp_path)
    assert found.differences == ()
    assert found.agrees is True
    assert (found.ballots, found.keys, found.budget) == (6, 6, 1_000_00)
    ids = [str(option) for option in option_ids(4)]
    assert [found.votes[option] for option in ids] == [2, 3, 3, 1]
    assert found.spent == sum(COSTS[n] for n, id in enumerate(ids) if id in found.funded)


@VERSIONS
def test_the_highest_revision_counts_wherever_it_stands(
    tmp_path: Path, version: type[Election]
) -> None:
    election = version(COSTS, VOTES, revised=[(0, [4]), (1, [4]), (0, [3, 4])])
    found = counted(election.log(), tmp_path)
    assert (found.differences, found.ballots, found.keys) == ((), 9, 6)
    shuffled = version(COSTS, VOTES, revised=election.revised, ballots=lambda cast: cast[::-1])
    assert counted(shuffled.log(), tmp_path / "2").votes == found.votes


def test_two_tiers_are_counted_together_and_checked_apart(tmp_path: Path) -> None:
    honest = Election(COSTS, VOTES, declared=2, revised=[(5, [1])])
    found = counted(honest.log(), tmp_path)
    assert (found.differences, found.agrees, found.keys) == ((), True, 6)
    stuffed = Election(
        COSTS, VOTES, declared=2, change=changing(TokensIssued, issued={"A": 4, "B": 1})
    )
    [difference] = counted(stuffed.log(), tmp_path / "2").differences
    assert "1 tokens of tier B were issued, 2 were used" in str(difference)


def test_second_codes_are_told_and_let_nobody_cast_more_than_was_issued(tmp_path: Path) -> None:
    given = Election(
        COSTS, VOTES, change=changing(TokensIssued, issued={"A": 6}, reissued={"A": 2})
    )
    found = counted(given.log(), tmp_path)
    assert (found.agrees, found.reissued) == (True, 2)
    # What was issued has the tokens of second codes: they excuse none beyond.
    more = Election(COSTS, VOTES, change=changing(TokensIssued, issued={"A": 5}, reissued={"A": 2}))
    [difference] = counted(more.log(), tmp_path / "2").differences
    assert "5 tokens of tier A were issued, 6 were used" in str(difference)


def test_a_second_code_that_was_told_once_is_not_taken_back(tmp_path: Path) -> None:
    """The roll says in the end that there was none: the bound stays what it was."""
    told = TokensIssued(round_id=identity("round"), issued={"A": 3}, reissued={"A": 2}, final=False)
    found = counted(Election(COSTS, VOTES, while_open=[told]).log(), tmp_path)
    assert (found.agrees, found.reissued) == (True, 2)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            lambda: changing(OptionsFrozen, body_name="committee"),
            "others vote in it than those whom submission gave the options to",
        ),
        (
            lambda: changing(
                RoundPrepared, seats=Seats(body_name="committee", members=3, quorum="1/2")
            ),
            "it was prepared for others than vote in it",
        ),
        (
            lambda: changing(RoundPrepared, assisted=True),
            "the booth has a tier, or has none, and it was prepared otherwise",
        ),
    ],
    ids=["frozen for a body", "prepared for a body", "prepared with the booth"],
)
def test_nobody_votes_for_whom_a_round_was_not_prepared(
    tmp_path: Path, change: Callable[[], Callable[[Event], Event]], said: str
) -> None:
    """Count opens to residents, or without the booth, what was given to others."""
    found = counted(Election(COSTS, VOTES, change=change()).log(), tmp_path)
    assert [each.partition(": ")[2] for each in found.differences] == [said]


@VERSIONS
def test_a_result_of_a_round_that_was_never_closed_differs(
    tmp_path: Path, version: type[Election]
) -> None:
    """Nothing says otherwise that voting ended when the rules had it end."""
    kept_back = version(
        COSTS, VOTES, change=lambda event: None if isinstance(event, RoundClosed) else event
    )
    found = counted(kept_back.log(), tmp_path)
    assert found.agrees is False
    assert [each.partition(": ")[2] for each in found.differences] == [
        "its round was not closed by then"
    ]


def test_a_round_that_is_not_decided_yet_neither_agrees_nor_differs(tmp_path: Path) -> None:
    log = Election(COSTS, VOTES).log()
    del log.entries[-1]
    found = counted(log, tmp_path)
    assert (found.published, found.agrees, found.differences) == (False, None, ())


def without(log: Log, *kinds: str) -> Log:
    """A log whose publishers never said these: their numbers go on."""
    kept, numbers = list[bytes](), Counter[str]()
    for entry in log.entries:
        leaf = json.loads(entry)
        if not leaf["type"].startswith(kinds):
            numbers[leaf["src"]] += 1
            kept.append(canonical({**leaf, "number": numbers[leaf["src"]]}))
    return Log(kept, numbers)


@VERSIONS
@pytest.mark.parametrize("left", ["closed and decided", "closed", "decided"])
def test_a_round_that_was_never_opened_differs(
    tmp_path: Path, version: type[Election], left: str
) -> None:
    kinds = {
        "closed and decided": (),
        "closed": ("voting.option-decided", "voting.allocation-published"),
        "decided": ("voting.round-closed", "voting.allocation-published"),
    }[left]
    log = without(version(COSTS, VOTES).log(), "voting.round-opened", *kinds)
    found = counted(log, tmp_path)
    assert (found.agrees, found.rule, found.funded) == (False, "none", ())
    named = [n for n, entry in enumerate(log.entries) if _is_outcome(entry)]
    assert named
    for index in named:
        what = f"entry {index}: its round was never opened: nothing says its rules"
        assert what in found.differences


def _is_outcome(entry: bytes) -> bool:
    outcomes = ("voting.box-closed", "voting.option-decided", "voting.allocation-published")
    return bool(json.loads(entry)["type"].startswith(outcomes))


def test_a_round_that_is_only_prepared_is_no_round_yet(tmp_path: Path) -> None:
    kinds = ("voting.round-opened", "voting.box", "voting.allocation", "voting.option-decided")
    log = without(Election(COSTS, VOTES).log(), *kinds, "voting.ballot-cast")
    export = ledger_audit.read(publish(log.entries, tmp_path))
    assert ledger_audit.recount(ledger_audit.verify(export, VKEY)) == []


@VERSIONS
def test_without_the_rolls_final_count_no_result_agrees(
    tmp_path: Path, version: type[Election]
) -> None:
    honest = version(COSTS, VOTES).log()
    for name, log in {
        "none": without(honest, "voting.tokens-issued"),
        "not the last": version(COSTS, VOTES, change=changing(TokensIssued, final=False)).log(),
    }.items():
        found = counted(log, tmp_path / name)
        assert (found.published, found.agrees, found.differences) == (True, None, ())
        assert found.lacking == ("the roll's final tokens-issued is not in the log",)
    undecided = without(honest, "voting.tokens-issued", "voting.allocation-published")
    assert counted(undecided, tmp_path / "undecided").lacking == ()


@VERSIONS
def test_options_that_nobody_froze_differ(tmp_path: Path, version: type[Election]) -> None:
    log = without(version(COSTS, VOTES).log(), "submission.options-frozen")
    found = counted(log, tmp_path)
    assert any("no submission.options-frozen says" in each for each in found.differences)


@pytest.mark.parametrize(
    ("k", "interval", "hides"),
    [(30, 900, True), (50, 900, True), (29, 900, False), (30, 899, False)],
)
def test_a_vote_in_earnest_hides_its_ballots_among_enough_others(
    tmp_path: Path, k: int, interval: int, hides: bool
) -> None:
    def earnest(event: Event) -> Event:
        if not isinstance(event, RoundOpened):
            return event
        flush = FlushRule(k=k, interval=interval)
        return event.model_copy(update={"rehearsal": False, "flush": flush}).hashed()

    found = counted(Election(COSTS, VOTES, change=earnest).log(), tmp_path)
    few = [each for each in found.differences if "in earnest its ballots leave among" in each]
    assert len(few) == (not hides)


@VERSIONS
@pytest.mark.parametrize(("name", "other"), [("programme_id", uuid4()), ("rehearsal", False)])
def test_a_round_of_another_programme_than_its_log_differs(
    tmp_path: Path, version: type[Election], name: str, other: object
) -> None:
    begun = LogBegun(
        log="edition",
        origin=EDITION,
        programme_id=identity("programme"),
        charter="0" * 64,
        rehearsal=True,
    )
    for place, said in enumerate((begun, begun.model_copy(update={name: other}))):
        log = version(COSTS, VOTES).log()
        log.append(said, "ledger")
        log.entries.insert(0, log.entries.pop())
        export = ledger_audit.read(publish(log.entries, tmp_path / str(place), origin=EDITION))
        [found] = ledger_audit.recount(ledger_audit.verify(export, EDITION_VKEY))
        assert found.agrees is (place == 0)
        wrong = [each for each in found.differences if f"its {name} is not that of its log" in each]
        assert len(wrong) == len(found.differences) == place


@VERSIONS
@pytest.mark.parametrize("kind", ["voting.option-decided", "voting.allocation-published"])
def test_nothing_is_decided_before_its_box_is_closed(
    tmp_path: Path, version: type[Election], kind: str
) -> None:
    log = version(COSTS, VOTES).log()
    kinds = [json.loads(entry)["type"].rpartition(".")[0] for entry in log.entries]
    closed, decided = kinds.index("voting.box-closed"), kinds.index(kind)
    log.entries.insert(decided, log.entries.pop(closed))
    del log.entries[decided + 1 :]
    export = ledger_audit.read(publish(log.entries, tmp_path))
    with pytest.raises(ledger_audit.Tampered, match="its box not closed by then") as caught:
        ledger_audit.verify(export, VKEY)
    first = kinds.index("voting.option-decided") - 1
    assert (caught.value.step, caught.value.index) == (8, first)


@pytest.mark.parametrize("round_id", ["round", "r\nmax_length;1", None, 7])
def test_a_round_without_an_id_is_no_round(tmp_path: Path, round_id: object) -> None:
    log = Election(COSTS, VOTES).log()
    at = len(log.entries) - 1
    leaf = json.loads(log.entries[at])
    log.entries[at] = canonical({**leaf, "body": {**leaf["body"], "round_id": round_id}})
    with pytest.raises(ledger_audit.Tampered, match="round_id") as caught:
        ledger_audit.recount(ledger_audit.read(publish(log.entries, tmp_path)))
    assert (caught.value.step, caught.value.index) == (9, at)


def test_a_round_of_before_that_was_decided_by_what_follows_agrees(tmp_path: Path) -> None:
    found = counted(ElectionBefore(COSTS, VOTES, upgraded=True).log(), tmp_path)
    assert (found.differences, found.agrees, found.rule) == ((), True, "votes")


@settings(max_examples=15, deadline=None)
@given(
    st.lists(st.integers(1, 6).map(lambda n: n * 100_00), min_size=1, max_size=5),
    st.lists(st.lists(st.integers(1, 5), max_size=3, unique=True).map(sorted), max_size=12),
)
def test_any_election_of_before_agrees_with_the_auditor(
    tmp_path_factory: pytest.TempPathFactory, costs: list[int], votes: list[list[int]]
) -> None:
    possible = [[choice for choice in choices if choice <= len(costs)] for choices in votes]
    found = counted(ElectionBefore(costs, possible).log(), tmp_path_factory.mktemp("log"))
    assert found.differences == ()
    assert found.agrees is True


@given(
    st.lists(st.tuples(st.integers(1, 9), st.integers(0, 3)), max_size=8),
    st.integers(0, 40),
    st.sampled_from([(), ("cost",), ("option",), ("cost", "option"), ("option", "cost")]),
)
def test_the_rule_of_before_is_one_of_todays(
    options: list[tuple[int, int]], budget: int, ties: tuple[str, ...]
) -> None:
    ids = [str(identity("option", n)) for n in range(len(options))]
    costs = {i: cost for i, (cost, _) in zip(ids, options, strict=True)}
    votes = {i: votes for i, (_, votes) in zip(ids, options, strict=True)}
    before = reference.greedy(costs, votes, budget, ties)
    opened = {"budget": budget, "tie_order": [*ties], "format": {"type": "approval", "max": 9}}
    today = earlier.today(opened)
    listed = [{"id": i, "number": n, "cost": costs[i]} for n, i in enumerate(ids, start=1)]
    cast = [{"choices": [n], "voters": many} for n, (_, many) in enumerate(options, 1) if many]
    found = reference.count(today["rule"], today["format"], listed, cast)
    assert found.winners == tuple(looked.option for looked in before if looked.funded)
    reasons = {o: "does_not_fit" if r == "lost_tie" else r for o, r in found.reasons.items()}
    assert reasons == {looked.option: looked.reason for looked in before}


def changing(kind: type[Event], **changes: Any) -> Callable[[Event], Event]:
    """Change every event of a type on its way into the log."""
    return lambda event: event.model_copy(update=changes) if type(event) is kind else event


LIES: dict[str, tuple[Callable[[Event], Event], str]] = {
    "votes": (changing(OptionDecidedV1, votes=7), "it says votes 7, not"),
    "cost": (changing(OptionDecidedV1, cost=1), "it says cost 1, not"),
    "rank": (changing(OptionDecidedV1, rank=4), "it says rank 4, not"),
    "funded": (changing(OptionDecidedV1, funded=True), "it says funded True, not False"),
    "reason": (changing(OptionDecidedV1, reason="funded"), "it says reason funded, not"),
    "left": (changing(OptionDecidedV1, left=3), "it says left 3, not"),
    "spent": (changing(AllocationPublishedV1, spent=3), "it says spent 3, not"),
    "budget": (changing(AllocationPublishedV1, budget=3), "it says budget 3, not"),
    "ballots": (changing(AllocationPublishedV1, ballots=5), "it says ballots 5, not 6"),
    "how many": (changing(AllocationPublishedV1, funded=0), "it says funded 0, not"),
    "digest": (changing(AllocationPublishedV1, digest="0" * 64), "it says digest 0000"),
    "keys": (changing(BoxClosed, keys=5), "it says keys 5, not 6"),
    "tokens": (changing(TokensIssued, issued={"A": 5}), "5 tokens of tier A were issued, 6 were"),
    "codes": (changing(TokensIssued, codes={"A": 5}), "6 tokens were issued, for 5 codes"),
    "rules": (changing(RoundOpenedV1, budget=900_00), "the digest of the rules"),
    "option's cost": (changing(OptionListed, cost=1), "the digest of the options"),
    "tiers": (changing(RoundOpenedV1, tiers={"A": "AAAA"}), "the tier keys are not those"),
    "tie order": (changing(RoundOpenedV1, tie_order=("option",)), "the digest of the rules"),
}


@pytest.mark.parametrize("what", LIES)
def test_a_lie_about_a_result_of_before_is_named(tmp_path: Path, what: str) -> None:
    change, complaint = LIES[what]
    found = counted(ElectionBefore(COSTS, VOTES, change=change).log(), tmp_path)
    assert found.agrees is False
    assert any(complaint in difference for difference in found.differences), found.differences
    assert all(difference.startswith("entry ") for difference in found.differences)


def test_two_winners_exchanged_are_found(tmp_path: Path) -> None:
    """All votes are as they were; only who gets the money is not."""

    def swap(event: Event) -> Event:
        if isinstance(event, OptionDecidedV1):
            return event.model_copy(update={"funded": not event.funded})
        return event

    found = counted(ElectionBefore(COSTS, VOTES, change=swap).log(), tmp_path)
    assert any("it says funded" in difference for difference in found.differences)


def replaced(
    place: int, choices: Sequence[Any] = (1,), **changes: Any
) -> Callable[[list[BallotCast]], list[BallotCast]]:
    """One ballot by another: what a box, or a ledger, could make up."""

    def replace(cast: list[BallotCast]) -> list[BallotCast]:
        made = ballot(place + 1, choices, round_id=cast[0].round, **changes)
        return [*cast[:place], made, *cast[place + 1 :]]

    return replace


def resigned(place: int, **changes: Any) -> Callable[[list[BallotCast]], list[BallotCast]]:
    """One ballot changed after it was signed."""

    def change(cast: list[BallotCast]) -> list[BallotCast]:
        return [*cast[:place], cast[place].model_copy(update=changes), *cast[place + 1 :]]

    return change


SMALL_ORDER_KEY = "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="  # y = 1, the neutral point
NOT_REDUCED_KEY = "8P///////////////////////////////////////38="  # y = p + 3
type Forge = Callable[[list[BallotCast]], list[BallotCast]]
REFUSED = "the box had to refuse this ballot, which is void: "
# What is done, the complaint, and that of today where it is another one.
FORGED: dict[str, tuple[Forge, str] | tuple[Forge, str, str]] = {
    "a stuffed ballot": (replaced(2, token="A" * 512), "its token is not the roll's"),
    "changed choices": (resigned(2, choices=(4,)), "it is not signed by its key"),
    "an exchanged signature": (resigned(2, sig="A" * 86 + "=="), "it is not signed by its key"),
    "another tier": (replaced(2, tier="B"), "the round has no tier B"),
    "another round": (replaced(2, round=str(identity("other"))), "kept out"),
    "too many choices": (
        replaced(2, choices=[1, 2, 3, 4]),
        "it has 4 choices",
        REFUSED + "too_many",
    ),
    "an unknown option": (
        replaced(2, choices=[5]),
        "an option that does not exist",
        REFUSED + "malformed",
    ),
    "an option twice": (
        replaced(2, choices=[1, 1]),
        "its choices do not increase",
        REFUSED + "malformed",
    ),
    "choices unordered": (
        replaced(2, choices=[2, 1]),
        "its choices do not increase",
        REFUSED + "malformed",
    ),
    "values": (
        replaced(2, choices=[[1, 1]]),
        "does not have the fields of a ballot",
        REFUSED + "malformed",
    ),
    "the same revision again": (lambda cast: [*cast[:2], cast[1], *cast[3:]], "revision 1 is at"),
    "a small-order key": (resigned(2, key_=SMALL_ORDER_KEY), "its token is not the roll's"),
}


@VERSIONS
@pytest.mark.parametrize("what", FORGED)
def test_a_ballot_that_nobody_cast_is_named(
    tmp_path: Path, what: str, version: type[Election]
) -> None:
    change, *complaints = FORGED[what]
    log = version(COSTS, VOTES, ballots=change).log()
    if what == "another round":
        # The counts of the box find it before anybody looks at the ballot.
        with pytest.raises(ledger_audit.Tampered, match="closed with 6 ballots, 5 are here"):
            counted(log, tmp_path)
        return
    found = counted(log, tmp_path)
    assert found.agrees is False
    complaint = complaints[0 if version is ElectionBefore else -1]
    assert any(complaint in difference for difference in found.differences), found.differences


@pytest.mark.parametrize("key", [SMALL_ORDER_KEY, NOT_REDUCED_KEY, "AAAA"])
def test_keys_that_verifiers_treat_differently_are_refused(key: str) -> None:
    with pytest.raises(ballots.NoBallot, match="all verifiers treat alike"):
        ballots.check_signature(key, "A" * 86 + "==", b"{}")


def test_an_event_without_the_fields_of_its_kind_is_named(tmp_path: Path) -> None:
    log = ElectionBefore(COSTS, VOTES).log()
    at = next(i for i, entry in enumerate(log.entries) if b"round-opened" in entry)
    log.entries[at] = log.entries[at].replace(b'"budget":100000', b'"budget":"much"')
    with pytest.raises(ledger_audit.Tampered, match="budget: no whole number") as caught:
        counted(log, tmp_path)
    assert (caught.value.step, caught.value.index) == (9, at)


def test_many_ballots_are_checked_by_several_processes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # More than one bundle, so that they can come out of order.
    election = Election(COSTS, VOTES * 100, ballots=replaced(2, token="A" * 512))
    log = election.log()
    alone = counted(log, tmp_path / "1")
    monkeypatch.setattr(sifting, "MANY", 0)
    monkeypatch.setattr(sifting, "_TOGETHER", 1)
    assert counted(log, tmp_path / "2") == alone
    assert "its token is not the roll's" in alone.differences[0]
