"""Orders that officers said, one answer after the other, as one order. Pure."""

from collections.abc import Collection, Sequence


def merged(said: Sequence[str], order: Sequence[str]) -> list[str]:
    """What was said so far, with another order that keeps to it.

    An option that is new comes right behind the one that it follows in the order; those before
    all that are known, right before the first of these. Nothing known: the order comes last.
    """
    known, behind, last = set(said), dict[str | None, list[str]](), None
    for option in order:
        if option in known:
            last = option
        else:
            behind.setdefault(last, []).append(option)
    first = next((option for option in order if option in known), None)
    whole = list[str]()
    for option in said:
        whole += behind.pop(None, []) if option == first else []
        whole += [option, *behind.get(option, ())]
    return whole + behind.get(None, [])


def keeps_to(said: Sequence[str], order: Sequence[str]) -> bool:
    """Whether an order has the options of earlier ones as these had them."""
    known, mine = set(said), set(order)
    return [o for o in order if o in known] == [o for o in said if o in mine]


def orders(options: Collection[str], said: Sequence[str]) -> list[tuple[str, ...]]:
    """All orders of options that keep to what was said."""
    found = [tuple(option for option in said if option in options)]
    for option in sorted(set(options) - set(said)):
        found = [
            (*order[:place], option, *order[place:])
            for order in found
            for place in range(len(order) + 1)
        ]
    return found
