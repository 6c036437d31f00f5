"""A witness learns of logs from the platform's log that it follows, and believes no other."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fastapi import FastAPI, Request, Response
from fastapi.responses import StreamingResponse
from hypothesis import given
from hypothesis import strategies as st

from ledger.app import LedgerSettings
from ledger.app import application as ledger_application
from ledger.notes import Checkpoint, Note, signed, verifier_key
from ledger.signer.files import SignerFiles
from ledger.tiles import bundle
from ledger.verifier_keys import VerifierKey
from ledger.witness.following import Doubtful, announcement, unbundled
from ledger.witness.requests import written
from shared.events.event import PLATFORM_LOG
from shared.events.ledger import LogOpened
from tests.ledger.conftest import EDITION, PREFIX, Ledger
from tests.ledger.signer.conftest import Cosigned, sign_again
from tests.ledger.witness.conftest import key_of, witness
from tests.serving import Client, served, settings


@pytest.fixture
async def reading(edition: Ledger) -> AsyncIterator[Client]:
    """The ledger as its readers meet it."""
    app = ledger_application(settings(LedgerSettings, edition.made.dsn), kafka=False)
    async with served(app) as client:
        yield client


async def platform_line(ledger: Ledger, url: str) -> str:
    """What the operator of a witness is given."""
    public = await ledger.superuser.fetchval(
        "select public_key from log where log = $1", PLATFORM_LOG
    )
    return f"log {verifier_key(f'{PREFIX}/{PLATFORM_LOG}', public)} {url}/logs/{PLATFORM_LOG}\n"


async def until_published(found: Cosigned, size: int, log: str = EDITION) -> str:
    """The note of this size, once it is published."""
    signer = found.ledger.signer(found.policy())
    try:
        async with asyncio.timeout(60):
            while [s for s, _ in await found.published(log)][-1:] != [size]:
                await sign_again(signer, found.ledger)
    finally:
        await signer.close()
        await signer.database.close()
    return (await found.published(log))[-1][1]


async def test_an_edition_is_cosigned_once_the_platform_announced_it(
    edition: Ledger, reading: Client, tmp_path: Path
) -> None:
    async with witness(tmp_path / "w", await platform_line(edition, reading.url)) as client:
        line = f"witness ours {await key_of(client)} {client.url}\n"
        found = Cosigned(edition, client, line)
        await until_published(found, 1)
    # What it learnt it still knows where the platform does not answer.
    nowhere = await platform_line(edition, "http://127.0.0.1:1")
    async with witness(tmp_path / "w", nowhere) as client:
        line = f"witness ours {await key_of(client)} {client.url}\n"
        await edition.take(*edition.dossiers(3))
        await until_published(Cosigned(edition, client, line), 4)


async def test_a_rotated_key_is_learnt_and_the_log_goes_on(
    edition: Ledger, reading: Client, tmp_path: Path
) -> None:
    async with witness(tmp_path / "w", await platform_line(edition, reading.url)) as client:
        line = f"witness ours {await key_of(client)} {client.url}\n"
        found = Cosigned(edition, client, line)
        before = await until_published(found, 1)
        rotation = {"reason": "planned", "days": 30}
        answer = await reading.post(f"/desk/logs/{EDITION}/key", rotation)
        assert answer.status == 200
        key = VerifierKey.parse(answer.body["vkey"])
        await edition.take(*edition.dossiers(3))
        note = await until_published(found, 4)
        signers = [line.split()[1] for line in note.split("\n\n")[1].splitlines()]
        assert signers == [f"{PREFIX}/{EDITION}"] * 2 + ["witness.example.org/w1"]
        assert str(key) != before and b"key-rotated" in (await edition.entries(PLATFORM_LOG))[-1]
        logs = {log["log"]: log["vkey"] for log in (await reading.ask("GET", "/logs")).body}
        assert logs[EDITION] == str(key)
        # At once, where somebody else may have the previous one: only the next key signs.
        rotation = {"reason": "compromised", "days": 0}
        answer = await reading.post(f"/desk/logs/{EDITION}/key", rotation)
        assert answer.status == 200
        await until_published(found, 4, PLATFORM_LOG)
        await edition.take(*edition.dossiers(1))
        note = await until_published(found, 5)
        signatures = Note.parse(note.encode()).signatures
        last = VerifierKey.parse(answer.body["vkey"])
        ids = [s.id for s in signatures if s.name == last.name]
        # The first key has its thirty days; the one that is compromised has none.
        assert ids[0] == last.id and len(ids) == 2 and key.id not in ids
        private = SignerFiles(edition.directory).key(key.public_key)
        assert private is not None
        forged = signed(Checkpoint(last.name, 6, bytes(32)), private)
        body = written(5, [], forged)
        async with asyncio.timeout(60):
            while (await client.ask("POST", "/add-checkpoint", body)).status != 403:  # noqa: ASYNC110
                await asyncio.sleep(0.1)


async def lying(says: Callable[[str], bytes]) -> FastAPI:
    """A platform's log that says something else."""
    app = FastAPI(openapi_url=None)

    async def read(request: Request) -> Response:
        return Response(says(request.path_params["path"]))

    app.add_route("/logs/platform/{path:path}", read)
    return app


@pytest.mark.parametrize("what", ["an entry", "a cut bundle", "another key", "garbage"])
async def test_nothing_is_taken_of_a_platform_that_does_not_verify(
    edition: Ledger, tmp_path: Path, what: str
) -> None:
    await edition.sign()
    note = await edition.superuser.fetchval(
        "select note from published_checkpoint where log = 'platform'"
    )
    whole = bundle(await edition.entries(PLATFORM_LOG))
    if what == "another key":
        checkpoint = Checkpoint.parse(Note.parse(note.encode()).text)
        note = signed(checkpoint, Ed25519PrivateKey.generate())
    told = {
        "an entry": whole.replace(b"edition", b"edition2"),
        "a cut bundle": whole[:-1],
        "garbage": b"garbage",
    }.get(what, whole)
    app = await lying(lambda path: note.encode() if path == "checkpoint" else told)
    async with served(app) as platform:
        line = await platform_line(edition, platform.url)
        async with witness(tmp_path / "w", line) as client:
            async with asyncio.timeout(60):
                while await unread(client) < 1:  # noqa: ASYNC110
                    await asyncio.sleep(0.1)
            opened = await edition.superuser.fetchval(
                "select note from published_checkpoint where log = $1", EDITION
            )
            answer = await client.ask("POST", "/add-checkpoint", written(0, [], opened))
            assert answer.status == 404
            assert (await client.ask("GET", "/health/ready")).status == 200


async def test_a_log_that_drips_keeps_no_other_waiting(
    edition: Ledger, reading: Client, tmp_path: Path
) -> None:
    app, asked = FastAPI(openapi_url=None), asyncio.Event()

    async def drip(_: Request) -> Response:
        asked.set()

        async def drops() -> AsyncIterator[bytes]:
            while True:
                yield b"."
                await asyncio.sleep(0.2)

        return StreamingResponse(drops())

    app.add_route("/logs/platform/checkpoint", drip)
    other = verifier_key("drips.example.org/platform", bytes(32))
    async with served(app) as dripping:
        lines = f"log {other} {dripping.url}/logs/platform\n"
        lines += await platform_line(edition, reading.url)
        async with witness(tmp_path / "w", lines) as client:
            await asyncio.wait_for(asked.wait(), 60)
            line = f"witness ours {await key_of(client)} {client.url}\n"
            async with asyncio.timeout(30):
                await until_published(Cosigned(edition, client, line), 1)
            await edition.take(edition.charter("other"))
            async with asyncio.timeout(30):
                await until_published(Cosigned(edition, client, line), 1, "other")


async def unread(client: Client) -> float:
    """For how long the platform's log was not read whole."""
    metrics = (await client.ask("GET", "/metrics")).raw.decode()
    found = re.search(r"^comptoir_witness_followed_seconds\{.*\} (.*)$", metrics, re.MULTILINE)
    return 0.0 if found is None else float(found[1])


async def test_only_an_operator_rotates_a_key(reading: Client) -> None:
    body = {"reason": "planned", "days": 30}
    assert (await reading.ask("POST", f"/desk/logs/{EDITION}/key", body)).status in (401, 403)
    assert (await reading.post("/desk/logs/nowhere/key", body)).status == 404
    assert (await reading.post(f"/desk/logs/{EDITION}/key", {**body, "days": -1})).status == 422


OPENED = LogOpened(log="x", origin="a.example/x", vkey="v")
LEAF = b'{"body":%b,"src":"ledger","type":"ledger.log-opened.v1"}' % OPENED.body()


def test_only_the_ledgers_own_entries_announce_anything() -> None:
    assert announcement(LEAF) == OPENED
    assert announcement(LEAF.replace(b'"src":"ledger"', b'"src":"submission"')) is None
    assert announcement(LEAF.replace(b'"type":"ledger.log-opened.v1"', b'"type":"x"')) is None


@given(st.binary(max_size=200), st.integers(0))
def test_any_entry_is_read_or_passed_over(noise: bytes, at: int) -> None:
    at %= len(LEAF)
    announcement(LEAF[:at] + noise + LEAF[at:])


@given(st.binary(max_size=200))
def test_a_bundle_is_whole_or_refused(bundle: bytes) -> None:
    try:
        entries = list(unbundled(bundle))
    except Doubtful:
        return
    assert b"".join(len(e).to_bytes(2) + e for e in entries) == bundle
