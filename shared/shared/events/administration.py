"""What officers do together, and what a service says of itself: the key that it signs with.

An act that needs two officers is asked for, confirmed or declined.

Each publisher has these events under its own type, on its own administration topic. Officers are
opaque ids (`shared.people`): their names are in no event.
"""

from typing import ClassVar
from uuid import UUID

from shared.events.event import Event, Hash, Ledgered, Name, PublicKey, Signed


class _OfTwo(Event):
    ledgered: ClassVar[Ledgered] = Ledgered.PLATFORM
    act_id: UUID
    officer: UUID

    @property
    def key(self) -> str:
        return str(self.act_id)


class SecondOfficerAsked(_OfTwo):
    """An officer asked for an act that another one has to confirm.

    `about` names its subject; `digest` hashes the act with all its parameters, so that what is
    confirmed is what was asked; `reason` is a commitment.
    """

    act: Name
    about: str
    digest: Hash
    reason: Hash


class SecondOfficerConsented(_OfTwo):
    """Another officer confirmed it, and it was done in the same transaction."""


class SecondOfficerDeclined(_OfTwo):
    """Another officer declined it, or the one who asked took it back. `reason` is a commitment."""

    reason: Hash


class ServiceKeyAnnounced(Signed):
    """From now on this publisher signs its decisions and closings with this Ed25519 key.

    `signature` is by the key that it had before, if it had one.
    """

    ledgered: ClassVar[Ledgered] = Ledgered.PLATFORM
    service_key: PublicKey

    @property
    def key(self) -> str:
        return self.service_key
