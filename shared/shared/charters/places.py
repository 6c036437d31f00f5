"""Whether a charter's levels, territories and cycle make sense."""

from collections.abc import Iterator, Mapping, Sequence

from shared.charters.problems import Problem
from shared.events.scheme import Cycle, Fund, Kind, Labelled, Territory


def levels(of: Sequence[Labelled] | None, territories: Sequence[Territory]) -> Iterator[Problem]:
    """Each territory is on a level, and lies within one that is on the level above its own.

    Levels go from the widest to the smallest; a charter without any has no territory on one.
    """
    ranks = {level.name: rank for rank, level in enumerate(of or ())}
    by_name = {each.name: each for each in territories}
    for each in territories:
        path = f"territories.{each.name}"
        if each.level is None:
            if ranks or each.within is not None:
                yield Problem("level_missing", f"{path}.level")
        elif each.level not in ranks:
            yield Problem("level_unknown", f"{path}.level", {"level": each.level})
        if each.within is None:
            continue
        outer = by_name.get(each.within)
        if outer is None:
            yield Problem("within_unknown", f"{path}.within", {"name": each.within})
        elif _within_itself(each, by_name):
            yield Problem("within_itself", f"{path}.within", {"name": each.name})
        elif not ranks.keys() >= {each.level, outer.level}:
            continue
        elif ranks[outer.level or ""] != ranks[each.level or ""] - 1:
            values = {"level": str(each.level), "outer": str(outer.level)}
            yield Problem("level_skipped", f"{path}.within", values)


def _within_itself(territory: Territory, by_name: Mapping[str, Territory]) -> bool:
    passed = {territory.name}
    inner: Territory | None = territory
    while inner is not None and inner.within is not None:
        if inner.within in passed:
            return inner.within == territory.name
        passed.add(inner.within)
        inner = by_name.get(inner.within)
    return False


def cycle(said: Cycle | None) -> Iterator[Problem]:
    """An edition is one of the cycles that there are."""
    if said is not None and said.number > said.of:
        values = {"number": str(said.number), "of": str(said.of)}
        yield Problem("cycle_number", "cycle.number", values)


def kind(said: Kind | None, fund: Fund | None, votes: object | None) -> Iterator[Problem]:
    """A citizen budget is voted on by residents, a standing fund has money for each year."""
    if said == "standing-fund" and fund is None:
        yield Problem("fund_missing", "fund")
    if said in (None, "citizen-budget") and votes is None:
        yield Problem("citizens_vote", "vote")
