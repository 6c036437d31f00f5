"""`comptoir ledger`: check the public record as an auditor would, and take it home."""

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

import ledger_audit
from comptoir.addresses import Addresses
from comptoir.client import Client
from comptoir.commands.options import platform, state_option
from comptoir.errors import LauncherError
from comptoir.exporting import export_files, export_tar
from comptoir.witness import LocalWitness, request_line
from ledger_audit.remarks import remarks

PLATFORM = "platform"


@dataclass(frozen=True)
class Log:
    """A log of a running platform, and the key that it is said to be signed with."""

    name: str
    url: str
    vkey: str


@click.group()
def ledger() -> None:
    """The public record."""


@ledger.command()
@click.argument("log", required=False)
@state_option
def check(log: str | None, state: Path | None) -> None:
    """Recompute the root of LOG, or of every log, from its entries; count its rounds again.

    The key of an edition's log must be the one that the platform's log announced, and this
    platform's witnesses must have cosigned.
    """
    addresses = platform(state)
    logs, witness = asyncio.run(_logs(addresses)), LocalWitness(addresses)
    known = {logs[PLATFORM].name: logs[PLATFORM].vkey}
    announced = known | dict(_announced(logs[PLATFORM], witness))
    wanted = [_log(logs, log)] if log else list(logs.values())
    witness = LocalWitness(addresses)
    sound = [_check(each, announced.get(each.name), witness) for each in wanted]
    if not all(sound):
        raise click.exceptions.Exit(1)


@ledger.command()
@click.argument("directory", type=click.Path(path_type=Path, file_okay=False))
@click.argument("log", required=False)
@click.option("--tar", is_flag=True, help="One file a log, DIRECTORY/LOG.tar.")
@state_option
def export(directory: Path, log: str | None, tar: bool, state: Path | None) -> None:
    """Write LOG, or every log, to DIRECTORY/LOG, as the files that the ledger serves.

    Done again, it writes what is new, and ends what was broken off. Any static web server on
    DIRECTORY serves a log that `ledger-audit` takes, as it takes the directory or the tar itself.
    """
    addresses = platform(state)
    logs = asyncio.run(_logs(addresses))
    wanted = [_log(logs, log)] if log else list(logs.values())
    witness = LocalWitness(addresses)
    for each in wanted:
        if tar:
            click.echo(export_tar(addresses, each.name, directory))
        else:
            policy = witness.trusted([each.vkey])
            click.echo(export_files(each.name, each.url, directory, policy))


@ledger.command("witness-request")
@state_option
def witness_request(state: Path | None) -> None:
    """Print what the operator of a witness is given, so that it cosigns this ledger's logs.

    A witness of ours (`python -m ledger.witness`) takes the lines as its file COMPTOIR_LOGS: it
    follows the platform's log at the address, and learns of later editions by itself. Others take
    origin and verifier key of each log. What the witness is called and where it answers then goes
    into the signer's policy (COMPTOIR_POLICY).
    """
    addresses = platform(state)
    for log in asyncio.run(_signed(addresses)):
        click.echo(f"# {log['origin']}")
        click.echo(request_line(log, addresses), nl=False)
        for vkey in log["beside"]:
            click.echo(f"log {vkey}")


@ledger.command()
@state_option
def trust(state: Path | None) -> None:
    """Print the trust file (C2SP tlog-policy) that `ledger-audit --policy` reads.

    It names the keys of each log, the present one first; those that signed before too, unless they
    were given up because somebody else may have them.
    """
    addresses = platform(state)
    vkeys = [
        vkey for log in asyncio.run(_signed(addresses)) for vkey in (log["vkey"], *log["earlier"])
    ]
    click.echo(LocalWitness(addresses).write_trust(vkeys).read_text(), nl=False)


async def _signed(addresses: Addresses) -> list[dict[str, Any]]:
    """Every log that the signer signs for, published or not yet."""
    async with Client(addresses) as client:
        found: list[dict[str, Any]] = await client.get("ledger.signer", "/logs")
    if not found:
        raise LauncherError("there is no log yet: the first event of the platform opens one")
    return found


def _check(log: Log, announced: str | None, witness: LocalWitness) -> bool:
    if announced != log.vkey:
        click.echo(f"{log.name}: its key {log.vkey} is not the one that was announced")
        return False
    try:
        verified = ledger_audit.verify(ledger_audit.read(log.url), witness.trusted([log.vkey]))
        counted = ledger_audit.recount(verified)
    except ledger_audit.AuditError as error:
        click.echo(f"{log.name}: {error}")
        return False
    click.echo(f"{log.name}: {verified.size} entries, root {verified.root.hex()}: verified")
    for remark in remarks(verified):
        click.echo(f"  {remark}")
    for found in counted:
        verdict = {True: "agrees", False: "DIFFERS", None: "is not decided yet"}[found.agrees]
        click.echo(f"  round {found.round_id}: {found.keys} voters, the recount {verdict}")
        for each in (*found.differences, *found.lacking):
            click.echo(f"    {each}")
    return all(found.agrees is not False for found in counted)


def _announced(log: Log, witness: LocalWitness) -> Iterator[tuple[str, str]]:
    """The keys of editions' logs that the platform's log announced; it is verified first."""
    try:
        export = ledger_audit.read(log.url)
        verified = ledger_audit.verify(export, witness.trusted([log.vkey]))
        for entry in verified.export.entries():
            read = json.loads(entry)
            if read["type"] in ("ledger.log-opened.v1", "ledger.key-rotated.v1"):
                yield read["body"]["log"], read["body"]["vkey"]
    except ledger_audit.AuditError as error:
        raise LauncherError(f"{log.name}: {error}") from None


def _log(logs: dict[str, Log], name: str) -> Log:
    try:
        return logs[name]
    except KeyError:
        raise LauncherError(f"there is no log {name}; there are: {', '.join(logs)}") from None


async def _logs(addresses: Addresses) -> dict[str, Log]:
    url = addresses.urls("ledger")[0]
    async with Client(addresses) as client:
        found = await client.get("ledger", "/logs")
    logs = {log["log"]: Log(log["log"], f"{url}/logs/{log['log']}", log["vkey"]) for log in found}
    if PLATFORM not in logs:
        raise LauncherError("the ledger has published nothing yet")
    return logs
