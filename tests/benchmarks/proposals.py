"""A submission as in production with an edition that takes ideas, and a bare server beside it.

Submission is the process itself, without Kafka, on a PostgreSQL that flushes every commit to the
disk. The bare server is Starlette and asyncpg: it inserts an idea, its two texts and a row of the
outbox, checks nothing, and answers after the commit.

`python -m tests.benchmarks.proposals submission|bare DSN PORT` is one of the servers.
"""

import asyncio
import json
import random
import secrets
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from urllib.parse import parse_qs
from uuid import UUID, uuid4

import aiohttp
import asyncpg
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from comptoir.ports import free_ports
from shared.database import Database
from shared.serving import run
from submission.app import SubmissionSettings, application
from tests.backends import Databases
from tests.benchmarks.servers import Alone, postgres_alone
from tests.serving import settings
from tests.submission.editions import edition, publish

STARTS_WITHIN = 30.0
BARE = """
create table text (content_id text primary key, value text not null, salt bytea not null);
create table idea (
    project_id uuid primary key, programme_id uuid not null, territory text not null,
    title text not null references text, summary text not null references text,
    deposited_at timestamptz not null default now());
create table outbox (
    id bigint generated always as identity primary key,
    event_id uuid not null, body bytea not null);
"""


@dataclass(frozen=True)
class Proposing:
    """Both servers of the same PostgreSQL, and the edition."""

    cluster: Alone
    superuser: str
    programme_id: UUID
    submission: int
    bare: int

    async def connect(self) -> asyncpg.Connection:
        """The superuser in submission's database."""
        return await asyncpg.connect(self.superuser, ssl=False)


@asynccontextmanager
async def proposing() -> AsyncIterator[Proposing]:
    """Start all of it; it is gone with the block."""
    async with AsyncExitStack() as ending:
        cluster = await ending.enter_async_context(postgres_alone())
        databases = Databases(cluster)
        made, empty = await databases.make("submission"), await databases.make()
        programme_id = await _publish(made.dsn, made.superuser)
        connection = await asyncpg.connect(empty.dsn, ssl=False)
        await connection.execute(BARE)
        await connection.close()
        ports = free_ports({"submission": None, "bare": None})
        for name, dsn in (("submission", made.dsn), ("bare", empty.dsn)):
            await ending.enter_async_context(_server(name, dsn, ports[name]))
        yield Proposing(cluster, made.superuser, programme_id, ports["submission"], ports["bare"])


async def _publish(dsn: str, superuser: str) -> UUID:
    """An edition that takes ideas, with themes."""
    database = Database(dsn, name="benchmark")
    found = await publish(database, edition(rehearsal=True))
    await database.close()
    connection = await asyncpg.connect(superuser, ssl=False)
    await connection.execute(
        "update phase set state = 'open' where programme_id = $1"
        " and opens_at <= now() and closes_at > now()",
        found,
    )
    await connection.close()
    return found


@asynccontextmanager
async def _server(name: str, dsn: str, port: int) -> AsyncIterator[None]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.benchmarks.proposals", name, dsn, str(port))
    )
    try:
        async with aiohttp.ClientSession() as session, asyncio.timeout(STARTS_WITHIN):
            while True:
                try:
                    async with session.get(f"http://127.0.0.1:{port}/health/live") as answer:
                        if answer.status == 200:
                            break
                except aiohttp.ClientConnectionError:
                    await asyncio.sleep(0.05)
        yield
    finally:
        process.terminate()
        await process.wait()


SYLLABLES = (
    *("ba", "bo", "ca", "che", "cor", "da", "du", "fa", "fle", "ga", "gri", "ja", "lan", "lo"),
    *("ma", "mi", "na", "no", "pa", "plu", "ra", "ri", "sa", "so", "ta", "vi"),
)
WORDS = 20_000
OF_A_SUMMARY = (30, 200)


class Vocabulary:
    """Words as a language has them: the n-th is as frequent as 1/n."""

    def __init__(self, seed: int = 8) -> None:
        self._random = random.Random(seed)
        self.words: list[str] = []
        known: set[str] = set()
        while len(self.words) < WORDS:
            many = self._random.randint(2, 5)
            word = "".join(self._random.choice(SYLLABLES) for _ in range(many))
            if word not in known:
                known.add(word)
                self.words.append(word)
        self._weights = [0.0]
        for n in range(WORDS):
            self._weights.append(self._weights[-1] + 1 / (n + 1))
        del self._weights[0]

    def some(self, least: int, most: int) -> str:
        """So many words."""
        many = self._random.randint(least, most)
        return " ".join(self._random.choices(self.words, cum_weights=self._weights, k=many))


THEMES = ("water", "culture", "care", "food")


async def fill(found: Proposing, many: int) -> Vocabulary:
    """So many ideas with words of their own, a quarter of them with a dossier, past the routes."""
    vocabulary, connection = Vocabulary(), await found.connect()
    rules = json.loads(
        await connection.fetchval(
            "select rules::text from programme where programme_id = $1", found.programme_id
        )
    )
    territories = [each["name"] for each in rules["territories"]]
    themes = [{"name": name, "fr": name, "en": name} for name in THEMES]
    await connection.execute(
        "update programme set rules = rules || $2::text::jsonb where programme_id = $1",
        found.programme_id,
        json.dumps({"themes": themes}),
    )
    for start in range(0, many, 1_000):
        texts, ideas, projects = [], [], []
        for n in range(start, min(start + 1_000, many)):
            title, summary = (secrets.token_hex(32) for _ in range(2))
            texts += [
                (title, vocabulary.some(3, 10), secrets.token_bytes(32)),
                (summary, vocabulary.some(*OF_A_SUMMARY), secrets.token_bytes(32)),
            ]
            id, filed = uuid4(), n % 4 == 0
            stage = ("dossier", "idea", "asked", "guided")[n % 4]
            place, theme = territories[n % len(territories)], THEMES[n % len(THEMES)]
            about = (id, found.programme_id, place, title, summary, title, stage, theme, n)
            ideas.append(about)
            if filed:
                projects.append((id, found.programme_id, title, 500_000 + n, summary))
        async with connection.transaction():
            await connection.copy_records_to_table(
                "text", records=texts, columns=("content_id", "value", "salt")
            )
            await connection.executemany(
                "insert into idea (project_id, programme_id, territory, title, summary, carrier,"
                " stage, theme, deposited_at) values ($1, $2, $3, $4, $5, $6, $7, $8,"
                " now() + $9::integer * interval '1 second')",
                ideas,
            )
            await connection.executemany(
                "insert into project (project_id, programme_id, title, cost, summary)"
                " values ($1, $2, $3, $4, $5)",
                projects,
            )
    await connection.execute("vacuum analyze")
    await connection.close()
    return vocabulary


def bare(dsn: str) -> Starlette:
    """Inserts what it is sent."""
    pool: asyncpg.Pool | None = None

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        nonlocal pool
        pool = await asyncpg.create_pool(dsn, min_size=0, max_size=8, ssl=False)
        yield
        await pool.close()

    async def insert(request: Request) -> Response:
        assert pool is not None
        form = parse_qs((await request.body()).decode())
        words, salt, project_id = form["name"][0], secrets.token_bytes(32), uuid4()
        title, summary = secrets.token_hex(32), secrets.token_hex(32)
        async with pool.acquire() as connection, connection.transaction():
            await connection.executemany(
                "insert into text values ($1, $2, $3)",
                [(title, words, salt), (summary, words * 20, salt)],
            )
            await connection.execute(
                "insert into idea values ($1, $1, 'artois', $2, $3)", project_id, title, summary
            )
            await connection.execute(
                "insert into outbox (event_id, body) values ($1, $2)", uuid4(), words.encode() * 20
            )
        return RedirectResponse(f"/projects/{project_id}", 303)

    async def live(request: Request) -> Response:
        return Response(b"live")

    routes = [
        Route("/deposit", insert, methods=["POST"]),
        Route("/health/live", live, methods=["GET"]),
    ]
    return Starlette(routes=routes, lifespan=lifespan)


def _serve(name: str, dsn: str, port: int) -> None:
    if name == "bare":
        uvicorn.run(
            bare(dsn), port=port, log_config=None, access_log=False, server_header=False, ws="none"
        )
        return
    given = settings(SubmissionSettings, dsn).model_copy(update={"port": port})
    run(application(given, kafka=False))


if __name__ == "__main__":
    _serve(sys.argv[1], sys.argv[2], int(sys.argv[3]))
