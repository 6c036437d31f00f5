"""Of which form a value is: entries are others', and counting must not stumble over them."""

import re
from collections.abc import Callable, Mapping
from typing import Any

# Looks at a value, whose place in its entry is the path.
type Form = Callable[[Any, str], None]


class Misformed(Exception):
    """A value is not of its form; the message begins with its path."""

    def __init__(self, path: str, what: str) -> None:
        super().__init__(f"{path}: {what}")


def whole(low: int, high: int) -> Form:
    """A whole number within limits."""

    def look(value: Any, path: str) -> None:
        if type(value) is not int or not low <= value <= high:
            raise Misformed(path, f"no whole number of {low} to {high}")

    return look


def text(pattern: str) -> Form:
    """A text of a pattern, all of it."""
    compiled = re.compile(pattern)

    def look(value: Any, path: str) -> None:
        if not isinstance(value, str) or compiled.fullmatch(value) is None:
            raise Misformed(path, f"no text of the form {pattern}")

    return look


def words(most: int = 200) -> Form:
    """Any text that is not empty, up to a length."""

    def look(value: Any, path: str) -> None:
        if not isinstance(value, str) or not 1 <= len(value) <= most:
            raise Misformed(path, f"no text of 1 to {most} characters")

    return look


def one_of(*values: str) -> Form:
    """One of some words."""

    def look(value: Any, path: str) -> None:
        if not isinstance(value, str) or value not in values:
            raise Misformed(path, f"none of {', '.join(values)}")

    return look


def boolean(value: Any, path: str) -> None:
    """True or false."""
    if type(value) is not bool:
        raise Misformed(path, "neither true nor false")


def many(form: Form, least: int = 0, most: int | None = None) -> Form:
    """A list of values of a form."""

    def look(value: Any, path: str) -> None:
        if not isinstance(value, list):
            raise Misformed(path, "no list")
        if len(value) < least or (most is not None and len(value) > most):
            raise Misformed(path, f"a list of {len(value)}")
        for place, each in enumerate(value):
            form(each, f"{path}.{place}")

    return look


def named(name: Form, form: Form) -> Form:
    """Values of a form by name."""

    def look(value: Any, path: str) -> None:
        if not isinstance(value, dict):
            raise Misformed(path, "no object")
        for key, each in value.items():
            name(key, path)
            form(each, f"{path}.{key}")

    return look


def fields(
    always: Mapping[str, Form], perhaps: Mapping[str, Form] | None = None, *, others: bool = False
) -> Form:
    """An object with these fields and, unless `others` do not matter, no other."""
    known = {**always, **(perhaps or {})}

    def look(value: Any, path: str) -> None:
        if not isinstance(value, dict):
            raise Misformed(path, "no object")
        for name in always:
            if name not in value:
                raise Misformed(at(path, name), "missing")
        for name, each in value.items():
            if name in known:
                known[name](each, at(path, name))
            elif not others:
                raise Misformed(path, f"{name[:60]} means nothing here")

    return look


def tagged(**forms: Form) -> Form:
    """An object whose form its field `type` names, with hyphens for underscores."""
    by_type = {name.replace("_", "-"): form for name, form in forms.items()}

    def look(value: Any, path: str) -> None:
        if not isinstance(value, dict):
            raise Misformed(path, "no object")
        one_of(*by_type)(value.get("type"), at(path, "type"))
        by_type[value["type"]]({n: v for n, v in value.items() if n != "type"}, path)

    return look


def at(path: str, name: str) -> str:
    """The path of a field."""
    return f"{path}.{name}" if path else name
