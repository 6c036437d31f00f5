"""Sealed ballots of voters who have their tokens, made before any clock runs, on all cores.

A round as most are: 40 projects, of which a ballot names up to five; one tier, whose key is made
here, as is the commission's.
"""

import random
from base64 import b64encode
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import cache, partial
from typing import Any
from uuid import UUID, uuid4

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
)

from shared import sealing
from shared.canonical import canonical
from shared.events.ballots import Approval
from shared.events.voting import Commission, FlushRule, OptionListed, RoundOpened
from shared.sealing import Place
from tests.opening import HASH, round_opened

TIER = "A"
OPTIONS, MOST = 40, 5
PADDED = sealing.padded_size(len(canonical(list(range(OPTIONS - MOST + 1, OPTIONS + 1)))))
CHUNK = 500


class Election:
    """A sealed round, and everything that a voter needs for it."""

    def __init__(self) -> None:
        self.round_id = uuid4()
        tier, commission = generate_private_key(65537, 3072), X25519PrivateKey.generate()
        self._tier = tier.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        public = tier.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        self.public = b64encode(public).decode()
        self.commission = b64encode(commission.public_key().public_bytes_raw()).decode()

    def events(self) -> tuple[list[OptionListed], RoundOpened]:
        """What the box is told of it: the options, and the opening."""
        listed = [
            OptionListed(round_id=self.round_id, option_id=uuid4(), number=n, cost=n, title=HASH)
            for n in range(1, OPTIONS + 1)
        ]
        opened = round_opened(
            self.round_id,
            rehearsal=False,
            secrecy="sealed",
            format=Approval(min=1, max=MOST),
            options=OPTIONS,
            tiers={TIER: self.public},
            flush=FlushRule(k=30, interval=900),
            commission=Commission(key=self.commission, threshold=3, shares=7),
            padded=PADDED,
        )
        return listed, opened

    def ballots(self, many: int) -> list[bytes]:
        """One ballot each of so many voters."""
        return [ballot for [ballot] in self._made([1] * many)]

    def rivals(self, voters: int, ballots: int) -> list[list[bytes]]:
        """Ballots of so many voters that all have the first revision: one of each can be taken."""
        return self._made([ballots] * voters)

    def _made(self, each: Sequence[int]) -> list[list[bytes]]:
        chunks = [each[start : start + CHUNK] for start in range(0, len(each), CHUNK)]
        make = partial(_ballots, self._tier, self.commission, self.round_id)
        with ProcessPoolExecutor() as pool:
            return [ballots for chunk in pool.map(make, chunks) for ballots in chunk]


def _ballots(
    tier: bytes, commission: str, round_id: UUID, each: Sequence[int]
) -> list[list[bytes]]:
    return [_of_one_voter(tier, commission, str(round_id), many) for many in each]


def _of_one_voter(tier: bytes, commission: str, round_id: str, many: int) -> list[bytes]:
    private = Ed25519PrivateKey.generate()
    key = b64encode(private.public_key().public_bytes_raw()).decode()
    named = {"v": "comptoir-token-v1", "round": round_id, "tier": TIER, "key": key}
    padding = PSS(mgf=MGF1(hashes.SHA384()), salt_length=0)
    token = b64encode(_loaded(tier).sign(canonical(named), padding, hashes.SHA384())).decode()
    place = Place(round_id, TIER, key, 1)
    return [_ballot(private, place, token, commission) for _ in range(many)]


def _ballot(private: Ed25519PrivateKey, place: Place, token: str, commission: str) -> bytes:
    choices = sorted(random.sample(range(1, OPTIONS + 1), random.randint(1, MOST)))
    salt = sealing.new_salt()
    fields: dict[str, Any] = {
        "v": 1,
        "round": place.round_id,
        "tier": place.tier,
        "key": place.key,
        "token": token,
        "revision": place.revision,
        "commitment": sealing.commitment(place, choices, salt),
        "sealed": sealing.seal(commission, place, choices, salt, PADDED),
    }
    return canonical(fields | {"sig": b64encode(private.sign(canonical(fields))).decode()})


@cache
def _loaded(tier: bytes) -> RSAPrivateKey:
    key = load_der_private_key(tier, None)
    assert isinstance(key, RSAPrivateKey)
    return key
