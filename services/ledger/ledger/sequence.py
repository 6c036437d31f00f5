"""What becomes of events that arrive: appended, held back, rejected in public, or in quarantine.

Numbers are gapless per publisher and log. The topics of one publisher are read side by side, so
that its events arrive out of order as a matter of course; in the log they stand in order.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from types import MappingProxyType
from typing import NamedTuple
from uuid import UUID

from shared.events.ledger import Refused

# Who writes on each ledgered topic. The broker's ACLs say so too; here it is what keeps one
# publisher from taking another's numbers.
PUBLISHERS: Mapping[str, str] = MappingProxyType(
    {
        "submission.programmes": "submission",
        "submission.projects": "submission",
        "submission.gatherings": "submission",
        "submission.counters": "submission",
        "submission.administration": "submission",
        "voting.rounds": "voting.count",
        "voting.decisions": "voting.count",
        "voting.paper": "voting.count",
        "voting.roll": "voting.roll",
        "voting.ballots": "voting.box",
        "voting.openings": "voting.count",
        "voting.seats": "voting.count",
        "voting.administration": "voting.count",
        "notification.administration": "notification",
    }
)
TOPICS = tuple(PUBLISHERS)


# The ledger's own entries, in every log.
LEDGER = "ledger"


class Stream(NamedTuple):
    """One publisher's events in one log."""

    log: str
    src: str


@dataclass(frozen=True, slots=True)
class Leaf:
    """An event on its way into a log; `bytes` is what will be hashed.

    `unread` says why this version cannot read it: it waits for one that can. `refused` says why no
    version can take it: an entry of the ledger's own stands in its place.
    """

    stream: Stream
    number: int
    id: UUID
    bytes: bytes
    unread: str | None = None
    refused: Refused | None = None


class Quarantined(NamedTuple):
    """A leaf that no log takes, and why.

    What is `unfit` was not said by its publisher, or not where it is said: it does not count as
    known when it is. Else a copy that somebody sends first would keep the event itself away.
    """

    leaf: Leaf
    reason: str
    unfit: bool = False


@dataclass
class Placed:
    """What becomes of a batch.

    `appended` stand in their logs, those that are refused as a rejection in their place; `taken`
    come with a number that another event has, `late` for a log that has ended: a rejection says so.
    """

    appended: list[Leaf] = field(default_factory=list)
    held: list[Leaf] = field(default_factory=list)
    taken: list[Leaf] = field(default_factory=list)
    late: list[Leaf] = field(default_factory=list)


def unfit(leaf: Leaf, topic: str) -> str | None:
    """Why no log can take this leaf, nor a rejection of it, or None: who says it is not who may."""
    if leaf.stream.src != PUBLISHERS.get(topic):
        return f"{leaf.stream.src[:40]} does not publish on {topic}"
    return None


def without_known(
    leaves: Iterable[Leaf],
    known: Mapping[UUID, tuple[str, bytes]],
    put_aside: Collection[tuple[UUID, bytes]] = (),
) -> tuple[list[Leaf], list[Quarantined]]:
    """Leaves whose id is new. A known id with the same bytes is a redelivery and is dropped; with
    other bytes, or for another log, it is an attempt to say two things at once.

    `known` gives log and bytes of the ids that are in the logs or held; `put_aside` has id and
    SHA-256 of what its publisher said and was rejected or is in quarantine.
    """
    seen, fresh, contradictions = dict(known), list[Leaf](), list[Quarantined]()
    for leaf in leaves:
        if put_aside and (leaf.id, sha256(leaf.bytes).digest()) in put_aside:
            continue
        said = (leaf.stream.log, leaf.bytes)
        before = seen.setdefault(leaf.id, said)
        if before is said:
            fresh.append(leaf)
        elif before != said:
            contradictions.append(Quarantined(leaf, "its id is taken by other bytes"))
    return fresh, contradictions


def place(
    leaves: Sequence[Leaf],
    last: Mapping[Stream, int],
    logs: Iterable[str],
    frozen: Collection[str] = (),
) -> Placed:
    """Append what follows the last number of its stream; hold what is ahead of it, or unread.

    `last` has the highest number of each stream that is appended or filled (absent: none), `logs`
    those that exist, `frozen` those of them that have ended. What belongs to a log that does not
    exist yet is held, whatever its number. Within a stream the batch may be in any order; between
    streams, order of arrival is kept.
    """
    placed, logs = Placed(), frozenset(logs)
    following = {stream: number + 1 for stream, number in last.items()}
    waiting: dict[Stream, dict[int, Leaf]] = {}
    for leaf in leaves:
        if leaf.stream.log in frozen:
            placed.late.append(leaf)
            continue
        ahead = waiting.setdefault(leaf.stream, {})
        expected = following.setdefault(leaf.stream, 1)
        if leaf.number < expected or leaf.number in ahead:
            placed.taken.append(leaf)
            continue
        ahead[leaf.number] = leaf
        while leaf.stream.log in logs and expected in ahead and ahead[expected].unread is None:
            placed.appended.append(ahead.pop(expected))
            expected += 1
        following[leaf.stream] = expected
    placed.held = [leaf for ahead in waiting.values() for leaf in ahead.values()]
    return placed


def unbroken(last: int, numbers: Iterable[int]) -> int:
    """The highest of these rising numbers that is reached from `last` without a gap."""
    for number in numbers:
        if number != last + 1:
            break
        last = number
    return last
