"""A ledger with its database: events are handed to its sequencer as an inbox would."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from ledger.handlers import Sequencer
from ledger.policy import Policy
from ledger.sequence import PUBLISHERS
from ledger.signer.files import SignerFiles
from ledger.signer.sign import SPARE_KEYS, Signer
from shared.database import Database
from shared.delivery import Delivered
from shared.envelope import Envelope
from shared.events import Event
from shared.events.event import PLATFORM_LOG
from shared.events.projects import DossierFiled
from shared.events.submission import CharterPublished
from shared.events.voting import RoundClosed
from tests import backends
from tests.conftest import DatabaseFactory

PREFIX = "ledger.example.org"
EDITION = "edition"
NOW = datetime(2026, 11, 25, 12, 0, 30, tzinfo=UTC)


@dataclass
class Ledger:
    """One ledger under test. `published` numbers events as their publisher's relay would."""

    made: backends.Database
    database: Database
    superuser: "asyncpg.Connection[Any]"
    directory: Path
    numbers: dict[tuple[str, str], int] = field(default_factory=dict)
    officer: UUID = field(default_factory=uuid4)

    def published(
        self, event: Event, log: str = EDITION, *, number: int | None = None, id: UUID | None = None
    ) -> Delivered[Any]:
        """An event with the next number of its publisher in this log, or another one."""
        src = PUBLISHERS[event.topic]
        if number is None:
            number = self.numbers[src, log] = self.numbers.get((src, log), 0) + 1
        envelope = Envelope(
            id=id or uuid4(),
            type=event.type,
            source=src,
            subject=event.subject,
            time=NOW,
            log=log,
            number=number,
        )
        return Delivered(envelope, event, event.body())

    def charter(self, log: str = EDITION, *, rehearsal: bool = True) -> Delivered[Any]:
        """The charter that opens an edition's log."""
        event = CharterPublished(
            programme_id=uuid4(), log=log, title="a" * 64, charter="b" * 64, rehearsal=rehearsal
        )
        return self.published(event, PLATFORM_LOG)

    def dossiers(self, count: int, log: str = EDITION) -> list[Delivered[Any]]:
        """Events of submission."""
        return [
            self.published(
                DossierFiled(project_id=uuid4(), programme_id=uuid4(), title="c" * 64, cost=cost),
                log,
            )
            for cost in range(count)
        ]

    def closings(self, count: int, log: str = EDITION) -> list[Delivered[Any]]:
        """Events of count."""
        return [
            self.published(RoundClosed(round_id=uuid4(), closed_at=NOW), log) for _ in range(count)
        ]

    async def take(self, *events: Delivered[Any]) -> None:
        """Hand one batch to the sequencer."""
        async with self.database.begin() as session:
            await Sequencer(PREFIX).append_events(session, events)

    async def entries(self, log: str = EDITION) -> list[bytes]:
        """The log's entries, in order."""
        rows = await self.superuser.fetch(
            "select index, bytes from entry where log = $1 order by index", log
        )
        assert [row["index"] for row in rows] == [*range(len(rows))]
        return [row["bytes"] for row in rows]

    async def count(self, table: str) -> int:
        """How many rows a table has."""
        return int(await self.superuser.fetchval(f"select count(*) from {table}"))

    def signer(self, policy: Policy | None = None) -> Signer:
        """The signer, as its own role. Its database is closed with the test's loop."""
        dsn = self.made.as_role("ledger_signer")
        return Signer(Database(dsn, name="signer"), SignerFiles(self.directory), policy)

    async def sign(self) -> None:
        """Let a signer start, verify everything and sign once."""
        await self.signed_by(self.signer())

    async def signed_by(self, signer: Signer) -> None:
        """Let this signer sign what has grown."""
        try:
            connection = await asyncpg.connect(signer.database.dsn)
            try:
                await signer.sign_due(connection)
            finally:
                await connection.close()
        finally:
            await signer.close()
            await signer.database.close()


LedgerFactory = Callable[[], Awaitable[Ledger]]


@pytest.fixture
async def unkeyed(database: DatabaseFactory, tmp_path: Path) -> AsyncIterator[Ledger]:
    """A ledger whose signer never ran."""
    made = await database("ledger")
    superuser = await asyncpg.connect(made.superuser)
    own = Database(made.dsn, name="ledger")
    yield Ledger(made, own, superuser, tmp_path / "keys")
    await own.close()
    await superuser.close()


@pytest.fixture
async def ledger(unkeyed: Ledger) -> Ledger:
    """A ledger with spare keys and no log."""
    await unkeyed.sign()
    assert await unkeyed.count("log_key") == SPARE_KEYS
    return unkeyed


@pytest.fixture
async def edition(ledger: Ledger) -> Ledger:
    """A ledger with the platform's log and one edition's."""
    await ledger.take(ledger.charter())
    return ledger
