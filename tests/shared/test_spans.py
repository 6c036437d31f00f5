"""Spans: one trace from a request through Kafka into another process, and no word of people."""

import gzip
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest
from fastapi import APIRouter, FastAPI
from opentelemetry import trace
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.requests import Request
from starlette.responses import Response

from shared.delivery import Delivered
from shared.openapi import documented
from shared.outbox import announce
from shared.people.guards import everybody
from shared.process import Process, RouteDatabase
from shared.settings import Settings
from shared.spans import Spans
from shared.telemetry import current_trace
from tests.serving import Client, served, settings
from tests.shared.conftest import (
    SOURCE,
    Store,
    StoreFactory,
    ThingCounted,
    eventually,
    running,
)

TRACE = "0af7651916cd43dd8448eb211c80319c"
CALLER = f"00-{TRACE}-b7ad6b7169203331-01"


class Watched:
    """The spans of one process, kept in memory."""

    def __init__(self, process: str) -> None:
        self.exporter = InMemorySpanExporter()
        self.spans = Spans(process, self.exporter)

    async def finished(self, wanted: int) -> Sequence[ReadableSpan]:
        """So many spans, once they have ended."""

        async def found() -> Sequence[ReadableSpan]:
            self.spans.flush()
            return self.exporter.get_finished_spans()

        spans: Sequence[ReadableSpan] = await eventually(found, lambda them: len(them) >= wanted)
        return spans


type Watch = Callable[[str], Watched]


@pytest.fixture
def watch() -> Iterator[Watch]:
    """`watch("here")` makes the spans of a process; they are closed behind the test."""
    made: list[Watched] = []

    def make(process: str) -> Watched:
        made.append(Watched(process))
        return made[-1]

    yield make
    for each in made:
        each.spans.close()


def counting(things: Store) -> APIRouter:
    """A route that announces what it is told, one that fails, and one past FastAPI."""
    router = APIRouter(dependencies=[everybody])

    @router.post("/things/{thing}/{value}", status_code=201)
    async def count(thing: str, value: int, database: RouteDatabase) -> dict[str, str | None]:
        async with database.begin() as session:
            event = ThingCounted(thing=thing, value=value)
            announce(session, event, source=SOURCE, log="edition", topic=things.topic)
        return {"traceparent": current_trace()}

    @router.get("/broken/{thing}")
    async def broken(thing: str) -> None:
        raise RuntimeError(f"{thing} is a secret")

    @documented(gives="text/plain")
    async def bare(request: Request) -> Response:
        return Response("bare")

    router.add_route("/bare/{thing}", bare, methods=["GET"])
    return router


@asynccontextmanager
async def asked(
    things: Store, spans: Spans | None, *, traced: bool = True
) -> AsyncIterator[Client]:
    """A process that counts things; it relays nothing itself."""
    process = Process("notification", settings(Settings, things.dsn), kafka=False, traced=traced)
    process.spans = spans
    async with served(process.app([counting(things)])) as client:
        yield client


async def test_a_request_and_what_another_process_makes_of_it_are_one_trace(
    store: StoreFactory,
    watch: Watch,
) -> None:
    publisher = await store()
    consumer = await store(topic_name=publisher.topic)
    here, there = watch("here"), watch("there")
    announced: list[str | None] = []

    async def keep_trace(session: AsyncSession, them: Sequence[Delivered[Any]]) -> None:
        announced.append(current_trace())

    inbox = consumer.inbox(keep_trace, trace=there.spans.batch)
    async with running(publisher.relay(), inbox), asked(publisher, here.spans) as client:
        answer = await client.post("/things/a/1", traceparent=CALLER)
        [handled] = await there.finished(1)
    assert answer.status == 201
    [request] = await here.finished(1)
    assert (request.name, request.kind) == ("POST /things/{thing}/{value}", SpanKind.SERVER)
    assert dict(request.attributes or {}) == {
        "http.request.method": "POST",
        "http.route": "/things/{thing}/{value}",
        "http.response.status_code": 201,
    }
    assert f"{request.context.trace_id:032x}" == TRACE
    assert request.parent is not None and f"{request.parent.span_id:016x}" == CALLER.split("-")[2]

    assert (handled.name, handled.kind) == (f"process {publisher.topic}", SpanKind.CONSUMER)
    assert handled.context.trace_id == request.context.trace_id
    assert handled.parent is not None and handled.parent.span_id == request.context.span_id
    assert dict(handled.attributes or {})["messaging.batch.message_count"] == 1
    # What a handler announces goes on from here.
    span_id = f"{handled.context.span_id:016x}"
    assert announced == [f"00-{TRACE}-{span_id}-01"]
    assert answer.body["traceparent"] == f"00-{TRACE}-{request.context.span_id:016x}-01"


async def test_a_batch_is_in_the_trace_of_its_last_event_and_linked_to_the_others(
    store: StoreFactory,
    watch: Watch,
) -> None:
    things = await store()
    there = watch("there")
    here = watch("here")
    async with asked(things, here.spans) as client:
        for value in range(3):
            await client.post(f"/things/a/{value}")
    requests = [span.context for span in await here.finished(3)]
    async with running(things.relay(), things.inbox(trace=there.spans.batch)):
        await eventually(things.effects, lambda found: len(found) == 3)
        spans = await there.finished(1)
    last = spans[-1]
    assert last.parent is not None and last.parent.span_id == requests[-1].span_id
    linked = {link.context.span_id for span in spans for link in span.links}
    parents = {span.parent.span_id for span in spans if span.parent is not None}
    assert linked | parents == {request.span_id for request in requests}


async def test_a_span_quotes_nothing_that_somebody_sent(store: StoreFactory, watch: Watch) -> None:
    things, watched = await store(), watch("here")
    async with asked(things, watched.spans) as client:
        assert (await client.ask("GET", "/bare/marie-curie")).status == 200
        assert (await client.ask("GET", "/broken/marie-curie")).status == 500
        assert (await client.ask("GET", "/nowhere/marie-curie")).status == 404
        assert (await client.ask("REPORT", "/bare/marie-curie")).status == 405
        assert (await client.ask("GET", "/things/marie-curie/1?name=marie-curie")).status == 405
        await client.ask("GET", "/health/live")
        spans = await watched.finished(5)
    assert [span.name for span in spans] == [
        "GET /bare/{thing}",
        "GET /broken/{thing}",
        "GET",
        "_OTHER /bare/{thing}",
        "GET /things/{thing}/{value}",
    ]
    assert [span.status.is_ok for span in spans] == [True, False, True, True, True]
    assert all(not span.events and span.status.description is None for span in spans)
    assert "marie-curie" not in "".join(span.to_json() for span in spans).lower()


async def test_a_handler_that_fails_is_an_error_without_words(
    store: StoreFactory, watch: Watch
) -> None:
    things, watched = await store(), watch("there")
    await things.announce("a", 1)

    async def fail(session: AsyncSession, them: Sequence[Delivered[Any]]) -> None:
        raise ValueError("marie-curie")

    async with running(things.relay(), things.inbox(fail, trace=watched.spans.batch)):
        [span, *_] = await watched.finished(1)
    assert not span.status.is_ok
    assert "marie-curie" not in span.to_json()


async def test_a_process_that_is_not_traced_makes_no_span_and_carries_nothing(
    store: StoreFactory,
) -> None:
    things = await store()
    told = settings(Settings, things.dsn, otlp_endpoint="http://127.0.0.1:1")
    assert Process("voting.box", told, kafka=False, traced=False).spans is None
    async with asked(things, None, traced=False) as client:
        answer = await client.post("/things/a/1", traceparent=CALLER)
    assert answer.body["traceparent"] is None
    [row] = await things.fetch("select traceparent from outbox")
    assert row["traceparent"] is None


async def test_an_unsampled_or_malformed_trace_does_no_harm(
    store: StoreFactory, watch: Watch
) -> None:
    things, watched = await store(), watch("here")
    unsampled = f"{CALLER[:-2]}00"
    async with asked(things, watched.spans) as client:
        first = await client.post("/things/a/1", traceparent=unsampled)
        second = await client.post("/things/a/2", traceparent="00-" + "0" * 32 + "-x-01")
        third = await client.post("/things/a/3", traceparent=f"00-{'0' * 32}-{'1' * 16}-01")
        spans = await watched.finished(2)
    assert first.body["traceparent"].startswith(f"00-{TRACE}-")
    assert first.body["traceparent"].endswith("-00")
    traces = {f"{span.context.trace_id:032x}" for span in spans}
    assert traces == {answer.body["traceparent"].split("-")[1] for answer in (second, third)}


async def test_a_collector_gets_them_by_otlp(store: StoreFactory) -> None:
    things, got = await store(), list[ExportTraceServiceRequest]()
    collector = FastAPI()

    @collector.post("/v1/traces")
    async def collect(request: Request) -> None:
        body = await request.body()
        if request.headers.get("content-encoding") == "gzip":
            body = gzip.decompress(body)
        got.append(ExportTraceServiceRequest.FromString(body))

    async with served(collector) as address:
        told = settings(Settings, things.dsn, otlp_endpoint=address.url)
        process = Process("notification", told, kafka=False)
        async with served(process.app([counting(things)])) as client:
            await client.ask("GET", "/bare/marie-curie")
    [sent] = got[0].resource_spans
    named = {each.key: each.value.string_value for each in sent.resource.attributes}
    assert (named["service.namespace"], named["service.name"]) == ("comptoir", "notification")
    [span] = sent.scope_spans[0].spans
    assert span.name == "GET /bare/{thing}"


async def test_a_collector_that_is_gone_holds_no_stop_up(store: StoreFactory) -> None:
    things = await store()
    told = settings(Settings, things.dsn, otlp_endpoint="http://127.0.0.1:9")
    process = Process("notification", told, kafka=False)
    async with served(process.app([counting(things)])) as client:
        assert (await client.ask("GET", "/bare/a")).status == 200
        began = time.monotonic()
    assert time.monotonic() - began < 10


async def test_fastapi_s_own_telemetry_stays_off(
    store: StoreFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FASTAPI_OTEL_AUTO_CONFIGURE", "true")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9")
    things = await store()
    async with asked(things, None) as client:
        assert (await client.ask("GET", "/bare/a")).status == 200
        assert type(trace.get_tracer_provider()).__module__.startswith("opentelemetry.trace")


def test_the_sdk_is_imported_only_where_spans_are_exported() -> None:
    code = (
        "import sys, submission.app, voting.box.app, ledger.app;"
        "print([name for name in sys.modules if name.startswith('opentelemetry.sdk')])"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"
