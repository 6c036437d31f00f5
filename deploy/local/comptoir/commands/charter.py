"""`comptoir charter`: look at a charter before it is published."""

import importlib.util
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from gettext import NullTranslations
from pathlib import Path

import click

from comptoir.errors import LauncherError
from shared.charters import Charter, CharterRefused, read_charter
from shared.charters.ballots import small_tiers
from shared.charters.form import PARIS, euros
from shared.events.charter import CharterRules, Vote
from shared.rules.saying import of_charter, speech


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
    envelope = None if rules.envelope is None else f"{euros(rules.envelope)} EUR"
    click.echo(f"envelope  {envelope or 'not published'}")
    for phase in rules.phases:
        opens, closes = phase.opens_at.astimezone(PARIS), phase.closes_at.astimezone(PARIS)
        click.echo(
            f"phase     {phase.name}: {opens:%Y-%m-%d %H:%M} to {closes:%Y-%m-%d %H:%M} (Paris)"
        )
    for family in rules.families:
        click.echo(f"family    {family.name}: at most {euros(family.ceiling)} EUR")
    if rules.vote is not None:
        _say_vote(rules, rules.vote)
    click.echo(f"two officers for  {', '.join(rules.second_officer) or 'nothing'}")
    if rules.vote is not None and (advice := small_tiers(rules.vote)) is not None:
        click.echo(f"advice    vote: {advice}")
    for assumption in rules.assumed:
        click.echo(f"assumed   {assumption.of}: {assumption.en}")


def _say_vote(rules: CharterRules, vote: Vote) -> None:
    said = of_charter(rules, speech("en", NullTranslations(), rules))
    click.echo(f"vote      from {vote.minimum_age} years, {len(rules.territories)} territories")
    click.echo(f"roll      {', '.join(vote.identity or ('declared', 'posted-code'))}")
    if vote.flush is not None:
        every = f"every {vote.flush.interval // 60} minutes"
        click.echo(f"flush     {vote.flush.k} voters together at least, {every}")
    if said.ballot:
        _say_lines("ballot", said.ballot)
    else:
        click.echo(f"ballot    {vote.least} to {vote.most} projects")
    if said.rule:
        for part in said.rule:
            _say_lines("rule", (f"{part.title}:", *part.sentences))
    else:
        click.echo(f"rule      {vote.outcome}")


def _say_lines(name: str, lines: Sequence[str]) -> None:
    for number, line in enumerate(lines):
        click.echo(f"{'' if number else name:<10}{line}")
