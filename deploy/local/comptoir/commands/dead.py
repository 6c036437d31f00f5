"""`comptoir dead`: what consumers could not read, looked at and handed back to them."""

import asyncio
import base64
import json
import sys
from pathlib import Path
from typing import Any

import click

from comptoir.client import Client, Refused
from comptoir.commands.options import account, broker_options, platform
from comptoir.dead_letters import Letter, dead_topics, letters
from comptoir.errors import LauncherError
from comptoir.kafka import Account
from comptoir.processes import OPERATOR

topic_option = click.option("--topic", help="Only what came from this topic.")
process_option = click.option("--process", help="Only what this process could not read.")


@click.group()
def dead() -> None:
    """Records that a process could not read."""


@dead.command("list")
@topic_option
@process_option
@broker_options
def list_letters(topic: str | None, process: str | None, **broker: Any) -> None:
    """One line for each: id, process, where it stood, reason."""
    for letter in found(account(OPERATOR, **broker), topic, process):
        click.echo(letter.line())


@dead.command("show")
@click.argument("ids", nargs=-1, required=True, metavar="ID...")
@broker_options
def show_letters(ids: tuple[str, ...], **broker: Any) -> None:
    """All that is known about these, as JSON; a value that is text also as text."""
    for letter in chosen(found(account(OPERATOR, **broker)), ids):
        click.echo(json.dumps(_shown(letter), indent=2, ensure_ascii=False))


@dead.command("replay")
@click.argument("ids", nargs=-1, metavar="ID...")
@click.option("--all", "everything", is_flag=True, help="All that the other options leave.")
@topic_option
@process_option
@broker_options
def replay_letters(
    ids: tuple[str, ...],
    everything: bool,
    topic: str | None,
    process: str | None,
    state: Path | None,
    **broker: Any,
) -> None:
    """Hand letters to the process that could not read them. Status 1 if it still cannot.

    Nothing is written to the topic they came from.
    """
    if bool(ids) == everything:
        raise click.UsageError("name the letters, or say --all")
    every = found(account(OPERATOR, state, **broker), topic, process)
    refused = asyncio.run(_replay(every if everything else chosen(every, ids), state))
    sys.exit(1 if refused else 0)


def found(reader: Account, topic: str | None = None, process: str | None = None) -> list[Letter]:
    """The letters that the options leave."""
    topics = dead_topics()
    if topic is not None:
        if (named := f"{topic.removesuffix('.dead')}.dead") not in topics:
            raise LauncherError(f"there is no topic {named}")
        topics = [named]

    def complain(sentence: str) -> None:
        click.echo(sentence, err=True)

    async def read() -> list[Letter]:
        every = [letter async for letter in letters(reader, topics, complain)]
        return [each for each in every if process in (None, each.letter.process)]

    return asyncio.run(read())


def chosen(every: list[Letter], ids: tuple[str, ...]) -> list[Letter]:
    """Those with these ids, or with the only id that begins so."""
    picked = []
    for wanted in ids:
        matching = [letter for letter in every if str(letter.id).startswith(wanted.lower())]
        if len({letter.id for letter in matching}) != 1:
            raise LauncherError(f"{len(matching)} dead letters have an id like {wanted}")
        picked.append(matching[0])
    return picked


async def _replay(picked: list[Letter], state: Path | None) -> int:
    """How many were refused."""
    addresses, refused = platform(state), 0
    async with Client(addresses) as client:
        for each in picked:
            letter = json.loads(each.body)
            try:
                await client.officer(each.letter.process, "/desk/dead-letters", letter)
                click.echo(f"{each.id} replayed to {each.letter.process}")
            except Refused as error:
                refused += 1
                click.echo(f"{each.id} refused: {error}", err=True)
    return refused


def _shown(letter: Letter) -> dict[str, Any]:
    shown: dict[str, Any] = {"id": str(letter.id), **json.loads(letter.body)}
    if letter.letter.value is not None:
        try:
            shown["text"] = base64.b64decode(letter.letter.value).decode()
        except ValueError:
            shown["text"] = None
    return shown
