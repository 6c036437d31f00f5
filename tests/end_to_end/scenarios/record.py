"""The record of a scenario, read by whoever asks for it."""

import asyncio
from pathlib import Path

from comptoir.scenarios.held import entries_of
from comptoir.scenarios.stage import Stage
from tests.end_to_end.elections import Entries


async def record(stage: Stage, log: str, archive: Path) -> Entries:
    """The entries of a log."""
    await stage.client.save("ledger", f"/logs/{log}/export", archive)
    return Entries(await asyncio.to_thread(entries_of, archive))
