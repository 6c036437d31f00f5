"""Options for and against."""

from collections.abc import Iterator
from typing import Any

from shared.events.ballots import PlusMinus
from voting.formats.said import Said


def void(form: PlusMinus, said: Said) -> Iterator[tuple[str, Any]]:
    """Too many for or against, too few of both, or more against than for."""
    outside = (said.lowest < -1) | (said.highest > 1) | (said.plus + said.minus < said.named)
    yield "malformed", outside
    yield "too_many_plus", said.plus > form.most_plus
    yield "too_many_minus", said.minus > form.most_minus
    yield "too_few", said.named < form.min
    if form.minus_needs_plus:
        yield "minus_over_plus", said.minus > said.plus
