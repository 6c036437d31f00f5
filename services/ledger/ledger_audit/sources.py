"""Files of a log, by path: in a directory, in a tar, or at its server. None is believed."""

import http.client
import io
import os
import re
import socket
import stat
import time
import zlib
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple, Protocol
from urllib.parse import urlsplit

from ledger_audit import archives
from ledger_audit.errors import Tampered, Unreachable
from ledger_audit.tree import WIDTH

LARGEST_FILE = WIDTH * (2 + 0xFFFF)
TIMEOUT = 30.0
# A server may be slow; it may not keep an auditor for ever, a byte at a time.
LONGEST_ANSWER = 120.0
# What a tar makes an auditor remember: the files of a log of some 5 * 10^8 entries.
MOST_FILES = 4_000_000
_OF_A_LOG = re.compile(
    r"checkpoint|vkey|timestamps|timestamp/[0-9]{1,19}\.(?:note|tsr)"
    r"|tile/(?:entries|[0-9])/(?:x[0-9]{3}/){0,6}[0-9]{3}(?:\.p/[0-9]{1,3})?",
    re.ASCII,
)
_PIECE = 1 << 16
_GZIP = 31


class Missing(Exception):
    """There is no such file."""


class Place(NamedTuple):
    """Where a file's bytes are on this machine, so that another process can read them."""

    root: str
    path: str
    offset: int = 0
    size: int | None = None


class Files(Protocol):
    """Something that has files by path."""

    def place(self, path: str) -> Place | bytes:
        """Where a file's bytes are, or these. Raises `Missing` and `Unreachable`."""


def content(place: Place | bytes) -> bytes:
    """A file's bytes. Raises `Missing` and `Unreachable`."""
    if isinstance(place, bytes):
        return place
    try:
        if place.size is None:
            return _regular(place)
        with open(place.root, "rb") as archive:
            archive.seek(place.offset)
            return archive.read(place.size)
    except (FileNotFoundError, NotADirectoryError):
        raise Missing(place.path) from None
    except OSError as error:
        raise Unreachable(f"{place.path}: {error.strerror}") from None


def _regular(place: Place) -> bytes:
    """A file below a directory. Links are not followed: one could lead out of it, or nowhere."""
    at = place.root
    for part in place.path.split("/"):
        at = os.path.join(at, part)
        status = os.lstat(at)
        if stat.S_ISLNK(status.st_mode):
            raise Unreachable(f"{at} is a symbolic link, which is not followed")
    if not stat.S_ISREG(status.st_mode):
        raise Unreachable(f"{at} is not a file")
    _check_size(at, status.st_size)
    # Whatever stands there by now, this neither follows it nor waits for it.
    number = os.open(at, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with open(number, "rb") as file:
        return file.read(LARGEST_FILE)


def _check_size(name: str, size: int) -> None:
    if size > LARGEST_FILE:
        raise Unreachable(
            f"{name}: {size} bytes, and no file of a log has more than this auditor"
            f" reads, {LARGEST_FILE}"
        )


class Directory:
    """A directory in the paths of C2SP tiles."""

    def __init__(self, directory: Path) -> None:
        self._root = str(directory)

    def place(self, path: str) -> Place:
        """Where a file would be; whether it is there, reading it tells."""
        return Place(self._root, path)


class Tar:
    """A plain tar of such a directory, read in place: nothing is ever unpacked."""

    def __init__(self, path: Path) -> None:
        self._path = str(path)
        self._members = dict[str, tuple[int, int]]()
        try:
            with open(path, "rb") as archive:
                for name, offset, size in archives.members(archive):
                    self._take(name, offset, size)
        except (OSError, archives.NoTar) as error:
            what = f"{path} is neither a directory nor a tar: {error}"
            raise Unreachable(what) from None

    def _take(self, name: str, offset: int, size: int) -> None:
        plain = name.removeprefix("./")
        if plain.startswith("/") or ".." in plain.split("/"):
            raise Unreachable(f"{self._path} has a path that leads out of it: {name[:100]}")
        if _OF_A_LOG.fullmatch(plain) is None:
            return
        if plain in self._members:
            raise Tampered(2, f"{self._path} has a file twice: {plain[:100]}")
        if len(self._members) == MOST_FILES:
            raise Unreachable(f"{self._path} has more than {MOST_FILES} files of a log")
        self._members[plain] = (offset, size)

    def place(self, path: str) -> Place:
        """Where a file is. Raises `Missing`."""
        if path not in self._members:
            raise Missing(path)
        offset, size = self._members[path]
        _check_size(path, size)
        return Place(self._path, path, offset, size)


class _Deadline(io.RawIOBase):
    """What a socket receives until a moment: headers, trailers and all that is in between."""

    def __init__(self, connected: socket.socket, until: float) -> None:
        self._socket = connected
        self._until = until
        # This way the socket stays open until the answer was read, whatever its connection does.
        self._raw = connected.makefile("rb", buffering=0)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left = self._until - time.monotonic()
        if left <= 0:
            raise Unreachable(f"the answer has no end within {LONGEST_ANSWER:.0f} s")
        self._socket.settimeout(min(TIMEOUT, left))
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Timed(NamedTuple):
    """A socket as an HTTP answer wants one."""

    connected: socket.socket
    until: float

    def makefile(self, mode: str) -> io.BufferedReader:
        """What it reads from."""
        return io.BufferedReader(_Deadline(self.connected, self.until))


class Server:
    """One connection, kept open; a dropped one is opened again once. Redirects are not followed.

    A request has one deadline for all of it.
    """

    def __init__(self, url: str) -> None:
        try:
            parts = urlsplit(url)
            if not parts.hostname:
                raise http.client.InvalidURL("there is no host in it")
            kind = (
                http.client.HTTPSConnection
                if parts.scheme == "https"
                else http.client.HTTPConnection
            )
            self._prefix = parts.path.rstrip("/")
            self._until = 0.0
            self._connection = kind(parts.netloc, timeout=TIMEOUT)
            self._connection.response_class = self._answer  # type: ignore[assignment]
        except (http.client.InvalidURL, ValueError) as error:
            raise Unreachable(f"{url}: {error}") from None

    def place(self, path: str) -> bytes:
        """What the server answers. Raises `Missing` and `Unreachable`."""
        self._until = time.monotonic() + LONGEST_ANSWER
        try:
            return self._get(path)
        except (OSError, http.client.HTTPException, ValueError):
            self._connection.close()
        except Unreachable:
            self._connection.close()
            raise
        try:
            return self._get(path)
        except (OSError, http.client.HTTPException, ValueError) as error:
            self._connection.close()
            raise Unreachable(f"{path}: {error or type(error).__name__}") from None

    def _answer(self, connected: socket.socket, **asked: Any) -> http.client.HTTPResponse:
        timed: Any = _Timed(connected, self._until)
        return http.client.HTTPResponse(timed, **asked)

    def _get(self, path: str) -> bytes:
        if self._connection.sock is not None:
            self._connection.sock.settimeout(TIMEOUT)
        self._connection.request(
            "GET", f"{self._prefix}/{path}", headers={"Accept-Encoding": "gzip, identity"}
        )
        response = self._connection.getresponse()
        if response.status not in (200, 404):
            self._connection.close()
            where = response.headers.get("Location")
            to = "" if where is None else f", to {where[:100]}, which is not followed"
            raise Unreachable(f"{path}: {response.status} {response.reason}{to}")
        found = self._body(path, response)
        if response.status == 404:
            raise Missing(path)
        return found

    def _body(self, path: str, response: http.client.HTTPResponse) -> bytes:
        found = bytearray()
        while piece := response.read1(_PIECE):
            found += piece
            if len(found) > LARGEST_FILE:
                self._connection.close()
                raise Unreachable(f"{path}: the answer has no end within {LARGEST_FILE} bytes")
        if response.length:
            raise http.client.IncompleteRead(bytes(found), response.length)
        match response.headers.get("Content-Encoding", "identity").lower():
            case "identity":
                return bytes(found)
            case "gzip":
                return _unzipped(path, bytes(found))
            case other:
                raise Unreachable(f"{path}: in the encoding {other[:40]}, which nobody asked for")

    def __del__(self) -> None:
        with suppress(AttributeError):
            self._connection.close()


def _unzipped(path: str, packed: bytes) -> bytes:
    """The content of gzip, no more of it than a file of a log has."""
    unpacking = zlib.decompressobj(_GZIP)
    try:
        found = unpacking.decompress(packed, LARGEST_FILE + 1)
    except zlib.error as error:
        raise Unreachable(f"{path}: {error}") from None
    if len(found) > LARGEST_FILE or not unpacking.eof or unpacking.unused_data:
        raise Unreachable(f"{path}: not one gzip of at most {LARGEST_FILE} bytes")
    return found


def files(source: str | Path) -> Files:
    """The files at a URL, in a directory or in a tar. Raises `Unreachable`."""
    name = str(source)
    if name.startswith(("http://", "https://")):
        return Server(name)
    return Directory(Path(source)) if Path(source).is_dir() else Tar(Path(source))
