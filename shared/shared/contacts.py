"""Telling people something: sealed for notification where it is known, sent by notification.

Whoever has something to tell seals address, language and words into one message (HPKE, RFC 9180,
base mode, X25519, HKDF-SHA256, ChaCha20-Poly1305; `info` holds the message's id, so that a sealed
message opens under no other id). The message stays in its publisher's outbox until notification
says that it was accepted; the relay announces it again every twelve hours until then.
"""

import re
import unicodedata
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from types import MappingProxyType
from typing import Any
from uuid import UUID, uuid4

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from pydantic_core import from_json
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.canonical import canonical
from shared.database import raw
from shared.delivery import Delivered
from shared.events.notification import MessageAccepted
from shared.events.private import MessageSealed
from shared.inbox import Subscription
from shared.outbox import announce

# What a publisher's migration adds: the messages it still keeps are found without reading all rows.
CREATE = f"""
create index outbox_contacts on outbox (key) where topic = '{MessageSealed.topic}';
"""

# Below the directory of notification's keys.
CONTACTS_KEY_FILE = "contacts"
LANGUAGES = ("fr", "en")
# The size of a sealed message tells how many of these its words fill, and no more.
PADDED_TO = 512
LONGEST_LINE, LONGEST_TEXT, LONGEST_SEALED = 500, 4000, 29_000

_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)
_INFO = b"comptoir-contacts-v1"
# A telephone as it is called from everywhere (E.164); a message to it is an SMS.
_TELEPHONE = re.compile(r"\+[1-9][0-9]{6,14}")
# One address and nothing that a header or an envelope could take for more.
_ADDRESS = re.compile(r"[^\s@<>()\[\]\\,;:\"]{1,64}@[^\s@<>()\[\]\\,;:\"]{1,189}")
_LINK = re.compile(r"https?://[!-~]{1,2000}")


class Kind(Enum):
    """What a value of a message is; its template knows how to say it."""

    LINE = "words in one line"
    TEXT = "words, perhaps in several lines"
    LINK = "an address of a page"
    MOMENT = "an ISO time with its zone"
    CENTS = "an amount"


def _values(**kinds: Kind) -> Mapping[str, Kind]:
    return MappingProxyType(kinds)


# Every message, by the name of its templates, with the values that they need.
MESSAGES: Mapping[str, Mapping[str, Kind]] = MappingProxyType(
    {
        "sign-in-link": _values(url=Kind.LINK, purpose=Kind.LINE),
        "idea-received": _values(title=Kind.LINE, url=Kind.LINK),
        "counter-appointment": _values(
            title=Kind.LINE,
            place=Kind.LINE,
            begins_at=Kind.MOMENT,
            ends_at=Kind.MOMENT,
            url=Kind.LINK,
        ),
        "counter-declined": _values(title=Kind.LINE, reason=Kind.TEXT, url=Kind.LINK),
        "dossier-complete": _values(title=Kind.LINE, url=Kind.LINK),
        "dossier-incomplete": _values(
            title=Kind.LINE, missing=Kind.TEXT, until=Kind.MOMENT, url=Kind.LINK
        ),
        "labelled": _values(
            title=Kind.LINE,
            family=Kind.LINE,
            ceiling=Kind.CENTS,
            reason=Kind.TEXT,
            url=Kind.LINK,
        ),
        "label-refused": _values(title=Kind.LINE, reason=Kind.TEXT, url=Kind.LINK),
        "phone-code": _values(code=Kind.LINE),
        "voting-code": _values(title=Kind.LINE, code=Kind.LINE, url=Kind.LINK),
        "right-used": _values(title=Kind.LINE, url=Kind.LINK),
        "registration-held": _values(title=Kind.LINE, case=Kind.LINE, url=Kind.LINK),
        "registration-declined": _values(title=Kind.LINE, case=Kind.LINE, url=Kind.LINK),
        "funded": _values(title=Kind.LINE, amount=Kind.CENTS, url=Kind.LINK),
        "not-funded": _values(title=Kind.LINE, reason=Kind.TEXT, url=Kind.LINK),
        "agreement-signed": _values(title=Kind.LINE, amount=Kind.CENTS, url=Kind.LINK),
        "handoff-returned": _values(title=Kind.LINE, reason=Kind.TEXT, url=Kind.LINK),
        "handoff-redirected": _values(
            title=Kind.LINE, desk=Kind.LINE, until=Kind.MOMENT, url=Kind.LINK
        ),
        "counter-reminder": _values(
            title=Kind.LINE, place=Kind.LINE, begins_at=Kind.MOMENT, url=Kind.LINK
        ),
        "counter-cancelled": _values(title=Kind.LINE, reason=Kind.TEXT, url=Kind.LINK),
        "place-awaited": _values(
            title=Kind.LINE, place=Kind.LINE, begins_at=Kind.MOMENT, url=Kind.LINK
        ),
        "dossier-reminder": _values(
            title=Kind.LINE, missing=Kind.TEXT, until=Kind.MOMENT, url=Kind.LINK
        ),
        "grant-reminder": _values(
            title=Kind.LINE, step=Kind.LINE, until=Kind.MOMENT, url=Kind.LINK
        ),
        "project-merged": _values(title=Kind.LINE, into=Kind.LINE, reason=Kind.TEXT, url=Kind.LINK),
        "project-split": _values(title=Kind.LINE, reason=Kind.TEXT, url=Kind.LINK),
        "project-withdrawn": _values(title=Kind.LINE, reason=Kind.TEXT, url=Kind.LINK),
        "project-suspended": _values(title=Kind.LINE, reason=Kind.TEXT, url=Kind.LINK),
        "project-resumed": _values(title=Kind.LINE, reason=Kind.TEXT, url=Kind.LINK),
        "clearance-missing": _values(title=Kind.LINE, missing=Kind.TEXT, url=Kind.LINK),
        "not-admitted": _values(title=Kind.LINE, url=Kind.LINK),
        "funding-confirmed": _values(
            title=Kind.LINE, amount=Kind.CENTS, act=Kind.LINE, url=Kind.LINK
        ),
        "instalment-paid": _values(
            title=Kind.LINE, instalment=Kind.LINE, amount=Kind.CENTS, url=Kind.LINK
        ),
        "grant-reduced": _values(title=Kind.LINE, amount=Kind.CENTS, url=Kind.LINK),
        "grant-lapsed": _values(title=Kind.LINE, left=Kind.CENTS, url=Kind.LINK),
    }
)

# What can be said in an SMS, and what is said by nothing else.
BY_SMS = frozenset(
    {"phone-code", "voting-code", "right-used", "registration-held", "registration-declined"}
)
BY_SMS_ALONE = frozenset({"phone-code"})


class Untellable(Exception):
    """A message that no template can say: its publisher made it wrong. It quotes no value."""


class Unopened(Exception):
    """These bytes are no message sealed to this key under this id."""


@dataclass(frozen=True)
class Contact:
    """Where somebody is told, and in which language: a mail address, or a telephone (`+33…`)."""

    address: str
    language: str


@dataclass(frozen=True)
class Message:
    """What somebody is told: the name of the templates, and the values that they say."""

    contact: Contact
    name: str
    values: Mapping[str, str | int]


class Teller:
    """A publisher's way to people. `key` is notification's public key, base64 of 32 bytes."""

    def __init__(self, key: str | None, *, source: str) -> None:
        self._key = None if key is None else public_key(key)
        self._source = source

    def tell(
        self,
        session: AsyncSession,
        name: str,
        contact: Contact,
        values: Mapping[str, str | int],
        message_id: UUID | None = None,
    ) -> UUID:
        """Announce a message in the session's transaction; its id, a new one where none is given.

        What is told of an event has an id that follows from the event's: a restored database that
        hears of it once more tells it under the same one, and notification drops what it accepted.
        Raises `Untellable` for what `MESSAGES` does not know: a mistake of the publisher.
        """
        event = self.sealed(name, contact, values, message_id)
        return announce(session, event, source=self._source, event_id=event.message_id)

    def sealed(
        self,
        name: str,
        contact: Contact,
        values: Mapping[str, str | int],
        message_id: UUID | None = None,
    ) -> MessageSealed:
        """A message as it is announced, under its own id. Raises `Untellable`."""
        if self._key is None:
            raise RuntimeError("COMPTOIR_CONTACTS_KEY is not set: nobody can be told anything")
        message_id = message_id or uuid4()
        sealed = seal(self._key, message_id, Message(contact, name, values))
        return MessageSealed(message_id=message_id, sealed=b64encode(sealed).decode())


def public_key(encoded: str) -> X25519PublicKey:
    """A key from its settings. Raises `ValueError`."""
    return X25519PublicKey.from_public_bytes(b64decode(encoded, validate=True))


def encoded_key(key: X25519PrivateKey) -> str:
    """The public half of a key, as the settings have it."""
    return b64encode(key.public_key().public_bytes_raw()).decode()


def seal(key: X25519PublicKey, message_id: UUID, message: Message) -> bytes:
    """A message that only the holder of the private key reads. Raises `Untellable`."""
    check(message)
    words = canonical(
        {
            "address": message.contact.address,
            "language": message.contact.language,
            "message": message.name,
            "values": dict(message.values),
        }
    )
    # JSON ignores the spaces.
    padded = words.ljust(-(-len(words) // PADDED_TO) * PADDED_TO)
    if len(padded) > LONGEST_SEALED:
        raise Untellable(f"{message.name} has {len(words)} bytes, too many to be sent")
    return _SUITE.encrypt(padded, key, _INFO + message_id.bytes)


def open_sealed(key: X25519PrivateKey, message_id: UUID, sealed: bytes) -> Message:
    """What was sealed under this id. Raises `Unopened`; the words are not yet checked."""
    try:
        found = from_json(_SUITE.decrypt(sealed, key, _INFO + message_id.bytes))
        contact = Contact(_text(found["address"]), _text(found["language"]))
        return Message(contact, _text(found["message"]), dict(found["values"]))
    except InvalidTag:
        raise Unopened("not sealed to this key, or under another id") from None
    except (ValueError, TypeError, KeyError):
        raise Unopened("sealed, but no message") from None


def check(message: Message) -> None:
    """Raises `Untellable` unless the message has all that its templates say, and nothing else."""
    if message.contact.language not in LANGUAGES:
        raise Untellable("the language is none of " + ", ".join(LANGUAGES))
    by_sms = is_telephone(message.contact.address)
    if not (by_sms or is_address(message.contact.address)):
        raise Untellable("the address is none")
    if message.name not in BY_SMS if by_sms else message.name in BY_SMS_ALONE:
        raise Untellable(f"{message.name} is not sent to such an address")
    kinds = MESSAGES.get(message.name)
    if kinds is None:
        raise Untellable("no message has this name")
    if kinds.keys() != message.values.keys():
        raise Untellable(f"{message.name} has these values: {', '.join(kinds)}")
    for name, kind in kinds.items():
        if not _is(kind, message.values[name]):
            raise Untellable(f"{name} of {message.name} is not {kind.value}")


def is_address(written: str) -> bool:
    """Whether this is one mail address that can be written to."""
    return _ADDRESS.fullmatch(written) is not None and not _unseen(written)


def is_telephone(written: str) -> bool:
    """Whether this is a telephone in its one form, and no mail address."""
    return _TELEPHONE.fullmatch(written) is not None


def _is(kind: Kind, value: Any) -> bool:
    match kind:
        case Kind.LINE:
            return isinstance(value, str) and 0 < len(value) <= LONGEST_LINE and not _unseen(value)
        case Kind.TEXT:
            if not isinstance(value, str) or not 0 < len(value) <= LONGEST_TEXT:
                return False
            return not _unseen(value.replace("\r\n", "\n").replace("\n", "").replace("\t", ""))
        case Kind.LINK:
            return isinstance(value, str) and _LINK.fullmatch(value) is not None
        case Kind.MOMENT:
            return isinstance(value, str) and _is_moment(value)
        case Kind.CENTS:
            return type(value) is int and 0 <= value <= 10**15


def _is_moment(value: str) -> bool:
    try:
        return datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        return False


def _unseen(value: str) -> bool:
    """Whether there is a character that breaks a line, or that no encoding has."""
    return any(unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") for c in value)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def contacts_subscription() -> Subscription:
    """What a publisher makes of `notification.deliveries`: it forgets what was accepted."""
    return Subscription(
        name="deliveries",
        topics=(MessageAccepted.topic,),
        handlers={MessageAccepted.type: forget_accepted},
        remembers=False,  # what is forgotten twice is forgotten
    )


async def forget_accepted(
    session: AsyncSession, accepted: Sequence[Delivered[MessageAccepted]]
) -> None:
    """Delete the outbox rows of these messages, where they are this publisher's.

    A row that is on its way once more has no position yet and is left to the relay, which may be
    numbering it now: notification accepts each arrival, so that it goes after the next one.
    """
    await (await raw(session)).execute(
        "delete from outbox where topic = $1 and key = any($2::text[]) and position is not null",
        MessageSealed.topic,
        [str(delivered.event.message_id) for delivered in accepted],
    )
