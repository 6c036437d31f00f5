"""What a process publishes and consumes, as an AsyncAPI 3.0 document. Pure.

It is derived from what is declared: the events that a process says it publishes, its subscriptions
and their handlers, the topics whose bodies leave late. `messages.py` has what is said of an event.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from shared.envelope import CONTENT_TYPE
from shared.events import Event
from shared.events.dead import DeadLetter
from shared.events.event import Ledgered
from shared.messages import BINDING, Json, first_sentence, messages, names, schemas
from shared.topics import DEAD, kept

if TYPE_CHECKING:
    from shared.inbox import Subscription

ABOUT = """\
Events are CloudEvents 1.0 in binary mode: attributes are Kafka headers, the body is RFC 8785 JSON.

- Delivery is at least once, in the order of the key. Who must not act twice keeps the `ce_id`s.
- `ce_number` counts from 1 without a gap for each `ce_source` and `ce_log`.
- The ledger keeps every event that has a number, byte for byte.
- A later version of the same type may add optional fields: readers ignore what they do not know.
- There is no consumer group and no offset in Kafka: a consumer keeps its position itself.
- What a process cannot read goes to the topic's `.dead`, and the topic goes on.
"""


@dataclass(frozen=True)
class Contract:
    """What one process declares."""

    process: str
    version: str
    publishes: Sequence[type[Event]] = ()
    subscriptions: Sequence["Subscription"] = ()
    late: Collection[str] = ()
    traced: bool = True


def document(contract: Contract) -> Json:
    """The whole document."""

    def sender(event: type[Event]) -> str | None:
        """The process itself, where it sends the event."""
        return contract.process if event in contract.publishes or event is DeadLetter else None

    channels = _channels(contract)
    events = {event.type: event for known in channels.values() for event in known}
    return {
        "asyncapi": "3.0.0",
        "id": f"urn:comptoir:{contract.process}",
        "info": {
            "title": contract.process,
            "version": contract.version,
            "description": ABOUT,
            "license": {"name": "EUPL-1.2", "url": "https://eupl.eu/1.2/en/"},
            "contact": {"name": "The operator of this platform"},
            "tags": [{"name": contract.process.partition(".")[0]}],
        },
        "defaultContentType": CONTENT_TYPE,
        "servers": {"kafka": _SERVER},
        "channels": {topic: _channel(contract, topic, known) for topic, known in channels.items()},
        "operations": dict(_operations(contract)),
        "components": {
            "messages": {
                name: message
                for event in events.values()
                for name, message in messages(event, sender(event), traced=contract.traced).items()
            },
            "schemas": schemas(events.values()),
            "correlationIds": {"event": _CORRELATION},
            "securitySchemes": {"scram": _SCRAM},
        },
    }


# Where the broker is and under which name to meet it, its operator says: a public page does not.
_SERVER: Json = {
    "host": "{bootstrap}",
    "protocol": "kafka-secure",
    "description": "Apache Kafka. Each process and each subscriber has a principal of its own.",
    "variables": {
        "bootstrap": {
            "default": "kafka.invalid:9092",
            "description": "The address that the operator gives, with user name and password.",
        }
    },
    "security": [{"$ref": "#/components/securitySchemes/scram"}],
    "bindings": {"kafka": {"bindingVersion": BINDING}},
}
_SCRAM: Json = {
    "type": "scramSha256",
    "description": "Kafka's SASL mechanism SCRAM-SHA-256. ACLs say who reads and who writes what.",
}
_CORRELATION: Json = {
    "description": "The event's id: the same wherever the event comes again, in dead letters, and"
    " in the ledger.",
    "location": "$message.header#/ce_id",
}


def _channels(contract: Contract) -> dict[str, list[type[Event]]]:
    """Every topic that the process writes or reads, with the types that are known on it."""
    channels: dict[str, list[type[Event]]] = {}
    for topic, events in _published(contract).items():
        channels.setdefault(topic, []).extend(events)
    for subscription in contract.subscriptions:
        for topic in subscription.topics:
            known = channels.setdefault(topic, [])
            known += [e for e in _on(topic, subscription.types.values()) if e not in known]
    return dict(sorted(channels.items()))


def _published(contract: Contract) -> dict[str, list[type[Event]]]:
    topics: dict[str, list[type[Event]]] = {}
    for event in contract.publishes:
        topics.setdefault(event.topic, []).append(event)
    for subscription in contract.subscriptions:
        for topic in subscription.topics:
            topics[f"{topic}{DEAD}"] = [DeadLetter]
    return dict(sorted(topics.items()))


def _on(topic: str, events: Iterable[type[Event]]) -> list[type[Event]]:
    return [event for event in events if event.topic == topic]


def _channel(contract: Contract, topic: str, events: Sequence[type[Event]]) -> Json:
    keeping = kept(topic)
    ledgered = any(event.ledgered is not Ledgered.NO for event in events)
    late = topic in contract.late
    return {
        "address": topic,
        "description": _sentences(
            "What could not be read, for operators alone." if topic.endswith(DEAD) else "",
            "The ledger keeps every event of it." if ledgered else "The ledger keeps none of it.",
            "The last record of each key stays; one without a value erases it."
            if keeping.compacted
            else "",
            "Bodies are read when a record is sent: what was erased by then has none."
            if late
            else "",
        ),
        "servers": [{"$ref": "#/servers/kafka"}],
        "messages": {
            name: {"$ref": f"#/components/messages/{name}"}
            for event in events
            for name in names(event)
        },
        "bindings": {
            "kafka": {
                "topic": topic,
                "partitions": keeping.partitions,
                "topicConfiguration": {
                    "cleanup.policy": [keeping.cleanup],
                    "retention.ms": keeping.retention_ms,
                },
                "bindingVersion": BINDING,
            }
        },
    }


def _operations(contract: Contract) -> Iterator[tuple[str, Json]]:
    for topic, events in _published(contract).items():
        yield f"send.{topic}", _operation("send", topic, events, f"Publishes on {topic}.")
    for subscription in contract.subscriptions:
        for topic in subscription.topics:
            known = _on(topic, subscription.types.values())
            if subscription.every is None:
                known = [event for event in known if event.type in subscription.handlers]
            described = _operation("receive", topic, known, f"Consumes {topic}.")
            described["description"] = _effects(subscription, known)
            yield f"receive.{subscription.name}.{topic}", described


def _operation(action: str, topic: str, events: Iterable[type[Event]], summary: str) -> Json:
    channel = f"#/channels/{topic}"
    return {
        "action": action,
        "channel": {"$ref": channel},
        "summary": summary,
        "messages": [
            {"$ref": f"{channel}/messages/{name}"} for event in events for name in names(event)
        ],
        # Neither groupId nor clientId: there is no consumer group.
        "bindings": {"kafka": {"bindingVersion": BINDING}},
    }


def _effects(subscription: "Subscription", events: Iterable[type[Event]]) -> str:
    """What the process makes of each type, in the words of its handlers."""

    def effect(event: type[Event]) -> str:
        return first_sentence(subscription.every or subscription.handlers[event.type])

    told = [f"- `{event.type}`: {effect(event)}" for event in events]
    return "\n".join([f"Subscription `{subscription.name}`, without a consumer group.", "", *told])


def _sentences(*told: str) -> str:
    return " ".join(sentence for sentence in told if sentence)
