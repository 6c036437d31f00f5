"""The CloudEvents SDK as an oracle: what it finds in a record is what we say is in it."""

import json
from collections.abc import Iterable

from cloudevents.core.bindings.kafka import KafkaMessage, from_binary
from cloudevents.core.formats.json import JSONFormat

from shared.envelope import Envelope


def disagreements(
    key: bytes | None, headers: Iterable[tuple[str, bytes]], value: bytes, envelope: Envelope
) -> list[str]:
    """What the SDK reads otherwise than we do; the envelope is ours."""
    message = KafkaMessage(dict(headers), key, value)
    event = from_binary(message, JSONFormat())
    extensions = {} if envelope.log is None else {"log": envelope.log, "number": envelope.number}
    pairs = {
        "id": (event.get_id(), str(envelope.id)),
        "source": (event.get_source(), envelope.source),
        "type": (event.get_type(), envelope.type),
        "subject": (event.get_subject(), envelope.subject),
        "time": (event.get_time(), envelope.time),
        "specversion": (event.get_specversion(), "1.0"),
        "datacontenttype": (event.get_datacontenttype(), "application/json"),
        "partitionkey": (event.get_extension("partitionkey"), key and key.decode()),
        "log": (event.get_extension("log"), extensions.get("log")),
        "number": (event.get_extension("number"), _text(extensions.get("number"))),
        "data": (event.get_data(), json.loads(value)),
    }
    return [
        f"{name}: {theirs!r} is not {ours!r}"
        for name, (theirs, ours) in pairs.items()
        if theirs != ours
    ]


def _text(number: object) -> str | None:
    """Extensions come out of Kafka's headers as text."""
    return None if number is None else str(number)
