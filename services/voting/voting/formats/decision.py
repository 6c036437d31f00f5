"""Yes, no or abstain, with a quorum and recusals."""

from collections.abc import Iterator
from fractions import Fraction
from typing import Any, Literal

from shared.events.ballots import ANSWERS, Decision
from shared.events.exact import fraction
from voting.formats.said import Said


def void(form: Decision, said: Said) -> Iterator[tuple[str, Any]]:
    """An answer that does not exist."""
    yield "malformed", (said.lowest < 0) | (said.highest >= len(ANSWERS))


def worth(form: Decision) -> tuple[int, ...]:
    """A vote for every yes."""
    return tuple(int(answer == "yes") for answer in ANSWERS)


def verdict(
    form: Decision, abstain: int, yes: int, no: int, recused: int
) -> Literal["adopted", "no_quorum", "rejected"]:
    """What so many answers decide about an option."""
    quorum = fraction(form.quorum) * (form.members - recused)
    if abstain + yes + no < quorum:
        return "no_quorum"
    expressed = yes + no + (abstain if form.abstentions == "counted" else 0)
    return "adopted" if Fraction(yes) > fraction(form.majority) * expressed else "rejected"
