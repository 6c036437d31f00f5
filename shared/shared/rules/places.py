"""How a charter's territories lie within one another: one rule, wherever one is asked for."""

from collections.abc import Iterator, Sequence

from shared.events.scheme import Territory


def around(own: str, territories: Sequence[Territory]) -> Iterator[str]:
    """A territory, and those that it lies within, from the nearest to the widest."""
    outer = {each.name: each.within for each in territories}
    passed = set[str]()
    name: str | None = own
    while name is not None and name not in passed:
        yield name
        passed.add(name)
        name = outer.get(name)
