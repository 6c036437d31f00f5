"""`comptoir commission`: a sealed round's key in shares, tried before the vote, used after it."""

import asyncio
import json
import os
from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

import click
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

import ledger_audit
from comptoir.addresses import Addresses, Elsewhere
from comptoir.client import Client
from comptoir.commands.options import platform, state_option
from comptoir.commission import (
    HOLDERS,
    SPARES,
    THRESHOLD,
    Commission,
    check_shares,
    create,
    read_share,
    rebuild,
    threshold_of,
)
from comptoir.errors import LauncherError
from comptoir.openings import open_in_round, try_in_round

PUBLIC = "commission.json"

shares_option = click.option(
    "--share",
    "files",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    multiple=True,
    help="A file with a share; without any, holders enter theirs here.",
)

count_option = click.option("--count", help="Where count answers, if the platform is elsewhere.")


@click.group()
def commission() -> None:
    """The commission of a sealed round: its key is in nobody's hand alone."""


@commission.command("create")
@click.argument("directory", type=click.Path(path_type=Path, file_okay=False))
@click.option("--threshold", type=click.IntRange(2, 16), default=THRESHOLD, show_default=True)
@click.option("--holders", type=click.IntRange(2, 16), default=HOLDERS, show_default=True)
@click.option("--spares", type=click.IntRange(0, 8), default=SPARES, show_default=True)
@click.option("--files", is_flag=True, help="Write each share to a file, and show none.")
def create_commission(
    directory: Path, threshold: int, holders: int, spares: int, files: bool
) -> None:
    """Make a commission's key on a machine without a network, and part it into shares.

    Each holder is shown her share alone, writes it down, and enters it again; only when all have,
    and a test ballot was opened with them, DIRECTORY/commission.json says the public key. The key
    itself is written nowhere. With --files every share is in a file of its own in DIRECTORY: one
    stick a holder, whoever copies them.
    """
    if not threshold <= holders or holders + spares > 16:
        raise click.UsageError("as many holders as the threshold, and 16 shares in all at most")
    if directory.exists() and any(directory.iterdir()):
        raise LauncherError(f"{directory} is not empty")
    made, shares = create(threshold, holders, spares)
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    names = [f"holder {n}" for n in range(1, holders + 1)]
    names += [f"spare {n}" for n in range(1, spares + 1)]
    if files:
        for name, share in zip(names, shares, strict=True):
            _write(directory / f"{name.replace(' ', '-')}.share", share)
        entered = [(directory / f"{n.replace(' ', '-')}.share").read_text() for n in names]
    else:
        for name, share in zip(names, shares, strict=True):
            _show(name, share)
        entered = [_entered(name) for name in names]
    check_shares(made, entered)
    (directory / PUBLIC).write_text(json.dumps(made.said()) + "\n")
    click.echo(f"the key of this commission: {made.key}")
    click.echo(f"any {threshold} of {holders + spares} shares give it; a test ballot was opened")


@commission.command("try")
@click.argument("round_id", type=click.UUID, metavar="ROUND")
@click.argument("public", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@shares_option
@count_option
@state_option
def try_commission(
    round_id: UUID, public: Path, files: tuple[Path, ...], count: str | None, state: Path | None
) -> None:
    """Open the test ballot of ROUND with the shares of the commission of PUBLIC (commission.json).

    The round can be opened then, with this key. Where it has a charter, or the platform is
    elsewhere (--count), its officers say at their desk whose the key is, before.
    """
    addresses = platform(state) if count is None else Elsewhere({"voting.count": count})
    made = _read_public(public)
    private = rebuild(_shares(files, made.threshold), made)
    asyncio.run(_try(addresses, round_id, made, private))
    click.echo(f"the commission of round {round_id} has its key; the round can be opened")


@commission.command("open")
@click.argument("round_id", type=click.UUID, metavar="ROUND")
@click.option("--log", "source", help="An export or URL of the log. [default: the platform's]")
@click.option(
    "--policy",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Whom to trust (tlog-policy). [default: the platform's log and witness]",
)
@shares_option
@count_option
@click.option("--ledger", help="Where the ledger answers, with --count.")
@state_option
def open_round(
    round_id: UUID,
    source: str | None,
    policy: Path | None,
    files: tuple[Path, ...],
    count: str | None,
    ledger: str | None,
    state: Path | None,
) -> None:
    """Open the ballots of ROUND, once its box is closed and a cosigned checkpoint covers that.

    Ballots are read from the ledger and from nowhere else. What they say is told in random order;
    told again, nothing more happens. On a machine of the commission's own, where no platform runs:
    --count, --ledger and --policy.
    """
    if count is None and ledger is None:
        addresses = platform(state)
    elif count is None or ledger is None or policy is None:
        raise click.UsageError("where a platform is elsewhere: --count, --ledger and --policy")
    else:
        addresses = Elsewhere({"voting.count": count, "ledger": ledger})
    private = rebuild(_shares(files, None))
    trusted = None if policy is None else _read_policy(policy)
    opened, ballots = asyncio.run(_open(addresses, round_id, private, source, trusted))
    click.echo(f"{opened} of {ballots} ballots of round {round_id} opened")


async def _try(
    addresses: Addresses, round_id: UUID, made: Commission, private: X25519PrivateKey
) -> None:
    async with Client(addresses) as client:
        await try_in_round(client, round_id, made, private)


async def _open(
    addresses: Addresses,
    round_id: UUID,
    private: X25519PrivateKey,
    source: str | None,
    policy: ledger_audit.Policy | None,
) -> tuple[int, int]:
    async with Client(addresses) as client:
        return await open_in_round(client, round_id, private, source=source, policy=policy)


def _shares(files: Sequence[Path], threshold: int | None) -> list[str]:
    """Shares from files, or as holders enter them, until there are enough."""
    if files:
        return [file.read_text() for file in files]
    shares = list[str]()
    while threshold is None or len(shares) < threshold:
        shares.append(_entered(f"share {len(shares) + 1}"))
        click.clear()
        threshold = threshold or threshold_of(shares[0])
    return shares


def _entered(name: str) -> str:
    """A share as its holder enters it; asked again while it is none."""
    while True:
        words = click.prompt(f"{name}, enter the words of your share", hide_input=True)
        try:
            return read_share(words)
        except LauncherError as error:
            click.echo(str(error), err=True)


def _show(name: str, share: str) -> None:
    """Show a share to its holder alone."""
    click.clear()
    click.echo(f"{name}: the others look away. These are the words of your share, in order:\n")
    for number, word in enumerate(share.split(), start=1):
        click.echo(f"  {number:2d} {word}")
    click.prompt("\nWrite them down, then press Enter", default="", show_default=False)
    click.clear()


def _write(file: Path, share: str) -> None:
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(descriptor, "w") as out:
        out.write(share + "\n")


def _read_policy(file: Path) -> ledger_audit.Policy:
    try:
        return ledger_audit.Policy.parse(file.read_bytes())
    except ledger_audit.AuditError as error:
        raise LauncherError(f"{file}: {error}") from None


def _read_public(file: Path) -> Commission:
    try:
        said = json.loads(file.read_text())
        return Commission(said["key"], said["threshold"], said["shares"])
    except (ValueError, KeyError, TypeError):
        raise LauncherError(f"{file}: this is no {PUBLIC}") from None
