"""Whoever has everything that is at rest, and guesses which ballot is whose. Pure.

What somebody has of a voter or a ballot are numbers with names such as "time:log": before the colon
stands what it is. The roll's side says of each voter when she was issued her token, in the order of
its transactions, and where she came from; the question is what the box's side gives to compare with
it. All that is found on one side is compared with all of the other that it could be compared with.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import sqrt

K = 30
Key = bytes
Numbers = dict[str, float]
Guess = dict[int, Key]
# What of a ballot may be compared with the same of a voter, and in which sense.
TIME, TRANSACTION, ORDER, ID, SIZE = "time", "transaction", "order", "id", "size"
# These tell nothing by their order: a voter's and a ballot's are the same or not.
ADDRESS, TRACE = "address", "trace"


@dataclass
class AtRest:
    """What is found. `batches`: the keys of each flush in the order of the ledger.

    `seen` and `told` are of the one attacker who was there: whoever keeps the box sees each ballot
    come, and reads in Kafka when which voter was told that her right was used. She has not the
    roll's disk, and nobody who has it keeps the box (voting-protocol.md §8).
    """

    voters: dict[int, Numbers] = field(default_factory=dict)
    ballots: dict[Key, Numbers] = field(default_factory=dict)
    batches: list[list[Key]] = field(default_factory=list)
    seen: dict[Key, float] = field(default_factory=dict)
    told: dict[int, float] = field(default_factory=dict)


def threshold(voters: int) -> float:
    """Which share may be linked: one in k, and three standard deviations of so many guesses."""
    chance = 1 / K
    return chance + 3 * sqrt(chance * (1 - chance) / voters)


def shares(found: AtRest, truth: Mapping[int, Key]) -> dict[str, float]:
    """Of each attacker, the share of voters that is linked to the right ballot; best first."""
    named = {
        name: sum(guess.get(voter) == key for voter, key in truth.items()) / len(truth)
        for name, guess in guesses(found)
    }
    return dict(sorted(named.items(), key=lambda each: -each[1]))


def guesses(found: AtRest) -> Iterator[tuple[str, Guess]]:
    """Every attacker's guess, by name."""
    of_voters, of_ballots = _known(found.voters), _known(found.ballots)
    for name, ballots in of_ballots.items():
        kind = _kind(name)
        for mine, voters in of_voters.items():
            if not _comparable(_kind(mine), kind):
                continue
            if kind in (ADDRESS, TRACE):
                yield f"{mine} and {name}, equal", equal(voters, ballots)
                continue
            yield f"{mine} and {name}, in order", in_order(voters, ballots)
            yield f"{mine} and {name}, batch by batch", in_batches(voters, ballots, found.batches)
            if kind == _kind(mine):
                yield f"{mine} and {name}, nearest", nearest(voters, ballots)
    if found.told:
        yield "told and seen, in order", in_order(found.told, found.seen)
        for hours in (0, 1, 2, 3.5, 5, 6):
            before = {voter: time - 3600 * hours for voter, time in found.told.items()}
            yield f"told and seen {hours:g} h before, nearest", nearest(before, found.seen)


def equal(voters: Mapping[int, float], ballots: Mapping[Key, float]) -> Guess:
    """The ballot that has what the voter has; the first where several have."""
    having = defaultdict[float, list[Key]](list)
    for key, number in ballots.items():
        having[number].append(key)
    return {voter: having[number][0] for voter, number in voters.items() if number in having}


def nearest(voters: Mapping[int, float], ballots: Mapping[Key, float]) -> Guess:
    """The first ballot behind each voter that is nobody's yet; votes follow tokens."""
    left = sorted((number, key) for key, number in ballots.items())
    guess: Guess = {}
    for voter, number in sorted(voters.items(), key=lambda each: each[1]):
        at = bisect_left(left, (number, b""))
        if at < len(left):
            guess[voter] = left.pop(at)[1]
    return guess


def in_order(voters: Mapping[int, float], ballots: Mapping[Key, float]) -> Guess:
    """The first voter has the first ballot, and so on."""
    return dict(zip(sorted(voters, key=voters.__getitem__), _sorted(ballots), strict=False))


def in_batches(
    voters: Mapping[int, float], ballots: Mapping[Key, float], batches: Sequence[Sequence[Key]]
) -> Guess:
    """Of those who had come by a flush, so many left: spread over them, in order.

    How many had come follows from what is public: all that have left by then, and k who wait. Who
    changed her mind may leave again: by then she was guessed.
    """
    coming = sorted(voters, key=voters.__getitem__)
    pending: list[int] = []
    guess: Guess = {}
    arrived = left = 0
    gone = set[Key]()
    for number, each in enumerate(batches):
        batch = [key for key in each if key not in gone and key in ballots]
        gone.update(batch)
        left += len(batch)
        here = len(coming) if number == len(batches) - 1 else left + K
        pending += coming[arrived:here]
        arrived = max(arrived, here)
        if not pending:  # of few voters this is not known
            continue
        leaving = sorted(batch, key=lambda key: ballots[key])
        taken = [int((n + 0.5) * len(pending) / len(leaving)) for n in range(len(leaving))]
        guess |= {pending[at]: key for at, key in zip(taken, leaving, strict=True)}
        guessed = set(taken)
        pending = [voter for at, voter in enumerate(pending) if at not in guessed]
    return guess


def _sorted(ballots: Mapping[Key, float]) -> list[Key]:
    return sorted(ballots, key=lambda key: (ballots[key], key))


def _kind(name: str) -> str:
    return name.partition(":")[0]


def _comparable(of_voter: str, of_ballot: str) -> bool:
    if of_ballot in (ADDRESS, TRACE) or of_voter in (ADDRESS, TRACE):
        return of_voter == of_ballot
    if of_ballot in (ID, SIZE):
        return of_voter in (TRANSACTION, of_ballot)
    return of_voter in (TIME, TRANSACTION, ORDER)


def _known[Who](numbers: Mapping[Who, Numbers]) -> dict[str, dict[Who, float]]:
    """What is known of nearly everybody, by its name; not what is known of a few only."""
    found = defaultdict[str, dict[Who, float]](dict)
    for who, each in numbers.items():
        for name, number in each.items():
            found[name][who] = number
    return {name: found[name] for name in sorted(found) if len(found[name]) >= 0.9 * len(numbers)}
