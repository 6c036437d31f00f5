"""What outsiders read: tiles as C2SP says, nothing beyond what is signed, and an archive that
verifies without the network."""

import asyncio
import gzip
from base64 import b64decode
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

import ledger_audit
from ledger.app import LedgerSettings, application
from ledger.tiles import bundles, tree_tiles
from ledger.tree import leaf_hash
from ledger_audit import notes, proofs
from shared.events.event import PLATFORM_LOG
from tests.ledger.conftest import EDITION, PREFIX, Ledger
from tests.serving import Client, served, settings

SIGNED = 700
MISSING = [
    "tile/0/002.p/189",  # beyond the signed size, and stored
    "tile/entries/002.p/189",
    "tile/0/002",
    "tile/1/000.p/3",
    "tile/2/000.p/1",
    "tile/entries/003.p/1",
    "tile/0/000.p/0",
    "tile/0/000.p/256",
    "tile/x",
    "entry/700",
    "entry/-1",
    "entry/99999999999999999999",
    "proof/700",
    "proof/-1",
    "proof/07",
    "proof/x",
    "entry/%00",
    "by-id/00000000-0000-0000-0000-000000000000",
    "by-id/x",
    "promises/00000000-0000-0000-0000-000000000000",
    "promises/x",
    "by-prefix/G",
    "by-prefix/a/b",
    "",
    "checkpoint/",
    "tile",
    "tile/",
    "tile/0/000/",
    "entry/0/",
    "export/",
    "nothing",
]


@pytest.fixture
async def client(edition: Ledger) -> AsyncIterator[Client]:
    """The readers' side of a ledger with 700 signed entries in its edition's log, and 20 more."""
    await edition.take(*edition.dossiers(SIGNED - 1))
    await edition.sign()
    await edition.take(*edition.dossiers(20))
    app = application(settings(LedgerSettings, edition.made.dsn), kafka=False)
    async with served(app) as client:
        yield client


async def test_the_published_logs_are_listed_with_their_keys(client: Client) -> None:
    found = (await client.ask("GET", "/logs")).body
    assert [(log["log"], log["size"]) for log in found] == [(EDITION, SIGNED), (PLATFORM_LOG, 2)]
    assert found[0]["origin"] == f"{PREFIX}/{EDITION}"
    assert found[0]["vkey"].startswith(f"{PREFIX}/{EDITION}+")


async def test_all_tiles_and_bundles_of_the_signed_size_are_served(
    client: Client, edition: Ledger
) -> None:
    entries = await edition.entries()
    for tile in (*bundles(SIGNED), *tree_tiles(SIGNED)):
        answer = await client.ask("GET", f"/logs/{EDITION}/tile/{tile.path}")
        assert answer.status == 200
        if tile.level == 0:
            first = tile.index * 256
            hashes = [leaf_hash(entry) for entry in entries[first : first + tile.width]]
            assert answer.raw == b"".join(hashes)
    one = (await client.ask("GET", f"/logs/{EDITION}/tile/entries/000.p/1")).raw
    assert one == len(entries[0]).to_bytes(2) + entries[0]


async def test_what_is_missing_or_not_published_yet_is_404(client: Client) -> None:
    for path in MISSING:
        answer = await client.ask("GET", f"/logs/{EDITION}/{path}")
        assert answer.refusal == (404, "not_found"), path
        assert answer.headers["Cache-Control"] == "no-store", path
    assert (await client.ask("GET", "/logs/")).refusal == (404, "not_found")


async def test_an_unknown_log_is_404(client: Client) -> None:
    for path in ("checkpoint", "tile/0/000", "export", "proof/0"):
        assert (await client.ask("GET", f"/logs/another/{path}")).status == 404


async def test_every_event_is_found_by_its_id_and_proven(client: Client, edition: Ledger) -> None:
    note = (await client.ask("GET", f"/logs/{EDITION}/checkpoint")).raw
    found = notes.parsed(notes.split(note)[0])
    for index in (0, 1, 255, 256, 511, 512, 699):
        entry = (await client.ask("GET", f"/logs/{EDITION}/entry/{index}")).body
        by_id = await client.ask("GET", f"/logs/{EDITION}/by-id/{entry['id']}")
        assert by_id.body == {"index": index}
        receipt = (await client.ask("GET", f"/logs/{EDITION}/proof/{index}")).raw.decode()
        head, _, signed = receipt.partition("\n\n")
        version, place, *hashes = head.split("\n")
        assert (version, place) == ("c2sp.org/tlog-proof@v1", f"index {index}")
        assert signed.startswith(f"{PREFIX}/{EDITION}\n{SIGNED}\n")
        leaf = leaf_hash((await client.ask("GET", f"/logs/{EDITION}/entry/{index}")).raw)
        decoded = [b64decode(each) for each in hashes]
        assert proofs.includes(index, SIGNED, leaf, decoded, found.root)
    late = await edition.superuser.fetchval(
        "select id from entry where log = $1 and index = $2", EDITION, SIGNED
    )
    assert (await client.ask("GET", f"/logs/{EDITION}/by-id/{late}")).status == 404


async def test_types_and_caches_are_as_c2sp_says(client: Client) -> None:
    headers = {}
    for path in ("checkpoint", "tile/0/000", "tile/entries/000"):
        async with client._session.get(f"/logs/{EDITION}/{path}") as response:
            headers[path] = response.headers
    assert headers["checkpoint"]["Content-Type"] == "text/plain; charset=utf-8"
    assert headers["checkpoint"]["Cache-Control"] == "public, max-age=1"
    for path in ("tile/0/000", "tile/entries/000"):
        assert headers[path]["Content-Type"] == "application/octet-stream"
        assert headers[path]["Cache-Control"] == "public, max-age=31536000, immutable"
    assert headers["tile/entries/000"]["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in headers["tile/0/000"]


async def test_head_answers_what_get_would_without_the_content(client: Client) -> None:
    for path in ("checkpoint", "tile/0/000", "tile/entries/000", "tile/0/009"):
        got = await client.ask("GET", f"/logs/{EDITION}/{path}")
        head = await client.ask("HEAD", f"/logs/{EDITION}/{path}")
        assert (head.status, head.raw) == (got.status, b"")
        for name in ("Content-Type", "Cache-Control"):
            assert head.headers[name] == got.headers[name]


async def test_full_tiles_are_read_from_the_database_once(client: Client, edition: Ledger) -> None:
    async def read(path: str) -> bytes:
        answer = await client.ask("GET", f"/logs/{EDITION}/tile/{path}")
        assert answer.status == 200
        return answer.raw

    full, part = await read("0/000"), await read("0/002.p/188")
    await edition.superuser.execute("alter table tile rename to elsewhere")
    assert await read("0/000") == full
    assert await read("0/000.p/7") == full[: 7 * 32], "a part of a full tile"
    await edition.superuser.execute("alter table elsewhere rename to tile")
    assert await read("0/002.p/188") == part
    # A tile that was partial when it was read is served as it is, once it is full.
    await edition.take(*edition.dossiers(100))
    await edition.sign()
    whole = await read("0/002")
    assert len(whole) == 8192 and whole.startswith(part)


async def test_the_archive_is_verified_without_the_network(
    client: Client, edition: Ledger, tmp_path: Path
) -> None:
    archive = tmp_path / "edition.tar"
    archive.write_bytes((await client.ask("GET", f"/logs/{EDITION}/export")).raw)
    (vkey,) = [
        log["vkey"] for log in (await client.ask("GET", "/logs")).body if log["log"] == EDITION
    ]
    verified = ledger_audit.verify(ledger_audit.read(archive), vkey)
    assert verified.size == SIGNED
    assert verified.numbers == {"ledger": 1, "submission": SIGNED - 1}
    assert [*verified.export.entries()] == (await edition.entries())[:SIGNED]
    assert verified.export.vkey == vkey


async def test_the_auditor_reads_the_server_itself(client: Client) -> None:
    def audit(log: dict[str, str]) -> int:
        export = ledger_audit.read(f"{client._session._base_url}/logs/{log['log']}")
        return ledger_audit.verify(export, log["vkey"]).size

    logs = (await client.ask("GET", "/logs")).body
    assert [await asyncio.to_thread(audit, log) for log in logs] == [SIGNED, 2]


async def test_bundles_travel_compressed_only_to_those_who_can_read_them(client: Client) -> None:
    plain = await client.ask("GET", f"/logs/{EDITION}/tile/entries/000", Accept_Encoding="identity")
    async with client._session.get(
        f"/logs/{EDITION}/tile/entries/000", headers={"Accept-Encoding": "gzip"}
    ) as response:
        assert await response.read() == plain.raw
        sent = int(response.headers["Content-Length"])
    assert sent == len(gzip.compress(plain.raw, 1, mtime=0)) < len(plain.raw)
