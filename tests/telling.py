"""What processes under test told people: the outbox, opened with the key of these tests."""

from base64 import b64encode
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from sqlmodel import col, select

from shared.canonical import canonical
from shared.contacts import Message, encoded_key, open_sealed, public_key
from shared.database import Database
from shared.events.private import MessageSealed
from shared.outbox import OutboxRow

# It guards nothing: its only messages are those of the tests.
PRIVATE_KEY = X25519PrivateKey.from_private_bytes(b"the key of these tests, 32 bytes")
CONTACTS_KEY = encoded_key(PRIVATE_KEY)


async def told(database: Database) -> list[Message]:
    """Every message that is kept in an outbox, opened, in the order of their announcement."""
    async with database.begin() as session:
        statement = (
            select(OutboxRow.body)
            .where(OutboxRow.topic == MessageSealed.topic)
            .order_by(col(OutboxRow.id))
        )
        bodies = (await session.exec(statement)).all()
    return [opened(MessageSealed.from_body(body or b"")) for body in bodies]


def opened(event: MessageSealed, key: X25519PrivateKey = PRIVATE_KEY) -> Message:
    """The message in an event."""
    return open_sealed(key, event.message_id, event.sealed_bytes)


def event(message_id: UUID, words: bytes) -> MessageSealed:
    """What carries these sealed words."""
    return MessageSealed(message_id=message_id, sealed=b64encode(words).decode())


def event_of(message_id: UUID, words: dict[str, Any]) -> MessageSealed:
    """What carries these words, whatever they are: `seal` would refuse most."""
    suite = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)
    info = b"comptoir-contacts-v1" + message_id.bytes
    return event(message_id, suite.encrypt(canonical(words), public_key(CONTACTS_KEY), info))
