"""Tokens as the roll issues them: a real roll, its signer, and PostgreSQL, each a process.

The figure is by processor time of these three, the voters' side left out: so many tokens a core.

`python -m tests.benchmarks.tokens DSN PORT DIRECTORY` is the roll, without Kafka.
"""

import asyncio
import os
import secrets
import sys
import time
from base64 import b64encode
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid4

import aiohttp
import asyncpg

from comptoir.ports import free_ports
from shared.codes import new_code
from shared.serving import run
from tests.backends import Databases, Servers, passable_directory
from tests.benchmarks.figure import Figure, load_average, median_of, say
from tests.choosing import Backend
from tests.serving import settings
from voting.roll.app import RollSettings, application
from voting.roll.codes import keyed_hash
from voting.roll.keys import RollKeys
from voting.roll.signer import Signer, SignerUnavailable

TOKENS, TIMES, CONNECTIONS = 1_000, 3, 16
STARTS_WITHIN = 30.0
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Issuing:
    """An open round, its codes, and the processes whose time is measured."""

    url: str
    round_id: UUID
    codes: list[str]
    signer: int
    roll: int
    postgres: int

    def spent(self) -> dict[str, float]:
        """Seconds of processor time so far."""
        return {
            "signer": _seconds(self.signer),
            "roll": _seconds(self.roll),
            "postgres": _seconds(self.postgres) + sum(_of_children(self.postgres)),
        }


async def tokens() -> AsyncIterator[Figure]:
    """Tokens a second of processor time, from the posted code to the blind signature."""
    rates, walls = [], []
    async with issuing() as there:
        for turn in range(TIMES):
            codes = there.codes[turn * TOKENS : (turn + 1) * TOKENS]
            before, began = there.spent(), time.perf_counter()
            await _issue(there, codes)
            took, after = time.perf_counter() - began, there.spent()
            spent = {name: after[name] - before[name] for name in before}
            rates.append(TOKENS / sum(spent.values()))
            walls.append(TOKENS / took)
            each = ", ".join(f"{name} {s / TOKENS * 1e6:,.0f} µs" for name, s in spent.items())
            say(f"{walls[-1]:,.0f}/s in all; {each}; load {load_average()}")
    yield Figure("tokens", median_of("tokens a core", rates), "tokens/s a core", ">= 300")
    yield Figure("tokens-wall", median_of("tokens in all", walls), "tokens/s")


async def _issue(there: Issuing, codes: list[str]) -> None:
    waiting = list(codes)
    async with aiohttp.ClientSession(there.url) as session:

        async def ask() -> None:
            while waiting:
                blinded = b64encode((secrets.randbits(3071) | 1).to_bytes(384)).decode()
                asked = {"code": waiting.pop(), "blinded": blinded}
                path = f"/rounds/{there.round_id}/tokens"
                async with session.post(path, json=asked) as answer:
                    assert answer.status == 201, await answer.text()
                    await answer.read()

        await asyncio.gather(*(ask() for _ in range(CONNECTIONS)))


@asynccontextmanager
async def issuing() -> AsyncIterator[Issuing]:
    """Start all three, with a round that is open and codes for every turn."""
    servers = Servers(Backend.LOCAL)
    with passable_directory() as directory:
        try:
            made = await Databases(servers).make("voting.roll")
            port = free_ports({"roll": None})["roll"]
            signer = await _started_signer(directory)
            roll = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "tests.benchmarks.tokens"),
                *(made.dsn, str(port), str(directory)),
            )
            try:
                url = f"http://127.0.0.1:{port}"
                await _answers(url)
                codes = [new_code() for _ in range(TOKENS * TIMES)]
                connection = await asyncpg.connect(made.superuser, ssl=False)
                round_id = await _open(connection, directory, codes)
                postgres = _parent(await connection.fetchval("select pg_backend_pid()"))
                await connection.close()
                yield Issuing(url, round_id, codes, signer.pid, roll.pid, postgres)
            finally:
                for process in (roll, signer):
                    process.terminate()
                    await process.wait()
        finally:
            servers.stop()


async def _started_signer(directory: Path) -> asyncio.subprocess.Process:
    named = {"COMPTOIR_SOCKET": directory / "socket", "COMPTOIR_KEYS": directory / "tier-keys"}
    signer = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "voting.signer"),
        env={**os.environ, **{name: str(value) for name, value in named.items()}},
        stdout=asyncio.subprocess.DEVNULL,
    )
    async with asyncio.timeout(STARTS_WITHIN):
        while True:
            try:
                return await _asked(Signer(directory / "socket"), signer)
            except SignerUnavailable:
                await asyncio.sleep(0.05)


async def _asked(signer: Signer, process: asyncio.subprocess.Process) -> asyncio.subprocess.Process:
    stopped = asyncio.Event()
    stopped.set()
    try:
        await signer.answers()
    finally:
        await signer.run(stopped)
    return process


async def _answers(url: str) -> None:
    async with aiohttp.ClientSession() as session, asyncio.timeout(STARTS_WITHIN):
        while True:
            try:
                async with session.get(f"{url}/health/live") as answer:
                    if answer.status == 200:
                        return
            except aiohttp.ClientConnectionError:
                await asyncio.sleep(0.05)


async def _open(connection: asyncpg.Connection, directory: Path, codes: list[str]) -> UUID:
    round_id, roll_key = uuid4(), RollKeys(directory).roll_key
    public = await Signer(directory / "socket").make(round_id, "A")
    await connection.execute(
        "insert into round (round_id, log, opens_at, closes_at, rehearsal)"
        " values ($1, 'edition', now() - interval '1 h', now() + interval '1 d', true)",
        round_id,
    )
    await connection.execute("insert into tier values ($1, 'A', $2)", round_id, public)
    await connection.executemany(
        "insert into code (round_id, code, tier) values ($1, $2, 'A')",
        [(round_id, keyed_hash(roll_key, round_id, code.encode())) for code in codes],
    )
    await connection.execute("analyze")
    return round_id


def _seconds(pid: int) -> float:
    """Processor time of a process, and of the children that it waited for."""
    return sum(int(field) for field in _stat(pid)[11:15]) / TICKS


def _parent(pid: int) -> int:
    return int(_stat(pid)[1])


def _of_children(pid: int) -> Iterator[float]:
    """Processor time of each child; of one that ended, its parent has it."""
    for place in Path("/proc").iterdir():
        with suppress(OSError):
            if place.name.isdigit() and _parent(int(place.name)) == pid:
                yield _seconds(int(place.name))


def _stat(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


if __name__ == "__main__":
    place = Path(sys.argv[3])
    known = settings(RollSettings, sys.argv[1], keys=place, signer=place / "socket")
    run(application(known.model_copy(update={"port": int(sys.argv[2])}), kafka=False))
