"""An event as a message of AsyncAPI 3.0: headers, key, payload. Pure.

Payloads are the committed JSON Schemas in AsyncAPI's dialect (JSON Schema draft 7): definitions are
components of the document, and `prefixItems` is `items`.
"""

import inspect
from collections.abc import Iterable, Mapping
from typing import Any

from shared.envelope import CONTENT_TYPE, LOG, NUMBER, SOURCE, SPECVERSION, TIME
from shared.events import Event
from shared.events.earlier import TODAY
from shared.events.event import PLATFORM_LOG, Ledgered
from shared.telemetry import TRACEPARENT
from shared.topics import kept

type Json = dict[str, Any]

BINDING = "0.5.0"
SCHEMAS = "#/components/schemas/{model}"


def names(event: type[Event]) -> list[str]:
    """The messages of an event: where its topic is compacted, it can be erased as well."""
    return [event.type, *([f"{event.type}.erased"] if kept(event.topic).compacted else [])]


def messages(event: type[Event], sender: str | None, *, traced: bool) -> dict[str, Json]:
    """The messages of an event by name. `sender` is the document's process, if that sends it."""
    whole, *erased = names(event)
    message = _message(event, sender, traced=traced)
    gone = {"type": "null", "description": "No value: Kafka's tombstone."}
    summary = "What was under this key is erased."
    return {
        whole: message,
        **{n: {**message, "name": n, "summary": summary, "payload": gone} for n in erased},
    }


def _message(event: type[Event], sender: str | None, *, traced: bool) -> Json:
    described: Json = {
        "name": event.type,
        "title": event.__name__,
        "summary": first_sentence(event),
        "description": inspect.getdoc(event) or "",
        "contentType": CONTENT_TYPE,
        "correlationId": {"$ref": "#/components/correlationIds/event"},
        "headers": _headers(event, sender, traced=traced),
        "payload": {"$ref": SCHEMAS.format(model=event.type)},
        "bindings": {"kafka": {"key": _key(event), "bindingVersion": BINDING}},
        "x-ledgered": event.ledgered.name.lower(),
    }
    if sender is not None:
        described["examples"] = [{"name": "headers", "headers": _example(event, sender)}]
    return described


def _headers(event: type[Event], sender: str | None, *, traced: bool) -> Json:
    source: Json = {"pattern": f"^{SOURCE.pattern}$"}
    properties: dict[str, Json] = {
        "ce_specversion": {"const": SPECVERSION},
        "ce_id": {"format": "uuid", "description": "Of the event, not of the delivery."},
        "ce_type": {"const": event.type},
        "ce_source": {
            **(source if sender is None else {"const": sender}),
            "description": "The process that published it.",
        },
        "ce_subject": {"description": f"What it is about: {key_template(event)}"},
        "ce_time": {
            "pattern": f"^{TIME.pattern}$",
            "description": "When it was announced, in UTC.",
        },
        "content-type": {"const": CONTENT_TYPE},
    }
    required = list(properties)
    if event.ledgered is not Ledgered.NO:
        platform = event.ledgered is Ledgered.PLATFORM
        properties["ce_log"] = {
            **({"const": PLATFORM_LOG} if platform else {"pattern": f"^{LOG.pattern}$"}),
            "description": f"Which log of the ledger has it: {event.ledgered.value}.",
        }
        properties["ce_number"] = {
            "pattern": f"^{NUMBER.pattern}$",
            "description": "Its number among what its source published into this log.",
        }
        required += ["ce_log", "ce_number"]
    if traced or sender is None:
        properties["traceparent"] = {
            "pattern": f"^{TRACEPARENT.pattern}$",
            "description": "W3C Trace Context, where the event belongs to a trace.",
        }
    return {
        "type": "object",
        "description": "Kafka headers, each a text in UTF-8.",
        "required": required,
        "properties": {name: {"type": "string", **rest} for name, rest in properties.items()},
    }


def _example(event: type[Event], sender: str) -> Json:
    """Headers as they could be; bodies are in the golden samples."""
    example = {
        "ce_specversion": SPECVERSION,
        "ce_id": "0198a3c4-6f1e-7a31-9d2b-5c0e8f7a1b2c",
        "ce_type": event.type,
        "ce_source": sender,
        "ce_subject": "5b1f6c1e-0000-4000-8000-000000000001",
        "ce_time": "2026-09-01T12:00:30Z",
        "content-type": CONTENT_TYPE,
    }
    if event.ledgered is Ledgered.NO:
        return example
    edition = "budget-citoyen-2026"
    log = PLATFORM_LOG if event.ledgered is Ledgered.PLATFORM else edition
    return {**example, "ce_log": log, "ce_number": "17"}


def _key(event: type[Event]) -> Json:
    described = f"{key_template(event)}. Records of one key stay in their order."
    return {"type": "string", "description": described}


class _Place(str):
    """A field's value that is not known: its name in braces, whatever is taken from it."""

    def __getitem__(self, at: Any) -> str:
        return f"{{{self[1:-1]}[{at}]}}" if isinstance(at, int) else super().__getitem__(at)


def key_template(event: type[Event]) -> str:
    """An event's key with the names of the body's fields: `{round}/{key}`."""
    fields = event.model_fields.items()
    places = {name: _Place(f"{{{field.alias or name}}}") for name, field in fields}
    unknown = event.model_construct()
    unknown.__dict__.update(places)
    return unknown.key


def schemas(events: Iterable[type[Event]]) -> Json:
    """The payloads of events and what these are made of, by the names that references have."""
    found: Json = {}
    for event in events:
        # What an earlier version calls by a name can be something else today.
        own = f"{event.type}." if event in TODAY else ""
        template = SCHEMAS.format(model=f"{own}{{model}}")
        whole = _draft_7(event.model_json_schema(ref_template=template))
        for name, definition in whole.pop("$defs", {}).items():
            if found.setdefault(own + name, definition) != definition:
                raise RuntimeError(f"two events mean different things by {name}")
        found[event.type] = whole
    return found


def _draft_7(schema: Any) -> Any:
    """The same schema in draft 7, which knows `prefixItems` as a list of `items`, and no object
    called `discriminator`: that is OpenAPI's."""
    if isinstance(schema, list):
        return [_draft_7(part) for part in schema]
    if not isinstance(schema, Mapping):
        return schema
    known = {name: part for name, part in schema.items() if name != "discriminator"}
    changed = {name: _draft_7(part) for name, part in known.items()}
    if "prefixItems" in changed:
        changed["items"] = changed.pop("prefixItems")
    return changed


def first_sentence(told: Any) -> str:
    """Of a docstring; nothing of what has none of its own."""
    text = inspect.getdoc(told) if inspect.isroutine(told) or inspect.isclass(told) else None
    return " ".join((text or "").partition("\n\n")[0].split())
