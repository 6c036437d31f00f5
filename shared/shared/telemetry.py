"""JSON logs without personal data, Prometheus metrics, and the trace that events carry on.

A log line holds what code wrote into it: a message without arguments from users, and the fields
below. Bodies, keys, codes, addresses and headers are never logged.
"""

import json
import logging
import re
import resource
import secrets
import sys
import traceback
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from prometheus_client import CollectorRegistry, Counter, Gauge

if TYPE_CHECKING:
    from shared.delivery import Delivered

TRACEPARENT = re.compile(r"00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")
_current: ContextVar[str | None] = ContextVar("traceparent", default=None)


class Metrics:
    """What an operator watches of one process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        peak = self._gauge("peak_memory_bytes", "The most memory this process ever had")
        peak.set_function(_peak_memory)
        self.outbox_age = self._gauge("outbox_oldest_unsent_seconds", "Age of the oldest unsent")
        self.outbox_stalled = self._gauge("outbox_stalled_seconds", "Time since one was sent")
        self.relay_leader = self._gauge("relay_leader", "1 where this replica relays")
        self.relay_sent = self._counter("relay_sent", "Events that Kafka acknowledged")
        self.relay_rebuilt = self._counter("relay_producers_rebuilt", "Producers ended by an error")
        self.relay_resent = self._counter("relay_topics_resent", "Topics sent again after a loss")
        self.relay_uncovered = self._counter(
            "relay_uncovered_resent", "Events sent again that no checkpoint covered in time"
        )
        self.uncovered = self._gauge(
            "outbox_uncovered_seconds", "Time that coverage by checkpoints stands still, the worst"
        )
        self.lag = self._gauge("inbox_lag", "Records not yet handled", "topic")
        self.stalled = self._gauge("inbox_stalled_seconds", "Time without progress", "subscription")
        self.active = self._gauge("inbox_active", "1 where this replica consumes", "subscription")
        self.handled = self._counter("inbox_handled", "Events handled", "topic")
        self.known = self._counter("inbox_known", "Events dropped because known", "topic")
        self.dead = self._counter("inbox_dead_letters", "Records put aside as unreadable", "topic")
        self.failed = self._counter("inbox_failed_attempts", "Attempts that raised", "topic")
        self.rewound = self._counter("inbox_rewound", "Positions set back after a loss", "topic")

    def _gauge(self, name: str, meaning: str, *labels: str) -> Gauge:
        return Gauge(f"comptoir_{name}", meaning, labels, registry=self.registry)

    def _counter(self, name: str, meaning: str, *labels: str) -> Counter:
        return Counter(f"comptoir_{name}", meaning, labels, registry=self.registry)


def _peak_memory() -> int:
    """In bytes. Not `getrusage`, which begins with the peak of whoever forked this process."""
    try:
        status = Path("/proc/self/status").read_text()
    except FileNotFoundError:  # no Linux
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    found = re.search(r"^VmHWM:\s+(\d+) kB$", status, re.MULTILINE)
    return int(found[1]) * 1024 if found is not None else 0


class _Json(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info and record.exc_info[1] is not None:
            line |= _without_values(record.exc_info[1])
        if (trace := _current.get()) is not None:
            line["traceparent"] = trace
        return json.dumps(line, ensure_ascii=False)


def _without_values(error: BaseException) -> dict[str, str]:
    """Kind and place of an error. Its message may quote what a user sent, so it is left out."""
    frames = traceback.extract_tb(error.__traceback__)[-8:]
    place = " < ".join(f"{f.name}:{f.lineno}" for f in reversed(frames))
    return {"error": type(error).__name__, "at": place}


def log_json(process: str) -> None:
    """Write every log line of this process to standard output as JSON."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(_Json())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    for noisy in ("uvicorn.access", "httpx", "httpx2", "asyncio"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    logging.getLogger("comptoir").info("%s starts", process)


def current_trace() -> str | None:
    """The W3C `traceparent` that an announced event carries on."""
    return _current.get()


@contextmanager
def tracing(traceparent: str | None) -> Iterator[None]:
    """Within the block, announced events carry this trace; a malformed one is dropped."""
    valid = traceparent is not None and TRACEPARENT.fullmatch(traceparent) is not None
    token = _current.set(traceparent if valid else None)
    try:
        yield
    finally:
        _current.reset(token)


def carried(events: Sequence["Delivered[Any]"]) -> AbstractContextManager[None]:
    """Within the block, announced events carry the trace of the last of these."""
    return tracing(events[-1].envelope.traceparent)


def untraced(events: Sequence["Delivered[Any]"]) -> AbstractContextManager[None]:
    """Within the block, announced events carry no trace."""
    return tracing(None)


def new_trace() -> str:
    """A trace that begins here."""
    return f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-01"
