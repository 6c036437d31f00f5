"""The archive of a log: a plain tar of the paths that it serves, made while it is sent."""

import json
import tarfile
from collections.abc import AsyncIterator, Iterator, Sequence
from itertools import batched
from typing import Protocol

from ledger.notes import verifier_key
from ledger.queries import Published, Stamp
from ledger.tiles import bundle, bundles, tree_tiles
from ledger.tree import HASH, WIDTH, TileKey

_AT_ONCE = 16
_BLOCK = tarfile.BLOCKSIZE


class Reader(Protocol):
    """Where the pieces come from."""

    async def entries(self, start: int, end: int) -> list[bytes]: ...

    async def tiles(self, keys: list[TileKey]) -> dict[TileKey, bytes]: ...

    async def stamps(self, size: int) -> list[Stamp]: ...


async def archive(reader: Reader, published: Published) -> AsyncIterator[bytes]:
    """The bytes of the tar: the same for the same checkpoint and its time stamps, with never more
    than a few bundles in memory."""
    for name, text in (
        ("checkpoint", published.note),
        ("vkey", verifier_key(published.origin, published.public_key) + "\n"),
    ):
        yield _member(name, text.encode())
    for some in batched(bundles(published.size), _AT_ONCE, strict=False):
        end = some[-1].index * WIDTH + some[-1].width
        entries = iter(await reader.entries(some[0].index * WIDTH, end))
        for tile in some:
            content = bundle(next(entries) for _ in range(tile.width))
            yield _member(f"tile/{tile.path}", content)
    for some in batched(tree_tiles(published.size), _AT_ONCE, strict=False):
        keys = [TileKey(tile.level or 0, tile.index) for tile in some]
        stored = await reader.tiles(keys)
        for tile, key in zip(some, keys, strict=True):
            yield _member(f"tile/{tile.path}", stored[key][: tile.width * HASH])
    for name, content in stamp_files(await reader.stamps(published.size)):
        yield _member(name, content)
    yield bytes(2 * _BLOCK)


def listed(stamps: Sequence[Stamp]) -> bytes:
    """The list of stamps; its times are the authorities'."""
    found = [
        {"authority": each.authority, "size": each.size, "time": f"{each.at:%Y-%m-%dT%H:%M:%SZ}"}
        for each in stamps
    ]
    return json.dumps(found, separators=(",", ":")).encode() + b"\n"


def stamp_files(stamps: Sequence[Stamp]) -> Iterator[tuple[str, bytes]]:
    """What an export has of stamps, by path; nothing where there are none."""
    if stamps:
        yield "timestamps", listed(stamps)
    for each in stamps:
        yield f"timestamp/{each.size}.note", each.note.encode()
        yield f"timestamp/{each.size}.tsr", each.reply


def _member(name: str, content: bytes) -> bytes:
    found = tarfile.TarInfo(name)
    found.size = len(content)
    found.mode = 0o644
    padding = -len(content) % _BLOCK
    return found.tobuf(tarfile.USTAR_FORMAT) + content + bytes(padding)
