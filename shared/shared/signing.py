"""A service's own Ed25519 key, which signs what no ledger may make up: decisions and closings."""

from base64 import b64decode, b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from shared.events.event import Signed
from shared.keys import ed25519_key

# Under this name the sessions of a process have its key.
SERVICE_KEY: Final = "service_key"


@dataclass(frozen=True, slots=True)
class ServiceKey:
    """The key of a service, and the one that it had before, which vouches for it."""

    private: Ed25519PrivateKey
    previous: Ed25519PrivateKey | None = None

    @classmethod
    def of(cls, directory: Path) -> "ServiceKey":
        """The key in `service.key`, made where there is none.

        For another key, the file is renamed to `service.previous.key` before a restart.
        """
        before = directory / "service.previous.key"
        return cls(
            ed25519_key(directory / "service.key"),
            ed25519_key(before) if before.exists() else None,
        )

    @property
    def public(self) -> str:
        """The public half, in base64."""
        return b64encode(self.private.public_key().public_bytes_raw()).decode()

    def signed[E: Signed](self, event: E, *, event_id: UUID, source: str, log: str) -> E:
        """The event with this key's signature."""
        return _signed(self.private, event, event_id, source, log)

    def vouched[E: Signed](self, event: E, *, event_id: UUID, source: str, log: str) -> E:
        """The event with the signature of the key before; without one, as it is."""
        if self.previous is None:
            return event
        return _signed(self.previous, event, event_id, source, log)


def is_signed(event: Signed, keys: Iterable[str], *, event_id: UUID, source: str, log: str) -> bool:
    """Whether one of these keys, in base64, made the signature that the event has."""
    if event.signature is None:
        return False
    signature = b64decode(event.signature)
    message = event.signed_bytes(event_id=event_id, source=source, log=log)
    return any(_verifies(key, signature, message) for key in keys)


def _verifies(key: str, signature: bytes, message: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(b64decode(key)).verify(signature, message)
    except InvalidSignature:
        return False
    return True


def _signed[E: Signed](
    key: Ed25519PrivateKey, event: E, event_id: UUID, source: str, log: str
) -> E:
    message = event.signed_bytes(event_id=event_id, source=source, log=log)
    return event.model_copy(update={"signature": b64encode(key.sign(message)).decode()})
