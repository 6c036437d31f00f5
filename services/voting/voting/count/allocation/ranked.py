"""A step that goes through options in an order and funds what fits."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from shared.events.exact import fraction
from shared.events.reasons import Reason
from shared.events.rules import Misfit, Option, Pass
from voting.count.allocation.limits import Limits
from voting.count.allocation.ordering import Ordering
from voting.count.allocation.result import Tied


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
    envelope: str,
    candidates: Sequence[int],
    options: Sequence[Option],
    amounts: Sequence[int],
    ordering: Ordering,
    limits: Limits,
    room: int,
) -> list[Look]:
    """Look at every candidate once, in the step's order, and fund what fits into `room` cents.

    `limits` learns of every winner. Whether a candidate won is in its reason.
    """
    waiting = sorted(candidates, key=ordering.place)
    looks: list[Look] = []
    promised: dict[int, list[int]] = {}  # by who came before all others, who did so as well
    stopped = False
    while waiting:
        first = _promised(each, waiting, limits)
        index = (first or waiting)[0]
        if first:
            promised[index] = first
        if not stopped:
            _ask(each, envelope, index, waiting, options, amounts, ordering, limits, room)
        waiting.remove(index)
        look = Look(index, "after_stop", left=room)
        if not stopped:
            look, stopped = _look(each.misfit, index, amounts[index], limits, room)
        if look.reason in ("funded", "part_funded"):
            look.level = ordering.levels[index]
            limits.take(index, look.amount)
            room -= look.amount
        elif look.reason == "does_not_fit":
            _lost_tie(look, looks, promised, options, ordering)
        looks.append(look)
    return looks


def _promised(each: Pass, waiting: Sequence[int], limits: Limits) -> list[int]:
    """Who comes before all others: while groups are short of a quota's least, those of theirs."""
    if any(quota.least is not None for quota in each.quotas):
        return [index for index in waiting if limits.short(index)]
    return []


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


def _lost_tie(
    look: Look,
    before: Sequence[Look],
    promised: Mapping[int, Sequence[int]],
    options: Sequence[Option],
    ordering: Ordering,
) -> None:
    """An option that does not fit behind a winner it is level with lost by a criterion.

    But one that a quota put first has won against nobody else.
    """
    level, needs = ordering.levels[look.index], int(look.facts["needs"])
    for earlier in before:
        fitted = earlier.reason == "funded" and earlier.left >= needs and earlier.level == level
        if fitted and look.index in promised.get(earlier.index, (look.index,)):
            lost_to(look, earlier.index, options, ordering)
            return


def lost_to(look: Look, winner: int, options: Sequence[Option], ordering: Ordering) -> None:
    """Say of a loser that it was level with a winner, and by which criterion it came after."""
    look.reason = "lost_tie"
    criterion = ordering.separates(winner, look.index)
    look.facts |= {"to": options[winner].id, "criterion": criterion}


def _ask(
    each: Pass,
    envelope: str,
    first: int,
    waiting: Sequence[int],
    options: Sequence[Option],
    amounts: Sequence[int],
    ordering: Ordering,
    limits: Limits,
    room: int,
) -> None:
    """Suspend the count where the outcome depends on the order of options tied with `first`.

    It does not where all of them are funded in any order and no place among winners is worth a
    prize, nor where none of them can be and the step does not stop for it.
    """
    tied = [index for index in waiting if ordering.key(index) == ordering.key(first)]
    if not ordering.asks(tied):
        return
    trial, left, funded = limits.copy(), room, 0
    for index in tied:
        if trial.forbidden(index, amounts[index]) is None and amounts[index] <= left:
            trial.take(index, amounts[index])
            left -= amounts[index]
            funded += 1
    harmless = each.misfit.policy == "skip" and funded == 0
    if (funded < len(tied) and not harmless) or (funded and limits.places_matter):
        raise Tied(tuple(sorted(options[index].id for index in tied)), (each.name, envelope))
