"""Ids, instants and hashes that examples of events are made of."""

import hashlib
from base64 import b64encode
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from shared.events.voting import Seats

LOG = "budget-citoyen-2026"
PROGRAMME = UUID("5b1f6c1e-0000-4000-8000-000000000001")
ROUND = UUID("5b1f6c1e-0000-4000-8000-000000000002")
BENCH, TREES = [UUID(f"5b1f6c1e-0000-4000-8000-00000000001{n}") for n in (0, 1)]
COUNTER, HANDOFF, ACT, MESSAGE = [UUID(f"5b1f6c1e-0000-4000-8000-00000000002{n}") for n in range(4)]
BATCH = UUID("5b1f6c1e-0000-4000-8000-000000000041")
ADVISER, OTHER = [UUID(f"5b1f6c1e-0000-4000-8000-00000000003{n}") for n in range(2)]
SEAT, CHAIR = [UUID(f"5b1f6c1e-0000-4000-8000-00000000004{n}") for n in range(2)]
JURY = Seats(body_name="jury", members=9, quorum="1/2")
NOON = datetime(2026, 9, 1, 12, 0, 30, tzinfo=UTC)
EVENING = datetime(2026, 9, 1, 18, 0, tzinfo=UTC)


def hashed(text: str) -> str:
    """A hash that is one."""
    return hashlib.sha256(text.encode()).hexdigest()


def base64(text: str, length: int) -> str:
    """So many bytes that follow from a text; no key and no signature."""
    return b64encode(hashlib.shake_256(text.encode()).digest(length)).decode()


def b64(found: bytes) -> str:
    """These bytes."""
    return b64encode(found).decode()


def public_key(text: str) -> str:
    """The form of an Ed25519 key; no key."""
    return base64(text, 32)


def signature(text: str) -> str:
    """The form of an Ed25519 signature; no signature."""
    return base64(text, 64)


def project() -> dict[str, Any]:
    """Which project an event is about."""
    return {"project_id": BENCH, "programme_id": PROGRAMME}


def asked(act: str) -> dict[str, Any]:
    """An act that another officer has to confirm."""
    what = {"act_id": ACT, "act": act, "about": str(PROGRAMME), "officer": ADVISER}
    return {**what, "digest": hashed("its parameters"), "reason": hashed("it is time")}
