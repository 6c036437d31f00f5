"""HTTP in: the log as C2SP tlog-tiles says, helpers beside it, and all of it to take home.

Nothing beyond the signed size is shown; no address of a reader is kept.
"""

import gzip
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Header, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

from ledger import export, proofs, queries
from ledger.notes import receipt, verifier_key
from ledger.queries import Connection, Published, Stamp
from ledger.refusals import NotThere
from ledger.tiles import Tile, bundle, read_path
from ledger.tree import HASH, WIDTH, TileKey
from shared.database import Database, raw
from shared.envelope import LOG
from shared.people.guards import everybody
from shared.process import RouteDatabase

router = APIRouter(prefix="/logs", dependencies=[everybody])

NOTE = "text/plain; charset=utf-8"
BINARY = "application/octet-stream"
FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable"}
FOR_A_SECOND = {"Cache-Control": "public, max-age=1"}


class LogOut(BaseModel):
    """A log, and what its checkpoints are verified with."""

    log: str
    origin: str
    vkey: str
    size: int


class Position(BaseModel):
    """Where an event stands in its log."""

    index: int


@router.get("")
async def logs(database: RouteDatabase) -> list[LogOut]:
    """Every log that has published a checkpoint."""
    async with database.begin() as session:
        found = await queries.published_logs(await raw(session))
    return [
        LogOut(log=p.log, origin=p.origin, vkey=verifier_key(p.origin, p.public_key), size=p.size)
        for p in found
    ]


@router.get("/{log}/checkpoint")
async def checkpoint(log: str, database: RouteDatabase) -> Response:
    """The last signed note: all that is published stands below it."""
    async with database.begin() as session:
        published = await _published(await raw(session), log)
    return Response(published.note, media_type=NOTE, headers=FOR_A_SECOND)


@router.get("/{log}/tile/{path:path}")
async def tile(
    log: str, path: str, database: RouteDatabase, accept_encoding: Annotated[str, Header()] = ""
) -> Response:
    """A hash tile or a bundle of entries; the same for ever."""
    wanted = read_path(path)
    if wanted is None:
        raise NotThere(f"{path[:80]!r} is not the path of a tile")
    async with database.begin() as session:
        connection = await raw(session)
        published = await _published(connection, log)
        if not wanted.within(published.size):
            raise NotThere(f"{wanted.path} is beyond the {published.size} entries published")
        content = await _content(connection, log, wanted)
    if wanted.level is None:
        return _bundle(content, "gzip" in accept_encoding)
    return Response(content, media_type=BINARY, headers=FOR_EVER)


@router.get("/{log}/proof/{index}")
async def proof(log: str, index: int, database: RouteDatabase) -> Response:
    """A `.tlog-proof`: that this entry is in the tree of the last checkpoint."""
    async with database.begin() as session:
        connection = await raw(session)
        published = await _published_entry(connection, log, index)
        plan = proofs.inclusion(index, published.size)
        tiles = await queries.stored_tiles(connection, log, proofs.tiles_of(plan))
    text = receipt(index, proofs.hashes(plan, tiles), published.note)
    return Response(text, media_type=NOTE, headers=FOR_A_SECOND)


@router.get("/{log}/entry/{index}")
async def entry(log: str, index: int, database: RouteDatabase) -> Response:
    """The bytes of one entry, as they are hashed."""
    async with database.begin() as session:
        connection = await raw(session)
        await _published_entry(connection, log, index)
        (found,) = await queries.entries(connection, log, index, index + 1)
    return Response(found, media_type="application/json", headers=FOR_EVER)


@router.get("/{log}/by-id/{event_id}")
async def by_id(log: str, event_id: UUID, database: RouteDatabase) -> Position:
    """Where an event stands, once a checkpoint covers it."""
    async with database.begin() as session:
        connection = await raw(session)
        published = await _published(connection, log)
        index = await queries.entry_index(connection, log, event_id)
    if index is None or index >= published.size:
        raise NotThere(f"{log} has published no event {event_id}")
    return Position(index=index)


@router.get("/{log}/export")
async def exported(log: str, database: RouteDatabase) -> Response:
    """The whole published log as a tar of the paths above, for `ledger-audit` without a network."""
    async with database.begin() as session:
        published = await _published(await raw(session), log)
    return StreamingResponse(
        export.archive(_Reader(database, log), published),
        media_type="application/x-tar",
        headers={
            "Cache-Control": "no-store",
            "Content-Disposition": f'attachment; filename="{log}-{published.size}.tar"',
        },
    )


class _Reader:
    """Reads a log piece by piece, each in a transaction of its own: what is published stays."""

    def __init__(self, database: Database, log: str) -> None:
        self._database = database
        self._log = log

    async def entries(self, start: int, end: int) -> list[bytes]:
        """The entries from `start` to before `end`."""
        async with self._database.begin() as session:
            return await queries.entries(await raw(session), self._log, start, end)

    async def tiles(self, keys: list[TileKey]) -> dict[TileKey, bytes]:
        """These hash tiles, as stored."""
        async with self._database.begin() as session:
            return await queries.stored_tiles(await raw(session), self._log, keys)

    async def stamps(self, size: int) -> list[Stamp]:
        """The time stamps of checkpoints up to this size."""
        async with self._database.begin() as session:
            return await queries.stamps(await raw(session), self._log, size)


async def _published(connection: Connection, log: str) -> Published:
    found = await queries.published_log(connection, log) if LOG.fullmatch(log) else None
    if found is None:
        raise NotThere(f"no log {log[:60]!r} is published here")
    return found


async def _published_entry(connection: Connection, log: str, index: int) -> Published:
    published = await _published(connection, log)
    if not 0 <= index < published.size:
        raise NotThere(f"entry {index} is beyond the {published.size} entries published")
    return published


async def _content(connection: Connection, log: str, wanted: Tile) -> bytes:
    if wanted.level is None:
        start = wanted.index * WIDTH
        return bundle(await queries.entries(connection, log, start, start + wanted.width))
    key = TileKey(wanted.level, wanted.index)
    stored = await queries.stored_tiles(connection, log, [key])
    return stored[key][: wanted.width * HASH]


def _bundle(content: bytes, zipped: bool) -> Response:
    headers: dict[str, Any] = {**FOR_EVER, "Vary": "Accept-Encoding"}
    if zipped:
        content, headers = (
            gzip.compress(content, 1, mtime=0),
            {**headers, "Content-Encoding": "gzip"},
        )
    return Response(content, media_type=BINARY, headers=headers)
