"""The figures of the platform's spine, those that take longest last."""

import asyncio

from tests.benchmarks.figure import Measure
from tests.benchmarks.latency import end_to_end
from tests.benchmarks.projection import projection
from tests.benchmarks.relay import relay
from tests.benchmarks.replays import replay_bielany, replay_lodz
from tests.benchmarks.starting import demo, up_ready

MEASURES = (
    Measure(("relay",), relay),
    Measure(("projection",), projection),
    Measure(("up-ready", "idle-memory"), up_ready, asyncio.new_event_loop),
    Measure(("end-to-end",), end_to_end, asyncio.new_event_loop),
    Measure(("replay-bielany",), replay_bielany, asyncio.new_event_loop),
    Measure(("demo-cold", "demo-warm"), demo, asyncio.new_event_loop),
    Measure(("replay-lodz",), replay_lodz, asyncio.new_event_loop),
)
