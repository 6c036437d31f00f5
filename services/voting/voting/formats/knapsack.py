"""Approval with a cap on what the options cost together."""

from collections.abc import Iterator
from typing import Any

from shared.events.ballots import Knapsack
from voting.formats.said import Said


def void(form: Knapsack, said: Said) -> Iterator[tuple[str, Any]]:
    """More than the cap, or too few or too many named."""
    yield "over_cap", said.cost > form.cap
    yield "too_few", said.named < form.min
    if form.max is not None:
        yield "too_many", said.named > form.max
