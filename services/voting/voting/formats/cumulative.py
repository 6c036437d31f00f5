"""Points to distribute."""

from collections.abc import Iterator
from typing import Any

from shared.events.ballots import Cumulative
from voting.formats.said import Said


def void(form: Cumulative, said: Said) -> Iterator[tuple[str, Any]]:
    """Too many points on one option or in all, too few in all, or too few or many options."""
    yield "malformed", (said.lowest < 1) | (said.highest > form.most_each)
    yield "too_few", said.named < form.min
    if form.max is not None:
        yield "too_many", said.named > form.max
    yield "too_few_points", said.total < form.least_total
    yield "too_many_points", said.total > form.total
