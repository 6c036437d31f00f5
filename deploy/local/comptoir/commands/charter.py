"""`comptoir charter`: look at a charter, compare it with another, and ask for its publication."""

import asyncio
import importlib.util
import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from gettext import NullTranslations
from pathlib import Path

import click

from comptoir.addresses import Addresses
from comptoir.commands.options import platform, state_option
from comptoir.desks import Desks
from comptoir.errors import LauncherError
from shared.charters import Charter, CharterRefused, read_charter
from shared.charters.ballots import small_tiers
from shared.charters.comparing import differences
from shared.charters.form import PARIS, euros
from shared.charters.schema import json_schema
from shared.events.charter import CharterRules, Vote
from shared.rules.saying import of_charter, of_scheme, speech


def presets() -> dict[str, str]:
    """The presets that submission holds, by name; none where it is not installed."""
    spec = importlib.util.find_spec("submission")
    if spec is None or spec.origin is None:
        return {}
    files = sorted((Path(spec.origin).parent / "presets").glob("*.yaml"))
    return {file.stem: file.read_text() for file in files}


NEW_EDITION = "/desk/programmes/new"
# What a script is told of a charter that is left to officers.
NOT_PUBLISHED = 3


@click.group()
def charter() -> None:
    """The rules of an edition, as a file."""


@charter.command()
@click.argument("which", metavar="FILE|PRESET")
@click.option("--edition", help="The year of a preset's edition. [default: this year]")
def check(which: str, edition: str | None) -> None:
    """Say every rule of a charter, or everything that is wrong with it (status 1)."""
    _say(_read(which, edition))


@charter.command()
@click.argument("old", metavar="FILE|PRESET")
@click.argument("new", metavar="FILE|PRESET")
@click.option("--edition", help="The year of a preset's edition. [default: this year]")
@click.option("--json", "as_json", is_flag=True, help="A line of JSON for each difference.")
def diff(old: str, new: str, edition: str | None, as_json: bool) -> None:
    """Say what differs between two charters, place by place, amounts in cents (status 1 where
    anything does)."""
    before, after = (_read(which, edition if which in presets() else None) for which in (old, new))
    found = differences(before.rules, after.rules)
    for each in found:
        if as_json:
            click.echo(json.dumps(each._asdict(), ensure_ascii=False))
        else:
            click.echo(f"{each.path}: {_value(each.before)} -> {_value(each.after)}")
    sys.exit(1 if found else 0)


@charter.command()
def schema() -> None:
    """Print the JSON Schema of a charter's file."""
    click.echo(json.dumps(json_schema(), ensure_ascii=False, indent=2))


@charter.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--reason", required=True, help="Why it is published, as the act says it.")
@click.option("--as", "subject", default="alix", show_default=True, help="The officer who asks.")
@click.option("--second", help="The officer who confirms. [default: nobody yet]")
@state_option
def publish(file: Path, reason: str, subject: str, second: str | None, state: Path | None) -> None:
    """Ask for the publication of FILE on the platform that runs here, through the officers' forms.

    Only a rehearsal is published so: in earnest two officers do it themselves, the address of the
    page is printed, and nothing is published (status 3).
    """
    found = _read(str(file), None)
    addresses = platform(state)
    desk = f"{addresses.sites()['submission']}{NEW_EDITION}"
    if not found.rehearsal:
        click.echo(f"not published: in earnest, two officers publish it at {desk}", err=True)
        sys.exit(NOT_PUBLISHED)
    click.echo(asyncio.run(_publish(addresses, file.read_text(), reason, subject, second)))


async def _publish(
    addresses: Addresses, written: str, reason: str, subject: str, second: str | None
) -> str:
    """What became of it: the page where it waits, or that of the programme."""
    async with Desks(addresses) as desks:
        site = desks.sites["submission"]
        acts = f"{site}/desk/acts"
        asking = await desks.at(subject, "submission")
        before = await _to_confirm(desks, second, acts)
        preview = (await asking.fill(f"{site}{NEW_EDITION}", NEW_EDITION, file=written)).done()
        asked = (await asking.fill(preview, "/desk/programmes", reason=reason)).done()
        if second is None:
            return f"asked for: {asked.url}"
        confirming = await desks.at(second, "submission")
        for action in await _to_confirm(desks, second, acts) - before:
            (await confirming.fill(acts, action)).done()
        return f"published: {site}/"


async def _to_confirm(desks: Desks, officer: str | None, acts: str) -> set[str]:
    """The acts that an officer could confirm."""
    if officer is None:
        return set()
    waiting = (await (await desks.at(officer, "submission")).get(acts)).done()
    return {action for action in waiting.forms() if action.endswith("/confirm")}


def _read(which: str, edition: str | None) -> Charter:
    """A charter that may be published; else everything that is wrong is said, and it is over."""
    known = presets()
    try:
        return read_charter(_written(which, edition, known), known)
    except CharterRefused as refused:
        for problem in refused.problems:
            click.echo(f"{problem.code}: {problem}")
        sys.exit(1)


def _value(value: object) -> str:
    return "nothing" if value is None else json.dumps(value, ensure_ascii=False)


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
    for phase in rules.phases:
        opens, closes = phase.opens_at.astimezone(PARIS), phase.closes_at.astimezone(PARIS)
        click.echo(
            f"phase     {phase.name}: {opens:%Y-%m-%d %H:%M} to {closes:%Y-%m-%d %H:%M} (Paris)"
        )
    spoken = speech("en", NullTranslations(), rules)
    for subject, sentences in of_scheme(rules, spoken).items():
        _say_lines(subject, sentences)
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
