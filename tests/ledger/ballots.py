"""Ballots as the box publishes them."""

import random
from hashlib import sha256
from uuid import UUID

from shared.delivery import Delivered
from shared.events.voting import BallotCast
from tests.ledger.conftest import Ledger
from tests.voting.box.voters import Voter

ROUND = UUID("5a1c02b4-6f0e-4b3b-9d0c-0f8f3f4d1a11")


def event_id(digest: bytes) -> UUID:
    """As the box derives it: `ballot_event_id`."""
    number = int.from_bytes(digest[:16])
    number = number & ~(0xF << 76) | 8 << 76  # version 8
    return UUID(int=number & ~(3 << 62) | 2 << 62)  # and RFC 9562's variant


def digest(ballot: Delivered[BallotCast]) -> str:
    """What the box promised for a ballot."""
    return sha256(ballot.body).hexdigest()


def cast_ballots(ledger: Ledger, many: int) -> list[Delivered[BallotCast]]:
    """So many voters' ballots, the same each time but for their tokens' key."""
    draw, found = random.Random(1), []
    for _ in range(many):
        voter = Voter(ROUND, secret=draw.randbytes(32))
        ballot = BallotCast.model_validate_json(voter.ballot([1]))
        found.append(ledger.published(ballot, id=event_id(sha256(ballot.body()).digest())))
    return found
