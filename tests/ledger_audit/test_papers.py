"""Papers in the recount: whoever adds, changes, hides or makes one up is named with the entry."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

import ledger_audit
from shared.canonical import canonical
from shared.events import Event
from shared.events.acts import RoundAnnulled, RoundExtended
from shared.events.funding import AgreementSigned, FundingConfirmed, InstalmentPaid
from shared.events.paper import (
    PaperBallotEntered,
    PaperBatchAnnulled,
    PaperBatchLocked,
    PaperBatchOpened,
    PapersClosed,
    PapersMarked,
)
from shared.events.voting import AllocationPublished, ResultValidated, RoundOpened
from tests.ledger_audit.logs import (
    NOW,
    OFFICERS,
    VKEY,
    Election,
    Log,
    identity,
    option_ids,
    publish,
)
from tests.ledger_audit.test_recount import COSTS, VOTES, changing, counted

# The second batch is annulled: it would have turned the round.
PAPERS = Election(
    COSTS,
    VOTES,
    papers=[[[4], [1, 4], [4], "unreadable", []], [[1], [1], [1]], [[4], "missing"]],
    annulled=[1],
)
ROUND = PAPERS.round_id
ONE = (OFFICERS[0], OFFICERS[0])


def of_kind(log: Log, kind: type[Event]) -> list[int]:
    """Where the entries of a type stand."""
    return [n for n, entry in enumerate(log.entries) if json.loads(entry)["type"] == kind.type]


def without(log: Log, index: int) -> Log:
    """A log whose publisher never said this: what it said later has the numbers before."""
    gone = json.loads(log.entries.pop(index))
    for place in range(index, len(log.entries)):
        leaf = json.loads(log.entries[place])
        if leaf["src"] == gone["src"]:
            log.entries[place] = canonical({**leaf, "number": leaf["number"] - 1})
    return log


def test_papers_are_counted_with_the_others_and_those_of_an_annulled_batch_are_not(
    tmp_path: Path,
) -> None:
    found = counted(PAPERS.log(), tmp_path)
    assert (found.differences, found.agrees) == ((), True)
    assert (found.ballots, found.keys, found.papers, found.counted) == (6, 6, 5, 9)
    ids = [str(option) for option in option_ids(4)]
    assert [found.votes[option] for option in ids] == [3, 3, 3, 5]


def test_papers_of_every_tier_are_counted_by_the_rule(tmp_path: Path) -> None:
    found = counted(replace(PAPERS, annulled=[]).log(), tmp_path)
    assert (found.differences, found.papers) == ((), 8)


def ballot(place: int, **changes: Any) -> Callable[[Event], Event]:
    """Change one paper ballot of the first batch."""

    def change(event: Event) -> Event:
        first = identity("batch", 0)
        mine = isinstance(event, PaperBallotEntered) and event.batch_id == first
        if mine and isinstance(event, PaperBallotEntered) and event.number == place:
            return event.model_copy(update=changes)
        return event

    return change


LIES: dict[str, tuple[Callable[[Event], Event], str]] = {
    "choices of a paper": (ballot(1, choices=(1, 2, 3)), "it is not signed by its key"),
    "a paper's number": (ballot(1, number=9), "it is not signed by its key"),
    "another batch's paper": (ballot(1, batch_id=identity("batch", 2)), "not signed by its key"),
    "stubs at the opening": (changing(PaperBatchOpened, stubs=7), "it says stubs"),
    "stubs at the end": (changing(PaperBatchLocked, stubs=7), "7 stubs, and"),
    "void papers": (changing(PaperBatchLocked, void={}), "ballots and void papers"),
    "ballots": (changing(PaperBatchLocked, ballots=1), "it has 1 ballots, 4 are here"),
    "digest": (changing(PaperBatchLocked, digest="0" * 64), "the digest of its ballots"),
    "key": (changing(PaperBatchLocked, batch_key="A" * 43 + "="), "all verifiers treat alike"),
    "one officer annuls": (changing(PaperBatchAnnulled, officers=ONE), "name two officers"),
    "batches in all": (changing(PapersClosed, batches=3), "it says batches 3, not 2"),
    "stubs in all": (changing(PapersClosed, stubs=6), "it says stubs 6, not 7"),
    "ballots in all": (changing(PapersClosed, ballots=6), "it says ballots 6, not 5"),
    "void in all": (changing(PapersClosed, void={"missing": 2}), "it says void.missing 2"),
    "one officer closes": (changing(PapersClosed, officers=ONE), "name two officers"),
    "more stubs than people": (changing(PapersMarked, marked=6), "6 people were marked for paper"),
}


@pytest.mark.parametrize("lie", LIES)
def test_every_lie_about_papers_is_named(tmp_path: Path, lie: str) -> None:
    change, said = LIES[lie]
    found = counted(replace(PAPERS, change=change).log(), tmp_path)
    assert found.agrees is False
    assert any(said in difference for difference in found.differences), found.differences


def test_a_paper_that_is_left_out_or_put_in_is_named(tmp_path: Path) -> None:
    log = PAPERS.log()
    [first, *_] = of_kind(log, PaperBallotEntered)
    found = counted(without(log, first), tmp_path / "left out")
    assert any("it has 4 ballots, 3 are here" in each for each in found.differences)
    log = PAPERS.log()  # its batches have other keys
    twice = json.loads(log.entries[first])["body"]
    log.append(PaperBallotEntered.model_validate_json(json.dumps(twice)))
    found = counted(log, tmp_path / "put in")
    assert any("is there before" in each for each in found.differences)
    assert any("all papers were said to be in before" in each for each in found.differences)


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        (PaperBatchOpened, "its batch was not opened before"),
        (PaperBatchLocked, "its batch was never locked"),
        (PapersClosed, "it was decided before all papers were in"),
    ],
)
def test_a_step_that_nobody_took_is_named(tmp_path: Path, kind: type[Event], said: str) -> None:
    log = PAPERS.log()
    [index, *_] = of_kind(log, kind)
    found = counted(without(log, index), tmp_path)
    assert any(said in each for each in found.differences), found.differences


def test_a_batch_that_is_neither_locked_nor_annulled_is_named(tmp_path: Path) -> None:
    def change(event: Event) -> Event | None:
        of_batch = isinstance(event, PaperBatchLocked | PaperBallotEntered | PaperBatchAnnulled)
        last = identity("batch", 2)
        return None if of_batch and getattr(event, "batch_id", None) == last else event

    found = counted(replace(PAPERS, change=change).log(), tmp_path)
    assert any("was still open" in each for each in found.differences)


def test_a_round_whose_rules_know_no_paper_counts_none(tmp_path: Path) -> None:
    def change(event: Event) -> Event:
        if not isinstance(event, RoundOpened):
            return event
        return event.model_copy(update={"paper": None}).hashed()

    found = counted(replace(PAPERS, change=change).log(), tmp_path)
    assert found.papers == 0
    assert any("let nobody vote on paper" in each for each in found.differences)


def test_without_the_rolls_marks_no_result_with_paper_agrees(tmp_path: Path) -> None:
    log = PAPERS.log()
    [index] = of_kind(log, PapersMarked)
    found = counted(without(log, index), tmp_path)
    assert (found.agrees, found.differences) == (None, ())
    assert found.lacking == ("the roll's papers-marked is not in the log",)


def test_papers_that_only_the_ledger_says_are_not_counts(tmp_path: Path) -> None:
    log = PAPERS.log()
    [index, *_] = of_kind(log, PaperBatchLocked)
    leaf = json.loads(log.entries[index])
    log.entries[index] = canonical({**leaf, "src": "submission"})
    export = ledger_audit.read(publish(log.entries, tmp_path))
    with pytest.raises(ledger_audit.Tampered):
        ledger_audit.recount(export)


# --- what two officers do to a round ---------------------------------------------------------


def annulled(**others: Any) -> RoundAnnulled:
    act = "TA Lille, no. 2609876"
    said = {"round_id": ROUND, "reason": "court-ruling", "act": act, "officers": OFFICERS}
    return RoundAnnulled.model_validate({**said, **others})


def extended(hours: int, **others: Any) -> RoundExtended:
    said = {"round_id": ROUND, "reason": "box-down", "officers": OFFICERS}
    at = NOW + timedelta(hours=hours)
    return RoundExtended.model_validate({**said, "closes_at": at, **others})


def validated(log: Log, **others: Any) -> ResultValidated:
    [index] = of_kind(log, AllocationPublished)
    allocation = json.loads(log.entries[index])["body"]["digest"]
    said = {"round_id": ROUND, "allocation": allocation, "officers": OFFICERS}
    return ResultValidated.model_validate({**said, **others})


def test_of_an_annulled_round_nothing_is_counted(tmp_path: Path) -> None:
    found = counted(Election(COSTS, VOTES, at_last=[annulled()]).log(), tmp_path)
    assert (found.agrees, found.differences, found.annulled) == (None, (), True)
    assert (found.votes, found.funded, found.spent) == ({}, (), 0)


def test_whatever_is_decided_after_an_annulment_differs(tmp_path: Path) -> None:
    found = counted(Election(COSTS, VOTES, while_open=[annulled()]).log(), tmp_path)
    assert found.agrees is False
    after = [each for each in found.differences if "its round was annulled before" in each]
    assert len(after) == len(COSTS) + 1


def granted() -> list[Event]:
    """What gives money to an option that the round chose, from first to last."""
    grant = {"round_id": ROUND, "option_id": option_ids(4)[1], "amount": 1}
    entered = {"instalment": "grant", "reference": "2027/1", "paid_on": NOW.date()}
    return [
        FundingConfirmed.model_validate(
            {**grant, "act": "2027-1", "on": NOW.date(), "officers": OFFICERS}
        ),
        AgreementSigned.model_validate({**grant, "officers": OFFICERS}),
        InstalmentPaid.model_validate({**grant, **entered, "officer": OFFICERS[0]}),
    ]


def test_whatever_is_granted_after_an_annulment_differs(tmp_path: Path) -> None:
    before = Election(COSTS, VOTES).log()
    for event in (validated(before), *granted(), annulled()):
        before.append(event)
    assert counted(before, tmp_path / "before").differences == ()
    late = Election(COSTS, VOTES).log()
    for event in (validated(late), annulled(), *granted()):
        late.append(event)
    differences = counted(late, tmp_path / "late").differences
    assert ["its round was annulled before" in each for each in differences] == [True] * 3


def test_a_validation_is_of_what_was_published(tmp_path: Path) -> None:
    log = Election(COSTS, VOTES).log()
    log.append(validated(log))
    assert counted(log, tmp_path / "right").agrees is True
    wrongs: list[dict[str, Any]] = [{"allocation": "0" * 64}, {"officers": ONE}]
    for place, wrong in enumerate(wrongs):
        log = Election(COSTS, VOTES).log()
        log.append(validated(log, **wrong))
        assert counted(log, tmp_path / f"wrong {place}").agrees is False


@pytest.mark.parametrize(
    ("during", "after", "said"),
    [
        ([extended(30), extended(40)], [], None),
        ([extended(24)], [], "no later end"),
        ([extended(40), extended(30)], [], "no later end"),
        ([extended(30, officers=ONE)], [], "name two officers"),
        ([], [extended(30)], "its round was closed before"),
        ([], [annulled(officers=ONE)], "name two officers"),
    ],
)
def test_an_extension_gives_an_open_round_a_later_end(
    tmp_path: Path, during: list[Event], after: list[Event], said: str | None
) -> None:
    found = counted(Election(COSTS, VOTES, while_open=during, at_last=after).log(), tmp_path)
    assert (found.differences == ()) is (said is None)
    assert said is None or any(said in each for each in found.differences)


def test_a_vote_in_earnest_is_not_closed_before_its_end(tmp_path: Path) -> None:
    def earnest(event: Event) -> Event:
        if not isinstance(event, RoundOpened):
            return event
        return event.model_copy(update={"rehearsal": False}).hashed()

    # It was closed an hour after its beginning, and was to last a day.
    log = Election(COSTS, VOTES, change=earnest).log()
    export = ledger_audit.read(publish(log.entries, tmp_path))
    [found] = ledger_audit.recount(ledger_audit.verify(export, VKEY))
    assert any("closed before its end" in each for each in found.differences)
