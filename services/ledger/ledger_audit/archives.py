"""The files in a tar (POSIX ustar and pax, and GNU's long names), header by header.

Python's own reader holds a header of any size in memory, and goes one call deeper for each header
of headers. Here each is read in turn, and none is long.
"""

import tarfile
from collections.abc import Iterator
from typing import BinaryIO

_BLOCK = 512
# A path of a log has fewer than a hundred bytes; others have to be passed over, and not kept.
LONGEST_HEADER = 1 << 16
MOST_HEADERS = 16
_FILES = (tarfile.REGTYPE, tarfile.AREGTYPE)
_LONG_NAME, _LONG_LINK = tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK
_PAX = (tarfile.XHDTYPE, tarfile.SOLARIS_XHDTYPE)
_ANYWAY = (_LONG_NAME, _LONG_LINK, *_PAX, tarfile.XGLTYPE)


class NoTar(ValueError):
    """This is not a tar, or not one of a log; the message says why."""


def members(archive: BinaryIO) -> Iterator[tuple[str, int, int]]:
    """Each file's path, and where its bytes are: offset and size. Raises `NoTar`."""
    size = archive.seek(0, 2)
    at, headers, said, found = 0, 0, dict[str, str](), False
    while at < size:
        archive.seek(at)
        block = archive.read(_BLOCK)
        if not any(block):
            break
        member, found = _member(block), True
        start, many = at + _BLOCK, member.size
        if member.type in _ANYWAY:
            headers += 1
            if many > LONGEST_HEADER or headers > MOST_HEADERS:
                raise NoTar("a header longer than any file of a log needs")
            said |= _said(member.type, archive.read(many))
        else:
            if any(name.startswith("GNU.sparse") for name in said):
                raise NoTar("a file with holes in it")
            many = _whole(said.get("size"), many)
            if start + many > size:
                raise NoTar("it ends within a file")
            if member.type in _FILES:
                yield said.get("path", member.name), start, many
            headers, said = 0, {}
        at = start + -(-many // _BLOCK) * _BLOCK
    if not found:
        raise NoTar("no file is in it")


def _member(block: bytes) -> tarfile.TarInfo:
    try:
        found = tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")
    except (tarfile.HeaderError, ValueError) as error:
        raise NoTar(str(error)) from None
    if found.size < 0 or found.type == tarfile.GNUTYPE_SPARSE:
        raise NoTar("a file with holes in it, or of no size")
    return found


def _said(kind: bytes, content: bytes) -> dict[str, str]:
    """What a header says of the next file."""
    if kind == _LONG_NAME:
        return {"path": content.rstrip(b"\0").decode(errors="surrogateescape")}
    said, at = dict[str, str](), 0
    while kind in _PAX and at < len(content):
        length, space, _ = content[at : at + 20].partition(b" ")
        if not space or not length.isdigit() or int(length) <= len(length) + 1:
            raise NoTar("a header that is none")
        record = content[at + len(length) + 1 : at + int(length)].decode(errors="surrogateescape")
        name, separator, value = record.removesuffix("\n").partition("=")
        if not separator:
            raise NoTar("a header that is none")
        said[name] = value
        at += int(length)
    return said


def _whole(said: str | None, otherwise: int) -> int:
    if said is None:
        return otherwise
    if not (said.isascii() and said.isdigit() and len(said) < 19):
        raise NoTar("a file of no size")
    return int(said)
