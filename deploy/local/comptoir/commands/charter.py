"""`comptoir charter`: look at a charter before it is published."""

import importlib.util
import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from comptoir.errors import LauncherError
from shared.charters import Charter, CharterRefused, read_charter
from shared.charters.form import PARIS, euros


def presets() -> dict[str, str]:
    """The presets that submission holds, by name; none where it is not installed."""
    spec = importlib.util.find_spec("submission")
    if spec is None or spec.origin is None:
        return {}
    files = sorted((Path(spec.origin).parent / "presets").glob("*.yaml"))
    return {file.stem: file.read_text() for file in files}


@click.group()
def charter() -> None:
    """The rules of an edition, as a file."""


@charter.command()
@click.argument("which", metavar="FILE|PRESET")
@click.option("--edition", help="The year of a preset's edition. [default: this year]")
def check(which: str, edition: str | None) -> None:
    """Say every rule of a charter, or everything that is wrong with it (status 1)."""
    known = presets()
    try:
        found = read_charter(_written(which, edition, known), known)
    except CharterRefused as refused:
        for problem in refused.problems:
            click.echo(f"{problem.code}: {problem}")
        sys.exit(1)
    _say(found)


def _written(which: str, edition: str | None, known: dict[str, str]) -> str | bytes:
    if which in known:
        year = edition or f"{datetime.now(UTC):%Y}"
        return f"preset: {which}\nedition: '{year}'\n"
    if edition is not None:
        raise LauncherError("--edition is for presets; a file says its own edition")
    try:
        return Path(which).read_bytes()
    except OSError as error:
        names = ", ".join(known) or "none here"
        raise LauncherError(f"{which} is no preset ({names}) and no file: {error}") from None


def _say(found: Charter) -> None:
    rules = found.rules
    click.echo(f"{found.title}{' (rehearsal)' if found.rehearsal else ''}: well formed")
    click.echo(f"envelope  {euros(rules.envelope)} EUR")
    for phase in rules.phases:
        opens, closes = phase.opens_at.astimezone(PARIS), phase.closes_at.astimezone(PARIS)
        click.echo(
            f"phase     {phase.name}: {opens:%Y-%m-%d %H:%M} to {closes:%Y-%m-%d %H:%M} (Paris)"
        )
    for family in rules.families:
        click.echo(f"family    {family.name}: at most {euros(family.ceiling)} EUR")
    vote = rules.vote
    click.echo(f"vote      {vote.least} to {vote.most} projects, from {vote.minimum_age} years")
    click.echo(f"          {len(rules.territories)} territories, {vote.outcome}")
    click.echo(f"two officers for  {', '.join(rules.second_officer) or 'nothing'}")
    for assumption in rules.assumed:
        click.echo(f"assumed   {assumption.of}: {assumption.en}")


def _said(instant: datetime) -> str:
    return f"{instant.astimezone(PARIS):%Y-%m-%d %H:%M}"
