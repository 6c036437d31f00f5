"""The tier keys, in files: each made once, readable by this process alone."""

from pathlib import Path
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
)

from shared.keys import write_once
from shared.refusal import Refusal
from voting.signer.signing import RSA_BITS, TierKey


class KeyUnknown(Refusal):
    """There is no key of this round and tier: it was never made here, or it is destroyed."""

    code = "key_unknown"


class TierKeys:
    """The keys below one directory, PKCS #8 in DER. Several signers may share it."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._ready: dict[tuple[UUID, str], TierKey] = {}

    def make(self, round_id: UUID, tier: str) -> bytes:
        """The public key (SPKI, DER) of a round's tier, made first where there is none.

        Whoever asks again, or asks another signer of the same directory, is told the same key.
        """
        file = self._file(round_id, tier)
        if not file.exists():
            key = generate_private_key(public_exponent=65537, key_size=RSA_BITS)
            write_once(file, key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()))
        return self.public(round_id, tier)

    def public(self, round_id: UUID, tier: str) -> bytes:
        """The public key of a round's tier. Raises `KeyUnknown`."""
        public = self._load(round_id, tier).public_key()
        return public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)

    def key(self, round_id: UUID, tier: str) -> TierKey:
        """What signs for a round's tier. Raises `KeyUnknown`."""
        if (known := self._ready.get((round_id, tier))) is None:
            known = self._ready[round_id, tier] = TierKey(self._load(round_id, tier))
        return known

    def _load(self, round_id: UUID, tier: str) -> RSAPrivateKey:
        try:
            content = self._file(round_id, tier).read_bytes()
        except FileNotFoundError:
            raise KeyUnknown(f"there is no key of round {round_id}, tier {tier}") from None
        # To validate it takes 0.1 s; instead, each signature is verified before it leaves.
        key = load_der_private_key(content, password=None, unsafe_skip_rsa_key_validation=True)
        if not isinstance(key, RSAPrivateKey) or key.key_size != RSA_BITS:
            raise RuntimeError(f"the key file of round {round_id}, tier {tier}, is another kind's")
        return key

    def _file(self, round_id: UUID, tier: str) -> Path:
        return self._directory / f"tier-{round_id}-{tier}.key"
