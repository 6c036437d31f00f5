"""The figures of what is proposed."""

import asyncio

from tests.benchmarks.browsing import browsing
from tests.benchmarks.depositing import depositing
from tests.benchmarks.figure import Measure
from tests.benchmarks.holding import demo_all
from tests.benchmarks.importing import importing

MEASURES = (
    Measure(("deposit", "deposit-p99"), depositing),
    Measure(("pages-20k",), browsing),
    Measure(("demo-all",), demo_all),
    Measure(("import-madrid", "import-madrid-memory"), importing, asyncio.new_event_loop),
)
