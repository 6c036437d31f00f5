"""The tier keys, in files: each made once, readable by this process alone, and destroyed for good.

Of a key that was destroyed its public half stays: whoever hears of the round again, such as a roll
whose database was restored, is told the same one, and no other key is ever made in its place.
"""

import os
from collections.abc import Callable
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
    """There is no key of this round and tier: it was never made here."""

    code = "key_unknown"


class KeyDestroyed(Refusal):
    """The key of this round and tier was destroyed: nothing is signed with it any more."""

    code = "key_destroyed"


def new_key() -> RSAPrivateKey:
    """A key for a tier; a fifth of a second of a processor, or more."""
    return generate_private_key(public_exponent=65537, key_size=RSA_BITS)


class TierKeys:
    """The keys below one directory, PKCS #8 in DER. Several signers may share it."""

    def __init__(self, directory: Path, new: Callable[[], RSAPrivateKey] = new_key) -> None:
        self._directory = directory
        self._new = new
        self._ready: dict[tuple[UUID, str], TierKey] = {}

    def make(self, round_id: UUID, tier: str) -> bytes:
        """The public key (SPKI, DER) of a round's tier, made first where there is none.

        Whoever asks again, or asks another signer of the same directory, is told the same key.
        """
        file, gone = self._file(round_id, tier), self._public_file(round_id, tier)
        if not file.exists() and not gone.exists():
            key = self._new()
            write_once(file, key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()))
            if gone.exists():  # destroyed while this one was made, which takes a second
                return self.destroy(round_id, tier)
        return self.public(round_id, tier)

    def public(self, round_id: UUID, tier: str) -> bytes:
        """The public key of a round's tier, also of one that was destroyed. Raises `KeyUnknown`."""
        try:
            return self._public_file(round_id, tier).read_bytes()
        except FileNotFoundError:
            return _public(self._load(round_id, tier))

    def key(self, round_id: UUID, tier: str) -> TierKey:
        """What signs for a round's tier. Raises `KeyUnknown`, `KeyDestroyed`."""
        if self._public_file(round_id, tier).exists():
            self.forget()
            raise KeyDestroyed(f"the key of round {round_id}, tier {tier}, is destroyed")
        if (known := self._ready.get((round_id, tier))) is None:
            known = self._ready[round_id, tier] = TierKey(self._load(round_id, tier))
        return known

    def destroy(self, round_id: UUID, tier: str) -> bytes:
        """Destroy the key of a round's tier: when this returns its file is gone, and it is not in
        this process's memory either. The public key; of a key that is destroyed, the same.

        Raises `KeyUnknown`.
        """
        gone = self._public_file(round_id, tier)
        if not gone.exists():
            # Before the key goes: killed in between, it is destroyed at the next asking, and signs
            # nothing until then.
            write_once(gone, _public(self._load(round_id, tier)))
        file = self._file(round_id, tier)
        # Also what a kill between writing and linking it left.
        for each in (file, *self._directory.glob(f".{file.name}.*")):
            each.unlink(missing_ok=True)
        directory = os.open(self._directory, os.O_RDONLY)
        os.fsync(directory)
        os.close(directory)
        self.forget()
        return gone.read_bytes()

    def forget(self) -> None:
        """Have no key in memory whose file is gone, also where another signer of the directory
        destroyed it."""
        # Of a copy: keys are destroyed in a thread, while others are made ready to sign.
        for known in tuple(self._ready):
            if not self._file(*known).exists():
                self._ready.pop(known, None)

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

    def _public_file(self, round_id: UUID, tier: str) -> Path:
        return self._directory / f"tier-{round_id}-{tier}.destroyed"


def _public(key: RSAPrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
