"""`comptoir topics`: the broker's topics and ACLs against `deploy/kafka/topics.yaml`."""

import sys
from typing import Any

import click

from comptoir.commands.options import account, broker_options
from comptoir.kafka import ADMIN
from comptoir.topics import apply, declared_topics, difference


@click.group()
def topics() -> None:
    """Compare a broker's topics and ACLs with what is declared, or make them so."""


@topics.command("apply")
@broker_options
def apply_command(**broker: Any) -> None:
    """Make topics and ACLs as declared. A second time changes nothing."""
    changed = apply(account(ADMIN, **broker).admin(), declared_topics())
    for line in changed:
        click.echo(f"changed: {line}")
    if not changed:
        click.echo("nothing to change")


@topics.command("check")
@broker_options
def check_command(**broker: Any) -> None:
    """Print where the broker differs from what is declared; status 1 if it does."""
    lines = difference(account(ADMIN, **broker).admin(), declared_topics()).lines()
    for line in lines:
        click.echo(line)
    if lines:
        sys.exit(1)
    click.echo("as declared")
