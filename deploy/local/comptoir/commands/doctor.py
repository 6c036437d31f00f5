"""`comptoir doctor`: what this machine lacks."""

import sys
from pathlib import Path

import click

from comptoir.commands.options import state_directory, state_option
from comptoir.machine import findings


@click.command()
@state_option
def doctor(state: Path | None) -> None:
    """Say what this machine has and what it lacks; status 1 if something is lacking."""
    lacking = 0
    for finding in findings(state_directory(state)):
        lacking += not finding.well
        click.echo(f"{'ok     ' if finding.well else 'LACKING'} {finding.sentence}")
    sys.exit(1 if lacking else 0)
