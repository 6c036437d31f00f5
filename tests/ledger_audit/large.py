"""A log of very many ballots as the exporter writes it, for figures: `python -m … DIR ENTRIES`.

Ballots have the size and form of real ones; their tokens and signatures are random bytes, which
verifying a log does not look at. Memory stays small, whatever the number.
"""

import sys
from base64 import b64encode
from collections.abc import Iterator
from itertools import batched
from pathlib import Path
from random import Random
from uuid import UUID

from ledger.notes import Checkpoint, signed
from ledger.tiles import Tile, bundle
from ledger.tree import EMPTY, WIDTH, grow, leaf_hash, root
from tests.ledger_audit.logs import KEY, ORIGIN, VKEY

ROUND = "5a1c02b4-6f0e-5b3b-9d0c-0f8f3f4d1a11"


def ballot(chance: Random) -> tuple[bytes, bytes]:
    """A ballot's key and body."""
    key = b64encode(chance.randbytes(32)).decode()
    token = b64encode(chance.randbytes(384)).decode()
    sig = b64encode(chance.randbytes(64)).decode()
    choices = ",".join(map(str, sorted(chance.sample(range(1, 80), 4))))
    body = (
        f'{{"choices":[{choices}],"key":"{key}","revision":1,"round":"{ROUND}",'
        f'"sig":"{sig}","tier":"A","token":"{token}","v":1}}'
    )
    return key.encode(), body.encode()


def ballots(many: int, seed: int = 1) -> Iterator[bytes]:
    """Entries of ballots."""
    chance = Random(seed)
    for number in range(1, many + 1):
        _, body = ballot(chance)
        identity = UUID(bytes=chance.randbytes(16), version=4)
        yield (
            f'{{"body":{body.decode()},"id":"{identity}",'
            f'"number":{number},"src":"voting.box","t":"2026-11-25T12:00Z",'
            '"type":"voting.ballot-cast.v1","v":1}'
        ).encode()


def write(entries: Iterator[bytes], directory: Path) -> None:
    """Write a signed log as files, a few bundles at a time."""
    edge, size = EMPTY, 0
    for several in batched(entries, 64 * WIDTH, strict=False):
        edge, tiles = grow(edge, [leaf_hash(entry) for entry in several])
        for number, each in enumerate(batched(several, WIDTH, strict=False), size // WIDTH):
            _put(directory, Tile(None, number, len(each)), bundle(each))
        size += len(several)
        for key, content in tiles.items():
            width = len(content) // 32
            if width == WIDTH:
                _put(directory, Tile(key.level, key.index, width), content)
    for level, tail in enumerate(edge.tails):
        if tail:
            index = (size >> 8 * level) // WIDTH
            _put(directory, Tile(level, index, len(tail) // 32), tail)
    note = signed(Checkpoint(ORIGIN, size, root(edge)), KEY)
    (directory / "checkpoint").write_text(note)
    (directory / "vkey").write_text(VKEY)


def _put(directory: Path, tile: Tile, content: bytes) -> None:
    path = directory / "tile" / tile.path
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


if __name__ == "__main__":
    write(ballots(int(sys.argv[2])), Path(sys.argv[1]))
