"""Spans by OpenTelemetry's SDK, which is imported only where they are exported.

A span says route template, status, topic, how many: no path, no key, no body, no words of an error.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.trace import (
    Link,
    NonRecordingSpan,
    Span,
    SpanContext,
    SpanKind,
    Status,
    StatusCode,
    TraceFlags,
    set_span_in_context,
)

from shared.delivery import Delivered
from shared.telemetry import TRACEPARENT, tracing

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
MOST_LINKS = 100
EXPORT_WITHIN = 3.0


class Request:
    """The span of a request under way."""

    def __init__(self, span: Span, method: str) -> None:
        self._span = span
        self._method = method

    def answered(self, route: str | None, status: int) -> None:
        """Say which route it was, if any, and how it ended."""
        if route is not None:
            self._span.update_name(f"{self._method} {route}")
            self._span.set_attribute("http.route", route)
        self._span.set_attribute("http.response.status_code", status)
        if status >= 500:
            self._span.set_status(Status(StatusCode.ERROR))


class Spans:
    """Makes the spans of one process."""

    def __init__(self, process: str, exporter: SpanExporter) -> None:
        self._provider = TracerProvider(
            resource=Resource.create({"service.name": process, "service.namespace": "comptoir"}),
            shutdown_on_exit=False,
        )
        self._provider.add_span_processor(BatchSpanProcessor(exporter))
        self._tracer = self._provider.get_tracer("comptoir")

    @classmethod
    def to(cls, endpoint: str, process: str) -> "Spans":
        """Spans that a collector gets by OTLP over HTTP, below this address."""
        address = f"{endpoint.rstrip('/')}/v1/traces"
        return cls(process, OTLPSpanExporter(address, timeout=EXPORT_WITHIN))

    @contextmanager
    def request(self, method: str, traceparent: str) -> Iterator[Request]:
        """The span of a request, which continues the caller's trace; events carry it on."""
        known = method if method in METHODS else "_OTHER"
        span = self._tracer.start_span(
            known,
            _within(_context(traceparent)),
            kind=SpanKind.SERVER,
            attributes={"http.request.method": known},
        )
        with _current(span):
            yield Request(span, known)

    @contextmanager
    def batch(self, events: Sequence[Delivered[Any]]) -> Iterator[None]:
        """The span of events that are handled together.

        It is in the trace of the last one, as what the handler announces, and linked to the others.
        """
        topic = events[-1].event.topic
        last = events[-1].envelope.traceparent
        others = dict.fromkeys(delivered.envelope.traceparent for delivered in events)
        contexts = [_context(other) for other in others if other != last]
        span = self._tracer.start_span(
            f"process {topic}",
            _within(_context(last)),
            kind=SpanKind.CONSUMER,
            attributes={
                "messaging.system": "kafka",
                "messaging.operation.type": "process",
                "messaging.operation.name": "process",
                "messaging.destination.name": topic,
                "messaging.batch.message_count": len(events),
            },
            links=[Link(found) for found in contexts[-MOST_LINKS:] if found is not None],
        )
        with _current(span):
            yield

    def flush(self) -> None:
        """Export what has ended by now."""
        self._provider.force_flush()

    def close(self) -> None:
        """Export what is left, within a few seconds."""
        self._provider.shutdown()


@contextmanager
def _current(span: Span) -> Iterator[None]:
    """Until the block ends, announced events carry this span's context. Then the span ends."""
    found = span.get_span_context()
    carried = f"00-{found.trace_id:032x}-{found.span_id:016x}-{int(found.trace_flags):02x}"
    try:
        with tracing(carried):
            yield
    except BaseException:  # its words may quote what somebody sent: only that there was one
        span.set_status(Status(StatusCode.ERROR))
        raise
    finally:
        span.end()


def _context(traceparent: str | None) -> SpanContext | None:
    """What a `traceparent` says; nothing where it says nothing valid."""
    if traceparent is None or TRACEPARENT.fullmatch(traceparent) is None:
        return None
    _, trace_id, span_id, flags = traceparent.split("-")
    found = SpanContext(int(trace_id, 16), int(span_id, 16), True, TraceFlags(int(flags, 16)))
    return found if found.is_valid else None


def _within(parent: SpanContext | None) -> Context:
    """A context with this parent, or a trace that begins."""
    return Context() if parent is None else set_span_in_context(NonRecordingSpan(parent), Context())
