"""`comptoir roll import` and `comptoir roll letters`: the posted codes of a round."""

import asyncio
import csv
import os
import secrets
from collections.abc import Mapping, Sequence
from itertools import batched
from pathlib import Path
from uuid import UUID

import click

from comptoir.addresses import Addresses
from comptoir.client import Client
from comptoir.commands.options import platform, state_option
from comptoir.errors import LauncherError
from comptoir.letters import (
    IDENTITY,
    Letter,
    Recipient,
    in_chunks,
    letters_of,
    new_letter,
    printed,
    read_identity,
    read_recipients,
)
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
    """Import the posted codes of FILE, one a line. One bad line, and none is imported.

    FILE may say whose they are: CSV with code, birth_name, first_name, born, country, commune. Then
    whoever has one cannot declare herself beside it. Bare codes are anybody's.
    """
    addresses = platform(state)
    if (voters := read_voters(file)) is not None:
        if tier != "A":
            raise LauncherError(f"codes with an identity are of tier A, not {tier}")
        done = asyncio.run(_post_letters(addresses, f"/rounds/{round_id}/letters", voters))
        click.echo(
            f"{len(done['posted'])} of {len(voters)} codes count in tier A of round {round_id}"
        )
        _say_others(file, done)
        return
    codes = read_codes(file)
    imported = asyncio.run(_post_all(addresses, f"/rounds/{round_id}/codes", tier, codes))
    click.echo(f"{imported} of {len(codes)} codes imported into tier {tier} of round {round_id}")


@roll.command()
@click.argument("round_id", type=click.UUID, metavar="ROUND")
@click.argument("people", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--out", type=click.Path(path_type=Path), required=True, help="The PDF.")
@click.option("--title", required=True, help="What is voted on, as the letter says it.")
@click.option("--key", type=click.Path(path_type=Path), help="Default: beside the PDF.")
@click.option("--spent", is_flag=True, help="New letters alone, for codes tried five times.")
@state_option
def letters(
    round_id: UUID,
    people: Path,
    out: Path,
    title: str,
    key: Path | None,
    spent: bool,
    state: Path | None,
) -> None:
    """Print a letter with a code for everybody in PEOPLE who is not on the roll yet, and a new one
    for whose code was tried five times.

    PEOPLE is CSV: birth_name, first_name, born, country, commune, language, address (its lines
    parted by |). Codes follow from a key, so that an interrupted run makes the same letters again:
    destroy the PDF once it is printed, and the key when the vote is over, or when no new letter is
    to be made.
    """
    key_file = out.with_suffix(".key") if key is None else key
    if spent and not key_file.exists():
        raise LauncherError(f"{key_file}: new letters need the key of the first ones")
    if not key_file.exists():
        write_once(key_file, secrets.token_bytes(32))
    addresses, secret = platform(state), key_file.read_bytes()
    first = letters_of(read_recipients(people), secret, str(round_id))
    path = f"/rounds/{round_id}/letters"
    done = asyncio.run(_post_letters(addresses, path, first))
    again = done["spent"]
    while again:
        new = asyncio.run(_post_letters(addresses, path, [new_letter(e, secret) for e in again]))
        again = new.pop("spent")
        for standing, found in new.items():
            done[standing] += found
    to_print = [each for each in done["posted"] if each.instead_of or not spent]
    url = f"{addresses.sites()['roll']}/rounds/{round_id}/vote"
    keep_secret(out, printed(to_print, url=url, title=title, office=OPERATOR))
    click.echo(f"{len(to_print)} letters in {out}")
    _say_others(people, {**done, "spent": []})


_WHY = {
    "waiting": "contested: it counts when two officers have admitted it",
    "spent": "this code was tried five times; it takes a new letter",
    "known": "on the roll already, no letter",
}


def _say_others(file: Path, done: Mapping[str, Sequence[Letter]]) -> None:
    for standing, why in _WHY.items():
        for letter in done[standing]:
            click.echo(f"{file}:{letter.recipient.line}: {why}")


async def _post_letters(
    addresses: Addresses, path: str, letters: Sequence[Letter]
) -> dict[str, list[Letter]]:
    """Which letters count now (`posted`), and which do not: `waiting`, `spent` or `known`."""
    done: dict[str, list[Letter]] = {"posted": [], "waiting": [], "spent": [], "known": []}
    async with Client(addresses) as client:
        for chunk in in_chunks(letters, LETTERS_CHUNK):
            body = {"letters": [_sent(each) for each in chunk]}
            answer = await client.officer("voting.roll", path, body)
            others = {place: name for name in _WHY for place in answer[name]}
            for place, each in enumerate(chunk, 1):
                done[others.get(place, "posted")].append(each)
    return done


def _sent(letter: Letter) -> dict[str, str]:
    sent = {"code": letter.code, **dict(zip(IDENTITY, letter.recipient.identity, strict=True))}
    return sent | ({"instead_of": letter.instead_of} if letter.instead_of else {})


def read_voters(file: Path) -> list[Letter] | None:
    """The codes of a file that says whose they are; None of a file of bare codes.

    Raises `LauncherError` with file and line, and quotes nobody.
    """
    try:
        with file.open(newline="", encoding="utf-8-sig") as opened:
            reader = csv.DictReader(opened, strict=True)
            if "code" not in (reader.fieldnames or ()):
                return None
            if set(reader.fieldnames or ()) != {"code", *IDENTITY}:
                raise LauncherError(f"{file}:1: the columns are code, {', '.join(IDENTITY)}")
            voters = [_voter(file, reader.line_num, row) for row in reader]
    except (UnicodeDecodeError, csv.Error):
        return None  # `read_codes` says what is wrong with it
    first_seen: dict[str, int] = {}
    for each in voters:
        line = each.recipient.line
        if (earlier := first_seen.setdefault(each.code, line)) != line:
            raise LauncherError(
                f"{file}:{line}: the code of line {earlier} again; none was imported"
            )
    if not voters:
        raise LauncherError(f"{file}: nobody is in it")
    return voters


def _voter(file: Path, line: int, row: dict[str, str]) -> Letter:
    if None in row or None in row.values():
        raise LauncherError(f"{file}:{line}: as many values as columns are needed")
    if (code := read_code(row["code"])) is None:
        raise LauncherError(f"{file}:{line}: that is not a code; none was imported")
    return Letter(Recipient(line, read_identity(row), "", ()), code)


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
