"""Dashboards on the whole platform: a stranger's ten lines, and the stream of one replica."""

import ast
import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

from comptoir.client import Client
from comptoir.election import generated_election
from comptoir.processes import DASHBOARD
from comptoir.stack import Stack
from tests.end_to_end.elections import decided, opened

STRANGER = Path(__file__).with_name("stranger.py")
README = Path(__file__).parents[2] / "README.md"


@asynccontextmanager
async def stranger(stack: Stack) -> AsyncIterator[asyncio.StreamReader]:
    """What the ten lines print, run by a Python that knows nothing of this platform."""
    account = stack.addresses.account(DASHBOARD)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-I", str(STRANGER), account.bootstrap, account.password),
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        yield process.stdout
    finally:
        process.kill()
        await process.wait()


async def tallies_until_final(lines: asyncio.StreamReader, round_id: str) -> list[dict[str, Any]]:
    """The tallies of a round, as the stranger prints them."""
    found: list[dict[str, Any]] = []
    async with asyncio.timeout(60):
        while not found or not found[-1]["final"]:
            tally = ast.literal_eval((await lines.readline()).decode())
            if tally["round_id"] == round_id:
                found.append(tally)
    return found


async def events(client: Client, round_id: str) -> list[dict[str, Any]]:
    """The tallies of a round's stream, up to the final one."""
    found: list[dict[str, Any]] = []
    url = client.addresses.urls("voting.count")[0]
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{url}/rounds/{round_id}/events") as answer,
    ):
        assert answer.status == 200
        async for line in answer.content:
            if line.startswith(b"data: "):
                found.append(json.loads(line.removeprefix(b"data: ")))
                if found[-1]["final"]:
                    return found
    raise AssertionError("the stream ended")


async def test_a_stranger_and_a_browser_follow_a_vote_to_its_end(
    stack: Stack, client: Client, tmp_path: Path
) -> None:
    rehearsal = await opened(client, generated_election(projects=5, voters=120, seed=41))
    round_id = str(rehearsal.round_id)
    following = asyncio.create_task(events(client, round_id))
    async with stranger(stack) as lines:
        reading = asyncio.create_task(tallies_until_final(lines, round_id))
        for begin in range(0, 120, 20):
            await rehearsal.vote(range(begin, begin + 20))
            await asyncio.sleep(0.3)
        await decided(rehearsal, tmp_path / "export.tar")
        printed = await reading
    async with asyncio.timeout(60):
        streamed = await following
    for tallies in (printed, streamed):
        voters = [tally["voters"] for tally in tallies]
        assert voters == sorted(voters) and voters[-1] == 120 and len(voters) >= 3
        assert tallies[-1] == printed[-1]
    state = await rehearsal.state()
    assert printed[-1]["votes"] == state["tally"]


def test_the_readme_quotes_the_stranger_as_it_is() -> None:
    code = STRANGER.read_text().partition('"""\n\n')[2]
    quoted = "".join(f"    {line}".rstrip() + "\n" for line in code.splitlines())
    assert quoted in README.read_text()
    assert len([line for line in code.splitlines() if line]) == 10
