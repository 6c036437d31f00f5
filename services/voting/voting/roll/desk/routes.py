"""The returning officer's pages: posted codes come in as a file, counts go out by tier."""

from typing import Annotated
from uuid import UUID

import asyncpg
from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from starlette.datastructures import UploadFile

from shared.database import raw
from shared.people import Person, Role, needs
from shared.people.forms import read_form
from shared.process import RouteDatabase
from shared.refusal import Refusal
from shared.web.kit import RoutePages
from shared.web.refused import wants_page
from voting.refusals import RoundUnknown
from voting.rehearsals import only_rehearsals
from voting.roll import queries
from voting.roll.codes import CodeMalformed, keyed_hashes, read_codes
from voting.roll.handlers import POSTED
from voting.roll.held.queries import waiting_number
from voting.roll.keys import RollKeys
from voting.roll.offered import queries as offered
from voting.roll.verdicts import refusal

LARGEST_FILE = 4 * 1024 * 1024
Officer = Annotated[Person, needs(Role.RETURNING_OFFICER)]


class FileMissing(Refusal):
    """No file of codes was sent, or none that can be read."""

    code = "file_missing"


STATUSES: dict[type[Refusal], int] = {FileMissing: 422}


def create_router(keys: RollKeys) -> APIRouter:
    """The desk of a roll with these keys."""
    router = APIRouter(include_in_schema=False)

    @router.get("/desk")
    async def show_desk(
        request: Request, pages: RoutePages, database: RouteDatabase, officer: Officer
    ) -> Response:
        """The rounds that this officer returns, with their codes and tokens."""
        async with database.begin() as session:
            connection = await raw(session)
            rounds = [
                (shown, await queries.counts(connection, shown.round_id))
                for shown in await offered.rounds_shown(connection)
                if officer.may(Role.RETURNING_OFFICER, shown.programme_id)
            ]
        rehearsal = only_rehearsals([shown for shown, _ in rounds])
        return pages.show(
            request, "roll-desk.html", person=officer, rehearsal=rehearsal, rounds=rounds
        )

    @router.get("/desk/rounds/{round_id}")
    async def show_round(
        round_id: UUID,
        request: Request,
        pages: RoutePages,
        database: RouteDatabase,
        officer: Officer,
        imported: int | None = None,
    ) -> Response:
        """A round's counts, and the way to import codes."""
        return await _round(request, pages, database, officer, round_id, imported=imported)

    @router.post("/desk/rounds/{round_id}/codes")
    async def import_file(
        round_id: UUID,
        request: Request,
        pages: RoutePages,
        database: RouteDatabase,
        officer: Officer,
    ) -> Response:
        """Import a file of posted codes, one a line, all or none. Known ones count no second
        time, so that a file that is sent twice changes nothing."""
        try:
            hashed = keyed_hashes(keys.roll_key, round_id, read_codes(await _lines(request)))
            async with database.begin() as session:
                connection = await raw(session)
                await _checked(connection, officer, round_id)
                verdict, imported = await queries.import_codes(connection, round_id, POSTED, hashed)
                if verdict != "imported":
                    raise refusal(verdict, round_id, POSTED)
        except (FileMissing, CodeMalformed) as found:
            if not wants_page(request):
                raise
            return await _round(request, pages, database, officer, round_id, refused=found)
        return RedirectResponse(f"/desk/rounds/{round_id}?imported={imported}", 303)

    async def _round(
        request: Request,
        pages: RoutePages,
        database: RouteDatabase,
        officer: Person,
        round_id: UUID,
        *,
        imported: int | None = None,
        refused: Refusal | None = None,
    ) -> Response:
        async with database.begin() as session:
            connection = await raw(session)
            shown = await _checked(connection, officer, round_id)
            counts = await queries.counts(connection, round_id)
            waiting = await waiting_number(connection, round_id)
        return pages.show(
            request,
            "roll-desk-round.html",
            status=200 if refused is None else 422,
            person=officer,
            rehearsal=shown.rehearsal,
            shown=shown,
            counts=counts,
            waiting=waiting,
            imported=imported,
            refused=refused,
        )

    return router


async def _checked(
    connection: asyncpg.Connection, officer: Person, round_id: UUID
) -> offered.RoundShown:
    """The round, for an officer who returns it. Raises `RoundUnknown`, `Forbidden`."""
    shown = await offered.round_shown(connection, round_id)
    if shown is None:
        raise RoundUnknown(f"round {round_id} was never prepared")
    officer.check(Role.RETURNING_OFFICER, shown.programme_id)
    return shown


async def _lines(request: Request) -> list[str]:
    """The codes in the file of a form, a line each. Raises `FileMissing`, without quoting it."""
    form = await read_form(request)
    try:
        sent = form.get("file")
        if not isinstance(sent, UploadFile) or (sent.size or 0) > LARGEST_FILE:
            raise FileMissing("a text file with one code a line, at most 4 MB")
        content = await sent.read()
    finally:
        await form.close()
    try:
        lines = [line for line in content.decode().splitlines() if line.strip()]
    except UnicodeDecodeError:
        raise FileMissing("the file is no text") from None
    if not lines:
        raise FileMissing("the file is empty")
    return lines
