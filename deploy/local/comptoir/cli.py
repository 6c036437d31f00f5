"""The command `comptoir`: its subcommands are the modules of `comptoir.commands`."""

import gc
import importlib
import sys
from types import ModuleType

import click

from comptoir.errors import LauncherError

COMMANDS = (
    "up",
    "demo",
    "count",
    "replay",
    "charter",
    "ledger",
    "topics",
    "doctor",
    "roll",
    "commission",
    "dead",
    "mail",
    "recover",
)


class Subcommands(click.Group):
    """Imports the one that is called: each needs another part of the platform."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All there are."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of a module of the same name."""
        if cmd_name not in COMMANDS:
            return None
        found: click.Command = getattr(_imported(cmd_name), NAMED.get(cmd_name, cmd_name))
        return found


def _imported(name: str) -> ModuleType:
    """Its module. What is imported stays: nobody looks for cycles in it meanwhile."""
    looking = gc.isenabled()
    gc.disable()
    try:
        return importlib.import_module(f"comptoir.commands.{name}")
    finally:
        if looking:
            gc.enable()


# Where the function of that name is another one.
NAMED = {"replay": "replay_file"}


@click.group(cls=Subcommands, context_settings={"help_option_names": ["-h", "--help"]})
def comptoir() -> None:
    """Comptoir on this machine: start it, look after it, check it."""


def main() -> None:
    """Run a command. What makes one impossible is said in a sentence, with status 2."""
    try:
        comptoir()
    except LauncherError as error:
        click.echo(f"comptoir: {error}", err=True)
        sys.exit(2)
