"""What people are told, sealed while the roll knows how: later it knows no address any more."""

from base64 import b64encode
from collections.abc import Iterable, Mapping
from uuid import uuid4

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.contacts import Message, seal
from shared.events.private import MessageSealed
from shared.outbox import announce

SOURCE = "voting.roll"


def sealed(contacts: X25519PublicKey, message: Message) -> MessageSealed:
    """A message that only notification reads."""
    message_id = uuid4()
    words = b64encode(seal(contacts, message_id, message)).decode()
    return MessageSealed(message_id=message_id, sealed=words)


def kept(contacts: X25519PublicKey, messages: Iterable[Message]) -> dict[str, str]:
    """Messages for later, by name, as a row keeps them."""
    return {each.name: sealed(contacts, each).body().decode() for each in messages}


def taken(name: str, messages: Mapping[str, str]) -> MessageSealed:
    """One of the messages that a row keeps."""
    return MessageSealed.from_body(messages[name].encode())


def tell(session: AsyncSession, message: MessageSealed) -> None:
    """Announce a sealed message."""
    announce(session, message, source=SOURCE, event_id=message.message_id)
