"""`comptoir roll import` and `comptoir roll letters`: the posted codes of a round."""

import asyncio
import os
import secrets
from collections.abc import Sequence
from itertools import batched
from pathlib import Path
from uuid import UUID

import click

from comptoir.addresses import Addresses
from comptoir.client import Client
from comptoir.commands.options import platform, state_option
from comptoir.errors import LauncherError
from comptoir.letters import Letter, letters_of, printed, read_recipients
from comptoir.staff import OPERATOR
from shared.codes import read_code
from shared.keys import write_once

CHUNK, LETTERS_CHUNK = 5000, 1000


@click.group()
def roll() -> None:
    """Who may vote."""


@roll.command("import")
@click.argument("round_id", type=click.UUID, metavar="ROUND")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--tier", default="A", show_default=True)
@state_option
def import_codes(round_id: UUID, file: Path, tier: str, state: Path | None) -> None:
    """Import the posted codes of FILE, one a line. One bad line, and none is imported."""
    codes = read_codes(file)
    addresses = platform(state)
    imported = asyncio.run(_post_all(addresses, f"/rounds/{round_id}/codes", tier, codes))
    click.echo(f"{imported} of {len(codes)} codes imported into tier {tier} of round {round_id}")


@roll.command()
@click.argument("round_id", type=click.UUID, metavar="ROUND")
@click.argument("people", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--out", type=click.Path(path_type=Path), required=True, help="The PDF.")
@click.option("--title", required=True, help="What is voted on, as the letter says it.")
@state_option
def letters(round_id: UUID, people: Path, out: Path, title: str, state: Path | None) -> None:
    """Print a letter with a code for everybody in PEOPLE who is not on the roll yet.

    PEOPLE is CSV: birth_name, first_name, born, country, commune, language, address (its lines
    parted by |). Beside the PDF a key is kept, so that an interrupted run makes the same letters
    again: destroy both once the letters are printed.
    """
    key_file = out.with_suffix(".key")
    if not key_file.exists():
        write_once(key_file, secrets.token_bytes(32))
    addresses = platform(state)
    made = letters_of(read_recipients(people), key_file.read_bytes(), str(round_id))
    posted, known = asyncio.run(_post_letters(addresses, f"/rounds/{round_id}/letters", made))
    url = f"{addresses.sites()['roll']}/rounds/{round_id}/vote"
    keep_secret(out, printed(posted, url=url, title=title, office=OPERATOR))
    click.echo(f"{len(posted)} letters in {out}")
    for letter in known:
        click.echo(f"{people}:{letter.recipient.line}: on the roll already, no letter")


async def _post_letters(
    addresses: Addresses, path: str, letters: Sequence[Letter]
) -> tuple[list[Letter], list[Letter]]:
    """Those whose letters count now, and those who are on the roll otherwise."""
    posted, known = list[Letter](), list[Letter]()
    async with Client(addresses) as client:
        for chunk in batched(letters, LETTERS_CHUNK, strict=False):
            body = {"letters": [{"code": each.code, **each.recipient.identity} for each in chunk]}
            answer = await client.officer("voting.roll", path, body)
            places = set(answer["known"])
            for place, each in enumerate(chunk, 1):
                (known if place in places else posted).append(each)
    return posted, known


def keep_secret(file: Path, content: bytes) -> None:
    """Write a file that its owner alone reads, whole or not at all."""
    fresh = file.with_name(f".{file.name}.{secrets.token_hex(8)}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as opened:
        opened.write(content)
    fresh.replace(file)


def read_codes(file: Path) -> list[str]:
    """The codes of a file, in their one form. Raises `LauncherError` with file and line."""
    first_seen: dict[str, int] = {}
    try:
        lines = file.read_text().splitlines()
    except UnicodeDecodeError:
        raise LauncherError(f"{file}: not a text file; no code was imported") from None
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        code = read_code(line)
        if code is None:
            raise LauncherError(
                f"{file}:{number}: {line.strip()[:40]!r} is not a code; none was imported"
            )
        if (earlier := first_seen.setdefault(code, number)) != number:
            raise LauncherError(
                f"{file}:{number}: the code of line {earlier} again; none was imported"
            )
    if not first_seen:
        raise LauncherError(f"{file}: no code in it")
    return list(first_seen)


async def _post_all(addresses: Addresses, path: str, tier: str, codes: Sequence[str]) -> int:
    imported = 0
    async with Client(addresses) as client:
        for chunk in batched(codes, CHUNK, strict=False):
            body = {"tier": tier, "codes": list(chunk)}
            answer = await client.officer("voting.roll", path, body)
            imported += int(answer["imported"])
    return imported
