"""One territory's options and general ones, each contest with its limits."""

from collections.abc import Iterator
from typing import Any

from shared.events.ballots import Contests
from voting.formats.said import Said


def void(form: Contests, said: Said) -> Iterator[tuple[str, Any]]:
    """Two territories on one ballot, or too few or too many in a contest that it takes part in."""
    yield "two_territories", said.first != said.last
    general = said.named - said.own
    own_short = (said.own > 0) & (said.own < form.own.min)
    general_short = (general > 0) & (general < form.general.min)
    yield "too_few", own_short | general_short
    yield "too_many", (said.own > form.own.max) | (general > form.general.max)
