"""HTTP in: the record for people. Nothing beyond the signed size is shown here either."""

from collections import defaultdict
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse, Response

from ledger import queries as logs
from ledger.notes import verifier_key
from ledger.pages import queries
from ledger.pages.telling import Labels, Teller, content_ids, labels, programme_of, title_of
from ledger.queries import Connection, Published
from ledger.refusals import NotThere
from shared.database import raw
from shared.envelope import LOG
from shared.events.event import PLATFORM_LOG
from shared.people.guards import everybody
from shared.process import RouteDatabase, process_of
from shared.web.kit import Pages, RoutePages
from shared.web.messages import mark

router = APIRouter(include_in_schema=False, dependencies=[everybody])

PAGE = 50
# Of a log's life, in its drawing.
SLICES = 24
ADVICE = {
    NotThere.code: mark(
        "What happened a moment ago is here after the next checkpoint, within seconds. "
        "Load the page again, or begin with the list of logs."
    )
}


@router.get("/", include_in_schema=False)
async def home() -> Response:
    """The record's first page."""
    return RedirectResponse("/explore", 303)


@router.get("/explore")
async def all_logs(request: Request, database: RouteDatabase, pages: RoutePages) -> Response:
    """Every log, its size and its last checkpoint."""
    async with database.begin() as session:
        connection = await raw(session)
        found = await logs.published_logs(connection)
        charters = {log.log: await queries.charter_of(connection, log.log) for log in found}
        titles = {log: title_of(charter) for log, charter in charters.items()}
        rehearsals = await queries.rehearsals(connection, charters)
        words = await queries.words(connection, [title for title in titles.values() if title])
    named = {log: words.get(title or "") for log, title in titles.items()}
    shown = [(log, named[log.log], verifier_key(log.origin, log.public_key)) for log in found]
    return pages.show(
        request, "logs.html", logs=shown, platform=PLATFORM_LOG, rehearsals=rehearsals
    )


@router.get("/explore/event")
async def look_up(id: str = "") -> Response:
    """To the entry of an event whose id somebody typed."""
    try:
        return RedirectResponse(f"/explore/event/{UUID(id.strip())}", 303)
    except ValueError:
        raise NotThere(f"{id[:60]!r} is not the id of an event") from None


@router.get("/explore/event/{event_id}")
async def event(event_id: UUID, database: RouteDatabase) -> Response:
    """To the entry that an event became, once a checkpoint covers it."""
    async with database.begin() as session:
        connection = await raw(session)
        place = await queries.place_of(connection, event_id)
        published = None if place is None else await logs.published_log(connection, place[0])
    if place is None or published is None or place[1] >= published.size:
        raise NotThere(f"no log has published the event {event_id} yet")
    return RedirectResponse(f"/explore/{place[0]}/{place[1]}", 303)


@router.get("/receipt")
async def receipt(request: Request, database: RouteDatabase, pages: RoutePages) -> Response:
    """Where a receipt is checked, by a script in the reader's browser."""
    async with database.begin() as session:
        connection = await raw(session)
        keys = await queries.keys(connection)
        editions = {log for log, _ in keys} - {PLATFORM_LOG}
        rehearsals = await queries.rehearsals(connection, editions)
    witnesses = request.app.state.witnesses
    logs = [
        {
            "log": log,
            "origin": origin,
            "keys": [verifier_key(origin, key) for key in public],
            "witnesses": witnesses,
            "ballots": log != PLATFORM_LOG,
        }
        for (log, origin), public in keys.items()
    ]
    site = process_of(request).settings.site("ledger")
    # A receipt may be of any log: in earnest, where one is.
    only = bool(editions) and rehearsals == editions
    return pages.show(request, "receipt.html", logs=logs, site=site, rehearsal=only)


@router.get("/explore/{log}")
async def entries(
    request: Request,
    log: str,
    database: RouteDatabase,
    pages: RoutePages,
    before: Annotated[int | None, Query(ge=0, le=2**62)] = None,
) -> Response:
    """The entries of a log, newest first, fifty a page."""
    async with database.begin() as session:
        connection = await raw(session)
        published = await _published(connection, log)
        end = published.size if before is None else min(before, published.size)
        rows = await queries.entries_before(connection, log, end, PAGE)
        grown = await queries.growth(connection, log, SLICES) if before is None else []
        rehearsal = log in await queries.rehearsals(connection, [log])
        teller = await _teller(connection, pages, request, log, [row.bytes for row in rows])
    return pages.show(
        request,
        "entries.html",
        log=log,
        published=published,
        entries=[teller.tell(row.at, row.bytes) for row in rows],
        grown=grown,
        newer=end + PAGE if end < published.size else None,
        older=end - PAGE if end > PAGE else None,
        rehearsal=rehearsal,
    )


@router.get("/explore/{log}/{index}")
async def entry(
    request: Request, log: str, index: int, database: RouteDatabase, pages: RoutePages
) -> Response:
    """One entry in plain words, with all that it takes to check it."""
    async with database.begin() as session:
        connection = await raw(session)
        published = await _published(connection, log)
        if not 0 <= index < published.size:
            raise NotThere(f"entry {index} is beyond the {published.size} entries published")
        (row,) = await queries.entries_before(connection, log, index + 1, 1)
        rehearsal = log in await queries.rehearsals(connection, [log])
        teller = await _teller(connection, pages, request, log, [row.bytes])
    return pages.show(
        request,
        "entry.html",
        log=log,
        published=published,
        entry=teller.tell(index, row.bytes),
        leaf_hash=row.leaf_hash.hex(),
        exact=row.bytes.decode(),
        vkey=verifier_key(published.origin, published.public_key),
        site=process_of(request).settings.site("ledger"),
        rehearsal=rehearsal,
    )


async def _published(connection: Connection, log: str) -> Published:
    found = await logs.published_log(connection, log) if LOG.fullmatch(log) else None
    if found is None:
        raise NotThere(f"no log {log[:60]!r} is published here")
    return found


async def _teller(
    connection: Connection, pages: Pages, request: Request, log: str, found: list[bytes]
) -> Teller:
    language = pages.language(request)
    return Teller(
        language,
        lambda sentence: pages.translate(language, sentence),
        await queries.words(connection, content_ids(found)),
        await _labels(connection, log),
    )


async def _labels(connection: Connection, log: str) -> dict[str | None, Labels]:
    """Those of the log's own charter; in the platform's log, of each programme's."""
    if log != PLATFORM_LOG:
        amended = await queries.amendments(connection, log)
        return {None: labels(await queries.charter_of(connection, log), *amended)}
    versions = defaultdict[str | None, list[bytes]](list)
    for each in (*await queries.charters(connection), *await queries.amendments(connection, None)):
        versions[programme_of(each)].append(each)
    return {programme: labels(*each) for programme, each in versions.items()}
