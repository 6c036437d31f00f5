"""Whether a consumer with the new schema reads whatever was published under the old one.

Pure, over JSON Schema as Pydantic writes it. What it cannot judge, it calls incompatible: two
patterns but those of one class of characters, two formats, a keyword that it does not know.
"""

import re
from collections.abc import Iterator
from typing import Any

Schema = dict[str, Any]

# Words about a schema, for people; defaults are looked at where there is a field.
SILENT = {"title", "description", "$defs", "$id", "$schema", "examples", "default"}
LOWER = {"minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"}
UPPER = {"maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"}
JUDGED = (
    LOWER
    | UPPER
    | {
        "type",
        "const",
        "enum",
        "anyOf",
        "properties",
        "required",
        "additionalProperties",
        "items",
        "prefixItems",
    }
)
# One class of characters, without escapes, so and so often.
_CLASS = re.compile(r"\^\[([^\]\\^]+)\]\{(\d+),(\d+)\}\$")
OF_JSON = {str: "string", bool: "boolean", int: "integer", type(None): "null"}


def incompatibilities(old: Schema, new: Schema) -> list[str]:
    """A sentence for each way in which an old event could be refused or lose something."""
    return list(_compare(old, new, old, new, "the event"))


def _compare(
    old: Schema, new: Schema, old_root: Schema, new_root: Schema, at: str
) -> Iterator[str]:
    old, new = _resolved(old, old_root), _resolved(new, new_root)
    if "anyOf" in old or "anyOf" in new:
        yield from _compare_alternatives(old, new, old_root, new_root, at)
        return
    if (values := _values(old)) is not None:
        yield from _compare_values(values, new, at)
    elif _values(new) is not None:
        yield f"{at} takes only {_values(new)} now"
    else:
        yield from _compare_types(old, new, at)
    yield from _compare_bounds(old, new, at)
    yield from _compare_fields(old, new, old_root, new_root, at)
    yield from _compare_items(old, new, old_root, new_root, at)
    for keyword in sorted((old.keys() | new.keys()) - JUDGED - SILENT):
        if keyword == "pattern" and _wider(old.get(keyword, ""), new.get(keyword, "")):
            continue
        if keyword in new and old.get(keyword) != new[keyword] and _values(old) is None:
            yield f"{at}: {keyword} was {old.get(keyword)!r} and is {new[keyword]!r}"
        elif keyword.startswith("x-") and keyword not in new:
            yield f"{at}: {keyword} was {old[keyword]!r} and is gone"


def _wider(old: str, new: str) -> bool:
    """Whether a pattern such as `^[a-z0-9_]{1,80}$` takes whatever another such pattern took."""
    before, after = _CLASS.fullmatch(old), _CLASS.fullmatch(new)
    if before is None or after is None:
        return False
    least, most = (tuple(int(each[n]) for each in (before, after)) for n in (2, 3))
    taken, takes = (_characters(each[1]) for each in (before, after))
    return taken <= takes and least[1] <= least[0] and most[0] <= most[1]


def _characters(written: str) -> set[str]:
    found = re.findall(r"(.)-(.)|(.)", written)
    ranges = [(first or one, last or one) for first, last, one in found]
    return {chr(n) for first, last in ranges for n in range(ord(first), ord(last) + 1)}


def _resolved(schema: Schema, root: Schema) -> Schema:
    while "$ref" in schema:
        named = schema["$ref"].removeprefix("#/$defs/")
        beside = {keyword: value for keyword, value in schema.items() if keyword != "$ref"}
        schema = {**root["$defs"][named], **beside}
    return schema


def _compare_alternatives(
    old: Schema, new: Schema, old_root: Schema, new_root: Schema, at: str
) -> Iterator[str]:
    for before in old.get("anyOf", [old]):
        found = [
            list(_compare(before, after, old_root, new_root, at))
            for after in new.get("anyOf", [new])
        ]
        if all(found):
            yield from min(found, key=len)


def _values(schema: Schema) -> list[Any] | None:
    return [schema["const"]] if "const" in schema else schema.get("enum")


def _compare_values(values: list[Any], new: Schema, at: str) -> Iterator[str]:
    allowed = _values(new)
    if allowed is not None:
        if lost := [value for value in values if value not in allowed]:
            yield f"{at} does not take {lost} any more"
    elif any(new.get("type") not in (None, OF_JSON[type(value)]) for value in values):
        yield f"{at} was one of {values} and is of type {new['type']}"
    elif any(keyword in new for keyword in LOWER | UPPER | {"pattern", "format"}):
        yield f"{at} was one of {values} and is bounded otherwise"


def _compare_types(old: Schema, new: Schema, at: str) -> Iterator[str]:
    before, after = old.get("type"), new.get("type")
    if after not in (None, before) and (before, after) != ("integer", "number"):
        yield f"{at} was of type {before} and is of type {after}"


def _compare_bounds(old: Schema, new: Schema, at: str) -> Iterator[str]:
    if _values(old) is not None:
        return
    for keyword in sorted(LOWER & new.keys()):
        if keyword not in old or new[keyword] > old[keyword]:
            yield f"{at}: {keyword} was {old.get(keyword)} and is {new[keyword]}"
    for keyword in sorted(UPPER & new.keys()):
        if keyword not in old or new[keyword] < old[keyword]:
            yield f"{at}: {keyword} was {old.get(keyword)} and is {new[keyword]}"


def _compare_fields(
    old: Schema, new: Schema, old_root: Schema, new_root: Schema, at: str
) -> Iterator[str]:
    before, after = old.get("properties", {}), new.get("properties", {})
    needed, needs = set(old.get("required", [])), set(new.get("required", []))
    for name in sorted(before.keys() - after.keys()):
        yield f"{at} lost the field {name}"
    for name in sorted(needs - needed):
        yield f"{at} needs the field {name}, which was not always there"
    for name in sorted(before.keys() & after.keys()):
        yield from _compare(before[name], after[name], old_root, new_root, f"{at}.{name}")
        if name not in needs | needed and before[name].get("default") != after[name].get("default"):
            yield f"{at}.{name} means something else where it is absent"
    # Of an object with fields, consumers ignore what they do not know.
    if not before and not after:
        rest = old.get("additionalProperties", True), new.get("additionalProperties", True)
        if isinstance(rest[1], dict):
            values = rest[0] if isinstance(rest[0], dict) else {}
            yield from _compare(values, rest[1], old_root, new_root, f"{at}.*")
        elif rest[1] is False and rest[0] is not False:
            yield f"{at} takes fewer keys now"


def _compare_items(
    old: Schema, new: Schema, old_root: Schema, new_root: Schema, at: str
) -> Iterator[str]:
    first = old.get("prefixItems", []), new.get("prefixItems", [])
    if len(first[0]) != len(first[1]):
        yield f"{at} had {len(first[0])} places and has {len(first[1])}"
    for place, (before, after) in enumerate(zip(*first, strict=False)):
        yield from _compare(before, after, old_root, new_root, f"{at}[{place}]")
    if isinstance(new.get("items"), dict):
        before = old["items"] if isinstance(old.get("items"), dict) else {}
        yield from _compare(before, new["items"], old_root, new_root, f"{at}[]")
