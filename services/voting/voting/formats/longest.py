"""How long the longest ballot of a format is: what sealed ballots are all padded to. Pure."""

from shared.canonical import canonical
from shared.events.ballots import Format
from voting.formats.choices import NUMBERS, values


def longest(form: Format, options: int) -> int:
    """The bytes of the longest choices that a round takes, in RFC 8785.

    Where a ballot that breaks an inner rule is void, it can be cast, and may name every option;
    where it is refused, nobody seals more than the rules allow.
    """
    most = options
    if getattr(form, "wrong", "void") == "refused":
        most = min(options, _allowed(form, options))
    numbers = range(options - most + 1, options + 1)
    if form.type in NUMBERS:
        return len(canonical([*numbers]))
    value = max(values(form)[:: max(1, len(values(form)) - 1)], key=lambda each: len(str(each)))
    return len(canonical([[number, value] for number in numbers]))


def _allowed(form: Format, options: int) -> int:
    """How many options a ballot may name at most."""
    match form.type:
        case "contests":
            return form.own.max + form.general.max
        case "plus-minus":
            return form.most_plus + form.most_minus
        case "cumulative":
            return min(form.total, form.max or options)
        case "approval" | "knapsack" | "ranking" | "score":
            return form.max or options
    return options
