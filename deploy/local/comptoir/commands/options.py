"""Options that several commands share: which platform, which broker and as whom."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from comptoir.addresses import Addresses, running
from comptoir.errors import LauncherError
from comptoir.kafka import Account
from comptoir.places import default_state

Command = Callable[..., Any]

state_option = click.option(
    "--state",
    type=click.Path(path_type=Path, file_okay=False),
    default=None,
    help="The platform's state directory. [default: .comptoir/state]",
)


def state_directory(state: Path | None) -> Path:
    """The directory that `--state` names, or the default one."""
    return (state or default_state()).absolute()


def platform(state: Path | None) -> Addresses:
    """The platform that runs on this state directory."""
    return running(state_directory(state))


def broker_options(command: Command) -> Command:
    """`--state`, or a broker elsewhere. The password is never on the command line."""
    for option in (
        click.option("--password-env", help="The environment variable with the password."),
        click.option("--username", help="The principal to come as."),
        click.option("--bootstrap", help="A broker elsewhere, HOST:PORT."),
        state_option,
    ):
        command = option(command)
    return command


def account(
    principal: str,
    state: Path | None,
    bootstrap: str | None,
    username: str | None,
    password_env: str | None,
) -> Account:
    """The broker that the options name; a running platform's, met as `principal`, by default."""
    if bootstrap is None:
        return platform(state).account(principal)
    if password_env is None or password_env not in os.environ:
        raise LauncherError("--bootstrap needs --password-env, the name of a variable that is set")
    return Account(bootstrap, username or principal, os.environ[password_env])
