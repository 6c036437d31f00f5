"""Which tie officers are asked about: orders of level options are counted, to see what they change.

A count decides a tie that nobody decided by the options' ids, and says that it met it. Ties that
share an option are one group, since one order decides them. All orders of all groups are counted,
those of ties that only another order leads to among them.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import product
from math import perm, prod

from voting.count.allocation.result import Result, Tied, Won
from voting.count.allocation.said import merged, orders

# So many orders are counted to see whether they matter, those of six options.
MOST_ORDERS = 720

type Group = frozenset[str]
type Orders = tuple[tuple[str, ...], ...]  # one of each group


@dataclass(frozen=True, slots=True)
class Tie:
    """Options that only officers can tell apart, the number of the step that met them, and those
    that were taken first, in order."""

    step: int
    options: frozenset[str]
    first: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Counted:
    """A result, and every tie on its way."""

    result: Result
    ties: tuple[Tie, ...]


type Count = Callable[[Sequence[str]], Counted]
type Tried = dict[Orders, Counted]


def question(count: Count, plain: Counted, said: Sequence[str]) -> Tied | None:
    """What officers are asked after what they said; None where nothing depends on it.

    `plain`: the count without any further order.
    """
    return _Trial(count, plain, said).question()


class _Trial:
    """Counts of one round by one order of level options after another."""

    def __init__(self, count: Count, plain: Counted, said: Sequence[str]) -> None:
        self._count, self._said, self._known = count, said, frozenset(said)
        self._found = [plain]

    def question(self) -> Tied | None:
        groups = self._groups([])
        while prod(map(self._many, groups)) <= MOST_ORDERS:
            tried = {
                chosen: self._by(chosen)
                for chosen in product(*(orders(group, self._said) for group in groups))
            }
            met = self._groups(groups)
            if met == groups:
                return self._first(_differing(tried, groups))
            groups = met
        return self._of_many(frozenset[str]().union(*groups))

    def _of_many(self, together: Group) -> Tied:
        """Where nobody counts all orders, by ties of one step: what matters whatever the order of
        all others, or what has too many orders of its own; else all of them."""
        ties = self._open()
        asked = list[tuple[int, Group]]()
        for step in {tie.step for tie in ties}:
            for group in joined([], (tie.options for tie in ties if tie.step == step)):
                if self._many(group) > MOST_ORDERS:
                    asked.append((step, group))
                    continue
                tried: Tried = {(order,): self._by([order]) for order in orders(group, self._said)}
                asked += _differing(tried, [group])
        return self._first(asked) or self._tied(min(tie.step for tie in ties), together)

    def _first(self, differing: Iterable[tuple[int, Group]]) -> Tied | None:
        """The question about the group that the earliest step depends on."""
        first = min(((step, sorted(group)) for step, group in differing), default=None)
        return None if first is None else self._tied(*first)

    def _tied(self, step: int, group: Collection[str]) -> Tied:
        return Tied(tuple(sorted(group)), self._found[0].result.steps[step].name)

    def _many(self, group: Group) -> int:
        """How many orders a group has."""
        return perm(len(group), len(group - self._known))

    def _by(self, chosen: Sequence[Sequence[str]]) -> Counted:
        """The count by an order of each group; one that decided all its ties alike is the same."""
        said = self._said
        for order in chosen:
            said = merged(said, order)
        places = {option: place for place, option in enumerate(said)}

        def alike(tie: Tie) -> bool:
            by_order = sorted(tie.options, key=lambda o: (places.get(o, len(places)), o))
            return tie.first == tuple(by_order[: len(tie.first)])

        for found in self._found:
            if all(map(alike, found.ties)):
                return found
        self._found.append(self._count(said))
        return self._found[-1]

    def _open(self) -> list[Tie]:
        """The ties so far that nobody decided."""
        ties = [tie for found in self._found for tie in found.ties]
        return [tie for tie in ties if not tie.options <= self._known]

    def _groups(self, groups: Iterable[Group]) -> list[Group]:
        """These groups, with all ties so far."""
        return joined(groups, (tie.options for tie in self._open()))


def joined(groups: Iterable[Group], ties: Iterable[Group]) -> list[Group]:
    """The groups with what they are tied with: no two share an option."""
    found = list(groups)
    for options in {*ties}:
        touched = [group for group in found if group & options]
        apart = [group for group in found if not group & options]
        found = [*apart, options.union(*touched)]
    return sorted(found, key=sorted)


def _differing(tried: Tried, groups: Sequence[Group]) -> list[tuple[int, Group]]:
    """The groups whose order changes who gets what while all others keep theirs; and the first step
    that it changes then."""
    found = list[tuple[int, Group]]()
    for place, group in enumerate(groups):
        alike = defaultdict[Orders, list[Result]](list)
        for chosen, counted in tried.items():
            alike[*chosen[:place], *chosen[place + 1 :]].append(counted.result)
        for results in alike.values():
            if len({_given(result) for result in results}) > 1:
                found.append((_parting(results), group))
    return found


def _given(result: Result) -> tuple[frozenset[tuple[str, int]], frozenset[Won]]:
    """Who gets what."""
    paid = ((d.option, d.amount) for d in result.options if d.funded)
    return frozenset(paid), frozenset(result.prizes)


def _parting(results: Sequence[Result]) -> int:
    """The first step in which somebody gets something else."""
    steps = [list(map(frozenset, _by_step(result))) for result in results]
    return next(n for n, step in enumerate(zip(*steps, strict=True)) if len(set(step)) > 1)


def _by_step(result: Result) -> list[list[tuple[str, int, tuple[Won, ...]]]]:
    """What each step's winners get."""
    paid = {decided.option: decided.amount for decided in result.options}
    prizes = defaultdict[str, list[Won]](list)
    for prize in result.prizes:
        prizes[prize.option].append(prize)
    return [[(o, paid[o], tuple(prizes[o])) for o in step.funded] for step in result.steps]
