"""A figure, and what measures some of them."""

import asyncio
import json
import os
import statistics
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass

import uvloop


@dataclass(frozen=True)
class Figure:
    """What was measured. `reference` is somebody else's in the same run; null is not measured."""

    name: str
    value: float | bool | None
    unit: str
    target: str | None = None
    reference: float | None = None

    def line(self, bench: str) -> str:
        """One line of JSON; `ratio` is ours by theirs."""
        ratio = None
        if self.value is not None and self.reference:
            ratio = round(self.value / self.reference, 2)
        return json.dumps(
            {
                "bench": bench,
                "figure": self.name,
                "value": _rounded(self.value),
                "unit": self.unit,
                "target": self.target,
                "reference": _rounded(self.reference),
                "ratio": ratio,
            }
        )


@dataclass(frozen=True)
class Measure:
    """One run that yields these figures, and perhaps some that explain them.

    Its loop is the one that the processes have under uvicorn; a `Stack` needs asyncio's own.
    """

    figures: tuple[str, ...]
    run: Callable[[], AsyncIterator[Figure]]
    loop: Callable[[], asyncio.AbstractEventLoop] = uvloop.new_event_loop


def say(sentence: str) -> None:
    """Tell whoever watches."""
    print(sentence, file=sys.stderr, flush=True)


def load_average() -> str:
    """How busy the machine is, over one, five and fifteen minutes."""
    return ", ".join(f"{load:.1f}" for load in os.getloadavg())


def median_of(what: str, values: Sequence[float]) -> float:
    """The median; all of them are said."""
    say(f"{what}: {', '.join(f'{value:,.0f}' for value in values)}; load {load_average()}")
    return statistics.median(values)


def _rounded(value: float | bool | None) -> float | bool | None:
    if value is None or isinstance(value, bool):
        return value
    return round(value, 3 if value < 10 else 1)
