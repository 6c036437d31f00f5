"""Whoever has everything that is at rest, and guesses which ballot is whose. Pure.

What somebody has of a voter or a ballot are numbers with names such as "time:log": before the colon
stands what it is. The roll's side says of each voter when she was issued her token, in the order of
its transactions; the question is what the box's side gives to compare with it.
"""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import sqrt

K = 30
Key = bytes
Numbers = dict[str, float]
Guess = dict[int, Key]
# What of a ballot may be compared with the same of a voter, and in which sense.
TIME, TRANSACTION, ORDER, ID, SIZE = "time", "transaction", "order", "id", "size"


@dataclass
class AtRest:
    """What is found. `batches`: the ballots of each flush in the order of their offsets in Kafka.

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
    names = sorted({name for numbers in found.ballots.values() for name in numbers})
    for name in names:
        kind = name.partition(":")[0]
        ballots = _all(found.ballots, name)
        if ballots is None:
            continue
        for mine in (TIME, TRANSACTION) if kind not in (ID, SIZE) else (TRANSACTION, kind):
            if (voters := _all(found.voters, mine)) is None:
                continue
            yield f"{mine} and {name}, in order", in_order(voters, ballots)
            yield f"{mine} and {name}, batch by batch", in_batches(voters, ballots, found.batches)
            if kind == mine:
                yield f"{mine} and {name}, nearest", nearest(voters, ballots)
    if found.told:
        yield "told and seen, in order", in_order(found.told, found.seen)
        for hours in (0, 1, 2, 3.5, 5, 6):
            before = {voter: time - 3600 * hours for voter, time in found.told.items()}
            yield f"told and seen {hours:g} h before, nearest", nearest(before, found.seen)


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

    How many had come follows from what is public: all that have left by then, and k who wait.
    """
    coming = sorted(voters, key=voters.__getitem__)
    pending: list[int] = []
    guess: Guess = {}
    arrived = left = 0
    for number, batch in enumerate(batches):
        left += len(batch)
        here = len(coming) if number == len(batches) - 1 else left + K
        pending += coming[arrived:here]
        arrived = max(arrived, here)
        leaving = sorted(batch, key=lambda key: ballots[key])
        taken = [int((n + 0.5) * len(pending) / len(leaving)) for n in range(len(leaving))]
        guess |= {pending[at]: key for at, key in zip(taken, leaving, strict=True)}
        pending = [voter for at, voter in enumerate(pending) if at not in set(taken)]
    return guess


def _sorted(ballots: Mapping[Key, float]) -> list[Key]:
    return sorted(ballots, key=lambda key: (ballots[key], key))


def _all[Who](numbers: Mapping[Who, Numbers], name: str) -> dict[Who, float] | None:
    """What is known of nearly everybody under this name; nothing where it is of a few only."""
    known = {who: each[name] for who, each in numbers.items() if name in each}
    return known if len(known) >= 0.9 * len(numbers) else None
