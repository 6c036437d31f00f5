"""The order of level options that officers say, where a count waits for it. Pure."""

from collections.abc import Sequence
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from shared.refusal import Refusal
from voting.count.tables import Round


class NotAsked(Refusal):
    """The count of this round waits for no order."""

    code = "not_asked"


class NotTheTied(Refusal):
    """The order is not one of exactly the options that the count asked about, each once."""

    code = "not_the_tied"


class SaidBefore(Refusal):
    """The order says otherwise than an earlier one: what that had comes first, as it had it."""

    code = "order_said_before"


class OrderIn(BaseModel):
    """The order of the options that the count asked about, first to last."""

    model_config = ConfigDict(extra="forbid")

    order: list[UUID] = Field(min_length=2, max_length=10_000)


def tied(row: Round) -> list[UUID]:
    """The options that officers are asked to order. Raises `NotAsked`."""
    if row.state != "closed" or row.asked is None:
        raise NotAsked(f"the count of round {row.round_id} waits for no order")
    return [UUID(option) for option in row.asked["options"]]


def said_before(row: Round, order: Sequence[UUID]) -> bool:
    """Whether this is the last order that was said, and nothing has been asked since."""
    last = (row.answers or [])[-len(order) :]
    return row.asked is None and last == [str(option) for option in order]


def answers(row: Round, order: Sequence[UUID]) -> list[str]:
    """What officers have said so far, with this order: those that have a place keep it, and come
    before those that have none yet. No order is taken that the count would not follow.

    Raises `NotAsked`, `NotTheTied`, `SaidBefore`.
    """
    if sorted(order) != sorted(tied(row)):
        raise NotTheTied(f"round {row.round_id} asks for the order of {len(tied(row))} options")
    before, said = row.answers or [], [str(option) for option in order]
    known = [option for option in before if option in said]
    if said[: len(known)] != known:
        raise SaidBefore(f"said before, and first therefore: {', '.join(known)}")
    return before + said[len(known) :]
