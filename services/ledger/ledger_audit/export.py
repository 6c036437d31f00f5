"""Where a log is read from: a directory, a tar, or its server, in the paths of C2SP tiles."""

import http.client
import tarfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from ledger_audit.errors import Tampered, Unreachable
from ledger_audit.notes import Checkpoint, Malformed, parsed, split
from ledger_audit.tree import WIDTH

LARGEST_FILE = WIDTH * (2 + 0xFFFF)
TIMEOUT = 30.0


class Missing(Exception):
    """There is no such file."""


class Files(Protocol):
    """Something that has files by path."""

    def read(self, path: str) -> bytes:
        """A file's content. Raises `Missing` and `Unreachable`."""


class Export:
    """A log as somebody else published it: nothing in it is believed yet.

    Entries are read when they are asked for, a bundle at a time, so that a log of any size fits.
    """

    def __init__(self, source: str, files: Files) -> None:
        self.source = source
        self._files = files
        try:
            self.note = files.read("checkpoint")
        except Missing:
            raise Unreachable(f"{source} has no checkpoint: it is not a log") from None

    @property
    def claimed(self) -> Checkpoint:
        """What the checkpoint says, its signature not yet looked at."""
        try:
            return parsed(split(self.note)[0])
        except Malformed as error:
            raise Tampered(1, str(error)) from None

    @property
    def vkey(self) -> str | None:
        """The key that lies beside an archive: good for a look, never for trust."""
        try:
            return self._files.read("vkey").decode(errors="replace").strip()
        except Missing:
            return None

    def entries(self) -> Iterator[bytes]:
        """All entries in order. Raises `Tampered` where a bundle is not what the size asks for."""
        size = self.claimed.size
        for number in range(-(-size // WIDTH)):
            width = min(WIDTH, size - number * WIDTH)
            yield from _unbundled(self._bundle(number, width), number * WIDTH, width)

    def tile(self, level: int, number: int, width: int) -> bytes:
        """A hash tile. Raises `Tampered` where it is missing."""
        path = tile_path(str(level), number, width)
        try:
            return self._files.read(path)
        except Missing:
            raise Tampered(7, f"{path} is missing", number << 8 * (level + 1)) from None

    def _bundle(self, number: int, width: int) -> bytes:
        path = tile_path("entries", number, width)
        try:
            return self._files.read(path)
        except Missing:
            raise Tampered(2, f"{path} is missing", number * WIDTH) from None


def read(source: str | Path) -> Export:
    """The log at a URL (`…/logs/<log>`), in a directory or in a tar. Raises `Unreachable`."""
    name = str(source)
    if name.startswith(("http://", "https://")):
        return Export(name, _Server(name))
    path = Path(source)
    if path.is_dir():
        return Export(name, _Directory(path))
    return Export(name, _Tar(path))


def tile_path(level: str, number: int, width: int) -> str:
    """The path of a tile or bundle: its number in groups of three digits."""
    digits = f"{number:03d}"
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    groups = [digits[at : at + 3] for at in range(0, len(digits), 3)]
    prefixed = "/".join([*(f"x{group}" for group in groups[:-1]), groups[-1]])
    return f"tile/{level}/{prefixed}" + ("" if width == WIDTH else f".p/{width}")


def _unbundled(bundle: bytes, first: int, width: int) -> Iterator[bytes]:
    at = 0
    for index in range(first, first + width):
        end = at + 2 + int.from_bytes(bundle[at : at + 2])
        if len(bundle) < max(end, at + 2):
            raise Tampered(2, "its bundle ends before it does", index)
        yield bundle[at + 2 : end]
        at = end
    if at != len(bundle):
        raise Tampered(2, "its bundle has more than the checkpoint covers", first + width)


class _Directory:
    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def read(self, path: str) -> bytes:
        try:
            return (self._directory / path).read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            raise Missing(path) from None
        except OSError as error:
            raise Unreachable(f"{path}: {error.strerror}") from None


class _Tar:
    def __init__(self, path: Path) -> None:
        try:
            self._file = path.open("rb")
            with tarfile.open(fileobj=self._file, mode="r:") as archive:
                members = [member for member in archive if member.isreg()]
        except (OSError, tarfile.TarError) as error:
            raise Unreachable(f"{path} is neither a directory nor a tar: {error}") from None
        self._members = {member.name: member for member in members}
        if len(self._members) != len(members):
            raise Tampered(2, f"{path} has a file twice")

    def read(self, path: str) -> bytes:
        if (member := self._members.get(path)) is None:
            raise Missing(path)
        self._file.seek(member.offset_data)
        return self._file.read(member.size)

    def __del__(self) -> None:
        with suppress(AttributeError):
            self._file.close()


class _Server:
    """One connection, kept open; a dropped one is opened again once."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        kind = (
            http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        )
        self._prefix = parts.path.rstrip("/")
        try:
            self._connection = kind(parts.netloc, timeout=TIMEOUT)
        except http.client.InvalidURL as error:
            raise Unreachable(f"{url}: {error}") from None

    def read(self, path: str) -> bytes:
        try:
            return self._get(path)
        except (OSError, http.client.HTTPException):
            self._connection.close()
        try:
            return self._get(path)
        except (OSError, http.client.HTTPException) as error:
            raise Unreachable(f"{path}: {error or type(error).__name__}") from None

    def _get(self, path: str) -> bytes:
        self._connection.request("GET", f"{self._prefix}/{path}")
        response = self._connection.getresponse()
        content = response.read(LARGEST_FILE + 1)
        if response.status == 404:
            response.read()
            raise Missing(path)
        if response.status != 200:
            self._connection.close()
            raise Unreachable(f"{path}: {response.status} {response.reason}")
        if len(content) > LARGEST_FILE:
            self._connection.close()
            raise Unreachable(f"{path}: more than {LARGEST_FILE} bytes")
        return content

    def __del__(self) -> None:
        with suppress(AttributeError):
            self._connection.close()
