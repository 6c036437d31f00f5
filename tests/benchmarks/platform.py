"""The figures of the platform's spine (issue 3)."""

from tests.benchmarks.figure import Measure
from tests.benchmarks.relay import relay

MEASURES = (Measure(("relay",), relay),)
