"""Rounds as they are opened: what tests leave unsaid."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from shared.events.ballots import Approval
from shared.events.voting import AllocationPublished, FlushRule, RoundOpened
from shared.rules.presets import greedy

HASH = "0" * 64


def round_opened(
    round_id: UUID, opens: float = -60, closes: float = 3600, **others: Any
) -> RoundOpened:
    """A rehearsal with a window in seconds from now: one to three of five options, most votes."""
    now = datetime.now(UTC)
    fields = {
        "round_id": round_id,
        "programme_id": uuid4(),
        "rehearsal": True,
        "secrecy": "live",
        "format": Approval(min=1, max=3, wrong="refused"),
        "rule": greedy(500),
        "opens_at": now + timedelta(seconds=opens),
        "closes_at": now + timedelta(seconds=closes),
        "tiers": {},
        "flush": FlushRule(k=1, interval=0),
        "options": 5,
        "digest": HASH,
        "listed": HASH,
        "rules_digest": HASH,
    }
    return RoundOpened.model_validate(fields | others)


def allocated(round_id: UUID, **others: Any) -> AllocationPublished:
    """A result in which nobody won."""
    fields = {
        "round_id": round_id,
        "rules_digest": HASH,
        "budget": 500,
        "spent": 0,
        "ballots": 0,
        "blank": 0,
        "counted": 0,
        "void": {},
        "options": 5,
        "funded": 0,
        "winners": (),
        "steps": (),
        "reserve": (),
        "gone": {},
        "prizes": (),
        "digest": HASH,
    }
    return AllocationPublished.model_validate(fields | others)
