"""`comptoir demo`: a generated edition of a citizen budget, from its charter to its agreements."""

import asyncio
from pathlib import Path

import click
from rich.console import Console

from comptoir.client import Client
from comptoir.commands.options import state_directory
from comptoir.commands.platform import platform, throw_away
from comptoir.commands.up import raise_file_limit
from comptoir.committee import vote_on_labels
from comptoir.deciding import Deciding
from comptoir.desks import Desks
from comptoir.display import Display, report_edition
from comptoir.edition import Edition, generated_edition
from comptoir.forgetting import Forgotten, forget_name
from comptoir.proof import Proof
from comptoir.proposing import Proposing
from comptoir.state import State


@click.command()
def demo() -> None:
    """Run a whole edition, every step by those whose step it is, and prove it from the ledger.

    It takes place on the platform that runs here (`comptoir up`), and stays there to be looked at;
    where none does, on one of its own, which stops at the end.
    """
    raise_file_limit()
    running = state_directory(None)
    if State(running).locked():
        _run(running)
        return
    with throw_away() as directory:
        _run(directory)


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
