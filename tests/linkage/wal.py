"""Reads a write-ahead log from the bytes of its segments, whatever their names are now.

PostgreSQL's own `pg_waldump` refuses a segment that was recycled, whose pages are of before; an
attacker does not. Pages are put in order by the address that each has in its header, and records
are read from every run of pages that follow each other (PostgreSQL 13 to 18, `xlog_internal.h` and
`xlogrecord.h`; little-endian).
"""

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

PAGE = 8192
_PAGE_HEADER = struct.Struct("<HHIQI")  # magic, info, timeline, address, bytes of a record before
_LONG_HEADER = 2
_RECORD_HEADER = struct.Struct("<IIQBBHI")  # length, transaction, previous, info, manager, –, CRC
_COMMIT = (1, 0x00)  # resource manager "Transaction", the operation in bits 4 to 6
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Record:
    """A record: where it begins, whose it is, its bytes, and of a commit the time."""

    address: int
    transaction: int
    data: bytes
    committed: datetime | None


def records(segments: Iterable[Path]) -> Iterator[Record]:
    """The records that are whole, in the order in which they were written."""
    pages = dict[int, bytes]()
    for segment in segments:
        content = segment.read_bytes()
        for begin in range(0, len(content), PAGE):
            page = content[begin : begin + PAGE]
            magic, _, _, address, _ = _PAGE_HEADER.unpack_from(page)
            if magic >> 8 == 0xD1 and address:
                pages[address] = page
    run: list[int] = []
    addresses = sorted(pages)
    for address, following in pairwise([*addresses, -1]):
        run.append(address)
        if following != address + PAGE:
            yield from _of_run([(each, pages[each]) for each in run])
            run = []


def _of_run(pages: list[tuple[int, bytes]]) -> Iterator[Record]:
    """The records of pages that follow each other, but for the one that began before them."""
    stream, places = bytearray(), list[tuple[int, int]]()
    for address, page in pages:
        _, info, _, _, _ = _PAGE_HEADER.unpack_from(page)
        header = 40 if info & _LONG_HEADER else 24
        places.append((len(stream), address + header))
        stream += page[header:]
    at, page_number = _aligned(_rest(pages[0][1])), 0
    while at + _RECORD_HEADER.size <= len(stream):
        length, transaction, _, info, manager, _, _ = _RECORD_HEADER.unpack_from(stream, at)
        if length < _RECORD_HEADER.size or at + length > len(stream):
            # A segment that was ended early: what follows begins on a later page.
            page_number = _page_of(places, at, page_number) + 1
            if page_number >= len(places):
                return
            at = places[page_number][0] + _aligned(_rest(pages[page_number][1]))
            continue
        page_number = _page_of(places, at, page_number)
        begin, address = places[page_number]
        data = bytes(stream[at : at + length])
        is_commit = (manager, info & 0x70) == _COMMIT
        yield Record(address + at - begin, transaction, data, _time(data) if is_commit else None)
        at += _aligned(length)


def _rest(page: bytes) -> int:
    rest: int = _PAGE_HEADER.unpack_from(page)[4]
    return rest


def _page_of(places: list[tuple[int, int]], at: int, known: int) -> int:
    while known + 1 < len(places) and places[known + 1][0] <= at:
        known += 1
    return known


def _aligned(length: int) -> int:
    return (length + 7) // 8 * 8


def _time(data: bytes) -> datetime:
    """A commit's time, with which its main data begins: behind 255 and a length of one byte, or 254
    and one of four."""
    begin = _RECORD_HEADER.size + (2 if data[_RECORD_HEADER.size] == 0xFF else 5)
    [microseconds] = struct.unpack_from("<q", data, begin)
    return _EPOCH + timedelta(microseconds=microseconds)
