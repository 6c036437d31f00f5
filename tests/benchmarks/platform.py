"""The figures of the platform's spine, those that take longest last."""

import asyncio

from tests.benchmarks.dashboards import dashboard_subscribers, flush_to_dashboard, page_render
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
    Measure(("flush-to-dashboard",), flush_to_dashboard, asyncio.new_event_loop),
    Measure(("dashboard-subscribers",), dashboard_subscribers, asyncio.new_event_loop),
    Measure(("page-render",), page_render, asyncio.new_event_loop),
    Measure(("replay-bielany",), replay_bielany, asyncio.new_event_loop),
    Measure(("demo-cold", "demo-warm"), demo, asyncio.new_event_loop),
    Measure(("replay-lodz",), replay_lodz, asyncio.new_event_loop),
)
