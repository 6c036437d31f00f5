"""Approval: between a least and a most number of options."""

from collections.abc import Iterator
from typing import Any

from shared.events.ballots import Approval
from voting.formats.said import Said


def void(form: Approval, said: Said) -> Iterator[tuple[str, Any]]:
    """Too few or too many named."""
    yield "too_few", said.named < form.min
    yield "too_many", said.named > form.max
