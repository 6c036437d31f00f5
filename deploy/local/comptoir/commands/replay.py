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
from comptoir.counting import Counter
from comptoir.display import Display, report
from comptoir.errors import LauncherError
from comptoir.pabulib import REPLAYED, Held, held, read_election
from comptoir.replay import Mode, Replayed, replay
from comptoir.rules import read_rule
from shared.rules.named import AS_DECLARED, GREEDY


@click.command("replay")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--rule", type=click.Choice(REPLAYED), help="A rule by its name. [default: greedy]")
@click.option("--rules", type=click.Path(path_type=Path), help="A rule as YAML, instead.")
@click.option(
    "--mode",
    type=click.Choice(("live", "sealed")),
    default="live",
    show_default=True,
    help="Whether choices are public at once, or when a commission opened them all.",
)
@click.option("--json", "as_json", is_flag=True, help="End with one line of JSON.")
@state_option
def replay_file(
    file: Path,
    rule: str | None,
    rules: Path | None,
    mode: Mode,
    as_json: bool,
    state: Path | None,
) -> None:
    """Cast every ballot of FILE (.pb) as a voter would, and prove the result from the ledger.

    Ballots, their limits and options are the file's. Greedy is here as cities hold it: most votes
    or points first, of equals the cheaper, nothing without votes. (`comptoir count --rule greedy`
    is the library's: of equals the smaller id, points per cost, and what nobody voted for as well.)
    As-declared is the rule that the file names itself; the others mean the same in both commands,
    but for a ranking's points, which here are the file's.

    The result is compared with what the file selected, with the recount from the ledger, and with
    `comptoir count` of the file by the same rule: status 1 where one of the last two differs.

    Uses the platform that runs on the state directory; where none does, one of its own.
    """
    if rule is not None and rules is not None:
        raise click.UsageError("one of --rule and --rules says how to decide")
    election = read_election(file)
    if rules is not None:
        asked = held(election, str(rules), read_rule(rules))
    else:
        asked = held(election, rule or GREEDY)
    _run(asked, _counted(asked), state, mode, as_json)


def _counted(asked: Held) -> list[str]:
    """The winners by `comptoir count`, before anything is made of the file.

    Raises `LauncherError` where it cannot be counted by this rule.
    """
    by = asked.name if asked.name == AS_DECLARED else asked.rule
    with Counter() as counter:
        answer = counter.count(asked.election.file, by, asked.name)
    if "error" in answer:
        raise LauncherError(answer["error"])
    winners: list[str] = answer["funded"]
    return winners


def _run(asked: Held, counted: list[str], state: Path | None, mode: Mode, as_json: bool) -> None:
    raise_file_limit()
    console = Console(stderr=as_json)
    result = asyncio.run(_replayed(console, asked, state, mode))
    result.counted = counted
    report(console, result)
    if as_json:
        click.echo(json.dumps(result.line(), ensure_ascii=False))
    if not result.holds:
        raise click.exceptions.Exit(1)


async def _replayed(console: Console, asked: Held, state: Path | None, mode: Mode) -> Replayed:
    with Display(console) as display:
        async with platform(display, state) as addresses, Client(addresses) as client:
            return await replay(client, asked, display, mode)
