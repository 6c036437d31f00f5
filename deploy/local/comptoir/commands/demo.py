"""`comptoir demo`: a generated edition of a citizen budget, from its charter to its agreements; or
any other scheme by the name of its preset."""

import asyncio
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path

import aiohttp
import click
from rich.console import Console

from comptoir.addresses import Addresses
from comptoir.client import Client
from comptoir.commands.options import state_directory, state_option
from comptoir.commands.platform import platform, throw_away
from comptoir.commands.up import raise_file_limit
from comptoir.committee import vote_on_labels
from comptoir.deciding import Deciding
from comptoir.desks import Desks
from comptoir.display import Display, report_edition
from comptoir.edition import Edition, generated_edition
from comptoir.errors import LauncherError
from comptoir.forgetting import Forgotten, forget_name
from comptoir.proof import Proof
from comptoir.proposing import Proposing
from comptoir.scenarios import SCENARIOS
from comptoir.scenarios.held import Held, not_held
from comptoir.scenarios.report import line, report, report_all
from comptoir.scenarios.stage import staged
from comptoir.state import State


@click.command()
@click.argument("preset", metavar="[PRESET]", type=click.Choice(list(SCENARIOS)), required=False)
@click.option("--all", "every", is_flag=True, help="Hold every preset on one platform.")
@click.option(
    "--json",
    "as_json",
    is_flag=True,
    help="Of each preset a line of JSON on standard output, and nothing else.",
)
@state_option
def demo(preset: str | None, every: bool, as_json: bool, state: Path | None) -> None:
    """Run a whole edition, every step by those whose step it is, and prove it from the ledger.

    With PRESET, a small edition of that scheme, to the end of its money; with --all, of each of
    them, and a table. What it says is read in the record. Status 1 unless all of it is verified.

    It takes place on the platform that runs here (`comptoir up`), and stays there to be looked at;
    where none does, on one of its own, which stops at the end.
    """
    if preset is not None and every:
        raise click.UsageError("one of PRESET and --all says what to hold")
    if as_json and preset is None and not every:
        raise click.UsageError("--json goes with a PRESET, or with --all")
    raise_file_limit()
    running = state_directory(state)
    there = State(running).locked() or state is not None
    with nullcontext(running) if there else throw_away() as directory:
        if preset is None and not every:
            _run(directory)
        else:
            _run_presets(directory, list(SCENARIOS) if preset is None else [preset], as_json)


def _run_presets(state: Path, presets: Sequence[str], as_json: bool) -> None:
    console = Console(stderr=as_json)
    held = asyncio.run(_hold_presets(console, presets, state, as_json))
    if len(presets) == 1:
        report(console, held[0])
    else:
        report_all(console, held)
    if not all(each.verified for each in held):
        raise click.exceptions.Exit(1)


async def _hold_presets(
    console: Console, presets: Sequence[str], state: Path, as_json: bool
) -> list[Held]:
    """Each preset, one after the other; where one breaks off, the others are held all the same."""
    found = []
    with Display(console) as display:
        async with platform(display, state) as addresses:
            for preset in presets:
                found.append(await _hold_preset(console, preset, addresses))
                if as_json:
                    click.echo(line(found[-1]))
    return found


async def _hold_preset(console: Console, preset: str, addresses: Addresses) -> Held:
    console.rule(preset)
    with Display(console) as display:
        try:
            async with staged(addresses, display) as stage:
                return await SCENARIOS[preset](stage)
        except (LauncherError, aiohttp.ClientError, TimeoutError) as error:
            return not_held(preset, str(error) or type(error).__name__)


def _run(state: Path) -> None:
    console = Console()
    edition = generated_edition()
    deciding, forgotten, proof = asyncio.run(_held(console, edition, state))
    assert deciding.committee is not None
    labels, pages = deciding.committee.results, pages_of(deciding)
    report_edition(console, edition, labels, deciding.results, proof, forgotten, pages)
    if not proof.holds:
        raise click.exceptions.Exit(1)


async def _held(
    console: Console, edition: Edition, state: Path
) -> tuple[Deciding, Forgotten, Proof]:
    with Display(console) as display:
        async with (
            platform(display, state) as addresses,
            Client(addresses) as client,
            Desks(addresses) as desks,
            Proposing(addresses, desks, edition, display) as proposing,
        ):
            deciding = await hold(proposing, client)
            display("forgetting", 0, 1)
            forgotten = await forget_name(client, desks, deciding.results["log"])
            display("forgetting", 1, 1)
            return deciding, forgotten, await deciding.prove()


async def hold(proposing: Proposing, client: Client) -> Deciding:
    """Hold an edition from its charter to its agreements."""
    await proposing.publish()
    await proposing.deposit()
    return await go_on(proposing, client)


async def go_on(proposing: Proposing, client: Client) -> Deciding:
    """Hold an edition whose ideas are deposited."""
    await proposing.announce_counters()
    await proposing.attend()
    await proposing.file()
    await proposing.review()
    committee = await vote_on_labels(proposing, client)
    await proposing.freeze()
    appeal = {proposing.projects[i.number]: i.appeal for i in proposing.edition.ideas}
    deciding = Deciding(
        proposing.addresses,
        client,
        proposing.desks,
        proposing.edition,
        committee,
        proposing.round_id,
        appeal,
        proposing.progress,
    )
    await deciding.open_round()
    await deciding.put_on_roll()
    await deciding.vote()
    await deciding.close_round()
    return deciding


def pages_of(deciding: Deciding) -> list[str]:
    """What to look at, while the platform runs."""
    sites, round_id = deciding.desks.sites, deciding.round_id
    assert deciding.committee is not None
    labels = deciding.committee.round_id
    return [
        f"The committee     {sites['count']}/rounds/{labels}/seats",
        f"The programme     {sites['submission']}/programmes/{deciding.results['programme_id']}",
        f"The result        {sites['count']}/rounds/{round_id}/results",
        f"The live page     {sites['count']}/rounds/{round_id}/live",
        f"The booth         {sites['booth']}/rounds/{round_id}",
        f"The ledger        {sites['ledger']}/explore/{deciding.results['log']}",
    ]
