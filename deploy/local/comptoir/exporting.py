"""A log taken home: as the files that are served, or as one tar of them.

Files appear whole under their names or not at all, the checkpoint last, and a directory never goes
back (`ledger_audit.fetch`); so it can be served by any static web server while it is brought up to
date, and a run that was broken off is ended by the next one.
"""

import asyncio
from pathlib import Path

import ledger_audit
from comptoir.addresses import Addresses
from comptoir.client import Client
from comptoir.errors import LauncherError
from ledger_audit.fetch import fetch
from ledger_audit.reading import Bar


def export_files(name: str, url: str, directory: Path, policy: ledger_audit.Policy) -> str:
    """Bring `directory/name` up to date with the log at an address, if a policy takes what it
    shows; what was done, in a line."""
    home = directory / name
    try:
        with Bar(name, shown=True) as progress:
            found = fetch(ledger_audit.read(url), home, progress, policy=policy)
    except ledger_audit.AuditError as error:
        raise LauncherError(f"{name}: {error}") from None
    return (
        f"{name}: {found.size} entries in {home}; {found.fetched} files written"
        f" ({found.bytes} bytes), {found.kept} were there"
    )


def export_tar(addresses: Addresses, name: str, directory: Path) -> str:
    """Write `directory/name.tar`, whole or not at all; what was done, in a line."""
    directory.mkdir(parents=True, exist_ok=True)
    file, half = directory / f"{name}.tar", directory / f"{name}.tar.half"
    asyncio.run(_save(addresses, f"/logs/{name}/export", half))
    half.replace(file)
    return f"{name}: {file.stat().st_size} bytes in {file}"


async def _save(addresses: Addresses, path: str, file: Path) -> None:
    async with Client(addresses) as client:
        await client.save("ledger", path, file)
