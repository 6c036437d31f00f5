"""How near a loser was: how much cheaper, or how many more votes, would have won."""

from bisect import bisect_right
from collections.abc import Sequence

from shared.events.rules import Pass
from voting.count.allocation.ordering import Ordering
from voting.count.allocation.ranked import Look


def chances(
    each: Pass,
    looks: Sequence[Look],
    amounts: Sequence[int],
    votes: Sequence[int],
    by: Ordering,
) -> None:
    """Say it of each option that did not fit, where it can be said with all else as it was.

    `cheaper_by` cents less would have fitted in the option's own place. With `more_votes` it comes
    before a funded option at whose turn there was enough: computed for the order by votes. Neither
    is said under quotas, which change whose turn it is.
    """
    if any(quota.least is not None for quota in each.quotas):
        return
    won: list[Look] = []
    for look in looks:
        if look.reason in ("funded", "part_funded"):
            won.append(look)
        if look.reason not in ("does_not_fit", "lost_tie", "after_stop"):
            continue
        if look.reason != "after_stop" and look.left > 0:
            look.facts["cheaper_by"] = amounts[look.index] - look.left
        if each.order.type == "votes" and not each.quotas and each.most is None:
            ahead = _ahead(won, amounts[look.index])
            if ahead is not None:
                first = by.place(look.index)[1:] < by.place(ahead)[1:]
                more = votes[ahead] - votes[look.index] + (0 if first else 1)
                look.facts["more_votes"] = more


def _ahead(won: Sequence[Look], amount: int) -> int | None:
    """The last winner so far at whose turn there was so much left; it only became less."""
    enough = bisect_right(won, -amount, key=lambda look: -look.left)
    return won[enough - 1].index if enough else None
