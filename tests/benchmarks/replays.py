"""`replay-bielany` and `replay-lodz`: a city's election, cast again as `comptoir replay` casts it.

On a platform of its own, fsync on, driven from this process on the same cores. Where the data is
not beside the checkout, the figures are null.
"""

import os
import time
from collections.abc import AsyncIterator

from comptoir.client import Client
from comptoir.pabulib import held, read_election
from comptoir.replay import Replayed, replay
from comptoir.stack import Stack
from tests.backends import passable_directory
from tests.benchmarks.figure import Figure, load_average, say
from tests.benchmarks.memory import forget_own_peak, peak
from tests.published import FOLDER, absent


async def replay_bielany() -> AsyncIterator[Figure]:
    """8,172 ballots: how many a second with the token of each, and whether the city's won."""
    result = await _replayed("poland_warszawa_2021_bielany.pb")
    rate, accepted, agrees = None, None, None
    if result is not None:
        rate, accepted = result.ballots_per_second, len(result.promised)
        agrees = _agrees(result)
    yield Figure("replay-bielany", rate, "ballots/s", target=">= 400")
    yield Figure("replay-bielany-accepted", accepted, "ballots", target="8172")
    yield Figure("replay-bielany-agrees", agrees, "winners", target="true")


async def replay_lodz() -> AsyncIterator[Figure]:
    """90,494 ballots: how long all of it takes, whether the city's won, and the most memory."""
    began = time.perf_counter()
    result = await _replayed("poland_lodz_2022_.pb")
    seconds, rate, agrees, most, launcher = None, None, None, None, None
    if result is not None:
        seconds, rate = time.perf_counter() - began, result.ballots_per_second
        agrees, most = _agrees(result), max(result.peak_rss_mb.values())
        (launcher,) = peak([os.getpid()])
    yield Figure("replay-lodz", seconds, "s", target="finishes")
    yield Figure("replay-lodz-rate", rate, "ballots/s")
    yield Figure("replay-lodz-agrees", agrees, "winners", target="true")
    yield Figure("replay-lodz-memory", most, "MB", target="<= 400")
    yield Figure("replay-lodz-memory-of-voters", launcher, "MB", target="<= 400")


async def _replayed(name: str) -> Replayed | None:
    if missing := absent(name):
        say(f"not measured: {missing}")
        return None
    forget_own_peak()
    election = held(read_election(FOLDER / name))
    with passable_directory() as directory:
        async with Stack(directory / "state") as stack, Client(stack.addresses) as client:
            say(f"{name}: {len(election.choices)} voters; load {load_average()}")
            result = await replay(client, election, lambda what, done, all_: None)
            names = stack.addresses.replicas()
            result.peak_rss_mb = dict(zip(names, peak(map(stack.pid, names)), strict=True))
    say(f"refused: {dict(result.refusals)}; differences: {result.differences}")
    say(f"peak MB: {result.peak_rss_mb}; load {load_average()}")
    return result


def _agrees(result: Replayed) -> bool:
    """The file's winners, in a verified ledger that was recounted to the same."""
    return bool(result.agrees and result.checkpoint_verified and result.recount_agrees)
