"""`comptoir count`: published elections counted by a rule, without any server."""

import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from comptoir.counting import Counter
from comptoir.rules import read_rule
from shared.events.rules import Rule
from shared.rules.named import AS_DECLARED, NAMES

# What a timer takes anywhere, and longer than anybody waits: a year.
MOST_SECONDS = 365 * 24 * 3600
AGREES = {True: "yes", False: "no", None: "–"}


def _seconds(context: click.Context, parameter: click.Parameter, value: float) -> float:
    if not 0 < value <= MOST_SECONDS:  # so that what is no number is refused as well
        raise click.BadParameter(f"{value:g} is not above 0 and at most {MOST_SECONDS}")
    return value


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE…")
@click.option("--rule", type=click.Choice((*NAMES, AS_DECLARED)), help="A rule by its name.")
@click.option("--rules", type=click.Path(path_type=Path), help="A rule as YAML, instead.")
@click.option(
    "--within",
    type=float,
    callback=_seconds,
    default=600.0,
    show_default=True,
    metavar="SECONDS",
    help="Of computing, for each file.",
)
@click.option("--json", "as_json", is_flag=True, help="One line of JSON a file.")
def count(
    files: tuple[Path, ...], rule: str | None, rules: Path | None, within: float, as_json: bool
) -> None:
    """Count FILEs (.pb) by a rule, and compare with what they selected.

    As-declared is the rule that the file names itself. The others count as the library pabutools
    does, ties by id as text: where ballots give points, greedy goes by points per cost. A file that
    cannot be counted stops nothing; status 1 at the end.
    """
    if (rule is None) == (rules is None):
        raise click.UsageError("one of --rule and --rules says how to count")
    asked = read_rule(rules) if rules is not None else rule
    assert asked is not None
    answers = _counted(files, asked, str(rules or rule), within)
    errors = _as_json(answers) if as_json else _as_table(answers)
    if errors:
        raise click.exceptions.Exit(1)


def _counted(
    files: Iterable[Path], rule: str | Rule, name: str, within: float
) -> Iterator[dict[str, Any]]:
    with Counter() as counter:
        for file in files:
            yield counter.count(str(file), rule, name, within)


def _as_json(answers: Iterable[dict[str, Any]]) -> int:
    errors = 0
    for answer in answers:
        errors += "error" in answer
        click.echo(_printable(json.dumps(answer, ensure_ascii=False)))
    return errors


def _as_table(answers: Iterable[dict[str, Any]]) -> int:
    """A row a file, all at once, since each is as wide as the widest."""
    table, errors = Table(show_lines=True), 0
    for heading in ("file", "funded", "agrees", "explanation", "seconds"):
        table.add_column(heading, overflow="fold")
    for answer in answers:
        errors += "error" in answer
        table.add_row(*(Text(_printable(cell)) for cell in _cells(answer)))
    Console().print(table)
    return errors


def _cells(answer: dict[str, Any]) -> tuple[str, ...]:
    if "error" in answer:
        return Path(answer["file"]).name, "", "", answer["error"], ""
    return (
        Path(answer["file"]).name,
        " ".join(answer["funded"]),
        AGREES[answer["agrees"]],
        answer["explanation"],
        f"{answer['seconds']:.3f}",
    )


def _printable(text: str) -> str:
    """A file's name may be bytes that are no text."""
    return os.fsencode(text).decode(errors="replace")
