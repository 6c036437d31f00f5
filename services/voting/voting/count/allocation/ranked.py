"""A step that goes through options in an order and funds what fits."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from shared.events.exact import fraction
from shared.events.reasons import Reason
from shared.events.rules import Misfit, Option, Pass
from voting.count.allocation.limits import Limits
from voting.count.allocation.ordering import Ordering

# Of more options that are tied their whole order is kept at once, not who is first each time.
MOST_APART = 6


@dataclass
class Look:
    """What a step saw when it came to an option; `amount` is what it is paid.

    Two winners in a row are level where the order left them so, which equal `level`s say.
    """

    index: int
    reason: Reason
    amount: int = 0
    left: int = 0
    level: object = None
    facts: dict[str, int | str] = field(default_factory=dict)


def go_through(
    each: Pass,
    candidates: Sequence[int],
    options: Sequence[Option],
    amounts: Sequence[int],
    ordering: Ordering,
    limits: Limits,
    room: int,
) -> list[Look]:
    """Look at every candidate once, in the step's order, and fund what fits into `room` cents.

    `limits` learns of every winner. Whether a candidate won is in its reason. While groups are
    short of a quota's least, theirs come first; a group is short until it is not, so that this is
    one way through them, and one through all others.
    """
    way = _Way(each, options, amounts, ordering, limits, room)
    order = sorted(candidates, key=ordering.place)
    if any(quota.least is not None for quota in each.quotas):
        way.go([index for index in order if limits.short(index)], promised=True)
        order = [index for index in order if index not in way.seen]
    way.go(order, promised=False)
    return way.looks


class _Way:
    """A step on its way through its options."""

    def __init__(
        self,
        each: Pass,
        options: Sequence[Option],
        amounts: Sequence[int],
        ordering: Ordering,
        limits: Limits,
        room: int,
    ) -> None:
        self._misfit, self._options, self._amounts = each.misfit, options, amounts
        self._ordering, self._limits, self._room = ordering, limits, room
        self._stopped = False
        # The first winner of each level with how many had won before it: while groups were promised
        # winners, and after that.
        self._first: dict[bool, dict[Any, tuple[Look, int]]] = {True: {}, False: {}}
        self.looks: list[Look] = []
        self.seen: set[int] = set()

    def go(self, order: Sequence[int], *, promised: bool) -> None:
        """Look at options in this order; where groups are promised winners, at those alone whose
        group is short when it is their turn."""
        for _, group in groupby(order, self._ordering.key):
            tied, asks = list(group), self._ordering.asks
            for place, index in enumerate(tied):
                if promised and not self._limits.short(index):
                    continue
                if asks and not self._stopped:
                    rest = tied[place:]
                    if promised:
                        rest = [other for other in rest if self._limits.short(other)]
                    asks = self._meet(rest, promised)
                self._look(index, promised)

    def _look(self, index: int, promised: bool) -> None:
        look, won = Look(index, "after_stop", left=self._room), self._limits.won
        if not self._stopped:
            amount = self._amounts[index]
            look, self._stopped = _look(self._misfit, index, amount, self._limits, self._room)
        if look.reason in ("funded", "part_funded"):
            look.level = self._ordering.levels[index]
            if look.reason == "funded":
                self._first[promised].setdefault(look.level, (look, won))
            self._limits.take(index, look.amount)
            self._room -= look.amount
        elif look.reason == "does_not_fit":
            self._lost_tie(look)
        self.looks.append(look)
        self.seen.add(index)

    def _lost_tie(self, look: Look) -> None:
        """An option that does not fit behind a winner it is level with lost by a criterion.

        But one that a quota put first has won against nobody whose group was not short then. Of
        winners of a level the first had the most money, and most groups were short.
        """
        level, needs = self._ordering.levels[look.index], int(look.facts["needs"])
        for promised in (True, False):
            winner, won = self._first[promised].get(level, (None, 0))
            if winner is None or winner.left < needs:
                continue
            if not promised or self._limits.short(look.index, won):
                lost_to(look, winner.index, self._options, self._ordering)
                return

    def _meet(self, tied: Sequence[int], promised: bool) -> bool:
        """Keep a tie on whose order something may depend; whether what is left of it may be kept
        as well.

        Nothing depends on those that win nothing, now or later. Nor on the order where all others
        win, no place is worth a prize, and no group stops being short with one of them.
        """
        count = [index for index in tied if self._counts(index)]
        if len(count) < 2:
            return False
        harmless = not promised and not self._limits.places_matter
        if harmless and self._limits.all_win(count, self._amounts, self._room):
            return False
        if len(count) > MOST_APART:
            self._ordering.meet(count, len(count))
            return False
        self._ordering.meet(count)
        return True

    def _counts(self, index: int) -> bool:
        """Whether an option that is next wins, or stops the step."""
        look, stops = _look(self._misfit, index, self._amounts[index], self._limits, self._room)
        return stops or look.reason in ("funded", "part_funded")


def _look(misfit: Misfit, index: int, amount: int, limits: Limits, room: int) -> tuple[Look, bool]:
    """What becomes of an option that is next, and whether the step stops with it."""
    forbidden = limits.forbidden(index, amount)
    if forbidden is not None:
        reason, facts = forbidden
        return Look(index, reason, left=room, facts=facts), False
    if amount <= room:
        return Look(index, "funded", amount, room), False
    if misfit.at_least is not None and room > 0 and room >= fraction(misfit.at_least) * amount:
        if misfit.policy == "fund-next":
            return Look(index, "funded", amount, room, facts={"missing": amount - room}), True
        return Look(index, "part_funded", room, room, facts={"wanted": amount}), True
    missed = Look(index, "does_not_fit", left=room, facts={"needs": amount, "left": room})
    stops = misfit.policy == "stop" or (misfit.at_least is not None and misfit.otherwise == "stop")
    return missed, stops


def lost_to(look: Look, winner: int, options: Sequence[Option], ordering: Ordering) -> None:
    """Say of a loser that it was level with a winner, and by which criterion it came after."""
    look.reason = "lost_tie"
    criterion = ordering.separates(winner, look.index)
    look.facts |= {"to": options[winner].id, "criterion": criterion}
