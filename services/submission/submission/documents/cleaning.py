"""Having a file taken apart and written anew by a process that ends with it."""

import asyncio
import os
import sys
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from shared.media import Media
from shared.refusal import Refusal
from submission.documents.kinds import (
    LARGEST,
    FileInfected,
    FileLocked,
    FileTooLarge,
    FileTooLargeInside,
    FileUnreadable,
    ImageTooLarge,
    TooManyPages,
    kind_of,
)
from submission.documents.worker import REFUSED

WITHIN: Final = 30.0
# Each takes a core and some hundred megabytes: who comes later waits.
AT_ONCE: Final = 2
_REFUSALS: Final[dict[str, type[Refusal]]] = {
    each.code: each
    for each in (
        FileInfected,
        FileLocked,
        FileTooLargeInside,
        FileUnreadable,
        ImageTooLarge,
        TooManyPages,
    )
}
# Of the environment, what a library needs to be found; no secret.
_KEPT: Final = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "TZ")


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A file as it is kept."""

    media: Media
    content: bytes


class Cleaner:
    """Cleans files, a few at a time."""

    def __init__(self, at_once: int = AT_ONCE, within: float = WITHIN) -> None:
        self._free = asyncio.Semaphore(at_once)
        self._within = within

    async def clean(self, content: bytes) -> Cleaned:
        """A file written anew. Raises the refusals of `kinds`."""
        media = await asyncio.to_thread(kind_of, content)
        async with self._free:
            found = await _cleaned(media, content, self._within)
        if not found or len(found) > LARGEST:
            raise FileTooLarge(
                f"written anew it has {len(found)} bytes, at most {LARGEST} are kept"
            )
        return Cleaned(media, found)


async def _cleaned(media: Media, content: bytes, within: float) -> bytes:
    worker = await asyncio.create_subprocess_exec(
        *(sys.executable, "-I", "-m", "submission.documents.worker", media),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        cwd="/",
        env={name: os.environ[name] for name in _KEPT if name in os.environ},
    )
    try:
        async with asyncio.timeout(within):
            found, said = await worker.communicate(content)
    except TimeoutError:
        raise FileUnreadable(f"the file was not read within {within:.0f} s") from None
    finally:
        with suppress(ProcessLookupError):
            worker.kill()
        await worker.wait()
    if worker.returncode == 0:
        return found
    if worker.returncode == REFUSED:
        code, _, words = said.decode(errors="replace").partition("\n")
        raise _REFUSALS.get(code, FileUnreadable)(words)
    # Killed by its limits, or by what the file did to it.
    raise FileUnreadable(f"the file ended the process that read it ({worker.returncode})")
