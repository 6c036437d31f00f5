"""A grade for each option, from the worst (0) to the best."""

from collections.abc import Iterator
from typing import Any

from shared.events.ballots import Grades
from voting.formats.said import Said


def void(form: Grades, said: Said) -> Iterator[tuple[str, Any]]:
    """A grade that does not exist, or too few options graded."""
    yield "malformed", (said.lowest < 0) | (said.highest >= len(form.grades))
    yield "too_few", said.named < form.min


def worth(form: Grades) -> tuple[int, ...]:
    """A vote for every grade but the worst."""
    return (0, *(1 for _ in form.grades[1:]))
