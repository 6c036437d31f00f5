"""HTTP in: the log as C2SP tlog-tiles says, helpers beside it, and all of it to take home.

Nothing beyond the signed size is shown; no address of a reader is kept.
"""

import asyncio
import gzip
import re
from base64 import b64encode
from datetime import datetime
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

from ledger import export, prefixes, promises, proofs, queries
from ledger.notes import receipt, verifier_key
from ledger.queries import Connection, Published, Stamp
from ledger.refusals import NOT_KEPT, NotThere
from ledger.shelf import Shelf
from ledger.tiles import Tile, bundle, read_path
from ledger.tree import HASH, WIDTH, TileKey
from shared.database import Database, raw
from shared.envelope import LOG
from shared.openapi import documented
from shared.people.guards import everybody
from shared.process import RouteDatabase, process_of

router = APIRouter(prefix="/logs", dependencies=[everybody])

NOTE = "text/plain; charset=utf-8"
BINARY = "application/octet-stream"
JSON = "application/json"
FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable"}
FOR_A_SECOND = {"Cache-Control": "public, max-age=1"}
BOX = "voting.box"
_INDEX = re.compile(r"0|[1-9][0-9]{0,17}", re.ASCII)


class LogOut(BaseModel):
    """A log, and what its checkpoints are verified with."""

    log: str
    origin: str
    vkey: str
    size: int


class Position(BaseModel):
    """Where an event stands in its log."""

    index: int


class Prefixes(BaseModel):
    """How many digits of its digest a ballot is asked for by, in this log by now."""

    digits: int


class BallotOut(BaseModel):
    """A ballot's entry, and the hashes from it to the root."""

    index: int
    digest: str
    entry: str
    proof: list[str]


class Ballots(BaseModel):
    """All ballots whose digests begin so, and the signed checkpoint that the proofs lead to."""

    checkpoint: str
    ballots: list[BallotOut]


class PromisesOut(BaseModel):
    """What the box's promises about a round are measured by: the entry that says when voting ends,
    when a ballot has to be here, and the keys that the box's signature can be by (raw, base64)."""

    due: datetime
    entry: int
    keys: tuple[str, ...]


def shelf_of(request: Request) -> Shelf:
    """What this process keeps in memory."""
    shelf = request.app.state.shelf
    assert isinstance(shelf, Shelf)
    return shelf


@router.get("")
async def logs(database: RouteDatabase) -> list[LogOut]:
    """Every log that has published a checkpoint."""
    async with database.begin() as session:
        found = await queries.published_logs(await raw(session))
    return [
        LogOut(log=p.log, origin=p.origin, vkey=verifier_key(p.origin, p.public_key), size=p.size)
        for p in found
    ]


# Bare Starlette routes: what mirrors and auditors ask for thousands of times. They answer HEAD too.
@documented(gives=NOTE)
async def checkpoint(request: Request) -> Response:
    """The last signed note: all that is published stands below it."""
    async with process_of(request).database.begin() as session:
        published = await _published(await raw(session), request.path_params["log"])
    return Response(published.note, media_type=NOTE, headers=FOR_A_SECOND)


@documented(gives=BINARY)
async def tile(request: Request) -> Response:
    """A hash tile or a bundle of entries; the same for ever."""
    log, path = request.path_params["log"], request.path_params["path"]
    wanted, shelf = read_path(path), shelf_of(request)
    if wanted is None:
        raise NotThere(f"{path[:80]!r} is not the path of a tile")
    published = shelf.has_published(log, wanted)
    if wanted.level is not None and published and (kept := shelf.take(log, wanted)) is not None:
        return Response(kept, media_type=BINARY, headers=FOR_EVER)
    async with process_of(request).database.begin() as session:
        connection = await raw(session)
        if not published:
            found = await _published(connection, log)
            shelf.saw(log, found.size)
            if not wanted.within(found.size):
                raise NotThere(f"{wanted.path} is beyond the {found.size} entries published")
        if wanted.level is None:
            start = wanted.index * WIDTH
            entries = await queries.entries(connection, log, start, start + wanted.width)
        else:
            stored = await _stored(connection, log, wanted)
    if wanted.level is None:
        return await _bundle(entries, "gzip" in request.headers.get("accept-encoding", ""))
    shelf.put(log, wanted, stored)
    return Response(stored[: wanted.width * HASH], media_type=BINARY, headers=FOR_EVER)


router.add_route("/logs/{log}/checkpoint", checkpoint, methods=["GET"])
router.add_route("/logs/{log}/tile/{path:path}", tile, methods=["GET"])


@router.get("/{log}/proof/{index}")
async def proof(log: str, index: str, database: RouteDatabase) -> Response:
    """A `.tlog-proof`: that this entry is in the tree of the last checkpoint."""
    async with database.begin() as session:
        connection = await raw(session)
        published, place = await _published_entry(connection, log, index)
        plan = proofs.inclusion(place, published.size)
        tiles = await queries.stored_tiles(connection, log, proofs.tiles_of(plan))
    text = receipt(place, proofs.hashes(plan, tiles), published.note)
    name = f'attachment; filename="{log}-{place}.tlog-proof"'
    return Response(text, media_type=NOTE, headers={**FOR_A_SECOND, "Content-Disposition": name})


@router.get("/{log}/entry/{index}")
async def entry(log: str, index: str, database: RouteDatabase) -> Response:
    """The bytes of one entry, as they are hashed."""
    async with database.begin() as session:
        connection = await raw(session)
        _, place = await _published_entry(connection, log, index)
        (found,) = await queries.entries(connection, log, place, place + 1)
    return Response(found, media_type=JSON, headers=FOR_EVER)


@router.get("/{log}/by-id/{event_id}")
async def by_id(log: str, event_id: str, database: RouteDatabase, response: Response) -> Position:
    """Where an event stands, once a checkpoint covers it."""
    wanted = _id(event_id, "an event")
    async with database.begin() as session:
        connection = await raw(session)
        published = await _published(connection, log)
        index = await queries.entry_index(connection, log, wanted)
    if index is None or index >= published.size:
        raise NotThere(f"{log} has published no event {wanted}")
    response.headers.update(FOR_EVER)
    return Position(index=index)


@router.get("/{log}/by-prefix")
async def prefix_digits(log: str, database: RouteDatabase, response: Response) -> Prefixes:
    """How many digits of its digest a ballot of this log is asked for by."""
    async with database.begin() as session:
        connection = await raw(session)
        published = await _published(connection, log)
        ballots = await queries.box_number(connection, log, published.size)
    response.headers.update(FOR_A_SECOND)
    return Prefixes(digits=prefixes.digits(ballots))


@router.get("/{log}/by-prefix/{prefix:path}")
async def by_prefix(log: str, prefix: str, database: RouteDatabase, response: Response) -> Ballots:
    """All ballots whose digests begin so, each with its proof: whoever asks finds hers in the
    answer, and need not ask again."""
    async with database.begin() as session:
        connection = await raw(session)
        published = await _published(connection, log)
        prefixes.check(prefix, await queries.box_number(connection, log, published.size))
        found = await queries.box_entries(connection, log, published.size, *prefixes.ids(prefix))
        plans = {index: proofs.inclusion(index, published.size) for index, _ in found}
        needed = {key for plan in plans.values() for key in proofs.tiles_of(plan)}
        tiles = await queries.stored_tiles(connection, log, needed)
    response.headers.update(NOT_KEPT)
    shown = await asyncio.to_thread(_ballots, prefix, found, plans, tiles)
    return Ballots(checkpoint=published.note, ballots=shown)


@router.get("/{log}/promises/{round_id}")
async def promises_of(
    log: str, round_id: str, database: RouteDatabase, response: Response
) -> PromisesOut:
    """By when ballots of a round that were promised have to be in this log, and by which keys a
    promise can be signed. Who asks names no ballot."""
    wanted = _id(round_id, "a round")
    async with database.begin() as session:
        connection = await raw(session)
        published = await _published(connection, log)
        entries = await queries.round_entries(connection, log, published.size)
        keys = (await queries.service_keys(connection)).get(BOX, ())
    found = promises.due(entries, wanted)
    if found is None:
        raise NotThere(f"{log} has published no opening of round {wanted}")
    response.headers.update(FOR_A_SECOND)
    return PromisesOut(due=found.at, entry=found.entry, keys=keys)


def _ballots(
    prefix: str,
    found: list[tuple[int, bytes]],
    plans: dict[int, proofs.Plan],
    tiles: dict[TileKey, bytes],
) -> list[BallotOut]:
    return [
        BallotOut(
            index=index,
            digest=digest,
            entry=content.decode(),
            proof=[b64encode(each).decode() for each in proofs.hashes(plans[index], tiles)],
        )
        for index, content in found
        if (digest := prefixes.digest(content)) is not None and digest.startswith(prefix)
    ]


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


async def _published_entry(connection: Connection, log: str, index: str) -> tuple[Published, int]:
    published = await _published(connection, log)
    if not _INDEX.fullmatch(index) or int(index) >= published.size:
        raise NotThere(f"{index[:80]!r} is no index below the {published.size} entries published")
    return published, int(index)


def _id(text: str, of: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotThere(f"{text[:80]!r} is not the id of {of}") from None


async def _stored(connection: Connection, log: str, wanted: Tile) -> bytes:
    key = TileKey(wanted.level or 0, wanted.index)
    return (await queries.stored_tiles(connection, log, [key]))[key]


async def _bundle(entries: list[bytes], zipped: bool) -> Response:
    headers: dict[str, Any] = {**FOR_EVER, "Vary": "Accept-Encoding"}
    content = bundle(entries)
    if zipped:
        # Milliseconds, in which other readers are answered.
        content = await asyncio.to_thread(gzip.compress, content, 1, mtime=0)
        headers["Content-Encoding"] = "gzip"
    return Response(content, media_type=BINARY, headers=headers)


@router.get("/{path:path}", include_in_schema=False)
async def nothing(path: str) -> Response:
    """Anything else below `/logs` is not there. Without this, a slash at an address's end would be
    answered with a redirect, which no reader of tiles follows."""
    raise NotThere(f"{path[:80]!r} is not the path of anything in a log")
