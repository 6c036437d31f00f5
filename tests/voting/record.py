"""A ledger beside roll and box: what count and the box publish comes to it, and is signed there."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg

from ledger.app import LedgerSettings
from ledger.app import application as ledger_application
from shared.database import Database
from shared.delivery import Delivered
from shared.events import Event
from shared.events.event import PLATFORM_LOG
from shared.events.voting import BallotCast
from tests.conftest import DatabaseFactory
from tests.ledger.conftest import Ledger
from tests.serving import served, settings
from tests.voting.box.conftest import LOG, ServedBox

# No witness answers here; the platform's tests have one.
POLICY = "quorum none\n"


@dataclass
class Record:
    """A ledger that readers ask, with the log of one edition."""

    ledger: Ledger
    url: str

    async def publish(self, event: Event) -> Delivered[Any]:
        """Publish what count says, signed; the event as whoever else hears of it has it."""
        published = self.ledger.published(event, LOG)
        await self.ledger.take(published)
        await self.ledger.sign()
        return published

    async def announce(self, event: Event) -> None:
        """Publish what a service says of itself, in the platform's log."""
        await self.ledger.take(self.ledger.published(event, PLATFORM_LOG))
        await self.ledger.sign()

    async def publish_ballots(self, box: ServedBox) -> None:
        """Publish what waits in the box, under the ids that the box gave."""
        await box.flush()
        known = self.ledger.numbers.get(("voting.box", LOG), 0)
        ballots = [
            self.ledger.published(
                BallotCast.model_validate_json(row["body"]), LOG, id=row["event_id"]
            )
            for row in (await box.rows())[known:]
        ]
        await self.ledger.take(*ballots)
        await self.ledger.sign()


@asynccontextmanager
async def recorded(
    database: DatabaseFactory, directory: Path, port: int, sites: dict[str, str]
) -> AsyncIterator[Record]:
    """A ledger at a port."""
    made = await database("ledger")
    superuser = await asyncpg.connect(made.superuser, ssl=False)
    own = Database(made.dsn, name="ledger")
    ledger = Ledger(made, own, superuser, directory / "ledger")
    await ledger.sign()
    await ledger.take(ledger.charter(LOG))
    await ledger.sign()
    app = ledger_application(settings(LedgerSettings, made.dsn, sites=sites), kafka=False)
    async with served(app, port=port):
        yield Record(ledger, sites["ledger"])
    await own.close()
    await superuser.close()
