"""The figures of what is proposed."""

from tests.benchmarks.browsing import browsing
from tests.benchmarks.depositing import depositing
from tests.benchmarks.figure import Measure
from tests.benchmarks.holding import demo_all

MEASURES = (
    Measure(("deposit", "deposit-p99"), depositing),
    Measure(("pages-20k",), browsing),
    Measure(("demo-all",), demo_all),
)
