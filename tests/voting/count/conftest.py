"""Count on a database of its own; what it announces stays in the outbox."""

import asyncio
import json
from base64 import b64encode
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from shared.database import Database
from shared.delivery import Delivered
from shared.envelope import Envelope
from shared.events import Event
from shared.events.ledger import CheckpointPublished
from shared.events.projects import DossierAmended, DossierFiled
from shared.events.submission import CharterPublished, OptionsFrozen, options_digest
from shared.events.voting import BallotCast, BoxClosed, TierKeysPrepared
from shared.rules.presets import greedy
from tests.backends import Database as Made
from tests.conftest import DatabaseFactory
from tests.serving import Answer, Client, served, settings
from tests.strategies import Cast
from voting.count.app import SUBSCRIPTIONS, CountSettings, application
from voting.count.deciding import Deciding
from voting.count.queries import options

LOG = "budget-0a1b2c3d"
HASH = "0" * 64
COSTS = (400, 100, 300, 300)
TIERS = {"A": b64encode(b"a tier key").decode()}


class Count:
    """Count's database as it and a superuser see it, and the events it is given."""

    def __init__(self, connection: asyncpg.Connection, dsn: str) -> None:
        self.connection = connection
        self.dsn = dsn
        self.database = Database(dsn, name="test")

    async def handle(self, *events: Event, number: int = 1) -> None:
        """What a batch of events of one topic does."""
        [subscription] = [s for s in SUBSCRIPTIONS if events[0].topic in s.topics]
        async with self.database.begin() as session:
            await subscription.handle(session, [delivered(event, number) for event in events])

    async def frozen(self, costs: Sequence[int] = COSTS, *, rehearsal: bool = True) -> UUID:
        """A round whose frozen options have arrived: they are numbered in the order of costs."""
        programme, round_id = uuid4(), uuid4()
        await self.handle(charter(programme, rehearsal=rehearsal))
        await self.handle(*dossiers(programme, costs))
        await self.handle(frozen(round_id, programme, costs))
        return round_id

    async def row(self, round_id: UUID) -> asyncpg.Record:
        """A round as it is."""
        [row] = await self.connection.fetch("select * from round where round_id = $1", round_id)
        return row

    async def votes(self, round_id: UUID) -> list[int]:
        """The running tally, by number."""
        async with self.database.begin() as session:
            return [option.votes for option in await options(session, round_id)]

    async def box_closes(self, round_id: UUID, ballots: int, keys: int, number: int) -> None:
        """The box's last word; `number` is its own."""
        event = BoxClosed(round_id=round_id, ballots=ballots, keys=keys, last_number=number - 1)
        await self.handle(event, number=number)

    async def checkpoint(self, number: int, size: int = 10, log: str = LOG) -> None:
        """A checkpoint that covers the box up to a number."""
        await self.handle(
            CheckpointPublished(
                log=log,
                origin=f"ledger.localhost/{log}",
                size=size,
                root=HASH,
                note="a note",
                numbers={"voting.box": number, "voting.count": 1},
            )
        )

    async def decide(self) -> None:
        """What the process's own work does: decide what is complete."""
        await Deciding(self.database).turn()

    async def announced(self, event: type[Event]) -> list[dict[str, Any]]:
        """The bodies of what is in the outbox, oldest first."""
        rows = await self.connection.fetch(
            "select body from outbox where type = $1 order by id", event.type
        )
        return [json.loads(row["body"]) for row in rows]


class ServedCount(Count):
    """Count as its desk meets it; it closes and announces by itself."""

    def __init__(self, connection: asyncpg.Connection, dsn: str, client: Client) -> None:
        super().__init__(connection, dsn)
        self.client = client

    async def prepare(self, round_id: UUID, **others: Any) -> Answer:
        """Ask for a round."""
        return await self.client.post("/rounds", asked(round_id, **others))

    async def prepared(self, costs: Sequence[int] = COSTS, **others: Any) -> UUID:
        """A round with the roll's keys, ready to be opened."""
        round_id = await self.frozen(costs)
        answer = await self.prepare(round_id, **others)
        assert answer.status == 201, answer.raw
        await self.keys(round_id)
        return round_id

    async def keys(self, round_id: UUID) -> None:
        """The roll's keys of a round."""
        await self.handle(TierKeysPrepared(round_id=round_id, tiers=TIERS))

    async def opened(self, costs: Sequence[int] = COSTS, **others: Any) -> UUID:
        """A round in which ballots count."""
        round_id = await self.prepared(costs, **others)
        answer = await self.open(round_id)
        assert answer.body == {"round_id": str(round_id), "state": "open"}, answer.raw
        return round_id

    async def open(self, round_id: UUID) -> Answer:
        """Freeze a round's rules."""
        return await self.client.post(f"/rounds/{round_id}/open")

    async def close(self, round_id: UUID) -> Answer:
        """End voting."""
        return await self.client.post(f"/rounds/{round_id}/close")

    async def state(self, round_id: UUID) -> dict[str, Any]:
        """Where a round stands, as anybody sees it."""
        found: dict[str, Any] = (await self.client.ask("GET", f"/rounds/{round_id}")).body
        return found

    async def eventually(
        self, round_id: UUID, wanted: Callable[[dict[str, Any]], bool], within: float = 10
    ) -> dict[str, Any]:
        """Where a round stands once that is wanted."""
        async with asyncio.timeout(within):
            while not wanted(found := await self.state(round_id)):  # noqa: ASYNC110  # it asks HTTP
                await asyncio.sleep(0.05)
        return found


def asked(
    round_id: UUID, opens: float = -60, closes: float = 3600, **others: Any
) -> dict[str, Any]:
    """The rules of a rehearsal with a window in seconds from now."""
    now = datetime.now(UTC)
    return {
        "round_id": str(round_id),
        "format": {"type": "approval", "min": 0, "max": 3},
        "rule": rule(),
        "opens_at": (now + timedelta(seconds=opens)).isoformat(),
        "closes_at": (now + timedelta(seconds=closes)).isoformat(),
        "secrecy": "live",
        "flush": {"k": 1, "interval": 0},
        "rehearsal": True,
        **others,
    }


def rule(budget: int = 500) -> dict[str, Any]:
    """Most votes first, of equals the cheaper, as it stands in JSON."""
    return greedy(budget).model_dump(mode="json", exclude_none=True)


def delivered(event: Event, number: int = 1) -> Delivered[Any]:
    """An event as it comes from Kafka."""
    now = datetime.now(UTC)
    envelope = Envelope(uuid4(), event.type, "tests", event.subject, now, LOG, number)
    return Delivered(envelope, event, event.body())


def project(programme: UUID, number: int) -> UUID:
    """The project that gets this number: ids increase with it."""
    return UUID(int=programme.int & ~0xFFFF | number)


def charter(programme: UUID, *, rehearsal: bool = True) -> CharterPublished:
    return CharterPublished(
        programme_id=programme, log=LOG, title=HASH, charter=HASH, rehearsal=rehearsal
    )


def dossiers(
    programme: UUID, costs: Sequence[int], kind: type[DossierFiled] = DossierFiled
) -> list[DossierFiled]:
    """A dossier per cost."""
    return [
        kind(project_id=project(programme, n), programme_id=programme, title=title(n), cost=cost)
        for n, cost in enumerate(costs, start=1)
    ]


def amended(programme: UUID, costs: Sequence[int]) -> list[DossierFiled]:
    """The same, amended."""
    return dossiers(programme, costs, DossierAmended)


def frozen(round_id: UUID, programme: UUID, costs: Sequence[int]) -> OptionsFrozen:
    """The options of a round, one per cost."""
    known = [(project(programme, n), cost, title(n)) for n, cost in enumerate(costs, start=1)]
    return OptionsFrozen(
        round_id=round_id,
        programme_id=programme,
        options=tuple(option for option, _, _ in known),
        digest=options_digest(known),
    )


def title(number: int) -> str:
    return f"{number:064x}"


def ballot(round_id: UUID, cast: Cast) -> BallotCast:
    """A ballot as count takes it from the box: token and signature were checked there."""
    return BallotCast.model_validate(
        {
            "v": 1,
            "round": round_id,
            "tier": "A",
            "key": b64encode(cast.voter.to_bytes(32)).decode(),
            "token": "A" * 512,
            "revision": cast.revision,
            "choices": cast.choices,
            "sig": "A" * 86 + "==",
        }
    )


@pytest.fixture
async def served_count(database: DatabaseFactory, tmp_path: Path) -> AsyncIterator[ServedCount]:
    async with serving(await database("voting.count"), tmp_path) as served_count:
        yield served_count


@asynccontextmanager
async def serving(made: Made, keys: Path) -> AsyncIterator[ServedCount]:
    """Count, served on a database with the keys that it knows."""
    connection = await asyncpg.connect(made.superuser, ssl=False)
    app = application(settings(CountSettings, made.dsn, keys=keys), kafka=False)
    async with served(app) as client:
        served_count = ServedCount(connection, made.dsn, client)
        yield served_count
        await served_count.database.close()
    await connection.close()
