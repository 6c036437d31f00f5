"""A rule that somebody wrote as YAML, in the form of `shared.events.rules.Rule`."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from comptoir.errors import LauncherError
from shared.charters import CharterRefused
from shared.charters.reading import read_yaml
from shared.events.rules import Rule

# A file is read as charters are; where its refusals name a charter, these are the words instead.
WORDS = {
    "too_long": "a rule has at most {most} bytes, this one has {length}",
    "not_plain": "line {line}: {what} is not taken in a rule",
}


def read_rule(path: Path) -> Rule:
    """Read a rule. Raises `LauncherError` with everything that is wrong, each with its field."""
    try:
        written = read_yaml(path.read_bytes())
    except OSError as error:
        raise LauncherError(f"{path}: {error.strerror or error}") from None
    except CharterRefused as refused:
        [problem] = refused.problems
        words = WORDS.get(problem.code)
        said = str(problem) if words is None else words.format_map(problem.values)
        raise LauncherError(f"{path}: {said}") from None
    try:
        return Rule.model_validate(written)
    except ValidationError as error:
        wrong = "; ".join(_said(each, written) for each in _own(error.errors()))
        raise LauncherError(f"{path}: {wrong}") from None


def _own(errors: Sequence[ErrorDetails]) -> list[ErrorDetails]:
    """Without lists that are too short only because what is in them is wrong."""
    places = [error["loc"] for error in errors]
    return [
        error
        for error in errors
        if error["type"] != "too_short"
        or not any(p[: len(error["loc"])] == error["loc"] != p for p in places)
    ]


def _said(error: ErrorDetails, written: Any) -> str:
    what = error["msg"].removeprefix("Value error, ")
    path = _path(error["loc"], written, missing=error["type"] == "missing")
    return f"{path}: {what}" if path else what


def _path(places: Sequence[int | str], written: Any, *, missing: bool) -> str:
    """Where in the file: without the tags of alternatives, which Pydantic puts between."""
    path: list[str] = []
    for number, place in enumerate(places, start=1):
        inside = (isinstance(written, dict) and place in written) or (
            isinstance(written, list) and isinstance(place, int) and place < len(written)
        )
        if inside:
            written = written[place]
        if inside or (missing and number == len(places)):
            path.append(str(place))
    return ".".join(path)
