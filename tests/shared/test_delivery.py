"""What a record is read as, without a broker."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from aiokafka.structs import ConsumerRecord

from shared.delivery import Dead, Erased, Record, read
from shared.envelope import Envelope
from shared.events import Event
from shared.events.submission import ContentErased, TextPublished

CONTENT = "c0" * 32


def tombstone(event: type[Event], key: str | None) -> Record:
    """A record without a value."""
    now = datetime(2026, 5, 1, tzinfo=UTC)
    envelope = Envelope(uuid4(), event.type, "submission", key or "?", now, "platform", 1)
    return ConsumerRecord(
        topic=event.topic,
        partition=0,
        offset=1,
        timestamp=0,
        timestamp_type=0,
        key=None if key is None else key.encode(),
        value=None,
        checksum=None,
        serialized_key_size=0,
        serialized_value_size=0,
        headers=tuple(envelope.headers()),
    )


def test_a_tombstone_of_words_says_which_are_gone() -> None:
    assert read(tombstone(TextPublished, CONTENT)).event == Erased(CONTENT)


@pytest.mark.parametrize(
    ("event", "key"), [(ContentErased, CONTENT), (TextPublished, None), (TextPublished, "")]
)
def test_any_other_tombstone_is_a_dead_letter(event: type[Event], key: str | None) -> None:
    with pytest.raises(Dead, match="a tombstone"):
        read(tombstone(event, key))
