"""The order of level options that officers say, where a count waits for it. Pure."""

from collections.abc import Sequence
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from shared.refusal import Refusal
from voting.count.allocation.said import keeps_to, merged
from voting.count.tables import Round


class NotAsked(Refusal):
    """The count of this round waits for no order."""

    code = "not_asked"


class NotTheTied(Refusal):
    """The order is not one of exactly the options that the count asked about, each once."""

    code = "not_the_tied"


class SaidBefore(Refusal):
    """The order says otherwise than an earlier one: what that had, it has in another order."""

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
    """Whether officers said this order, and nothing has been asked since."""
    said = [str(option) for option in order]
    return row.asked is None and [o for o in row.answers or [] if o in said] == said


def answers(row: Round, order: Sequence[UUID]) -> list[str]:
    """What officers have said so far, with this order in it: no order is taken that the count would
    not follow.

    Raises `NotAsked`, `NotTheTied`, `SaidBefore`.
    """
    if sorted(order) != sorted(tied(row)):
        raise NotTheTied(f"round {row.round_id} asks for the order of {len(tied(row))} options")
    before, said = row.answers or [], [str(option) for option in order]
    if not keeps_to(before, said):
        known = [option for option in before if option in said]
        raise SaidBefore(f"said before in this order: {', '.join(known)}")
    return merged(before, said)
