"""The page on which an officer declares a class, and gets the address that it registers at."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response

from shared.codes import with_check
from shared.database import database_time, raw
from shared.people import FormData, Person, Role, needs
from shared.process import RouteDatabase, process_of
from shared.refusal import Refusal
from shared.web.kit import RoutePages
from shared.web.refused import wants_page
from voting.roll.declared.routes import known_round
from voting.roll.lessons import queries
from voting.roll.lessons.declaring import LessonMalformed, read_lesson
from voting.roll.round_keys import RoundKeys

Officer = Annotated[Person, needs(Role.RETURNING_OFFICER, person=True)]
STATUSES: dict[type[Refusal], int] = {LessonMalformed: 422}


def create_router(keys: RoundKeys) -> APIRouter:
    """The routes of a roll with these keys."""
    router = APIRouter(include_in_schema=False)

    @router.get("/desk/rounds/{round_id}/lessons")
    async def show_lessons(
        round_id: UUID,
        request: Request,
        pages: RoutePages,
        database: RouteDatabase,
        officer: Officer,
    ) -> Response:
        """The declared classes, and the form."""
        async with database.begin() as session:
            shown = await known_round(session, round_id)
            officer.check(Role.RETURNING_OFFICER, shown.programme_id)
            lessons = await queries.lessons(await raw(session), round_id)
        return pages.show(
            request,
            "roll-desk-lessons.html",
            person=officer,
            rehearsal=shown.rehearsal,
            shown=shown,
            lessons=lessons,
            data={},
            refused=None,
            link="",
        )

    @router.post("/desk/rounds/{round_id}/lessons")
    async def declare_lesson(
        round_id: UUID,
        request: Request,
        data: FormData,
        pages: RoutePages,
        database: RouteDatabase,
        officer: Officer,
    ) -> Response:
        """Declare a class. Its address is on this page alone: a hash of it is kept."""
        refused, link = None, ""
        async with database.begin() as session:
            shown = await known_round(session, round_id)
            officer.check(Role.RETURNING_OFFICER, shown.programme_id)
            connection = await raw(session)
            try:
                lesson = read_lesson(data, await database_time(session))
                # Of this form: sent twice, it declares one class.
                made = keys.hashed(round_id, "lesson code", data.get("once", "").encode())
                code = with_check(int.from_bytes(made[:7]) >> 6)
                hashed = keys.hashed(round_id, "lesson", code.encode())
                await queries.keep_lesson(connection, round_id, hashed, lesson, officer.id)
                site = process_of(request).settings.site("voting.roll")
                link = f"{site}/rounds/{round_id}/register?lesson={code}"
            except LessonMalformed as found:
                if not wants_page(request):
                    raise
                refused = found
            lessons = await queries.lessons(connection, round_id)
        return pages.show(
            request,
            "roll-desk-lessons.html",
            status=200 if refused is None else 422,
            headers={"Cache-Control": "no-store"},
            person=officer,
            rehearsal=shown.rehearsal,
            shown=shown,
            lessons=lessons,
            data=data if refused else {},
            refused=refused,
            link=link,
        )

    return router
