"""`comptoir recover`: a process whose database was restored, or that is further behind than Kafka,
takes what it lacks from the ledger."""

import asyncio
import json
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import click

import ledger_audit
from comptoir.addresses import Addresses
from comptoir.client import Client
from comptoir.commands.options import platform, state_option
from comptoir.errors import LauncherError
from comptoir.proving import Paths
from comptoir.recovering import (
    PUBLISHERS,
    Recovered,
    checkpoints_set_aside,
    read_again,
    report,
    restored_state,
    take_back,
    two_officers,
    verified_log,
)
from comptoir.witness import LocalWitness


@click.command()
@click.argument("process", type=click.Choice(PUBLISHERS))
@click.option("--read", is_flag=True, help="Hand it what others published and Kafka lost.")
@click.option(
    "--reopen", metavar="WHY", help="Open it again, for this reason; of box and roll, say how."
)
@click.option(
    "--close", metavar="WHY", help="Close it: its database was restored, for this reason."
)
@click.option("--by-hand", is_flag=True, help="With --reopen: its state was brought up by hand.")
@click.option("--show", is_flag=True, help="Only say where it stands.")
@click.option(
    "--policy",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Whom to trust (C2SP tlog-policy). [default: this platform's signer and witness]",
)
@state_option
def recover(
    process: str,
    read: bool,
    reopen: str | None,
    close: str | None,
    by_hand: bool,
    show: bool,
    policy: Path | None,
    state: Path | None,
) -> None:
    """Bring back to PROCESS, from the verified ledger, what its database does not have.

    Without an option, after a backup was restored: PROCESS gets its numbers and ids, and as much of
    its state as is public. It says what cannot come back, and stays closed.

    With --read, after Kafka lost what PROCESS had not read yet: its handlers are given what the
    ledger has, each event once. Where its database was restored as well, it is recovered first.

    With --close, nothing is taken: PROCESS changes nothing more until it was recovered and opened.
    """
    if sum((read, show, reopen is not None, close is not None)) > 1:
        raise click.UsageError("--read, --reopen, --close and --show are one at a time")
    addresses = platform(state)
    if show:
        click.echo(json.dumps(asyncio.run(_state(addresses, process)), indent=2))
    elif reopen is not None:
        found = asyncio.run(_state(addresses, process))
        if found["opened_by_two"]:
            desk = addresses.sites()["count"]
            for line in two_officers(process, found, desk, reopen, by_hand):
                click.echo(line)
        else:
            asyncio.run(_reopen(addresses, process, {"because": reopen, "by_hand": by_hand}))
            click.echo(f"{process} is open again")
    elif close is not None:
        asyncio.run(_close(addresses, process, {"because": close}))
        click.echo(f"{process} is closed; next: comptoir recover {process}")
    elif read:
        new = asyncio.run(_read(addresses, policy, process))
        click.echo(f"{process} was handed {new} events that it did not know")
    else:
        recovered = asyncio.run(_take(addresses, policy, process))
        for line in report(process, recovered, asyncio.run(_state(addresses, process))):
            click.echo(line)


async def _take(addresses: Addresses, policy: Path | None, process: str) -> Recovered:
    async with Client(addresses) as client:
        state = await restored_state(client, process)
        async with _verified_logs(addresses, client, policy, process) as logs:
            return await take_back(client, process, state, logs)


async def _read(addresses: Addresses, policy: Path | None, process: str) -> int:
    async with (
        Client(addresses) as client,
        _verified_logs(addresses, client, policy, process) as logs,
    ):
        return await read_again(client, process, logs)


@asynccontextmanager
async def _verified_logs(
    addresses: Addresses, client: Client, policy: Path | None, process: str
) -> AsyncIterator[dict[str, Paths]]:
    """Every log of the ledger, fetched now and verified, as far as a process knows of it."""
    url = addresses.urls("ledger")[0]
    # Where the ledger is late, numbers could be given twice all the same.
    health = json.loads(await client.read_at(f"{url}/health/ready"))
    if health["status"] != "ready":
        raise LauncherError(f"the ledger must be whole first: {health['alarms']}")
    logs = await client.get("ledger", "/logs")
    heard = await checkpoints_set_aside(client, process, {log["log"]: log["size"] for log in logs})
    trust = policy or LocalWitness(addresses).write_trust([log["vkey"] for log in logs])
    trusted = ledger_audit.Policy.parse(trust.read_bytes())
    with tempfile.TemporaryDirectory(prefix="comptoir-recover-") as directory:
        verified = {}
        for log in logs:
            place = Path(directory, log["log"])
            export = await asyncio.to_thread(
                verified_log, f"{url}/logs/{log['log']}", trusted, place
            )
            verified[log["log"]] = Paths(export, heard.get(log["log"], 0))
        yield verified


async def _state(addresses: Addresses, process: str) -> dict[str, Any]:
    async with Client(addresses) as client:
        found: dict[str, Any] = await client.officer_get(process, "/desk/recovery")
        return found


async def _reopen(addresses: Addresses, process: str, said: dict[str, Any]) -> None:
    async with Client(addresses) as client:
        await client.officer(process, "/desk/recovery/reopen", said)


async def _close(addresses: Addresses, process: str, said: dict[str, Any]) -> None:
    async with Client(addresses) as client:
        await client.officer(process, "/desk/recovery/close", said)
