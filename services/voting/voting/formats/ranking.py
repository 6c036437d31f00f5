"""Options in the order of preference, with points by place."""

from collections.abc import Iterator
from typing import Any

from shared.events.ballots import Ranking
from voting.formats.said import Said


def void(form: Ranking, said: Said) -> Iterator[tuple[str, Any]]:
    """Too few or too many ranked."""
    yield "too_few", said.named < form.min
    yield "too_many", said.named > form.max


def worth(form: Ranking) -> tuple[int, ...]:
    """Points by place, counted from 1; places behind the vector get none."""
    return (0, *form.points, *(0 for _ in range(form.max - len(form.points))))
