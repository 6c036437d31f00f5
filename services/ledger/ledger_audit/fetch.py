"""Taking a log home: the files that its checkpoint asks for, each whole or not there.

Nothing is believed, and little is checked: what was fetched is for `verify` to look at. A file that
would be too long or too short is not kept, though, so that what is there need not be fetched again.
The checkpoint is written last: a directory without it is not a log yet. The one that it replaces
stays beside it as `checkpoint.<size>`: it may be the only evidence of what was shown before. Its
partial tiles stay too, for whoever is reading the directory by it; those of the ones before go,
where a policy says that the new checkpoint is the log's.
"""

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ledger_audit.audit import Progress, unheard
from ledger_audit.errors import Tampered, Unreachable, Untrusted
from ledger_audit.export import ENTRIES, Export, read_bundle, read_tile, tile_path, unbundled
from ledger_audit.keys import Checkpoint, Malformed
from ledger_audit.notes import parsed, split
from ledger_audit.origins import check_asked
from ledger_audit.policy import Policy
from ledger_audit.reading import is_number
from ledger_audit.sources import Missing
from ledger_audit.timestamps import stamped
from ledger_audit.tree import HASH, WIDTH

_HALF = ".half"


@dataclass
class Fetched:
    """What is in a directory now: files and bytes that were fetched, and files that were there."""

    origin: str
    size: int
    fetched: int = 0
    bytes: int = 0
    kept: int = 0


def fetch(
    export: Export,
    directory: Path,
    progress: Progress = unheard,
    *,
    policy: Policy | None = None,
    origin: str | None = None,
) -> Fetched:
    """Complete a directory to what the log has by now, if a policy takes its checkpoint.

    Raises `Unreachable`, `Tampered` where a bundle or tile has another length than the checkpoint
    asks for, and `Untrusted` where the directory holds another log, or more of this one.
    """
    if policy is not None:
        trusted = policy.check(export.note, now=int(time.time()))
        check_asked(policy, export.source, trusted.checkpoint.origin, origin)
    checkpoint = export.claimed
    if origin is not None and checkpoint.origin != origin:
        raise Untrusted(f"{origin} was asked for, and this is {checkpoint.origin}")
    before = _before(directory, checkpoint, export.note)
    found = Fetched(checkpoint.origin, checkpoint.size)
    of = _many(checkpoint.size)
    for done, (level, number, width) in enumerate(_paths(checkpoint.size), start=1):
        path = directory / tile_path(level, number, width)
        if _is_whole(path, level, number, width):
            found.kept += 1
        else:
            content = _content(export, level, number, width)
            _write(path, content)
            found.fetched, found.bytes = found.fetched + 1, found.bytes + len(content)
        progress(done, of)
    if before is not None and before[0] != checkpoint.size:
        _write(directory / f"checkpoint.{before[0]}", before[1])
    _write(directory / "checkpoint", export.note)
    _fetch_stamps(export, directory, found)
    if policy is not None and before is not None:
        _tidy(directory, (before[0], checkpoint.size))
    return found


def _fetch_stamps(export: Export, directory: Path, found: Fetched) -> None:
    """The time stamps of its checkpoints, the list last."""
    if not (sizes := stamped(export, found.size)):
        return
    paths = [f"timestamp/{size}.{kind}" for size in sizes for kind in ("note", "tsr")]
    for path in [*paths, "timestamps"]:
        if path in paths and (directory / path).is_file():
            found.kept += 1
            continue
        try:
            content = export.file(path)
        except Missing:
            raise Unreachable(f"{path} is listed and missing") from None
        _write(directory / path, content)
        found.fetched, found.bytes = found.fetched + 1, found.bytes + len(content)


def _paths(size: int) -> Iterator[tuple[str, int, int]]:
    for number in range(-(-size // WIDTH)):
        width = min(WIDTH, size - number * WIDTH)
        yield ENTRIES, number, width
        yield "0", number, width
    level = 1
    while count := size >> 8 * level:
        for number in range(-(-count // WIDTH)):
            yield str(level), number, min(WIDTH, count - number * WIDTH)
        level += 1


def _many(size: int) -> int:
    """How many paths these are, without going through them: a size is anybody's claim."""
    tiles = bundles = -(-size // WIDTH)
    while size := size >> 8:
        tiles += -(-size // WIDTH)
    return bundles + tiles


def _before(directory: Path, checkpoint: Checkpoint, note: bytes) -> tuple[int, bytes] | None:
    """The size and note of what the directory holds already, where that is of this log."""
    if directory.is_symlink() or (directory.exists() and not directory.is_dir()):
        raise Unreachable(f"{directory} is not a directory")
    try:
        held = (directory / "checkpoint").read_bytes()
        seen = parsed(split(held)[0])
    except FileNotFoundError:
        return None
    except (OSError, Malformed) as error:
        raise Unreachable(f"{directory}/checkpoint cannot be read: {error}") from None
    if seen.origin != checkpoint.origin:
        what = f"{directory} holds {seen.origin}, and this is {checkpoint.origin}"
        raise Untrusted(what)
    if seen.size > checkpoint.size:
        what = f"{directory} holds {seen.size} entries, and the log shows {checkpoint.size}"
        raise Untrusted(f"{what}: nothing was changed")
    if seen.size == checkpoint.size and seen.root != checkpoint.root:
        what = f"{directory} holds another root of {seen.size} entries: nothing was changed"
        raise Tampered(10, what, None, (held, note))
    return seen.size, held


def _is_whole(path: Path, level: str, number: int, width: int) -> bool:
    """Whether a file of the right length is there. Files are written whole, so this is enough."""
    try:
        if path.is_symlink():
            return False
        if level != ENTRIES:
            return path.stat().st_size == width * HASH
        content = path.read_bytes()
    except OSError:
        return False
    return _has_entries(content, number, width)


def _has_entries(content: bytes, number: int, width: int) -> bool:
    try:
        return sum(1 for _ in unbundled(content, number * WIDTH, width)) == width
    except Tampered:
        return False


def _content(export: Export, level: str, number: int, width: int) -> bytes:
    place = export.place(level, number, width)
    if level != ENTRIES:
        return read_tile(place, int(level), number, width)
    content = read_bundle(place, number, width)
    for _ in unbundled(content, number * WIDTH, width):
        pass
    return content


def _write(path: Path, content: bytes) -> None:
    """Write a file so that it is there whole, or not at all, whenever this process ends."""
    half = path.with_name(path.name + _HALF)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        half.unlink(missing_ok=True)
        with half.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        half.replace(path)
    except OSError as error:
        raise Unreachable(f"{path} cannot be written: {error.strerror}") from None


def _tidy(directory: Path, sizes: tuple[int, ...]) -> None:
    """Remove the partial tiles of all checkpoints but these: wider ones hold the same."""
    wanted = {tile_path(*each) for size in sizes for each in _partial(size)}
    for kept in directory.glob("checkpoint.*"):
        if is_number(kept.suffix[1:]):
            for each in _partial(int(kept.suffix[1:])):
                if tile_path(*each) not in wanted:
                    (directory / tile_path(*each)).unlink(missing_ok=True)


def _partial(size: int) -> Iterator[tuple[str, int, int]]:
    level = 0
    while count := size >> 8 * level:
        if count % WIDTH:
            yield str(level), count // WIDTH, count % WIDTH
            if level == 0:
                yield ENTRIES, count // WIDTH, count % WIDTH
        level += 1
