"""Turnout over time as a line: evenly spaced, each point as high as the last sample before it."""

from bisect import bisect_right
from collections.abc import Sequence
from datetime import datetime, timedelta

POINTS = 60
MINUTE = timedelta(minutes=1)


def curve(
    samples: Sequence[tuple[datetime, int]], end: datetime, points: int = POINTS
) -> list[tuple[datetime, int]]:
    """At most so many points from the first sample to `end`; none where nothing was sampled.

    A sample says how many had voted at the end of its minute, and nobody votes without one.
    """
    if not samples:
        return []
    times = [minute for minute, _ in samples]
    begin, end = times[0], max(end, times[-1])
    steps = max(1, min(points - 1, (end - begin) // MINUTE))
    found = []
    for step in range(steps + 1):
        at = begin + (end - begin) * step / steps
        found.append((at, samples[bisect_right(times, at) - 1][1]))
    return found
