"""The roll's private keys, in files that all its replicas share: each made once, for good."""

import asyncio
import secrets
from pathlib import Path
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.rsa import (
    RSAPrivateKey,
    RSAPublicKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
    load_der_public_key,
)

from shared.keys import write_once
from voting.roll.tokens import Signer

RSA_BITS = 3072


class RollKeys:
    """K_roll and the tier keys below one directory."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._signers: dict[tuple[UUID, str], Signer] = {}
        file = directory / "roll.key"
        if not file.exists():
            write_once(file, secrets.token_bytes(32))
        self.roll_key = file.read_bytes()

    async def tier_key(self, round_id: UUID, tier: str) -> bytes:
        """The public key of a round's tier (SPKI, DER), made first where there is none.

        A handler that is rolled back, or another replica, finds the same key again.
        """
        file = self._file(round_id, tier)
        if not file.exists():
            await asyncio.to_thread(_make, file)
        return (
            _load(file).public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        )

    def known_signer(self, round_id: UUID, tier: str) -> Signer | None:
        """What `signer` found before."""
        return self._signers.get((round_id, tier))

    def signer(self, round_id: UUID, tier: str, announced: bytes) -> Signer:
        """What signs a tier's tokens, and the key that was announced for it (SPKI, DER)."""
        public = load_der_public_key(announced)
        assert isinstance(public, RSAPublicKey)
        signer = Signer(_load(self._file(round_id, tier)), public)
        self._signers[round_id, tier] = signer
        return signer

    def _file(self, round_id: UUID, tier: str) -> Path:
        return self._directory / f"tier-{round_id}-{tier}.key"


def _make(file: Path) -> None:
    key = generate_private_key(public_exponent=65537, key_size=RSA_BITS)
    write_once(file, key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()))


def _load(file: Path) -> RSAPrivateKey:
    # To validate it takes 0.1 s; instead, each token is verified under the announced key.
    key = load_der_private_key(
        file.read_bytes(), password=None, unsafe_skip_rsa_key_validation=True
    )
    assert isinstance(key, RSAPrivateKey)
    return key
