"""A town that votes in simulated time, on a roll and a box with real clusters, and who takes all of
their disks.

Time goes on by what happens: the clusters' own clocks, which nobody can set, are read as the
simulated time at which their events were made to happen.
"""

import heapq
import random
import secrets
from base64 import b64decode, b64encode
from bisect import bisect_right
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

import asyncpg

from comptoir.postgres import UNTRACED
from shared.canonical import canonical
from shared.database import Database, raw
from shared.events.voting import FlushRule, RoundPrepared
from tests.clusters import OwnCluster, own_cluster
from tests.linkage import wal
from tests.linkage.attackers import AtRest, K, Key
from tests.opening import HASH, round_opened
from tests.voting.box.conftest import LOG, Box, listed, opened
from voting.box import flushing
from voting.box import queries as box_queries
from voting.roll import queries as roll_queries
from voting.roll import telling
from voting.roll.codes import Hashed

RULE = FlushRule(k=K, interval=900)
THINKS = 60.0  # seconds on average, between the token and the ballot
TIER = "A"


@dataclass(frozen=True)
class Plan:
    """How many voters come, how many an hour, and what is wrong with the town.

    `planted` is SQL for the box's database; `replaced` are words of its functions, each with what
    stands there instead.
    """

    rate: float
    voters: int
    planted: str = ""
    replaced: tuple[tuple[str, str, str], ...] = ()
    one_cluster: bool = False
    ends_segment: bool = True
    told_at_once: bool = False


@dataclass
class Clock:
    """Simulated seconds since the opening, and which moment of the real clock each was at."""

    began: datetime
    now: float = 0.0
    _real: list[datetime] = field(default_factory=list)
    _simulated: list[float] = field(default_factory=list)

    def move(self, to: float) -> None:
        """Go on to a moment: what the clusters do from here on is at that time."""
        self.now = to
        self._real.append(datetime.now(UTC))
        self._simulated.append(to)

    def moment(self) -> datetime:
        """The simulated moment, for whoever is told the time."""
        return self.began + timedelta(seconds=self.now)

    def read(self, real: datetime) -> float:
        """What the simulated time was when a real clock showed this."""
        at = bisect_right(self._real, real)
        return self._simulated[max(0, at - 1)]


@dataclass
class Town:
    """Roll, box, their voters, and what is known of both."""

    plan: Plan
    roll_cluster: OwnCluster
    box_cluster: OwnCluster
    roll: Database
    roll_super: asyncpg.Connection
    box: Box
    clock: Clock
    round_id: UUID
    found: AtRest = field(default_factory=AtRest)
    truth: dict[int, Key] = field(default_factory=dict)
    _codes: list[bytes] = field(default_factory=list)
    _notices: dict[UUID, int] = field(default_factory=dict)
    _commits: dict[int, float] = field(default_factory=dict)
    _published: int = 0
    _told: int = 0

    async def prepare(self) -> None:
        """Open the round on both sides, and put everybody on the roll."""
        opening = opened(self.round_id, 0, 30 * 24 * 3600, TIER, flush=RULE)
        await self.box.handle(*listed(self.round_id), opening)
        await self.box.connection.execute(self.plan.planted or "select")
        for function, words, instead in self.plan.replaced:
            await _replace(self.box.connection, function, words, instead)
        prepared = RoundPrepared(
            round_id=self.round_id, programme_id=uuid4(), options=5, digest=HASH
        )
        tiers = {tier: b64decode(key) for tier, key in opening.tiers.items()}
        await roll_queries.keep_round(self.roll_super, prepared, LOG, tiers)
        earnest = round_opened(self.round_id, 0, 30 * 24 * 3600, rehearsal=False)
        await roll_queries.open_round(self.roll_super, earnest, uuid4())
        self._codes = [secrets.token_bytes(32) for _ in range(self.plan.voters)]
        self._notices = {uuid4(): voter for voter in range(self.plan.voters)}
        codes = [Hashed(code, code) for code in self._codes]
        await roll_queries.import_codes(self.roll_super, self.round_id, TIER, codes)
        await self.roll_super.executemany(
            "update code set notice_id = $2, notice = $3 where code = $1",
            [
                (self._codes[voter], notice, secrets.token_bytes(400))
                for notice, voter in self._notices.items()
            ],
        )

    async def vote(self, seed: int) -> None:
        """Everybody comes, is issued a token, thinks, and casts; then the round is closed."""
        drawn = random.Random(seed)
        happens: list[tuple[float, int, int]] = []
        coming = 0.0
        for voter in range(self.plan.voters):
            coming += drawn.expovariate(self.plan.rate / 3600)
            happens.append((coming, 0, voter))
        heapq.heapify(happens)
        minute = 0.0
        while happens:
            time, casts, voter = heapq.heappop(happens)
            while minute < time:
                await self._turn(minute)
                minute += 60
            self.clock.move(time)
            if casts:
                await self._cast(voter, drawn)
                await self._turn(time)
            else:
                await self._issue(voter)
                after = time + drawn.expovariate(1 / THINKS)
                heapq.heappush(happens, (after, 1, voter))
        self.clock.move(self.clock.now + 3600)
        async with self.box.database.begin() as session:
            connection = await raw(session)
            await box_queries.close_round(connection, self.round_id, self.clock.moment())
        await self._after_flush()
        end = self.clock.now + telling.LATEST + 120  # everybody is told by then
        while minute < end:
            await self._tell(minute)
            minute += 60
        await self._roll_at_rest()

    async def _issue(self, voter: int) -> None:
        """As the roll's route does. The wait begins at the simulated moment."""
        ahead = self.clock.moment() - datetime.now(UTC)
        wait = timedelta(minutes=-1) if self.plan.told_at_once else telling.wait()
        row = await self.roll.straight(
            roll_queries.ISSUE,
            self.round_id,
            self._codes[voter],
            secrets.token_bytes(32),
            [TIER],
            ahead + wait,
            None,
        )
        assert row is not None and row["verdict"] == "issued"

    async def _cast(self, voter: int, drawn: random.Random) -> None:
        """As the box's route does, behind its checks."""
        key = secrets.token_bytes(32)
        body = canonical(
            {
                "v": 1,
                "round": str(self.round_id),
                "tier": TIER,
                "key": b64encode(key).decode(),
                "token": b64encode(secrets.token_bytes(384)).decode(),
                "revision": 1,
                "choices": sorted(drawn.sample(range(1, 6), drawn.randint(1, 3))),
                "sig": b64encode(secrets.token_bytes(64)).decode(),
            }
        )
        row = await self.box.database.straight(
            box_queries.CAST, self.round_id, TIER, [key], [1], [sha256(body).digest()], [body]
        )
        assert row is not None and row["verdicts"] == ["accepted"]
        self.truth[voter] = key
        self.found.seen[key] = self.clock.now
        self.found.ballots[key] = {"size": float(len(body)), "id:key": _number(key)}

    async def _turn(self, time: float) -> None:
        """What roll and box do all the time, at this moment."""
        self.clock.move(time)
        await self._tell(time)
        await flushing.flush(self.box.database, self.clock.moment())
        if await self.box.count("published") > self._published:
            await self._after_flush()

    async def _tell(self, time: float) -> None:
        self.clock.move(time)
        async with self.roll.begin() as session:
            await roll_queries.release_notices(await raw(session), self.clock.moment())
        rows = await self.roll_super.fetch(
            "select event_id from outbox where topic = 'private.contacts' order by id offset $1",
            self._told,
        )
        self._told += len(rows)
        self.found.told |= {self._notices[row["event_id"]]: time for row in rows}

    async def _after_flush(self) -> None:
        """End the log, and let somebody take everything."""
        if self.plan.ends_segment:
            await flushing.end_log(self.box.database)
        else:
            await self.box.database.straight(box_queries.CHECKPOINT)
            await self.box.connection.execute("update tier set log_ended = epoch")
        self._published = await self.box.count("published")
        await self.box.connection.fetchval("select number_outbox(1000000)")
        await self._box_at_rest()
        await self._roll_at_rest()

    async def _box_at_rest(self) -> None:
        """Kafka's order, every row of every table, and the log."""
        rows = await self.box.connection.fetch(
            "select key from outbox where type = 'voting.ballot-cast.v1' order by position"
        )
        sent = [b64decode(row["key"]) for row in rows]
        known = sum(map(len, self.found.batches))
        if fresh := sent[known:]:
            self.found.batches.append(fresh)
        for place, key in enumerate(sent):
            self.found.ballots[key]["order:kafka"] = place
        tables = await self.box.connection.fetch(
            "select relname from pg_class"
            " where relkind = 'r' and relnamespace = 'public'::regnamespace"
        )
        for table in tables:
            await self._table_at_rest(table["relname"])
        log = list(wal.records(self.box_cluster.log()))
        commits = {r.transaction: self.clock.read(r.committed) for r in log if r.committed}
        left = [key for key in self.found.ballots if "order:log" not in self.found.ballots[key]]
        for record in log:
            for key in [key for key in left if key in record.data]:
                left.remove(key)
                numbers = self.found.ballots[key]
                numbers["order:log"] = record.address
                numbers["transaction:log"] = record.transaction
                if (time := commits.get(record.transaction)) is not None:
                    numbers["time:log"] = time

    async def _table_at_rest(self, table: str) -> None:
        """What each row that has a ballot's key says beside what is public."""
        name = "waiting" if table.startswith("waiting_") else table
        rows = await self.box.connection.fetch(
            f'select ctid, xmin::text::bigint as "transaction", * from "{table}" order by ctid'
        )
        for place, row in enumerate(rows):
            if (numbers := self.found.ballots.get(_key_of(row))) is None:
                continue
            numbers[f"transaction:{name}"] = row["transaction"]
            numbers[f"order:{name}, on the disk"] = place
            for column, value in row.items():
                for kind, number in self._read(column, value):
                    numbers[f"{kind}:{name}.{column}"] = number

    def _read(self, column: str, value: Any) -> Iterable[tuple[str, float]]:
        """A value as a number to compare, and what it is."""
        match value:
            case datetime():
                yield "time", self.clock.read(value)
            case UUID() if value.version == 7:
                yield "time", self.clock.read(datetime.fromtimestamp((value.int >> 80) / 1000, UTC))
            case UUID():
                yield "id", float(value.int)
            case int() if column not in ("transaction", "revision"):
                yield "order", float(value)
            case bytes() if len(value) == 32:
                yield "id", _number(value)

    async def _roll_at_rest(self) -> None:
        """Every token with its transaction, and the time of that in the log."""
        for record in wal.records(self.roll_cluster.log()):
            if record.committed is not None:
                self._commits.setdefault(record.transaction, self.clock.read(record.committed))
        rows = await self.roll_super.fetch("select code, xmin::text::bigint as id from token")
        voters = {code: voter for voter, code in enumerate(self._codes)}
        for row in rows:
            numbers = self.found.voters.setdefault(voters[row["code"]], {})
            numbers |= {"transaction": row["id"], "id": _number(row["code"]), "size": 400.0}
            if (time := self._commits.get(row["id"])) is not None:
                numbers["time"] = time


def _key_of(row: asyncpg.Record) -> Key:
    """The ballot key that a row is about, if it is about one."""
    match dict(row).get("key"):
        case bytes() as key:
            return key
        case str() as text if len(text) == 44:
            return b64decode(text)
        case _:
            return b""


def _number(value: bytes) -> float:
    return float(int.from_bytes(value[:6]))


async def _replace(connection: asyncpg.Connection, name: str, words: str, instead: str) -> None:
    """Change a function of the box's database: the leak is planted in what runs."""
    source = await connection.fetchval(
        "select pg_get_functiondef(oid) from pg_proc where proname = $1", name
    )
    assert words in source, f"{name} has no {words!r}"
    await connection.execute(source.replace(words, instead))


@asynccontextmanager
async def town(plan: Plan) -> AsyncIterator[Town]:
    """A town before the vote; its clusters go with it."""
    async with AsyncExitStack() as stack:
        if plan.one_cluster:
            # With the settings of what others share: its log is not the box's to end.
            clusters: Sequence[OwnCluster] = [
                await stack.enter_async_context(own_cluster("one", {}))
            ] * 2
        else:
            clusters = [
                await stack.enter_async_context(own_cluster(name, UNTRACED))
                for name in ("roll", "box")
            ]
        roll_made = await clusters[0].databases.make("voting.roll")
        box_made = await clusters[1].databases.make("voting.box")
        roll_super = await asyncpg.connect(roll_made.superuser, ssl=False)
        box = Box(await asyncpg.connect(box_made.superuser, ssl=False), box_made.dsn)
        roll = Database(roll_made.dsn, name="roll")
        made = Town(
            plan, clusters[0], clusters[1], roll, roll_super, box, Clock(datetime.now(UTC)), uuid4()
        )
        await made.prepare()
        yield made
        await roll.close()
        await box.database.close()
        roll_super.terminate()
        box.connection.terminate()
