"""`comptoir replay` and `comptoir demo`: an election cast, decided and proven from the ledger."""

import asyncio
import json
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import click
from rich.console import Console

from comptoir.addresses import Addresses
from comptoir.client import Client
from comptoir.commands.options import state_directory, state_option
from comptoir.commands.up import raise_file_limit
from comptoir.display import Display, report
from comptoir.election import generated_election
from comptoir.pabulib import Election, read_election
from comptoir.places import default_state, make_passable
from comptoir.replay import Replayed, replay
from comptoir.stack import Stack
from comptoir.state import State


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


@click.command()
@click.option("--json", "as_json", is_flag=True, help="End with one line of JSON.")
def demo(as_json: bool) -> None:
    """Start a platform, hold a small election on it, prove its result, and stop."""
    with throw_away() as directory:
        _run(generated_election(), directory, as_json)


@contextmanager
def throw_away() -> Iterator[Path]:
    """A state directory for one run, where PostgreSQL's user can pass through."""
    base = default_state().parent
    make_passable(base)
    directory = Path(tempfile.mkdtemp(prefix="demo-", dir=base))
    directory.chmod(0o711)
    try:
        yield directory
    finally:
        shutil.rmtree(directory, ignore_errors=True)


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
        async with _platform(display, state) as addresses, Client(addresses) as client:
            return await replay(client, election, display)


@asynccontextmanager
async def _platform(display: Display, state: Path | None) -> AsyncIterator[Addresses]:
    """The platform that runs on the state directory, else one that lives as long as this block."""
    directory = state_directory(state)
    if State(directory).locked():
        yield Addresses(State(directory))
        return
    display("servers", 0, 1)
    async with Stack(directory) as stack:
        display("servers", 1, 1)
        yield stack.addresses
