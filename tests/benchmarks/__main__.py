"""`python -m tests.benchmarks [BENCH [FIGURE...]]`: a JSON line per figure on standard output.

What else is said goes to standard error, so that the figures can be piped.
"""

import asyncio
import logging
import sys

from tests.benchmarks import count, ledger, platform, submission, voting
from tests.benchmarks.figure import Measure, load_average, say

BENCHES = {
    "count": count.MEASURES,
    "ledger": ledger.MEASURES,
    "platform": platform.MEASURES,
    "submission": submission.MEASURES,
    "voting": voting.MEASURES,
}


def main(arguments: list[str]) -> None:
    """Run the benchmarks that are named, or all."""
    names = arguments[:1] or list(BENCHES)
    if unknown := set(names) - BENCHES.keys():
        sys.exit(f"there is no benchmark {', '.join(unknown)}, only {', '.join(BENCHES)}")
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    for name in names:
        for measure in chosen(BENCHES[name], arguments[1:]):
            asyncio.run(run(name, measure), loop_factory=measure.loop)


def chosen(measures: tuple[Measure, ...], figures: list[str]) -> list[Measure]:
    """The measures of these figures, in their order; all where none is named."""
    known = [figure for measure in measures for figure in measure.figures]
    if unknown := set(figures) - set(known):
        sys.exit(f"there is no figure {', '.join(unknown)}, only {', '.join(known)}")
    return [m for m in measures if not figures or set(figures) & set(m.figures)]


async def run(bench: str, measure: Measure) -> None:
    """Print what a measure finds, as it finds it."""
    say(f"{', '.join(measure.figures)}: load {load_average()}")
    async for figure in measure.run():
        print(figure.line(bench), flush=True)


main(sys.argv[1:])
