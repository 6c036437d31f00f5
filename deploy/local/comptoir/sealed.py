"""What a voter's device adds in a sealed round: a commitment, and its choices under seal."""

from dataclasses import dataclass
from typing import Any, Self
from uuid import UUID

from comptoir.client import Client
from shared import sealing
from shared.pabulib import Choices
from shared.sealing import Place


@dataclass(frozen=True)
class Sealing:
    """What a round says that its ballots are sealed to (raw X25519, base64), all in one size."""

    commission: str
    padded: int

    @classmethod
    async def of(cls, client: Client, round_id: UUID) -> Self | None:
        """How an open round's ballots are sealed; None where they are not."""
        state = await client.get("voting.count", f"/rounds/{round_id}")
        if state["secrecy"] != "sealed":
            return None
        return cls(state["commission"]["key"], state["padded"])

    def fields(self, place: Place, choices: Choices) -> dict[str, Any]:
        """What a ballot has in place of its choices; another salt each time. Raises `TooLong`."""
        salt = sealing.new_salt()
        return {
            "commitment": sealing.commitment(place, choices, salt),
            "sealed": sealing.seal(self.commission, place, choices, salt, self.padded),
        }
