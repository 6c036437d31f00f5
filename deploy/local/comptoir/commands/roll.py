"""`comptoir roll import`: hand the posted codes of a round to the roll."""

import asyncio
from collections.abc import Sequence
from itertools import batched
from pathlib import Path
from uuid import UUID

import click

from comptoir.addresses import Addresses
from comptoir.client import Client
from comptoir.commands.options import platform, state_option
from comptoir.errors import LauncherError
from shared.codes import read_code

CHUNK = 5000


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
