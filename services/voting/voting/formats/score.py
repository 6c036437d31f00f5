"""A score for each option, within bounds."""

from collections.abc import Iterator
from typing import Any

from shared.events.ballots import Score
from voting.formats.said import Said


def void(form: Score, said: Said) -> Iterator[tuple[str, Any]]:
    """A score out of bounds, or too few or too many scored."""
    yield "malformed", (said.lowest < form.low) | (said.highest > form.high)
    yield "too_few", said.named < form.min
    if form.max is not None:
        yield "too_many", said.named > form.max
