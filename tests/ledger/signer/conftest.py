"""Witnesses for the signer's tests: one of ours, and some that answer what they are told."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fastapi import FastAPI, Request, Response

from ledger.notes import verifier_key
from ledger.policy import Policy
from ledger.signer.sign import Signer
from ledger.witness.cosigning import Cosigner
from ledger.witness.requests import Addition
from shared.events.event import PLATFORM_LOG
from tests.ledger.conftest import EDITION, PREFIX, Ledger
from tests.ledger.witness.conftest import key_of, witness
from tests.serving import Client, served

SIZE = {"Content-Type": "text/x.tlog.size"}


def flipped(column: str, place: int) -> str:
    """SQL for a column of bytes with one bit changed, whatever the byte was."""
    return f"set_byte({column}, {place}, get_byte({column}, {place}) # 1)"


@dataclass
class Told:
    """A witness that answers what `says` makes of a request; `asked` are the requests."""

    says: Callable[[Addition], Awaitable[Response]]
    cosigner: Cosigner = field(
        default_factory=lambda: Cosigner("witness.example.org/told", Ed25519PrivateKey.generate())
    )
    asked: list[Addition] = field(default_factory=list)
    url: str = ""
    # The checkpoint that it shows to whoever asks for one in writing.
    shows: bytes = b""

    @property
    def line(self) -> str:
        """Its line of a policy."""
        return f"witness told {self.cosigner.vkey} {self.url}\n"

    def cosign(self, addition: Addition) -> Response:
        """Cosign whatever it is."""
        return Response(self.cosigner.cosign(addition.note.text, int(time.time())).line)


@asynccontextmanager
async def told(says: Callable[[Addition], Awaitable[Response]]) -> AsyncIterator[Told]:
    """Such a witness, behind a server."""
    found, app = Told(says), FastAPI(openapi_url=None)

    async def add(request: Request) -> Response:
        addition = Addition.parse(await request.body())
        found.asked.append(addition)
        return await found.says(addition)

    async def show(_: Request) -> Response:
        return Response(found.shows, 200 if found.shows else 404)

    app.add_route("/add-checkpoint", add, methods=["POST"])
    app.add_route("/{origin}/checkpoint", show)
    async with served(app) as client:
        found.url = client.url
        yield found


@dataclass
class Cosigned:
    """An edition's ledger with a witness of ours beside it."""

    ledger: Ledger
    witness: Client
    line: str

    def policy(self, more: str = "", quorum: str = "quorum ours\n") -> Policy:
        """A policy that needs the witness of ours."""
        return Policy.parse((self.line + more + quorum).encode())

    async def sign(self, policy: Policy | None = None) -> None:
        """Let a fresh signer start, and sign once."""
        await self.ledger.signed_by(self.ledger.signer(policy or self.policy()))

    async def published(self, log: str = EDITION) -> list[tuple[int, str]]:
        """Sizes and notes that outsiders can have seen."""
        rows = await self.ledger.superuser.fetch(
            "select size, note from published_checkpoint where log = $1 order by size", log
        )
        return [(row["size"], row["note"]) for row in rows]

    async def signed(self, log: str = EDITION) -> list[int]:
        """The sizes that are claimed."""
        rows = await self.ledger.superuser.fetch(
            "select size from signed_checkpoint where log = $1 order by size", log
        )
        return [row["size"] for row in rows]

    async def announced(self) -> list[int]:
        """The sizes of the edition's checkpoints in the outbox."""
        rows = await self.ledger.superuser.fetch(
            "select (convert_from(body, 'utf8')::json->>'size')::int as size from outbox"
            " where key = $1 order by id",
            EDITION,
        )
        return [row["size"] for row in rows]


async def logs_of(ledger: Ledger) -> str:
    """The lines with which an operator sets up both logs."""
    rows = await ledger.superuser.fetch(
        "select log, public_key from log where log = any($1)", [PLATFORM_LOG, EDITION]
    )
    return "".join(
        f"log {verifier_key(f'{PREFIX}/{row["log"]}', row['public_key'])}\n" for row in rows
    )


@pytest.fixture
async def cosigned(edition: Ledger, tmp_path: Path) -> AsyncIterator[Cosigned]:
    """A ledger whose logs a witness of ours knows."""
    async with witness(tmp_path / "w", await logs_of(edition)) as client:
        line = f"witness ours {await key_of(client)} {client.url}\n"
        yield Cosigned(edition, client, line)


async def sign_again(signer: Signer, ledger: Ledger) -> None:
    """Let a signer that has signed go on, a second later; it stays open."""
    import asyncpg

    await asyncio.sleep(1.01)
    connection = await asyncpg.connect(signer.database.dsn)
    try:
        await signer.sign_due(connection)
    finally:
        await connection.close()
