"""A log taken home as files: any web server serves it, and it never goes back."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from comptoir.errors import LauncherError
from comptoir.exporting import export_files
from ledger.app import LedgerSettings, application
from ledger_audit import Policy
from ledger_audit.command import main
from tests.ledger.conftest import EDITION, Ledger
from tests.serving import Client, served, settings

SIGNED = 600


@pytest.fixture
async def client(edition: Ledger) -> AsyncIterator[Client]:
    """A ledger with 600 signed entries in its edition's log."""
    await edition.take(*edition.dossiers(SIGNED - 1))
    await edition.sign()
    app = application(settings(LedgerSettings, edition.made.dsn), kafka=False)
    async with served(app) as client:
        yield client


async def exported(client: Client, directory: Path) -> str:
    url = f"{client.url}/logs/{EDITION}"
    policy = trusting(await vkey(client))
    return await asyncio.to_thread(export_files, EDITION, url, directory, policy)


def trusting(vkey: str) -> Policy:
    return Policy.parse(f"log {vkey}\nquorum none\n".encode())


async def vkey(client: Client) -> str:
    logs = {log["log"]: log["vkey"] for log in (await client.ask("GET", "/logs")).body}
    return str(logs[EDITION])


def files(directory: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(directory)): path.read_bytes()
        for path in directory.rglob("*")
        if path.is_file()
    }


@contextmanager
def static_server(directory: Path) -> Iterator[str]:
    """Python's own web server on a directory, on a port that it chose."""
    with subprocess.Popen(
        [sys.executable, "-u", "-m", "http.server", "0", "--bind", "127.0.0.1"],
        cwd=directory,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdout is not None
        port = process.stdout.readline().partition(" port ")[2].split()[0]
        yield f"http://127.0.0.1:{port}"
        process.terminate()


async def test_a_static_web_server_on_it_serves_a_log_that_is_verified(
    client: Client, tmp_path: Path
) -> None:
    assert "600 entries" in await exported(client, tmp_path)
    key = await vkey(client)

    def audited() -> int:
        with static_server(tmp_path) as url:
            return main(["verify", f"{url}/{EDITION}", "--vkey", key, "--json"])

    assert await asyncio.to_thread(audited) == 0
    assert main(["verify", str(tmp_path / EDITION), "--vkey", key, "--json"]) == 0


async def test_its_files_are_what_is_served(client: Client, tmp_path: Path) -> None:
    await exported(client, tmp_path)
    found = files(tmp_path / EDITION)
    assert len(found) == 1 + 3 + 3 + 1
    for path, content in found.items():
        assert (await client.ask("GET", f"/logs/{EDITION}/{path}")).raw == content


async def test_done_again_it_writes_what_is_new(
    client: Client, edition: Ledger, tmp_path: Path
) -> None:
    await exported(client, tmp_path)
    assert "0 files written" in await exported(client, tmp_path)
    await edition.take(*edition.dossiers(300))
    await edition.sign()
    # 2 full bundles and tiles are there; the last ones, one more of each, and level 1 are new.
    assert "900 entries" in (said := await exported(client, tmp_path))
    assert "5 files written" in said and "4 were there" in said
    assert main(["verify", str(tmp_path / EDITION), "--vkey", await vkey(client), "--json"]) == 0


async def test_what_was_broken_off_is_no_log_until_it_is_whole(
    client: Client, tmp_path: Path
) -> None:
    await exported(client, tmp_path)
    home = tmp_path / EDITION
    whole = files(home)
    (home / "checkpoint").unlink()
    (home / "tile/entries/001").unlink()
    assert main(["verify", str(home), "--vkey", await vkey(client), "--json"]) == 2
    assert "1 files written" in await exported(client, tmp_path)
    assert files(home) == whole


async def test_it_never_goes_back(client: Client, edition: Ledger, tmp_path: Path) -> None:
    older, home = tmp_path / "older", tmp_path / "home"
    await exported(client, older)
    await edition.take(*edition.dossiers(50))
    await edition.sign()
    await exported(client, home)
    before = files(home)
    policy = trusting(await vkey(client))

    def from_an_older_mirror() -> None:
        with static_server(older) as url, pytest.raises(LauncherError, match="nothing was changed"):
            export_files(EDITION, f"{url}/{EDITION}", home, policy)

    await asyncio.to_thread(from_an_older_mirror)
    assert files(home) == before
