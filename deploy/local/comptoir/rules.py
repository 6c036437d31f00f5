"""A rule that somebody wrote as YAML, in the form of `shared.events.rules.Rule`.

It is read as charters are, their problems with its words; an amount is cents where it has no unit.
"""

from pathlib import Path

from pydantic import TypeAdapter

from comptoir.errors import LauncherError
from shared.charters import CharterRefused, Problem
from shared.charters.form import as_written
from shared.charters.parts import read_part
from shared.charters.reading import read_yaml
from shared.events.rules import Rule

# Where a problem names a charter, these are the words instead.
WORDS = {
    "too_long": "a rule has at most {most} bytes, this one has {length}",
    "not_plain": "line {line}: {what} is not taken in a rule",
    "unknown_key": "no rule has this key",
}
RULE: TypeAdapter[Rule] = TypeAdapter(Rule)


def read_rule(path: Path) -> Rule:
    """Read a rule. Raises `LauncherError` with everything that is wrong, each with its field."""
    try:
        return read_part("", read_yaml(path.read_bytes()), RULE, as_written)
    except OSError as error:
        raise LauncherError(f"{path}: {error.strerror or error}") from None
    except CharterRefused as refused:
        wrong = "; ".join(map(_said, refused.problems))
        raise LauncherError(f"{path}: {wrong}") from None


def _said(problem: Problem) -> str:
    if problem.code not in WORDS:
        return str(problem)
    words = WORDS[problem.code].format_map(problem.values)
    return f"{problem.path}: {words}" if problem.path else words
