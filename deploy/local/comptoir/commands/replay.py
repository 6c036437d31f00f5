"""`comptoir replay`: a published election cast, decided and proven from the ledger."""

import asyncio
import json
from pathlib import Path

import click
from rich.console import Console

from comptoir.client import Client
from comptoir.commands.options import state_option
from comptoir.commands.platform import platform
from comptoir.commands.up import raise_file_limit
from comptoir.display import Display, report
from comptoir.pabulib import read_election
from comptoir.replay import Replayed, replay
from shared.pabulib import Election


@click.command("replay")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--rule", type=click.Choice(["greedy"]), default="greedy", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="End with one line of JSON.")
@state_option
def replay_file(file: Path, rule: str, as_json: bool, state: Path | None) -> None:
    """Cast every ballot of FILE (.pb) as a voter would, and prove the result from the ledger.

    Uses the platform that runs on the state directory; where none does, one of its own.
    """
    _run(read_election(file), state, as_json)


def _run(election: Election, state: Path | None, as_json: bool) -> None:
    raise_file_limit()
    console = Console(stderr=as_json)
    result = asyncio.run(_replayed(console, election, state))
    report(console, result)
    if as_json:
        click.echo(json.dumps(result.line(), ensure_ascii=False))
    if not (result.checkpoint_verified and result.recount_agrees):
        raise click.exceptions.Exit(1)


async def _replayed(console: Console, election: Election, state: Path | None) -> Replayed:
    with Display(console) as display:
        async with platform(display, state) as addresses, Client(addresses) as client:
            return await replay(client, election, display)
