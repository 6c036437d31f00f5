"""How many projects territories have with what lies within them, and which of them are drawn."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from shared.events.scheme import Territory

SHADES = 4


@dataclass(frozen=True)
class Counted:
    """A territory with its `own` projects, and `all` with those of what lies within it."""

    name: str
    own: int
    all: int


def counted(territories: Sequence[Territory], counts: Mapping[str, int]) -> list[Counted]:
    """Each territory of a charter, in its order; behind them those that it does not name any more,
    and that projects have."""
    named = {each.name: each for each in territories}
    whole = dict.fromkeys(named, 0)
    for name, count in counts.items():
        above, seen = name, set[str]()
        while above in named and above not in seen:
            whole[above] += count
            seen.add(above)
            above = named[above].within or ""
    others = sorted(counts.keys() - named.keys())
    return [
        *(Counted(name, counts.get(name, 0), whole[name]) for name in named),
        *(Counted(name, counts[name], counts[name]) for name in others),
    ]


def shown(territories: Sequence[Territory], known: Collection[str]) -> list[str]:
    """Of the territories whose outlines are known, the innermost; of all where none is known."""
    named = {each.name: each for each in territories}
    drawable = [name for name in named if name in known] or list(named)
    outer: set[str] = set()
    for name in drawable:
        above, seen = named[name].within, {name}
        while above is not None and above in named and above not in seen:
            outer.add(above)
            seen.add(above)
            above = named[above].within
    return [name for name in drawable if name not in outer]


def shade(count: int, most: int) -> int:
    """How dark a territory is: 0 where it has nothing, `SHADES` where it has most."""
    return 0 if count <= 0 else max(1, -(-SHADES * count // max(most, 1)))
