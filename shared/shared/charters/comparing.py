"""What differs between two versions of a charter's rules, place by place."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from shared.events.charter import CharterRules


class Difference(NamedTuple):
    """A place, and what stands there before and after; None where nothing does."""

    path: str
    before: Any
    after: Any


def differences(old: CharterRules, new: CharterRules) -> tuple[Difference, ...]:
    """Everything that differs, in the order of the rules. Of a list, what has a name is told by
    it: an order alone is a difference of the list."""
    before, after = (each.model_dump(mode="json", exclude_none=True) for each in (old, new))
    return tuple(_differing("", before, after))


def _differing(path: str, before: Any, after: Any) -> Iterator[Difference]:
    if before == after:
        return
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in dict.fromkeys((*before, *after)):
            inner = f"{path}.{key}" if path else key
            yield from _differing(inner, before.get(key), after.get(key))
        return
    one, other = _by_name(before), _by_name(after)
    if one is None or other is None or _reordered(one, other):
        yield Difference(path, before, after)
        return
    for name in dict.fromkeys((*one, *other)):
        yield from _differing(f"{path}.{name}", one.get(name), other.get(name))


def _reordered(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return [name for name in one if name in other] != [name for name in other if name in one]


def _by_name(value: Any) -> Mapping[str, Any] | None:
    """A list by the names of what is in it, which says the same as the list itself."""
    if not isinstance(value, Sequence) or isinstance(value, str):
        return None
    named = {
        str(each.get("name", each.get("of", ""))): each
        for each in value
        if isinstance(each, Mapping)
    }
    return named if len(named) == len(value) and "" not in named else None
