"""`comptoir up`: the platform runs until it is told to stop."""

import asyncio
import os
import resource
import signal
import time
from contextlib import suppress
from pathlib import Path

import click

from comptoir.commands.options import state_directory, state_option
from comptoir.stack import Stack
from comptoir.staff import PROVIDER
from comptoir.witness import NAME as WITNESS

WIDTH = 16  # of the longest name, ledger.signer.1


@click.command()
@state_option
@click.option("--replicas", type=click.IntRange(1, 9), default=1, show_default=True)
@click.option(
    "--quiet", is_flag=True, help="Do not print the logs; they are in the state directory."
)
def up(state: Path | None, replicas: int, quiet: bool) -> None:
    """Start everything, print the addresses, and run until Ctrl-C. Twice Ctrl-C kills."""
    raise_file_limit()
    directory = state_directory(state)
    stack = Stack(directory, replicas, sink=None if quiet else print_line)
    asyncio.run(run_until_told(stack))


def print_line(name: str, line: str) -> None:
    """One line of a child's log, behind its name."""
    click.echo(f"{name:<{WIDTH}} | {line}")


def raise_file_limit() -> None:
    """As many open files as are allowed: the children inherit the limit."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


async def run_until_told(stack: Stack) -> None:
    """Start, say where everything is, wait for SIGINT, SIGTERM or SIGHUP, and stop in order."""
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, _tell, told)
    began = time.monotonic()
    starting = asyncio.create_task(stack.start())
    waiting = asyncio.create_task(told.wait())
    await asyncio.wait({starting, waiting}, return_when=asyncio.FIRST_COMPLETED)
    if not starting.done():
        starting.cancel()
    with suppress(asyncio.CancelledError):
        await starting
        click.echo(_addresses(stack, time.monotonic() - began))
        await waiting
        click.echo("stopping")
        await stack.stop()


def _tell(told: asyncio.Event) -> None:
    if told.is_set():
        os._exit(130)  # the kernel kills the children with us
    told.set()


def _addresses(stack: Stack, seconds: float) -> str:
    replicas = [name for name in stack.names() if name in stack.addresses.replicas()]
    return "\n".join(
        [
            f"ready after {seconds:.1f} s",
            *(f"  {name:<{WIDTH}} {stack.url(name)}" for name in replicas),
            *(f"  {c.name:<{WIDTH}} 127.0.0.1:{c.port}" for c in stack.clusters.values()),
            f"  {'kafka':<{WIDTH}} {stack.broker.bootstrap}",
            f"  {PROVIDER:<{WIDTH}} {stack.addresses.provider()}",
            f"  {WITNESS:<{WIDTH}} {stack.addresses.witness()}",
            f"  {'mails':<{WIDTH}} {stack.addresses.mails} (`comptoir mail`)",
            f"  {'passwords, logs':<{WIDTH}} {stack.state.directory}",
        ]
    )
