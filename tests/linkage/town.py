"""A town that votes in simulated time, with real clusters of roll and box and a real broker, and
who takes all that is at rest.

Time goes on by what happens: clocks of clusters and broker, which nobody can set, are read as the
simulated time at which their events were made to happen. Ballots are cast over HTTP, each voter
from an address of her own and with a trace that began elsewhere. On the roll's side nothing need be
found out: whoever has that knows of each voter when she came, from where, in which transaction.
"""

import heapq
import json
import random
import secrets
from base64 import b64decode
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from uuid import UUID, uuid4

import aiohttp
import asyncpg

from comptoir.kafka import Account
from comptoir.postgres import UNTRACED
from shared.database import Database, raw
from shared.envelope import Envelope, leaf_bytes
from shared.events.voting import BallotCast, FlushRule, RoundPrepared
from shared.kafka import Kafka
from shared.relay import Relay
from shared.settings import KafkaSettings
from shared.telemetry import Metrics
from tests.backends import passable_directory
from tests.clusters import OwnCluster, own_cluster
from tests.linkage import wal
from tests.linkage.attackers import AtRest, K, Key
from tests.linkage.clock import Clock
from tests.linkage.lines import Written, address_number, marks, said, trace_number
from tests.linkage.side import Side, number_of
from tests.linkage.urn import urn
from tests.opening import HASH, round_opened
from tests.serving import Client, served
from tests.shared.conftest import Store, eventually, running
from tests.voting.box.conftest import LOG, Box, listed, opened
from tests.voting.box.voters import Voter
from voting.box import flushing
from voting.box import queries as box_queries
from voting.roll import queries as roll_queries
from voting.roll import telling
from voting.roll.codes import Hashed

RULE = FlushRule(k=K, interval=900)
# Seconds on average: between the token and the ballot, and until one in so many thinks again.
THINKS, THINKS_AGAIN, CHANGES_HER_MIND = 60.0, 600.0, 0.2
TIER = "A"
SENT = """
select not exists (
    select from outbox cross join outbox_relay where position is null or position > acknowledged
)
"""


@dataclass(frozen=True)
class Plan:
    """How many voters come, how many an hour, and what is wrong with the town.

    `planted` is SQL for the box's database; `replaced` are words of its functions, each with what
    stands there instead. `told` is what the box writes into its log of each ballot (`urn.py`).
    """

    rate: float
    voters: int
    planted: str = ""
    replaced: tuple[tuple[str, str, str], ...] = ()
    one_cluster: bool = False
    ends_segment: bool = True
    told_at_once: bool = False
    told: str = ""


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
    broker: Account
    written: Written
    # Where ballots are cast, once the box is served.
    url: str = ""
    found: AtRest = field(default_factory=AtRest)
    truth: dict[int, Key] = field(default_factory=dict)
    _codes: list[bytes] = field(default_factory=list)
    _notices: dict[UUID, int] = field(default_factory=dict)
    _voters: dict[int, Voter] = field(default_factory=dict)
    _traces: list[str] = field(default_factory=list)
    _texts: dict[str, Key] = field(default_factory=dict)
    _commits: dict[int, float] = field(default_factory=dict)
    _published: int = 0
    _gone: int = 0  # of how many voters something was published
    _told: int = 0
    _due: list[float] = field(default_factory=list)  # when somebody will be told: a heap

    def __post_init__(self) -> None:
        self._voters_side = Side(self.roll_cluster, self.roll_super, self.clock, self.found.voters)
        self._ballots_side = Side(
            self.box_cluster, self.box.connection, self.clock, self.found.ballots
        )

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
        self._traces = [secrets.token_hex(16) for _ in range(self.plan.voters)]
        for voter, code in enumerate(self._codes):
            self._voters_side.know(voter, code)
            # What she sends to the roll is as long as what everybody sends.
            mine = {"address": address_number(address(voter)), "size": 400.0}
            self.found.voters[voter] = mine | {"trace": trace_number(self._traces[voter])}
        for notice, voter in self._notices.items():
            self._voters_side.know(voter, notice, str(notice))
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
        """Everybody comes, is issued a token, thinks, and casts, some twice; then the round is
        closed."""
        drawn = random.Random(seed)
        # When, which revision is cast (0: the token is asked for), and whose.
        happens: list[tuple[float, int, int]] = []
        coming = 0.0
        for voter in range(self.plan.voters):
            coming += drawn.expovariate(self.plan.rate / 3600)
            happens.append((coming, 0, voter))
        heapq.heapify(happens)
        minute = 0.0
        while happens:
            time, revision, voter = heapq.heappop(happens)
            while minute < time:
                await self._turn(minute)
                minute += 60
            self.clock.move(time)
            if revision:
                await self._cast(voter, revision, drawn)
                await self._turn(time)
            else:
                await self._issue(voter)
            if revision == 0:
                heapq.heappush(happens, (time + drawn.expovariate(1 / THINKS), 1, voter))
            elif revision == 1 and drawn.random() < CHANGES_HER_MIND:
                heapq.heappush(happens, (time + drawn.expovariate(1 / THINKS_AGAIN), 2, voter))
        self.clock.move(self.clock.now + 3600)
        async with self.box.database.begin() as session:
            connection = await raw(session)
            await box_queries.close_round(connection, self.round_id, self.clock.moment())
        await self._after_flush()
        end = self.clock.now + telling.LATEST + 120  # everybody is told by then
        while minute < end:
            await self._tell(minute)
            minute += 60
        assert not self._due
        await self._roll_at_rest()
        await self._record_at_rest()
        self._lines_at_rest()

    async def _issue(self, voter: int) -> None:
        """As the roll's route does. The wait begins at the simulated moment."""
        ahead = self.clock.moment() - datetime.now(UTC)
        wait = timedelta(minutes=-1) if self.plan.told_at_once else telling.wait()
        heapq.heappush(self._due, self.clock.now + wait.total_seconds())
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

    async def _cast(self, voter: int, revision: int, drawn: random.Random) -> None:
        """As the voter's page does, from her address."""
        if (who := self._voters.get(voter)) is None:
            who = self._voters[voter] = Voter(self.round_id, TIER)
        key = b64decode(who.key)
        chosen = sorted(drawn.sample(range(1, 6), drawn.randint(1, 3)))
        body = who.ballot(chosen, revision)
        digest = sha256(body)
        self._ballots_side.know(key, key, who.key, digest.digest(), digest.hexdigest())
        self._texts |= dict.fromkeys((who.key, key.hex(), digest.hexdigest()), key)
        headers = {"traceparent": f"00-{self._traces[voter]}-{secrets.token_hex(8)}-01"}
        there = aiohttp.TCPConnector(local_addr=(address(voter), 0))
        async with aiohttp.ClientSession(self.url, headers=headers, connector=there) as session:
            answer = await Client(session, self.url).ask("POST", "/ballots", body)
        assert answer.status == 201, answer.raw
        self.truth[voter] = key
        self.found.seen.setdefault(key, self.clock.now)
        numbers = self.found.ballots.setdefault(key, {})
        numbers |= {"size": float(len(body)), "id:key": number_of(key)}

    async def _turn(self, time: float) -> None:
        """What roll and box do all the time, at this moment. Neither is asked while it cannot have
        anything to do: no message is due, or k could not leave beside k who stay."""
        self.clock.move(time)
        await self._tell(time)
        if len(self.truth) - self._gone < 2 * K:
            return
        await flushing.flush(self.box.database, self.clock.moment())
        if await self.box.count("published") > self._published:
            await self._after_flush()

    async def _tell(self, time: float) -> None:
        self.clock.move(time)
        if not self._due or self._due[0] > time:
            return
        # The database's moment is that of its statement, a little later: it is asked twice.
        while self._due and self._due[0] <= time - 60:
            heapq.heappop(self._due)
        async with self.roll.begin() as session:
            await roll_queries.release_notices(await raw(session), self.clock.moment())
        rows = await self.roll_super.fetch(
            "select event_id from outbox where topic = 'private.contacts' order by id offset $1",
            self._told,
        )
        self._told += len(rows)
        self.found.told |= {self._notices[row["event_id"]]: time for row in rows}

    async def _after_flush(self) -> None:
        """End the log, let the relay send, and let somebody take everything."""
        if self.plan.ends_segment:
            await flushing.end_log(self.box.database)
        else:
            await self.box.database.straight(box_queries.CHECKPOINT)
            await self.box.connection.execute("update tier set log_ended = epoch")
        self._published = await self.box.count("published")
        keys = "select count(distinct key) from published"
        self._gone = await self.box.connection.fetchval(keys)
        await eventually(lambda: self.box.connection.fetchval(SENT), bool)
        self._box_log_at_rest()
        await self._ballots_side.take()
        await self._roll_at_rest()

    def _box_log_at_rest(self) -> None:
        """Which ballots the write-ahead log of the box's cluster has, in which transactions."""
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

    async def _roll_at_rest(self) -> None:
        """Every row and file of the roll, and of every token its transaction and the time of that
        in the log."""
        for record in wal.records(self.roll_cluster.log()):
            if record.committed is not None:
                self._commits.setdefault(record.transaction, self.clock.read(record.committed))
        await self.roll_super.execute("checkpoint")
        await self._voters_side.take()
        for numbers in self.found.voters.values():
            if (transaction := numbers.get("transaction:token")) is None:
                continue
            numbers["transaction"] = transaction
            if (time := self._commits.get(int(transaction))) is not None:
                numbers["time"] = time

    async def _record_at_rest(self) -> None:
        """What Kafka has of each ballot, and the entry that the ledger makes of it; of a key with
        two ballots, of the first."""
        store = Store(self.box.dsn, self.broker, BallotCast.topic, self.box.database)
        flushes: dict[datetime, list[Key]] = {}
        for record in await store.all_sent(1):
            key = b64decode(record.key or b"")
            if (numbers := self.found.ballots.get(key)) is None:
                continue  # of another town, which had the broker before
            stamp = datetime.fromtimestamp(record.timestamp / 1000, UTC)
            envelope = Envelope.from_headers(record.headers)
            entry = json.loads(leaf_bytes(envelope, record.value or b""))
            said_there = {
                "order:kafka, offset": float(record.offset),
                "time:kafka, timestamp": self.clock.read(stamp),
                "order:ledger, number": float(entry["number"]),
                "time:ledger, t": self.clock.read(datetime.fromisoformat(entry["t"])),
                "id:ledger, id": float(UUID(entry["id"]).int),
            }
            for name, value in record.headers:
                said_there |= {f"{kind}:kafka, {name}": n for kind, n in marks(value.decode())}
            for name, number in said_there.items():
                numbers.setdefault(name, number)
            keys = flushes.setdefault(envelope.time, [])
            if key not in keys:
                keys.append(key)
        self.found.batches = [flushes[time] for time in sorted(flushes)]

    def _lines_at_rest(self) -> None:
        """What the box's process and PostgreSQL wrote down."""
        lines: dict[str, list[tuple[float | None, str]]] = {
            "log lines": [*self.written.lines],
            "lines of PostgreSQL": [(None, line) for line in self.box_cluster.written()],
        }
        for where, each in lines.items():
            for word in said(each, self._texts):
                self.found.ballots[word.key].setdefault(f"{word.kind}:{where}", word.number)


def address(voter: int) -> str:
    """Where somebody comes from: all of them are this machine's."""
    return f"127.{1 + voter // 62_500}.{voter // 250 % 250}.{1 + voter % 250}"


async def _replace(connection: asyncpg.Connection, name: str, words: str, instead: str) -> None:
    """Change a function of the box's database: the leak is planted in what runs."""
    source = await connection.fetchval(
        "select pg_get_functiondef(oid) from pg_proc where proname = $1", name
    )
    assert words in source, f"{name} has no {words!r}"
    await connection.execute(source.replace(words, instead))


@asynccontextmanager
async def town(plan: Plan, broker: Account) -> AsyncIterator[Town]:
    """A town before the vote; its clusters go with it, the broker keeps its ballots."""
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
        stack.callback(roll_super.terminate)
        box = Box(await asyncpg.connect(box_made.superuser, ssl=False), box_made.dsn)
        stack.callback(box.connection.terminate)
        stack.push_async_callback(box.database.close)
        roll = Database(roll_made.dsn, name="roll")
        stack.push_async_callback(roll.close)
        clock = Clock(datetime.now(UTC))
        written = Written(lambda: clock.now)
        parts = clusters[0], clusters[1], roll, roll_super, box, clock, uuid4(), broker, written
        made = Town(plan, *parts)
        await made.prepare()
        written.attach()
        stack.callback(written.detach)
        way = KafkaSettings(
            bootstrap=broker.bootstrap, username=broker.username, password=broker.password
        )
        relay = Relay(box_made.dsn, Kafka(way), Metrics(), name="voting.box")
        await stack.enter_async_context(running(relay))
        keys = stack.enter_context(passable_directory())
        app = urn(box_made.dsn, keys, plan.told)
        made.url = (await stack.enter_async_context(served(app))).url
        yield made
