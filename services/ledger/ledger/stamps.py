"""Time stamps of checkpoints (RFC 3161), as they are read: a list, and for each size two files.

`timestamp/<size>.note` is the signed note that was stamped, byte for byte; `timestamp/<size>.tsr`
the authority's reply over its SHA-256. The same names are in an export.
"""

from fastapi import APIRouter, Response

from ledger import queries
from ledger.export import listed
from ledger.refusals import NotThere
from ledger.routes import FOR_A_SECOND, FOR_EVER, NOTE
from shared.database import raw
from shared.envelope import LOG
from shared.people.guards import everybody
from shared.process import RouteDatabase

router = APIRouter(prefix="/logs", dependencies=[everybody])

REPLY = "application/timestamp-reply"


@router.get("/{log}/timestamps")
async def timestamps(log: str, database: RouteDatabase) -> Response:
    """Which checkpoints of a log were stamped, by whom and when."""
    async with database.begin() as session:
        connection = await raw(session)
        found = await queries.published_log(connection, log) if LOG.fullmatch(log) else None
        if found is None:
            raise NotThere(f"no log {log[:60]!r} is published here")
        stamps = await queries.stamps(connection, log, found.size)
    return Response(listed(stamps), media_type="application/json", headers=FOR_A_SECOND)


@router.get("/{log}/timestamp/{file}")
async def timestamp(log: str, file: str, database: RouteDatabase) -> Response:
    """The note that was stamped (`<size>.note`), or the authority's reply (`<size>.tsr`)."""
    size, _, kind = file.partition(".")
    stamp = None
    if (
        LOG.fullmatch(log)
        and kind in ("note", "tsr")
        and size.isascii()
        and size.isdigit()
        and str(int(size[:19])) == size
    ):
        async with database.begin() as session:
            stamp = await queries.stamp(await raw(session), log, min(int(size), 2**63 - 1))
    if stamp is None:
        raise NotThere(f"no time stamp {file[:40]!r} of {log[:60]!r} is here")
    if kind == "note":
        return Response(stamp.note, media_type=NOTE, headers=FOR_EVER)
    return Response(stamp.reply, media_type=REPLY, headers=FOR_EVER)
