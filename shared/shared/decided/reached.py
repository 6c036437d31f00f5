"""Where an option came, and what would have been enough."""

from shared.decided.case import Case
from shared.web.filters import number


def came(case: Case) -> str:
    """Where it came in the order of its step."""
    verdict, order = case.verdict, case.order
    votes, step = case.votes(verdict.votes), case.in_step()
    kind = None if order is None else order.type
    if kind == "median-grade":
        if verdict.rank is None:
            return ""
        place = case.ordinal(verdict.rank)
        return case.say(
            f"Par ses mentions, il est arrivé {place}{step}.",
            f"By its grades it came {place}{step}.",
        )
    if verdict.rank is None or kind == "equal-shares" or case.adopted:
        return case.say(f"Il a obtenu {votes}{step}.", f"It got {votes}{step}.")
    place = case.ordinal(verdict.rank)
    if kind == "jury-rank":
        return case.say(
            f"Dans l’ordre du jury, il est arrivé {place}{step}.",
            f"In the jury’s order it came {place}{step}.",
        )
    if kind == "votes-per-cost":
        return case.say(
            f"Avec {votes} pour ce qu’il coûte, il est arrivé {place}{step}.",
            f"With {votes} for what it costs, it came {place}{step}.",
        )
    return case.say(
        f"Avec {votes}, il est arrivé {place}{step}.", f"With {votes} it came {place}{step}."
    )


def chance(case: Case) -> str:
    """What would have been enough, with all else as it was."""
    less, more = case.facts.get("cheaper_by"), case.facts.get("more_votes")
    ways = []
    if less is not None:
        ways.append(case.say(f"à {case.cents(less)} de moins", f"at {case.cents(less)} less"))
    if more is not None:
        votes, what = case.votes(int(more)), number(int(more), case.language)
        unit = votes[len(what) + 1 :]
        ways.append(case.say(f"avec {votes} de plus", f"with {what} more {unit}"))
    if not ways:
        return ""
    either = case.say(", ou ", ", or ").join(ways)
    return case.say(f"Il aurait été financé {either}.", f"It would have been funded {either}.")
