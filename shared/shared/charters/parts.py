"""Reading a part of a file: what it says, or everything that is wrong, each at its place."""

import copy
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails, to_json

from shared.charters.problems import CharterRefused, Problem
from shared.events.exact import AMOUNTS, Contradictory
from shared.wording import worded

type Places = Sequence[int | str]


def read_part[T](
    part: str, value: Any, adapter: TypeAdapter[T], amounts: Callable[[Any], Any] | None = None
) -> T:
    """What a part says; `amounts` reads the money of a ballot's format or a rule.

    Raises `CharterRefused`. A key that has no meaning is passed over, once it is told: what stands
    beside it is read all the same. What a model contradicts itself in is told once each of its
    fields can be read.
    """
    problems: list[Problem] = []
    try:
        return _read(part, value, adapter, amounts, problems)
    except ValidationError:
        raise CharterRefused(problems) from None


def _read[T](
    part: str,
    value: Any,
    adapter: TypeAdapter[T],
    amounts: Callable[[Any], Any] | None,
    problems: list[Problem],
) -> T:
    try:
        return adapter.validate_json(to_json(value), strict=True, context={AMOUNTS: amounts})
    except ValidationError as error:
        found = _own(error.errors())
        unknown = [_inside(each, value) for each in found if each["type"] == "extra_forbidden"]
        if not unknown:
            problems += [problem for each in found for problem in _problems(part, value, each)]
        else:
            problems += [Problem("unknown_key", _path(part, value, places)) for places in unknown]
            _read(part, _without(value, unknown), adapter, amounts, problems)
        raise


def _own(found: Sequence[ErrorDetails]) -> list[ErrorDetails]:
    """Without lists that are too short only because what is in them was refused."""
    places = [each["loc"] for each in found]
    return [
        each
        for each in found
        if each["type"] != "too_short"
        or not any(p[: len(each["loc"])] == each["loc"] != p for p in places)
    ]


def _inside(found: ErrorDetails, value: Any) -> list[int | str]:
    """Where it is, without what Pydantic puts between: the tags of alternatives, `[key]`."""
    places: list[int | str] = []
    tagged = False
    for place in found["loc"]:
        if isinstance(value, Mapping) and value.get("type") == place and not tagged:
            tagged = True  # a tag can be the name of a field as well
            continue
        held = (isinstance(value, Mapping) and place in value) or (
            isinstance(value, list) and isinstance(place, int) and place < len(value)
        )
        if held:
            value, tagged = value[place], False
            places.append(place)
    if found["type"] == "missing":
        places.append(found["loc"][-1])
    elif found["type"].startswith("union_tag"):
        places.append("type")
    return places


def _without(value: Any, places: Sequence[Places]) -> Any:
    """A copy of a part in which these places are empty."""
    whole = copy.deepcopy(value)
    for *outer, last in places:
        inner = whole
        for place in outer:
            inner = inner[place]
        del inner[last]
    return whole


def _problems(part: str, value: Any, found: ErrorDetails) -> Iterator[Problem]:
    path = _path(part, value, _inside(found, value))
    error = found.get("ctx", {}).get("error")
    if found["type"] in ("missing", "union_tag_not_found"):
        yield Problem("missing", path)
    elif isinstance(error, Contradictory):
        for each in error.found:
            yield Problem("contradiction", _joined(path, each.path), {"what": each.what})
    else:
        yield Problem("malformed", path, {"what": worded(found)})


def _path(part: str, value: Any, places: Places) -> str:
    """A place in the words of the file: in a part that is a list, what has a name is called by it,
    not by its number."""
    path = part
    for depth, place in enumerate(places):
        try:
            value = value[place]
        except (KeyError, IndexError, TypeError):
            value = None
        name = value.get("name") if depth == 0 and isinstance(value, Mapping) else None
        named = isinstance(name, str) and isinstance(place, int)
        path = _joined(path, name if named else place)
    return path


def _joined(path: str, place: Any) -> str:
    return f"{path}.{place}"[:200] if path else str(place)
