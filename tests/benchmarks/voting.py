"""The figures of the secret vote."""

import asyncio

from tests.benchmarks.figure import Measure
from tests.benchmarks.linkage import linkage
from tests.benchmarks.openings import openings
from tests.benchmarks.page import voting_page
from tests.benchmarks.promised import casting
from tests.benchmarks.recounting import recounting
from tests.benchmarks.tokens import tokens

RECOUNTED = tuple(
    f"recount-1m{secrecy}{what}" for secrecy in ("", "-live") for what in ("", "-memory")
)
MEASURES = (
    Measure(("cast", "cast-ratio", "cast-p99", "over-votes", "lost"), casting),
    Measure(("tokens", "tokens-wall"), tokens),
    Measure(("openings-100k",), openings),
    Measure(RECOUNTED, recounting),
    Measure(("linkage-10", "linkage-1000"), linkage, asyncio.new_event_loop),
    Measure(("page-size", "page-ready"), voting_page, asyncio.new_event_loop),
)
