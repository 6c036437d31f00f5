"""`comptoir doctor`: what this machine lacks."""

import sys
from pathlib import Path

import click

from comptoir.commands.options import state_directory, state_option
from comptoir.machine import findings, test_findings


@click.command()
@state_option
def doctor(state: Path | None) -> None:
    """Say what this machine has and what it lacks; status 1 if the platform lacks something.

    What only `make test-all` needs is said as well, and does not count.
    """
    lacking = 0
    for finding in findings(state_directory(state)):
        lacking += not finding.well
        click.echo(f"{'ok     ' if finding.well else 'LACKING'} {finding.sentence}")
    wanting = 0
    for finding in test_findings():
        wanting += not finding.well
        click.echo(f"{'ok     ' if finding.well else 'wanting'} for test-all: {finding.sentence}")
    if wanting:
        click.echo(
            "        `sh deploy/ci/install.sh` installs it on Debian; deploy/README.md says more"
        )
    sys.exit(1 if lacking else 0)
