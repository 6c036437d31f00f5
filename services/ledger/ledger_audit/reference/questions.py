"""What officers are asked: ties whose order decides who gets what.

A count in which nobody said anything about a tie takes the smallest id, and tells that it did. To
see what depends on it, the round is counted by every order of what is level. Ties that have an
option in common are ordered together; those met only because of an order belong to it as well.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise, product
from math import factorial

from ledger_audit.reference.result import Result
from ledger_audit.reference.ties import Names

# A round is counted by no more orders than these. Six options have so many.
ORDERS = 720

type Level = tuple[str, ...]
type ByOrders = Mapping[tuple[Level, ...], Result]
type Reader = Callable[[Sequence[str]], Result]


@dataclass(frozen=True)
class Question:
    """The order of these options decides, in this step first."""

    options: Level
    step: Names


def question(read: Reader, said: Sequence[str]) -> Question | None:
    """What has to be asked after `said`, or None: the outcome is the same by any order."""
    counts = _Counts(read, said)
    levels = counts.levels()
    while counts.product(levels) <= ORDERS:
        by_orders = {each: counts.by(each) for each in product(*map(counts.orders, levels))}
        if (now := counts.levels()) == levels:
            decisive = [
                (step, level)
                for place, level in enumerate(levels)
                for step in _steps_that_differ(by_orders, place)
            ]
            return counts.asks(min(decisive)) if decisive else None
        levels = now
    return _of_too_many(counts)


def _of_too_many(counts: "_Counts") -> Question:
    """Of more orders than are counted: what is level in one step, where that decides by itself or
    has itself too many orders; else all."""
    decisive, steps = list[tuple[int, Level]](), counts.steps()
    by_step = [(step, level) for step in steps for level in counts.levels(step)]
    together = tuple(sorted({id for _, level in by_step for id in level}))
    for step, level in by_step:
        if counts.product([level]) > ORDERS:
            decisive.append((step, level))
        else:
            orders = counts.orders(level)
            by_orders: ByOrders = {(order,): counts.by((order,)) for order in orders}
            decisive += [(where, level) for where in _steps_that_differ(by_orders, 0)]
    return counts.asks(min(decisive or [(min(steps), together)]))


def merge(said: Sequence[str], order: Sequence[str]) -> list[str]:
    """One order of all: what is new in `order` stands where it stands there, behind the one before
    it, or else before the first one that was said; after everything where none was."""
    whole, known = list(said), set(said)
    before = {id: previous for previous, id in pairwise(order)}
    old = [id for id in order if id in known]
    for id in order:
        if id in known:
            continue
        if id in before:
            whole.insert(whole.index(before[id]) + 1, id)
        else:
            whole.insert(whole.index(old[0]) if old else len(whole), id)
    return whole


class _Counts:
    """The counts of a round so far, by orders that add to what was said."""

    def __init__(self, read: Reader, said: Sequence[str]) -> None:
        self._read, self._said = read, said
        self._done = [read(said)]

    def by(self, orders: Iterable[Sequence[str]]) -> Result:
        """The count by these orders. Not made again where one took all its ties as these do."""
        said = list(self._said)
        for order in orders:
            said = merge(said, order)

        places = {id: place for place, id in enumerate(said)}

        def place(id: str) -> tuple[int, str]:
            return places.get(id, len(said)), id

        for done in self._done:
            if all(min(tied, key=place) == taken for _, tied, taken in done.asked):
                return done
        self._done.append(self._read(said))
        return self._done[-1]

    def levels(self, of: int | None = None) -> list[Level]:
        """What no officer said of the ties so far, or of one step; those that share an option are
        one."""
        found: list[set[str]] = []
        for step, tied in self._unsaid():
            if of not in (None, step):
                continue
            apart = [level for level in found if not level & tied]
            found = [*apart, set(tied).union(*(level for level in found if level & tied))]
        return sorted(tuple(sorted(level)) for level in found)

    def orders(self, level: Level) -> Iterator[Level]:
        """All orders of these options in which those that were said are as they were said."""

        def longer(order: Level, new: Level) -> Iterator[Level]:
            if not new:
                yield order
            for place in range(len(order) + 1 if new else 0):
                yield from longer((*order[:place], new[0], *order[place:]), new[1:])

        was = tuple(id for id in self._said if id in level)
        return longer(was, tuple(id for id in level if id not in was))

    def product(self, levels: Sequence[Level]) -> int:
        """How many orders these have in all."""
        many = 1
        for level in levels:
            known = sum(id in self._said for id in level)
            many *= factorial(len(level)) // factorial(known)
        return many

    def steps(self) -> set[int]:
        """Those that met such a tie."""
        return {step for step, _ in self._unsaid()}

    def asks(self, decisive: tuple[int, Level]) -> Question:
        """The question about these options."""
        step, level = decisive
        return Question(level, self._done[0].steps[step].names)

    def _unsaid(self) -> list[tuple[int, frozenset[str]]]:
        met = {(step, tied) for done in self._done for step, tied, _ in done.asked}
        return [(step, tied) for step, tied in met if not tied <= {*self._said}]


def _steps_that_differ(by_orders: ByOrders, place: int) -> Iterator[int]:
    """Where one level's order alone changes the outcome, the first step that it changes: for each
    order of the others."""
    apart: dict[tuple[Level, ...], list[Result]] = {}
    for orders, result in by_orders.items():
        apart.setdefault(orders[:place] + orders[place + 1 :], []).append(result)
    for results in apart.values():
        if any(result.outcome != results[0].outcome for result in results):
            first, *others = map(_gained, results)
            yield min(
                step
                for step in range(len(first))
                if any(other[step] != first[step] for other in others)
            )


def _gained(result: Result) -> list[dict[str, object]]:
    """By step, what each of its winners gets."""
    return [
        {
            id: (
                result.paid[id],
                sorted((a.place, a.sponsor, a.amount) for a in result.awards if a.option == id),
            )
            for id in step.funded
        }
        for step in result.steps
    ]
