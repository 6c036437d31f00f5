"""The desk's page of a project's standing, and each act with its form and reason."""

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.database import Database
from shared.people import FormData, Person, Role, needs
from shared.process import RouteDatabase
from shared.web.kit import Pages, RoutePages
from submission.carriers.telling import RouteTelling, Telling
from submission.programmes.acts import acts_of, ask
from submission.projects import moving, queries
from submission.projects.finding import Edition, edition, known_idea
from submission.projects.standing import MOST_PARTS, read_ids, read_titles
from submission.projects.tables import Idea
from submission.reading import FormRefused, Reader
from submission.repeats import Asked, RouteFormAsked
from submission.showing import UNPROCESSABLE, Went, again, frame, went
from submission.texts import read_reason
from submission.wording import publish_words

router = APIRouter(include_in_schema=False)
Instructor = Annotated[Person, needs(Role.INSTRUCTOR, person=True)]
LONGEST_SEARCH = 100
type Do = Callable[[AsyncSession, Edition, UUID, str, UUID, Telling], Awaitable[None]]


@router.get("/desk/projects/{project_id}/standing")
async def show_standing(
    request: Request,
    project_id: UUID,
    pages: RoutePages,
    officer: Instructor,
    database: RouteDatabase,
    q: Annotated[str, Query(max_length=LONGEST_SEARCH)] = "",
) -> Response:
    """Where a project stands, and what can be done about it; `q` looks for what to merge."""
    return await _show(request, pages, database, officer, project_id, q=q)


@router.post("/desk/projects/{project_id}/suspend")
async def suspend(
    request: Request,
    project_id: UUID,
    data: FormData,
    asked: RouteFormAsked,
    pages: RoutePages,
    officer: Instructor,
    database: RouteDatabase,
    telling: RouteTelling,
) -> Response:
    """A project waits until it is resumed; its carrier is told why."""
    desk = _Desk(request, pages, database, officer, project_id, "suspend", data, asked)
    return await desk.do(moving.suspend, telling)


@router.post("/desk/projects/{project_id}/resume")
async def resume(
    request: Request,
    project_id: UUID,
    data: FormData,
    asked: RouteFormAsked,
    pages: RoutePages,
    officer: Instructor,
    database: RouteDatabase,
    telling: RouteTelling,
) -> Response:
    """A suspended project goes on where it stood."""
    desk = _Desk(request, pages, database, officer, project_id, "resume", data, asked)
    return await desk.do(moving.resume, telling)


@router.post("/desk/projects/{project_id}/withdraw")
async def withdraw(
    request: Request,
    project_id: UUID,
    data: FormData,
    asked: RouteFormAsked,
    pages: RoutePages,
    officer: Instructor,
    database: RouteDatabase,
    telling: RouteTelling,
) -> Response:
    """A project goes no further; its carrier is told why."""
    desk = _Desk(request, pages, database, officer, project_id, "withdraw", data, asked)
    return await desk.do(moving.withdraw, telling)


@router.post("/desk/projects/{project_id}/split")
async def split(
    request: Request,
    project_id: UUID,
    data: FormData,
    asked: RouteFormAsked,
    pages: RoutePages,
    officer: Instructor,
    database: RouteDatabase,
    telling: RouteTelling,
) -> Response:
    """Several ideas of the same carrier go on in a project's place, one a title."""
    desk = _Desk(request, pages, database, officer, project_id, "split", data, asked)
    titles = [data.get(f"title-{number}", "") for number in range(1, MOST_PARTS + 1)]

    async def do(
        session: AsyncSession,
        found: Edition,
        whole: UUID,
        reason: str,
        by: UUID,
        tell: Telling,
    ) -> None:
        await moving.split(session, found, whole, read_titles(titles), reason, by, tell)

    return await desk.do(do, telling, lambda: read_titles(titles), "title-1")


@router.post("/desk/projects/{project_id}/merge")
async def merge(
    request: Request,
    project_id: UUID,
    data: FormData,
    asked: RouteFormAsked,
    pages: RoutePages,
    officer: Instructor,
    database: RouteDatabase,
) -> Response:
    """Ask for projects to be merged into this one: another instructor confirms it, unless a
    rehearsal's charter leaves it to one."""
    try:
        async with database.begin() as session:
            if (given := await Went.given(session, asked)) is not None:
                return given.there()
            idea, found = await _found(session, project_id, officer)
            officer.check(Role.INSTRUCTOR, idea.programme_id)
            reader = Reader(data)
            written = reader.ticked("merged")
            reader.check("merged", lambda: read_ids(written))
            reason = reader.read("reason", read_reason, "")
            reader.done()
            merged = read_ids(written)
            await moving.mergeable(session, found, project_id, merged)
            await ask(
                session,
                acts_of(request),
                "merge-projects",
                found.rules,
                {
                    "programme_id": str(idea.programme_id),
                    "into": str(project_id),
                    "merged": sorted(str(each) for each in merged),
                    "reason": await publish_words(session, reason),
                },
                about=str(project_id),
                reason=reason,
                by=officer,
                programme_id=idea.programme_id,
            )
            return await went(session, asked, f"/desk/projects/{project_id}/standing")
    except FormRefused as refused:
        show = partial(_show, request, pages, database, officer, project_id, "merge", data)
        return await again(request, pages, refused, show)


class _Desk:
    """One act of an instructor about a project, with its reason."""

    def __init__(
        self,
        request: Request,
        pages: Pages,
        database: Database,
        officer: Person,
        project_id: UUID,
        act: str,
        data: Mapping[str, str],
        asked: Asked,
    ) -> None:
        self.request, self.pages, self.database = request, pages, database
        self.officer, self.project_id, self.act = officer, project_id, act
        self.data, self.asked = data, asked

    async def do(
        self,
        do: Do,
        telling: Telling,
        check: Callable[[], object] | None = None,
        at: str = "",
    ) -> Response:
        """Read the reason, and what the act `check`s at a field; do it, and go back to the page."""
        try:
            async with self.database.begin() as session:
                if (given := await Went.given(session, self.asked)) is not None:
                    return given.there()
                _, found = await _found(session, self.project_id, self.officer)
                reader = Reader(self.data)
                if check is not None:
                    reader.check(at, check)
                reason = reader.read("reason", read_reason, "")
                reader.done()
                await do(session, found, self.project_id, reason, self.officer.id, telling)
                page = f"/desk/projects/{self.project_id}/standing"
                return await went(session, self.asked, page)
        except FormRefused as refused:
            show = partial(
                _show,
                *(self.request, self.pages, self.database, self.officer, self.project_id),
                self.act,
                self.data,
            )
            return await again(self.request, self.pages, refused, show)


async def _found(session: AsyncSession, project_id: UUID, officer: Person) -> tuple[Idea, Edition]:
    """A project with its edition, for an instructor of its territory. Raises `Forbidden`."""
    idea = await known_idea(session, project_id)
    officer.check(Role.INSTRUCTOR, idea.programme_id, idea.territory)
    return idea, await edition(session, idea.programme_id)


async def _show(
    request: Request,
    pages: Pages,
    database: Database,
    officer: Person,
    project_id: UUID,
    act: str = "",
    data: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
    q: str = "",
) -> Response:
    words = q.replace("\0", "").strip()
    async with database.begin() as session:
        idea, found = await _found(session, project_id, officer)
        project = await queries.project(session, project_id)
        mine = officer.territories(Role.INSTRUCTOR, idea.programme_id)
        acts = await acts_of(request).listed(session, officer)
        [of] = await queries.named(session, [project_id])
        candidates = await queries.merge_candidates(session, idea, mine, words)
        merged = await queries.merged_into(session, project_id)
        parts = await queries.parts_of(session, project_id)
        framed = await frame(request, pages, session, found)
    return pages.show(
        request,
        "desk-standing.html",
        status=UNPROCESSABLE if errors else 200,
        person=officer,
        idea=idea,
        project=project,
        title=of["title"],
        q=words,
        act=act,
        values=data or {},
        errors=errors or {},
        most_parts=MOST_PARTS,
        may_merge=mine is None,
        waiting=[
            each for each in acts if each.act == "merge-projects" and each.about == str(project_id)
        ],
        candidates=candidates,
        merged=merged,
        parts_of=parts,
        **framed,
    )
