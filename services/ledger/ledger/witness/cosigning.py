"""The witness at work: judge, remember, and only then let the cosignature be seen.

Crash story: what dies before the commit has cosigned nothing that anybody saw. What dies after it
has the new size on the disk; the log did not hear of it, asks again with its old size, is told the
new one (409), and gets a cosignature of the same tree.
"""

from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger.notes import Checkpoint, Signature
from ledger.verifier_keys import COSIGNATURE, VerifierKey, cosignature, cosigned
from ledger.witness import queries
from ledger.witness.judging import OtherSize, judge, parsed
from ledger.witness.queries import Cosigned
from ledger.witness.requests import Addition
from ledger.witness.store import Store
from ledger.witness.trusted import Trusted


@dataclass(frozen=True)
class Cosigner:
    """A name and its key. One key serves one name alone: the signed text does not say the name."""

    name: str
    key: Ed25519PrivateKey

    @property
    def vkey(self) -> VerifierKey:
        """What others verify its cosignatures with."""
        return VerifierKey(self.name, COSIGNATURE, self.key.public_key().public_bytes_raw())

    def cosign(self, text: bytes, time: int) -> Signature:
        """A timestamped Ed25519 cosignature of a checkpoint's text."""
        content = cosignature(time, self.key.sign(cosigned(text, time)))
        return Signature(self.name, self.vkey.id, content)


class Witness:
    """Cosigns for everybody who asks."""

    def __init__(self, cosigner: Cosigner, store: Store, trusted: Trusted) -> None:
        self.cosigner = cosigner
        self.store = store
        self.trusted = trusted

    async def add(self, body: bytes, now: int) -> str:
        """The cosignature line of the checkpoint in a request. Raises a refusal of `judging`."""
        addition = parsed(body)
        origin = addition.checkpoint.origin
        keys = await self.trusted.keys(origin)
        found = await self.store.ask(queries.cosigned, origin)
        last = None if found is None else found.checkpoint
        judge(addition, keys, last)
        signature = self.cosigner.cosign(addition.note.text, now)
        kept = Cosigned(addition.checkpoint, _note(addition, keys, signature), now)
        if not await self.store.ask(queries.keep, last, kept):
            raise OtherSize((await self._last(origin)).size)
        return signature.line

    async def _last(self, origin: str) -> Checkpoint:
        found = await self.store.ask(queries.cosigned, origin)
        assert found is not None  # another request has just been kept, and none is ever removed
        return found.checkpoint


def _note(addition: Addition, keys: list[VerifierKey], signature: Signature) -> str:
    """The checkpoint as others may read it here: with the signatures that were verified."""
    known = {(key.name, key.id) for key in keys}
    verified = [s for s in addition.note.signatures if (s.name, s.id) in known]
    return f"{addition.note.text.decode()}\n{''.join(s.line for s in (*verified, signature))}"
