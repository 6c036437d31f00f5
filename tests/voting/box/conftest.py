"""The box, served on a database of its own; what it flushes stays in the outbox."""

import hashlib
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from fastapi import FastAPI

from shared.database import Database
from shared.delivery import Delivered
from shared.envelope import Envelope
from shared.events import Event
from shared.events.ballots import Approval
from shared.events.voting import BallotCast, FlushRule, OptionListed, RoundClosed, RoundOpened
from tests.conftest import DatabaseFactory
from tests.opening import HASH, round_opened
from tests.serving import Answer, Client, served, settings
from tests.shared.conftest import eventually
from tests.voting.box.voters import bytes_of, public_keys
from voting.box import flushing, queries
from voting.box.app import ROUNDS, BoxSettings, application

LOG = "budget-0a1b2c3d"
OPTIONS = 5
AT_ONCE = FlushRule(k=1, interval=0)


class Box:
    """A box's database as it and a superuser see it, and the events the box is given."""

    def __init__(self, connection: asyncpg.Connection, dsn: str) -> None:
        self.connection = connection
        self.dsn = dsn
        self.database = Database(dsn, name="test")

    async def handle(self, *events: Event) -> None:
        """What a batch of events does."""
        async with self.database.begin() as session:
            await ROUNDS.handle(session, [delivered(event) for event in events])

    async def opened(
        self,
        opens: float = -60,
        closes: float = 3600,
        *tiers: str,
        flush: FlushRule = AT_ONCE,
    ) -> UUID:
        """A new round with a window in seconds from now."""
        round_id = uuid4()
        opening = opened(round_id, opens, closes, *(tiers or ("A",)), flush=flush)
        await self.handle(*listed(round_id), opening)
        return round_id

    async def close(self, round_id: UUID) -> dict[str, Any]:
        """Close a round by command; what the box says then."""
        await self.handle(RoundClosed(round_id=round_id, closed_at=datetime.now(UTC)))
        return (await self.announced("voting.box-closed.v1"))[-1]

    async def window_ends(self, round_id: UUID) -> None:
        """Let the database's clock be past the window, which nobody else can move."""
        await self.connection.execute(
            "update round set opens_at = opens_at - interval '2 hours',"
            " closes_at = clock_timestamp() where round_id = $1",
            round_id,
        )

    async def cast(self, sent: bytes) -> str:
        """What the database says of a ballot that passed the checks."""
        ballot = BallotCast.model_validate_json(sent)
        row = await self.database.straight(queries.CAST, *arguments(ballot))
        assert row is not None
        [verdict] = row["verdicts"]
        return str(verdict)

    async def flush(self, now: datetime | None = None) -> None:
        """Publish what is due, as any replica does all the time: by the clock, or at a moment."""
        await flushing.flush(self.database, now or await flushing.clock(self.database))

    async def rows(self, event: str = "voting.ballot-cast.v1") -> list[asyncpg.Record]:
        """What is in the outbox, oldest first."""
        return await self.connection.fetch(
            "select * from outbox where type = $1 order by id", event
        )

    async def announced(self, event: str = "voting.ballot-cast.v1") -> list[dict[str, Any]]:
        """The bodies of what is in the outbox, oldest first."""
        return [json.loads(row["body"]) for row in await self.rows(event)]

    async def blocked(self) -> list[int]:
        """The sessions that wait for a lock here, once there are any."""
        waiting = (
            "select pid from pg_locks where not granted"
            " and database = (select oid from pg_database where datname = current_database())"
        )

        async def asked() -> list[int]:
            return [row["pid"] for row in await self.connection.fetch(waiting)]

        return list(await eventually(asked, bool))

    async def count(self, table: str) -> int:
        """How many rows a table has."""
        return int(await self.connection.fetchval(f"select count(*) from {table}"))


class ServedBox(Box):
    """A box that is asked over HTTP, and flushes by itself."""

    def __init__(self, connection: asyncpg.Connection, dsn: str, client: Client) -> None:
        super().__init__(connection, dsn)
        self.client = client

    async def post(self, sent: bytes) -> Answer:
        """Cast a ballot as a voter."""
        return await self.client.ask("POST", "/ballots", sent)


def arguments(ballot: BallotCast) -> tuple[Any, ...]:
    """A ballot as `queries.CAST` takes it, alone."""
    body = ballot.body()
    key, digest = bytes_of(ballot.key), hashlib.sha256(body).digest()
    return ballot.round, ballot.tier, [key], [ballot.revision], [digest], [body]


def delivered(event: Event) -> Delivered[Any]:
    """An event as it comes from Kafka."""
    now = datetime.now(UTC)
    envelope = Envelope(uuid4(), event.type, "voting.count", event.subject, now, LOG, 1)
    return Delivered(envelope, event, event.body())


def listed(round_id: UUID) -> list[OptionListed]:
    """The options of a round: of each its number is its cost in cents."""
    return [
        OptionListed(round_id=round_id, option_id=uuid4(), number=n, cost=n, title=HASH)
        for n in range(1, OPTIONS + 1)
    ]


def opened(
    round_id: UUID,
    opens: float = -60,
    closes: float = 3600,
    *tiers: str,
    most: int = 3,
    flush: FlushRule = AT_ONCE,
) -> RoundOpened:
    """The opening of a round with five options, of which a ballot names one to three."""
    form = Approval(min=1, max=most, wrong="refused")
    others = {"tiers": public_keys(*tiers), "options": OPTIONS, "flush": flush}
    return round_opened(round_id, opens, closes, format=form, **others)


def box_app(dsn: str, directory: Path) -> FastAPI:
    """A replica of the box."""
    return application(settings(BoxSettings, dsn, keys=directory), kafka=False)


@pytest.fixture
async def box(database: DatabaseFactory) -> AsyncIterator[Box]:
    """A box that does nothing by itself."""
    made = await database("voting.box")
    connection = await asyncpg.connect(made.superuser, ssl=False)
    box = Box(connection, made.dsn)
    yield box
    await box.database.close()
    await connection.close()


@pytest.fixture
async def served_box(box: Box, tmp_path: Path) -> AsyncIterator[ServedBox]:
    async with served(box_app(box.dsn, tmp_path)) as client:
        served_box = ServedBox(box.connection, box.dsn, client)
        yield served_box
        await served_box.database.close()
