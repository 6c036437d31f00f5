"""The figures of counting: ours, and the library's in the same run, with its time and memory."""

import asyncio
import json
import random
import sys
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from tests.benchmarks.figure import Figure, Measure, say
from tests.published import absent

LODZ = "poland_lodz_2022_.pb"
BIELANY = "poland_warszawa_2021_bielany.pb"


async def _alone(*arguments: str) -> dict[str, Any]:
    """What one count in a process of its own says."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.benchmarks.elections",
        *arguments,
        stdout=asyncio.subprocess.PIPE,
    )
    said, _ = await process.communicate()
    if process.returncode:
        raise RuntimeError(f"counting {' '.join(arguments)} ended with {process.returncode}")
    found: dict[str, Any] = json.loads(said)
    detail = {key: value for key, value in found.items() if key != "winners"}
    say(f"{' '.join(arguments)}: {detail}, {len(found.get('winners', []))} winners")
    return found


async def _beside(name: str, file: str, rule: str, times: int) -> AsyncIterator[Figure]:
    """How many times as fast as the library, which has to find the same winners."""
    if missing := absent(file):
        say(f"{name} is not measured: {missing}")
        yield Figure(name, None, "times the library", f">= {times}")
        return
    ours, theirs = await _alone("ours", file, rule), await _alone("library", file, rule)
    if ours["winners"] != theirs["winners"]:
        raise RuntimeError(f"{name}: the library finds other winners")
    ratio = theirs["seconds"] / ours["seconds"]
    yield Figure(name, ratio, "times the library", f">= {times}")
    yield Figure(f"{name}-seconds", ours["seconds"], "s", reference=theirs["seconds"])
    yield Figure(f"{name}-memory", ours["memory"], "MB", reference=theirs["memory"])


async def greedy_lodz() -> AsyncIterator[Figure]:
    """Greedy, 90,494 ballots, 160 options."""
    async for figure in _beside("greedy-lodz", LODZ, "greedy", 1000):
        yield figure


async def mes_lodz() -> AsyncIterator[Figure]:
    """Equal shares, the same."""
    async for figure in _beside("mes-lodz", LODZ, "mes", 100):
        yield figure


async def mes_add1_bielany() -> AsyncIterator[Figure]:
    """Equal shares completed by one unit a time until exhaustive, 8,172 ballots, 132 options."""
    async for figure in _beside("mes-add1-bielany", BIELANY, "add1", 40):
        yield figure


async def greedy_1m() -> AsyncIterator[Figure]:
    """Greedy, a million ballots, 500 options."""
    found = await _alone("drawn", "greedy", "1000000", "500")
    yield Figure("greedy-1m", found["seconds"], "s", "< 0.2")


async def mes_1m() -> AsyncIterator[Figure]:
    """Equal shares, a million ballots, 200 options, six approvals each."""
    found = await _alone("drawn", "mes", "1000000", "200")
    yield Figure("mes-1m", found["seconds"], "s", "< 2")
    yield Figure("mes-1m-memory", found["memory"], "MB", "< 600")


async def mes_1m_completion() -> AsyncIterator[Figure]:
    """The same, completed by a thousandth of the share a time until exhaustive."""
    found = await _alone("drawn", "completion", "1000000", "200")
    yield Figure("mes-1m-completion", found["seconds"], "s", "< 15")
    yield Figure("mes-1m-spent", found["spent"] / found["budget"] * 100, "% of the budget")


async def pb_read_1m() -> AsyncIterator[Figure]:
    """A file of a million ballots and about 31 MB, from its bytes to arrays."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "million.pb"
        file.write_text(_file(1_000_000, 200))
        say(f"the file has {file.stat().st_size / 1e6:.0f} MB")
        found = await _alone("reading", str(file))
    yield Figure("pb-read-1m", found["seconds"], "s", "< 3")


def _file(voters: int, options: int) -> str:
    drawn = random.Random(1)
    meta = ["META", "key;value", "description;Drawn", "country;France", "unit;Drawn"]
    meta += ["instance;2026", f"num_projects;{options}", f"num_votes;{voters}"]
    meta += ["budget;1000000", "vote_type;approval", "rule;greedy", "max_length;6"]
    projects = [f"{number};{1000 + number};Project {number}" for number in range(1, options + 1)]
    numbers = [str(number) for number in range(1, options + 1)]
    votes = [f"{voter};{','.join(drawn.sample(numbers, 6))}" for voter in range(1, voters + 1)]
    head = [*meta, "PROJECTS", "project_id;cost;name", *projects, "VOTES", "voter_id;vote"]
    return "\n".join([*head, *votes]) + "\n"


async def mes_growth() -> AsyncIterator[Figure]:
    """Time for each voter among a million by that among ten thousand."""
    each = []
    for voters in (10_000, 100_000, 1_000_000):
        found = await _alone("drawn", "mes", str(voters), "200")
        each.append(found["seconds"] / voters * 1e6)
    yield Figure("mes-growth", each[-1] / each[0], "times as long for each voter", "<= 1")


MEASURES = (
    Measure(("greedy-1m",), greedy_1m),
    Measure(("mes-1m",), mes_1m),
    Measure(("mes-growth",), mes_growth),
    Measure(("pb-read-1m",), pb_read_1m),
    Measure(("mes-1m-completion",), mes_1m_completion),
    Measure(("greedy-lodz",), greedy_lodz),
    Measure(("mes-lodz",), mes_lodz),
    Measure(("mes-add1-bielany",), mes_add1_bielany),
)
