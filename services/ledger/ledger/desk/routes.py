"""The desk's pages: what waits, what contradicts, and what two officers can do about it."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path, Request, Response
from fastapi.responses import RedirectResponse

from ledger.desk import queries, work
from ledger.desk.acts import ending
from ledger.queries import Connection
from ledger.sequence import Stream
from shared.database import Database, raw
from shared.envelope import LOG, SOURCE
from shared.people import FormData, Person, Role, needs
from shared.people.people import people_of
from shared.people.second_officer import ReasonMissing
from shared.process import RouteDatabase
from shared.web.kit import Pages, RoutePages

router = APIRouter(prefix="/desk", include_in_schema=False)

DESK = "/desk"
MOST = 50
Officer = Annotated[Person, needs(Role.ADMINISTRATOR, person=True)]
LogName = Annotated[str, Path(pattern=f"^{LOG.pattern}$")]
Digest = Annotated[str, Path(pattern="^[0-9a-f]{64}$")]
Publisher = Annotated[str, Path(pattern=f"^{SOURCE.pattern}$")]


@router.get("")
async def show_desk(
    request: Request, database: RouteDatabase, pages: RoutePages, officer: Officer
) -> Response:
    """What waits for officers, and the logs that go on."""
    return await _show(request, database, pages, officer)


@router.post("/gaps/{log}/{src}")
async def ask_to_accept_gap(
    log: LogName,
    src: Publisher,
    request: Request,
    data: FormData,
    database: RouteDatabase,
    pages: RoutePages,
    officer: Officer,
) -> Response:
    """Ask for a publisher's missing numbers to be given up."""
    about = work.about(Stream(log, src))

    async def decides(connection: Connection) -> Mapping[str, Any]:
        return work.gap(await queries.waiting_of(connection, Stream(log, src)))

    return await _ask("accept-gap", about, decides, request, data, database, pages, officer)


@router.post("/unread/{log}/{src}")
async def ask_to_reject_event(
    log: LogName,
    src: Publisher,
    request: Request,
    data: FormData,
    database: RouteDatabase,
    pages: RoutePages,
    officer: Officer,
) -> Response:
    """Ask for an event that nobody can read to be rejected."""
    about = work.about(Stream(log, src))

    async def decides(connection: Connection) -> Mapping[str, Any]:
        return work.unreadable(await queries.waiting_of(connection, Stream(log, src)))

    return await _ask("reject-event", about, decides, request, data, database, pages, officer)


@router.post("/keys/{src}/{event_id}")
async def ask_to_replace_key(
    src: Publisher,
    event_id: UUID,
    request: Request,
    data: FormData,
    database: RouteDatabase,
    pages: RoutePages,
    officer: Officer,
) -> Response:
    """Ask for a publisher's key to be taken that none of its earlier ones vouches for."""

    async def decides(connection: Connection) -> Mapping[str, Any]:
        return work.replacing(await queries.unvouched_key(connection, src, event_id))

    about = f"{src}/{event_id}"
    return await _ask("replace-key", about, decides, request, data, database, pages, officer)


@router.post("/logs/{log}/freeze")
async def ask_to_freeze_log(
    log: LogName,
    request: Request,
    data: FormData,
    database: RouteDatabase,
    pages: RoutePages,
    officer: Officer,
) -> Response:
    """Ask for the end of a log."""

    async def decides(connection: Connection) -> Mapping[str, Any]:
        return await ending(connection, log)

    return await _ask("freeze-log", log, decides, request, data, database, pages, officer)


@router.post("/quarantine/{event_id}/{digest}/seen")
async def note_seen(
    event_id: UUID, digest: Digest, database: RouteDatabase, officer: Officer
) -> Response:
    """An officer has looked at what contradicts: it stays, and raises no alarm any more."""
    async with database.begin() as session:
        found = bytes.fromhex(digest)
        await queries.note_seen(await raw(session), event_id, found, officer.id)
    return RedirectResponse(DESK, 303)


async def _ask(
    act: str,
    about: str,
    decides: Callable[[Connection], Awaitable[Mapping[str, Any]]],
    request: Request,
    data: Mapping[str, str],
    database: Database,
    pages: Pages,
    officer: Person,
) -> Response:
    acts = people_of(request).acts
    assert acts is not None
    try:
        async with database.begin() as session:
            await acts.needs_second_officer(
                session,
                act,
                about=about,
                parameters=await decides(await raw(session)),
                reason=data.get("reason", ""),
                by=officer,
            )
    except ReasonMissing:
        return await _show(request, database, pages, officer, wrong=(act, about))
    return RedirectResponse(DESK, 303)


async def _show(
    request: Request,
    database: Database,
    pages: Pages,
    officer: Person,
    wrong: tuple[str, str] | None = None,
) -> Response:
    acts = people_of(request).acts
    assert acts is not None
    async with database.begin() as session:
        connection = await raw(session)
        waiting = await queries.waiting(connection)
        unseen = await queries.unseen(connection, MOST)
        unvouched = await queries.unvouched(connection)
        logs = await queries.logs(connection)
        asked = await acts.listed(session, officer)
    return pages.show(
        request,
        "desk.html",
        status=200 if wrong is None else 422,
        person=officer,
        waiting=[each for each in waiting if each.task is not None],
        unseen=unseen,
        unvouched=unvouched,
        logs=logs,
        asked={(act.act, act.about): act for act in asked if act.state == "waiting"},
        about=work.about,
        wrong=wrong,
    )
