"""Verifier keys, and what they verify (C2SP signed-note v1.0.0, tlog-cosignature v1.0.1)."""

import re
import struct
from base64 import b64encode
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey

from ledger.notes import Checkpoint, Malformed, Note, decoded, key_id

ED25519, COSIGNATURE, ML_DSA_44 = 0x01, 0x04, 0x06
_LENGTHS = {ED25519: 32, COSIGNATURE: 32, ML_DSA_44: 1312}
_TIME = struct.Struct(">Q")
_LATEST = 2**63 - 1
_HEX = re.compile(r"[0-9a-f]{8}")


class WrongSignature(Exception):
    """A signature names a key, and is not that key's."""


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A name and a public key; `kind` says what its signatures are over."""

    name: str
    kind: int
    public_key: bytes

    @classmethod
    def parse(cls, vkey: str) -> "VerifierKey":
        """Read a vkey. Raises `Malformed` where it is none, or of a kind that is not known."""
        name, plus, rest = vkey.partition("+")
        identity, _, encoded = rest.partition("+")
        if not plus or not name or any(c.isspace() for c in name) or not _HEX.fullmatch(identity):
            raise Malformed("a verifier key is a name, eight hex digits and base64")
        content = decoded(encoded)
        if not content or len(content) != 1 + _LENGTHS.get(content[0], -1):
            raise Malformed(f"the key of {name[:80]} is of no kind that is known here")
        key = cls(name, content[0], content[1:])
        if key.id.hex() != identity:
            raise Malformed(f"the verifier key of {name[:80]} is not the one that its id says")
        return key

    @property
    def id(self) -> bytes:
        """The four bytes that its signatures begin with."""
        return key_id(self.name, self.public_key, self.kind)

    def __str__(self) -> str:
        encoded = b64encode(bytes([self.kind]) + self.public_key).decode()
        return f"{self.name}+{self.id.hex()}+{encoded}"

    def time(self, text: bytes, signature: bytes) -> int:
        """When this key signed the text of a checkpoint: 0 of a log's plain signature.

        Raises `WrongSignature`; also where a cosignature does not say when.
        """
        try:
            if self.kind == ED25519:
                Ed25519PublicKey.from_public_bytes(self.public_key).verify(signature, text)
                return 0
            time = _TIME.unpack_from(signature)[0]
            if not 0 < time <= _LATEST:
                raise WrongSignature(f"{self.name} cosigned at no time")
            if self.kind == COSIGNATURE:
                cosigner = Ed25519PublicKey.from_public_bytes(self.public_key)
                cosigner.verify(signature[_TIME.size :], cosigned(text, time))
            else:
                post_quantum = MLDSA44PublicKey.from_public_bytes(self.public_key)
                message = _whole_tree(self.name, Checkpoint.parse(text), time)
                post_quantum.verify(signature[_TIME.size :], message)
        except (InvalidSignature, ValueError, struct.error) as error:
            raise WrongSignature(f"the signature of {self.name} is wrong") from error
        return int(time)

    def times(self, note: Note) -> list[int]:
        """When this key signed a note, once for each of its signatures there; none where it did
        not. Raises `WrongSignature`: such a note is none."""
        return [
            self.time(note.text, signature.content)
            for signature in note.signatures
            if (signature.name, signature.id) == (self.name, self.id)
        ]


def cosigned(text: bytes, time: int) -> bytes:
    """What a timestamped Ed25519 cosignature is over."""
    return b"cosignature/v1\ntime %d\n" % time + text


def cosignature(time: int, signature: bytes) -> bytes:
    """The content of a cosignature line, behind the key's id."""
    return _TIME.pack(time) + signature


def _whole_tree(name: str, checkpoint: Checkpoint, time: int) -> bytes:
    """The `cosigned_message` of tlog-cosignature, of a tree from its first leaf."""
    cosigner, origin = name.encode(), checkpoint.origin.encode()
    if max(len(cosigner), len(origin)) > 255:
        raise WrongSignature(f"{name[:80]}: such a signature holds names of 255 bytes at most")
    return b"".join(
        [
            b"subtree/v1\n\0",
            bytes([len(cosigner)]) + cosigner,
            _TIME.pack(time),
            bytes([len(origin)]) + origin,
            _TIME.pack(0),
            _TIME.pack(checkpoint.size),
            checkpoint.root,
        ]
    )
