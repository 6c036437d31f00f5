"""Verifier keys (C2SP signed-note v1.0.0), and what a signature of each type is over.

Ed25519 signs a note's text; the two cosignatures (C2SP tlog-cosignature) say a time as well.
"""

import re
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from dataclasses import dataclass
from hashlib import sha256

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

ED25519, COSIGNATURE, ML_DSA_44 = 1, 4, 6
_LENGTHS = {ED25519: (32, 64), COSIGNATURE: (32, 8 + 64), ML_DSA_44: (1312, 8 + 2420)}
_VKEY = re.compile(r"([^+\s]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+={0,2})")
LONGEST_KEY = 4_000


class Malformed(ValueError):
    """A note, key, policy or receipt is not in its one form; the message says why."""


class WrongSignature(ValueError):
    """A key that is known did not make this signature."""


class UnknownSignature(ValueError):
    """A signature of a kind that the libraries which are here cannot check."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a note says: the log `origin` has `size` entries, and this root hash."""

    origin: str
    size: int
    root: bytes


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A vkey: `<name>+<8 hex of the key's id>+<base64 of type and public key>`."""

    name: str
    id: bytes
    public_key: bytes
    type: int = ED25519

    @classmethod
    def parse(cls, vkey: str) -> "VerifierKey":
        """Read a vkey. Raises `Malformed`."""
        vkey = vkey.strip()
        found = _VKEY.fullmatch(vkey) if len(vkey) <= LONGEST_KEY else None
        if found is None:
            raise Malformed(f"this is not a verifier key: {vkey[:60]!r}")
        name, identity, encoded = found[1], bytes.fromhex(found[2]), base64(found[3])
        kind = encoded[0] if encoded else 0
        if kind not in _LENGTHS or len(encoded) != 1 + _LENGTHS[kind][0]:
            what = f"type {kind} and {max(len(encoded) - 1, 0)} bytes"
            raise Malformed(f"the verifier key of {name[:60]} is none of those known here: {what}")
        if sha256(octets(name) + b"\n" + encoded).digest()[:4] != identity:
            raise Malformed(f"the verifier key's id of {name[:60]} is not that of its name and key")
        return cls(name, identity, encoded[1:], kind)

    def verify(self, signature: bytes, text: bytes, checkpoint: Checkpoint) -> int | None:
        """The time that a signature over a checkpoint states, where its type states one.

        Raises `WrongSignature` and `UnknownSignature`.
        """
        if len(signature) != _LENGTHS[self.type][1]:
            raise WrongSignature(f"a signature of {len(signature)} bytes")
        if self.type == ED25519:
            self._verify_ed25519(signature, text)
            return None
        time = int.from_bytes(signature[:8])
        if time >= 2**63:
            raise WrongSignature("a time beyond 2^63")
        if self.type == COSIGNATURE:
            self._verify_ed25519(signature[8:], b"cosignature/v1\ntime %d\n" % time + text)
        else:
            self._verify_ml_dsa(signature[8:], self._cosigned(time, checkpoint))
        return time

    def _verify_ed25519(self, signature: bytes, message: bytes) -> None:
        try:
            Ed25519PublicKey.from_public_bytes(self.public_key).verify(signature, message)
        except (InvalidSignature, ValueError):
            raise WrongSignature("not made by this key") from None

    def _verify_ml_dsa(self, signature: bytes, message: bytes) -> None:
        try:
            # Younger than what else is needed of the library.
            from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey

            MLDSA44PublicKey.from_public_bytes(self.public_key).verify(signature, message)
        except (ImportError, UnsupportedAlgorithm):
            raise UnknownSignature("ML-DSA-44 needs a newer cryptography") from None
        except (InvalidSignature, ValueError):
            raise WrongSignature("not made by this key") from None

    def _cosigned(self, time: int, checkpoint: Checkpoint) -> bytes:
        """C2SP tlog-cosignature v1.1: `cosigned_message` of a whole tree."""
        name, origin = octets(self.name), octets(checkpoint.origin)
        if len(name) > 255 or len(origin) > 255:
            raise WrongSignature("a name of more than 255 bytes")
        numbers = (0).to_bytes(8) + checkpoint.size.to_bytes(8)
        return (
            b"subtree/v1\n\0"
            + bytes([len(name)])
            + name
            + time.to_bytes(8)
            + bytes([len(origin)])
            + origin
            + numbers
            + checkpoint.root
        )


def base64(text: str) -> bytes:
    """The bytes of base64 in its one form. Raises `Malformed`.

    Its last character can have spare bits, which Python's reader passes over: a changed bit would
    go unseen there.
    """
    try:
        found = b64decode(text, validate=True)
    except (NotBase64, ValueError):
        raise Malformed(f"not base64: {text[:20]!r}") from None
    if b64encode(found).decode() != text:
        raise Malformed(f"not canonical base64: {text[:20]!r}")
    return found


def octets(name: str) -> bytes:
    """A name's bytes; a policy's names need not be UTF-8."""
    return name.encode(errors="surrogateescape")
