"""Commands on a running platform."""

import asyncio

from click.testing import CliRunner, Result

from comptoir.cli import comptoir


async def invoked(*arguments: str) -> Result:
    """The outcome of a command, in a thread of its own: it has an event loop of its own."""
    return await asyncio.to_thread(CliRunner().invoke, comptoir, list(arguments))
