"""The figures of the vote."""

from tests.benchmarks.figure import Measure
from tests.benchmarks.tokens import tokens

MEASURES = (Measure(("tokens", "tokens-wall"), tokens),)
