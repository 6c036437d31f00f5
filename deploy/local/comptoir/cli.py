"""The command `comptoir`: its subcommands are the modules of `comptoir.commands`."""

import sys

import click

from comptoir.commands import (
    charter,
    commission,
    count,
    dead,
    demo,
    doctor,
    ledger,
    mail,
    recover,
    replay,
    roll,
    topics,
    up,
)
from comptoir.errors import LauncherError


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def comptoir() -> None:
    """Comptoir on this machine: start it, look after it, check it."""


COMMANDS = (
    up.up,
    demo.demo,
    count.count,
    replay.replay_file,
    charter.charter,
    ledger.ledger,
    topics.topics,
    doctor.doctor,
    roll.roll,
    commission.commission,
    dead.dead,
    mail.mail,
    recover.recover,
)
for command in COMMANDS:
    comptoir.add_command(command)


def main() -> None:
    """Run a command. What makes one impossible is said in a sentence, with status 2."""
    try:
        comptoir()
    except LauncherError as error:
        click.echo(f"comptoir: {error}", err=True)
        sys.exit(2)
