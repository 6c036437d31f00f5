"""The roll, served on a database of its own; what it announces stays in the outbox."""

import json
import secrets
from base64 import b64decode, b64encode
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from fastapi import FastAPI

from comptoir.ports import free_ports
from shared.codes import new_code
from shared.database import Database
from shared.delivery import Delivered, Erased
from shared.envelope import Envelope
from shared.events import Event
from shared.events.ballots import Approval, Format
from shared.events.submission import TextPublished
from shared.events.voting import RoundClosed, RoundOpened, RoundPrepared
from shared.inbox import Subscription
from tests.conftest import DatabaseFactory
from tests.node import Ask
from tests.opening import HASH, round_opened
from tests.serving import Answer, Client, served, settings
from tests.telling import CONTACTS_KEY
from tests.voting.roll.script import script
from tests.voting.signer.serving import Signing, signing
from voting.roll.app import PROPOSALS, WORDS, RollSettings, application, rounds
from voting.roll.signer import Signer

LOG = "budget-0a1b2c3d"


def new_blinded() -> str:
    """Something that a voter may have signed: below every modulus of 3072 bits."""
    return b64encode((secrets.randbits(3071) | 1).to_bytes(384)).decode()


class Roll:
    """The served process, its database as a superuser sees it, and the events it is given."""

    def __init__(
        self,
        client: Client,
        connection: asyncpg.Connection,
        dsn: str,
        url: str,
        signing: Signing,
        directory: Path,
    ) -> None:
        self.client = client
        self.url = url
        self.connection = connection
        self.dsn = dsn
        self.database = Database(dsn, name="test")
        self.directory = directory
        self.signing = signing
        self.signer = Signer(signing.socket)

    async def handle(self, *events: Event | Erased | Delivered[Any]) -> None:
        """What a batch of events does, of whatever topics."""
        handlers = {**rounds(self.signer).handlers, **PROPOSALS.handlers, **WORDS.handlers}
        everything = Subscription(name="all", topics=(), handlers=handlers)
        async with self.database.begin() as session:
            await everything.handle(
                session,
                [each if isinstance(each, Delivered) else delivered(each) for each in events],
            )

    async def prepared(self) -> UUID:
        """A new round whose tier keys are made."""
        round_id = uuid4()
        await self.handle(prepared(round_id))
        return round_id

    async def opened(self, opens: float = -60, closes: float = 3600, codes: int = 0) -> UUID:
        """A new round with a window in seconds from now, and codes that nobody knows."""
        round_id = await self.prepared()
        if codes:
            await self.imported(round_id, [new_code() for _ in range(codes)])
        await self.open(round_id, opens, closes)
        return round_id

    async def open(self, round_id: UUID, opens: float = -60, closes: float = 3600) -> None:
        """Open a prepared round."""
        tiers = (await self.client.ask("GET", f"/rounds/{round_id}")).body["tiers"]
        await self.handle(opened(round_id, tiers, opens, closes))

    async def close(self, round_id: UUID) -> None:
        """Close a round by command."""
        await self.handle(RoundClosed(round_id=round_id, closed_at=datetime.now(UTC)))

    async def imported(self, round_id: UUID, codes: Sequence[str], tier: str = "A") -> Answer:
        """Import codes as an officer."""
        body = {"tier": tier, "codes": list(codes)}
        return await self.client.post(f"/rounds/{round_id}/codes", body)

    async def code(self, round_id: UUID) -> str:
        """A code that was imported."""
        code = new_code()
        assert (await self.imported(round_id, [code])).body == {"imported": 1}
        return code

    async def tier(self, round_id: UUID | str, code: Any) -> Answer:
        """Ask for a code's tier as a voter."""
        return await self.client.ask("POST", f"/rounds/{round_id}/tier", {"code": code})

    async def token(self, round_id: UUID | str, code: Any, blinded: Any) -> Answer:
        """Ask for a token as a voter."""
        body = {"code": code, "blinded": blinded}
        return await self.client.ask("POST", f"/rounds/{round_id}/tokens", body)

    async def announced(self, kind: type[Event]) -> list[dict[str, Any]]:
        """The bodies of what is in the outbox, oldest first."""
        rows = await self.connection.fetch(
            "select body, log from outbox where type = $1 order by id", kind.type
        )
        assert {row["log"] for row in rows} <= {LOG}
        return [json.loads(row["body"]) for row in rows]

    async def acted(self, kind: type[Event]) -> list[dict[str, Any]]:
        """The same of what officers do, which is in the platform's log."""
        rows = await self.connection.fetch(
            "select body from outbox where type = $1 and log = 'platform' order by id", kind.type
        )
        return [json.loads(row["body"]) for row in rows]

    async def tokens(self) -> int:
        """How many tokens are recorded."""
        return int(await self.connection.fetchval("select count(*) from token"))


def delivered(event: Event | Erased) -> Delivered[Any]:
    """An event, or a tombstone of words, as it comes from Kafka."""
    now = datetime.now(UTC)
    if isinstance(event, Erased):
        envelope = Envelope(uuid4(), TextPublished.type, "submission", event.key, now, None, None)
        return Delivered(envelope, event, b"")
    envelope = Envelope(uuid4(), event.type, "voting.count", event.subject, now, LOG, 1)
    return Delivered(envelope, event, event.body())


def prepared(round_id: UUID, programme_id: UUID | None = None) -> RoundPrepared:
    programme_id = programme_id or uuid4()
    return RoundPrepared(round_id=round_id, programme_id=programme_id, options=2, digest=HASH)


def opened(
    round_id: UUID,
    tiers: dict[str, str],
    opens: float = -60,
    closes: float = 3600,
    form: Format | None = None,
    **others: Any,
) -> RoundOpened:
    """The opening of a round; where no other format is said, a ballot names two options at most."""
    form = form or Approval(max=2, wrong="refused")
    return round_opened(round_id, opens, closes, format=form, tiers=tiers, options=2, **others)


def public_key(tiers: dict[str, str]) -> bytes:
    """The public key of tier A (SPKI, DER)."""
    return b64decode(tiers["A"])


def roll_app(
    dsn: str,
    directory: Path,
    socket: Path,
    sites: Mapping[str, str] | None = None,
    policy: Path | None = None,
) -> FastAPI:
    """A replica of the roll, whose signer is at a socket."""
    known = settings(
        RollSettings,
        dsn,
        keys=directory,
        signer=socket,
        policy=policy,
        counted_every=10**6,
        contacts_key=CONTACTS_KEY,
        sites=dict(sites or {}),
    )
    return application(known, kafka=False)


@pytest.fixture
async def roll(database: DatabaseFactory, tmp_path: Path) -> AsyncIterator[Roll]:
    made = await database("voting.roll")
    connection = await asyncpg.connect(made.superuser, ssl=False)
    port = free_ports({"roll": None})["roll"]
    url = f"http://127.0.0.1:{port}"
    nobody = "http://127.0.0.1:1"  # who is not asked here
    sites = {"roll": url, "box": nobody, "ledger": nobody}
    policy = tmp_path / "policy"
    policy.write_text("quorum none\n")
    async with (
        signing(tmp_path) as there,
        served(roll_app(made.dsn, tmp_path, there.socket, sites, policy), port=port) as client,
    ):
        roll = Roll(client, connection, made.dsn, url, there, tmp_path)
        yield roll
        await roll.database.close()
    await connection.close()


@pytest.fixture(scope="session")
def ask() -> Iterator[Ask]:
    """The modules of the voting page's script."""
    with script() as ask:
        yield ask
