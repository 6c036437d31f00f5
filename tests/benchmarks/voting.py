"""The figures of the secret vote."""

from tests.benchmarks.figure import Measure
from tests.benchmarks.promised import casting
from tests.benchmarks.tokens import tokens

MEASURES = (
    Measure(("cast", "cast-ratio", "cast-p99", "over-votes", "lost"), casting),
    Measure(("tokens", "tokens-wall"), tokens),
)
