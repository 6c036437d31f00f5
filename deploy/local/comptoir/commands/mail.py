"""`comptoir mail`: what people were told, as it would have reached them."""

from itertools import islice
from pathlib import Path

import click

from comptoir.addresses import Addresses
from comptoir.commands.options import state_directory, state_option
from comptoir.errors import LauncherError
from comptoir.mailbox import Mail, Mailbox
from comptoir.state import State


@click.command()
@click.argument("address", required=False)
@click.option("--last", type=click.IntRange(1), help="How many. [default: 20, of one address 1]")
@click.option("--html", is_flag=True, help="Show the HTML part.")
@state_option
def mail(address: str | None, last: int | None, html: bool, state: Path | None) -> None:
    """List the newest mails; with ADDRESS, show the newest ones that went there."""
    directory = Addresses(State(state_directory(state))).mails
    found = list(islice(Mailbox(directory).mails(address), last or (1 if address else 20)))
    if not found:
        raise LauncherError(f"there is no mail{f' to {address}' if address else ''} in {directory}")
    for each in reversed(found):
        click.echo(_shown(each, html) if address else _line(each))


def _line(mail: Mail) -> str:
    return f"{mail.received:%Y-%m-%d %H:%M:%S}  {mail.address}  {mail.subject}"


def _shown(mail: Mail, html: bool) -> str:
    head = f"{mail.received:%Y-%m-%d %H:%M:%S} UTC, to {mail.address}\n{mail.subject}\n"
    return f"{head}\n{mail.html if html else mail.text}"
