"""Paper ballots, checked from their entries: batches, their keys, and stubs against the roll.

1. Papers are counted in no round whose rules do not say so.
2. A batch is opened once and locked once after, with the same number of stubs, and has as many
   ballots and void papers.
3. Its ballots are numbered from 1 on, each once, are signed by its key, and have its digest.
4. Two officers annul a batch, and none of its ballots counts.
5. Two officers say that all papers are in, once each batch is locked or annulled: the sums are
   those of the batches, no batch follows, and nothing is decided before.
6. There are no more stubs than people whom the roll marked as voting on paper.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ledger_audit.ballots import Checked, NoBallot, check_signature
from ledger_audit.differences import Differences, digest
from ledger_audit.gaps import by_two
from ledger_audit.jcs import canonical
from ledger_audit.rounds import Round, Said

TIER = "P"
_BALLOT_FIELDS = {"v", "round_id", "batch_id", "tier", "number", "choices", "sig"}


@dataclass
class _Batch:
    """What a log says of one batch."""

    opened: list[Said] = field(default_factory=list)
    locked: list[Said] = field(default_factory=list)
    ballots: list[Said] = field(default_factory=list)
    annulled: list[Said] = field(default_factory=list)

    def said(self) -> Iterator[Said]:
        """All of it."""
        yield from (*self.opened, *self.locked, *self.ballots, *self.annulled)


def counted_papers(round_: Round, differences: Differences) -> dict[str, Checked]:
    """The paper ballots of an opened round that count, by batch and number."""
    batches = _batches(round_)
    closed = round_.said.get("papers_closed")
    # 1.
    if round_.said["opened"].body.get("paper") is not True:
        for said in (
            *(s for b in batches.values() for s in b.said()),
            *([closed] if closed else ()),
        ):
            differences.add(said.index, "the rules of its round let nobody vote on paper")
        return {}
    found = dict[str, Checked]()
    for batch_id, batch in batches.items():
        found |= _checked(round_.round_id, batch_id, batch, differences)
    _check_closed(round_, batches, differences)
    return found if closed is not None else {}


def lacking(round_: Round) -> tuple[str, ...]:
    """What a published result cannot be compared with: the roll's word comes by another way."""
    opened, allocation = round_.said.get("opened"), round_.said.get("allocation")
    if opened is None or allocation is None or opened.body.get("paper") is not True:
        return ()
    if "papers_marked" in round_.said:
        return ()
    return ("the roll's papers-marked is not in the log",)


def _batches(round_: Round) -> dict[str, _Batch]:
    found = dict[str, _Batch]()
    for name, several in (
        ("opened", round_.batches),
        ("locked", round_.locked),
        ("ballots", round_.papers),
        ("annulled", round_.annulled_batches),
    ):
        for said in several:
            getattr(found.setdefault(said.body["batch_id"], _Batch()), name).append(said)
    return found


def _checked(
    round_id: str, batch_id: str, batch: _Batch, differences: Differences
) -> dict[str, Checked]:
    """Steps 2 to 4, of one batch."""
    # 2.
    for several in (batch.opened, batch.locked, batch.annulled):
        for said in several[1:]:
            differences.add(said.index, f"a second one of batch {batch_id}")
    first = batch.opened[0] if batch.opened else None
    for said in batch.said():
        if first is None or said.number < first.number:
            differences.add(said.index, "its batch was not opened before")
    # 4.
    for said in batch.annulled:
        if not by_two(said.body):
            differences.add(said.index, "it does not name two officers")
    if not batch.locked:
        for said in batch.ballots:
            differences.add(said.index, "its batch was never locked")
        return {}
    locked = batch.locked[0]
    if first is not None:
        differences.compare(locked, {"stubs": first.body["stubs"]})
    papers = locked.body["ballots"] + sum(locked.body["void"].values())
    if papers != locked.body["stubs"]:
        what = f"{locked.body['stubs']} stubs, and {papers} ballots and void papers"
        differences.add(locked.index, what)
    # 3.
    ballots = dict[int, Said]()
    for said in batch.ballots:
        wrong = _flaw(said.body, locked.body["batch_key"])
        if wrong is None and said.body["number"] in ballots:
            wrong = f"number {said.body['number']} of its batch is there before"
        if wrong is not None:
            differences.add(said.index, f"this is no paper ballot: {wrong}")
            continue
        ballots[said.body["number"]] = said
    if sorted(ballots) != [*range(1, locked.body["ballots"] + 1)]:
        what = f"it has {locked.body['ballots']} ballots, {len(ballots)} are here"
        differences.add(locked.index, what)
    if digest([ballots[number].body for number in sorted(ballots)]) != locked.body["digest"]:
        differences.add(locked.index, "the digest of its ballots is another one")
    if batch.annulled:
        return {}
    return {
        f"{batch_id}/{number}": _ballot(round_id, batch_id, said)
        for number, said in ballots.items()
    }


def _ballot(round_id: str, batch_id: str, said: Said) -> Checked:
    choices = tuple(tuple(c) if isinstance(c, list) else c for c in said.body["choices"])
    key = f"{batch_id}/{said.body['number']}"
    return Checked(said.index, round_id, TIER, key, 1, choices)


def _flaw(body: Mapping[str, Any], key: str) -> str | None:
    """Why this is no ballot of a batch with this key; its form was looked at before."""
    if body.keys() != _BALLOT_FIELDS:
        return "it does not have the fields of a paper ballot"
    unsigned = {name: value for name, value in body.items() if name != "sig"}
    try:
        check_signature(key, body["sig"], canonical(unsigned))
    except NoBallot as reason:
        return str(reason)
    return None


def _check_closed(round_: Round, batches: Mapping[str, _Batch], differences: Differences) -> None:
    """Steps 5 and 6."""
    closed, allocation = round_.said.get("papers_closed"), round_.said.get("allocation")
    decided = round_.decisions if allocation is None else [*round_.decisions, allocation]
    for said in decided:
        if closed is None or said.number < closed.number:
            differences.add(said.index, "it was decided before all papers were in")
    if closed is None:
        return
    if not by_two(closed.body):
        differences.add(closed.index, "it does not name two officers")
    void, sums = Counter[str](), Counter[str]()
    for batch_id, batch in batches.items():
        if not batch.locked and not batch.annulled:
            differences.add(closed.index, f"batch {batch_id} was still open")
        for said in batch.said():
            if said.number > closed.number:
                differences.add(said.index, "all papers were said to be in before")
        if batch.locked and not batch.annulled:
            body = batch.locked[0].body
            sums.update({"batches": 1, "stubs": body["stubs"], "ballots": body["ballots"]})
            void.update(body["void"])
    expected = {name: sums[name] for name in ("batches", "stubs", "ballots")}
    differences.compare(closed, {**expected, "void": dict(void)})
    marked = round_.said.get("papers_marked")
    if marked is not None and marked.body["marked"] < sums["stubs"]:
        what = (
            f"{marked.body['marked']} people were marked for paper, there are {sums['stubs']} stubs"
        )
        differences.add(marked.index, what)
