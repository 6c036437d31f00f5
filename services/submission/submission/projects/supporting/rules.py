"""Who may support an idea."""

from uuid import UUID

from shared.refusal import Refusal
from submission.carriers.tables import Carrier


class OwnIdea(Refusal):
    """Whoever carries an idea is not one of its supporters."""

    code = "own_idea"


def check_support(carrier: Carrier | None, resident: UUID) -> None:
    """Raises `OwnIdea`."""
    if carrier is not None and carrier.resident == resident:
        raise OwnIdea("this is your own idea")
