"""An open round as its voters meet it: a token each, a ballot, and the box's promise checked."""

import asyncio
import hashlib
import time
from base64 import b64decode
from collections import Counter
from dataclasses import dataclass, field
from typing import Self
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from comptoir.client import PATIENCE, Client, Refused
from comptoir.errors import LauncherError
from comptoir.sealed import Sealing
from comptoir.voter import Voter, cast, check_promise
from shared.pabulib import Choices


@dataclass
class Polls:
    """One round. `promised` has the digest of each ballot that the box accepted; in a sealed round
    all are sealed as `sealing` says."""

    client: Client
    round_id: UUID
    box: Ed25519PublicKey
    promised: set[bytes] = field(default_factory=set)
    refusals: Counter[str] = field(default_factory=Counter)
    sealing: Sealing | None = None

    @classmethod
    async def of(cls, client: Client, round_id: UUID) -> Self:
        """With the key that the box signs promises with."""
        keys = await client.get("voting.box", "/keys")
        box = Ed25519PublicKey.from_public_bytes(b64decode(keys["promise"]))
        return cls(client, round_id, box, sealing=await Sealing.of(client, round_id))

    async def opened(self, voter: Voter, unlisted: Choices) -> None:
        """Wait until roll and box have both heard that the round is open.

        `unlisted` names an option that is none: the box knows the round once it refuses that, or
        any ballot that says its choices, in a sealed round.
        """
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            try:
                await voter.fetch_token(self.client)
                await cast(self.client, voter.ballot(unlisted))
            except Refused as refused:
                if refused.code in ("option_unknown", "sealing_refused"):
                    return
                if refused.code not in ("not_open", "round_unknown"):
                    raise
            await asyncio.sleep(0.1)
        raise LauncherError(f"round {self.round_id} did not open within {PATIENCE:g} s")

    async def vote(self, voter: Voter, choices: Choices, revision: int = 1) -> bytes | None:
        """Fetch a token, cast, check the promise; the ballot's digest. A refusal is counted."""
        try:
            await voter.fetch_token(self.client)
            ballot = voter.ballot(choices, revision, self.sealing)
            digest = hashlib.sha256(ballot).digest()
            promise = await cast(self.client, ballot)
            check_promise(promise, digest, self.round_id, self.box)
            self.promised.add(digest)
        except Refused as refused:
            self.refusals[refused.code] += 1
            return None
        return digest
