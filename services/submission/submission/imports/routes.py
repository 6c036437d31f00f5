"""The desk of imports: a file is read and reported row by row before anything of it is recorded."""

import asyncio
import csv
import io
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import partial
from typing import Annotated, BinaryIO
from uuid import UUID

import yaml
from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.datastructures import UploadFile

from shared.database import Database, database_time
from shared.pabulib import NotPabulib, read_bytes
from shared.people import FormData, Person, Role, needs
from shared.people.forms import read_form
from shared.people.roles import Forbidden
from shared.process import RouteDatabase
from shared.refusal import Refusal
from shared.web.cells import cell
from shared.web.kit import Pages, RoutePages
from submission.advice import advice_of
from submission.documents.kinds import FileMissing
from submission.imports import queries
from submission.imports.ballots import ElectionRefused, charter_of
from submission.imports.kinds import KINDS, ImportUnknown, known_kind
from submission.imports.reading import LARGEST
from submission.imports.running import begin, check_file, digest_of_file
from submission.imports.tables import Import
from submission.projects.finding import edition
from submission.reading import FormRefused, reason_of
from submission.repeats import RouteFormAsked
from submission.showing import UNPROCESSABLE, Went, again, frame, went

router = APIRouter(include_in_schema=False)
DESK = "/desk/programmes"
Checker = Annotated[Person, needs(Role.ADMINISTRATOR, Role.INSTRUCTOR, person=True)]
Administrator = Annotated[Person, needs(Role.ADMINISTRATOR, person=True)]
LARGEST_FORM = LARGEST + 64 * 1024
LARGEST_ELECTION = 32 * 1024 * 1024
STREAMED = 1000
OUTCOMES = ("new", "known", "changed", "refused")
REPORTED = ("line", "key", "outcome", "field", "code", "detail", "subject")


@router.get(f"{DESK}/imports/election")
async def show_election_form(
    request: Request, pages: RoutePages, officer: Administrator
) -> Response:
    """The form for a `.pb` file of which a charter is made."""
    officer.check(Role.ADMINISTRATOR)
    return _election(request, pages, officer)


@router.post(f"{DESK}/imports/election", max_body_size=LARGEST_ELECTION)
async def make_charter(
    request: Request, data: FormData, pages: RoutePages, officer: Administrator
) -> Response:
    """The charter that a `.pb` file says, to be completed and published like any other."""
    officer.check(Role.ADMINISTRATOR)
    try:
        with refused_at("file"):
            async with _file(request) as (file, _):
                written = await asyncio.to_thread(_charter, file.read(), data.get("edition", ""))
    except FormRefused as refused:
        show = partial(_again, request, pages, officer, data)
        return await again(request, pages, refused, show)
    return _election(request, pages, officer, data, charter=written)


@router.get(f"{DESK}/{{programme_id}}/imports")
async def show_imports(
    request: Request,
    programme_id: UUID,
    pages: RoutePages,
    officer: Checker,
    database: RouteDatabase,
) -> Response:
    """The imports of a programme, and the form for another one."""
    return await _show(request, pages, database, officer, programme_id)


@router.post(f"{DESK}/{{programme_id}}/imports", max_body_size=LARGEST_FORM)
async def check_import(
    request: Request,
    programme_id: UUID,
    data: FormData,
    asked: RouteFormAsked,
    pages: RoutePages,
    officer: Checker,
    database: RouteDatabase,
) -> Response:
    """Read a file and report every row; nothing of it is recorded. The same file once more is
    another report, which records nothing either; the same form with it is the same report."""
    _check_may(officer, programme_id)
    try:
        with refused_at("kind"):
            kind = known_kind(data.get("kind", ""))
        with refused_at("file"):
            async with _file(request) as (file, called), database.begin() as session:
                with_file = asked.with_part(await asyncio.to_thread(digest_of_file, file))
                if (given := await Went.given(session, with_file)) is not None:
                    return given.there()
                found = await edition(session, programme_id)
                now = await database_time(session)
                row = await check_file(session, found, kind, file, called, officer.id, now)
                to = f"{DESK}/{programme_id}/imports/{row.import_id}"
                return await went(session, with_file, to)
    except FormRefused as refused:
        show = partial(_show, request, pages, database, officer, programme_id, data)
        return await again(request, pages, refused, show)


@router.get(f"{DESK}/{{programme_id}}/imports/{{import_id}}")
async def show_import(
    request: Request,
    programme_id: UUID,
    import_id: UUID,
    pages: RoutePages,
    officer: Checker,
    database: RouteDatabase,
    outcome: Annotated[str, Query(max_length=20)] = "",
    after: Annotated[int, Query(ge=0, le=10**9)] = 0,
) -> Response:
    """What became, or would become, of each row; what is looked for stands in the address."""
    about = (programme_id, import_id)
    return await _show_one(request, pages, database, officer, about, outcome, after)


async def _show_one(
    request: Request,
    pages: Pages,
    database: Database,
    officer: Person,
    about: tuple[UUID, UUID],
    outcome: str,
    after: int,
    data: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
) -> Response:
    programme_id, import_id = about
    _check_may(officer, programme_id)
    async with database.begin() as session:
        found = await edition(session, programme_id)
        row = await _import(session, programme_id, import_id)
        counts = await queries.counts(session, import_id)
        sought = outcome if outcome in OUTCOMES else ""
        rows = await queries.report(session, import_id, sought, after, queries.PAGE + 1)
        framed = await frame(request, pages, session, found)
    language = pages.language(request)
    here = f"{DESK}/{programme_id}/imports/{import_id}"
    last = rows[queries.PAGE - 1]["line"] if len(rows) > queries.PAGE else None
    return pages.show(
        request,
        "desk-import.html",
        status=UNPROCESSABLE if errors else 200,
        person=officer,
        values=data or {},
        errors=errors or {},
        row=row,
        here=here,
        kind=pages.translate(language, KINDS[row.kind].label),
        counts=counts,
        outcome=sought,
        rows=rows[: queries.PAGE],
        after=None if last is None else f"{here}?outcome={sought}&after={last}",
        advice={
            code: pages.translate(language, advice_of(code))
            for code in {each["code"] for each in rows if each["code"]}
        },
        runs=officer.may(Role.ADMINISTRATOR, programme_id),
        **framed,
    )


@router.get(f"{DESK}/{{programme_id}}/imports/{{import_id}}/report.csv")
async def download_report(
    programme_id: UUID, import_id: UUID, officer: Checker, database: RouteDatabase
) -> Response:
    """The same as a table: a line for each row of the file, in its order."""
    _check_may(officer, programme_id)
    async with database.begin() as session:
        await _import(session, programme_id, import_id)
    return StreamingResponse(
        _report(database, import_id),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="import-{import_id}.csv"'},
    )


@router.post(f"{DESK}/{{programme_id}}/imports/{{import_id}}/run")
async def run_import(
    request: Request,
    programme_id: UUID,
    import_id: UUID,
    data: FormData,
    asked: RouteFormAsked,
    pages: RoutePages,
    officer: Administrator,
    database: RouteDatabase,
) -> Response:
    """Record what is new in a file that was read: it is done part by part, from now on, and who
    had it done is announced before the first row."""
    officer.check(Role.ADMINISTRATOR, programme_id)
    try:
        async with database.begin() as session:
            if (given := await Went.given(session, asked)) is not None:
                return given.there()
            row = await _import(session, programme_id, import_id, lock=True)
            reason = reason_of(data)
            if row.state in ("checked", "stopped"):
                await begin(session, row, reason, officer.id)
            return await went(session, asked, f"{DESK}/{programme_id}/imports/{import_id}")
    except FormRefused as refused:
        show = partial(_show_one, request, pages, database, officer, (programme_id, import_id))
        return await again(request, pages, refused, partial(show, "", 0, data))


class refused_at:
    """What is refused within is said at a field of the form."""

    def __init__(self, field: str) -> None:
        self._field = field

    def __enter__(self) -> None:
        return None

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        if isinstance(error, Refusal):
            raise FormRefused({self._field: error}) from None


def _check_may(officer: Person, programme_id: UUID) -> None:
    if not any(officer.may(r, programme_id) for r in (Role.ADMINISTRATOR, Role.INSTRUCTOR)):
        raise Forbidden("this needs the role administrator or instructor in this programme")


@asynccontextmanager
async def _file(request: Request) -> AsyncIterator[tuple[BinaryIO, str]]:
    """The file of a form and what it is called, as long as it is read. Raises `FileMissing`."""
    form = await read_form(request)
    try:
        sent = form.get("file")
        if not isinstance(sent, UploadFile) or not sent.size:
            raise FileMissing("no file came with the form, or an empty one")
        yield sent.file, sent.filename or ""
    finally:
        await form.close()


def _charter(content: bytes, edition: str) -> str:
    try:
        found = charter_of(read_bytes(content, "the file"), edition)
    except NotPabulib as error:
        raise ElectionRefused(str(error)) from None
    return yaml.safe_dump(found, allow_unicode=True, sort_keys=False)


async def _import(
    session: AsyncSession, programme_id: UUID, import_id: UUID, *, lock: bool = False
) -> Import:
    row = await queries.import_of(session, programme_id, import_id, lock=lock)
    if row is None:
        raise ImportUnknown(f"there is no import {import_id}")
    return row


async def _report(database: Database, import_id: UUID) -> AsyncIterator[str]:
    yield _lines([("line", "reference", "outcome", "column", "code", "detail", "id")])
    after = 0
    while True:
        async with database.begin() as session:
            rows = await queries.report(session, import_id, "", after, STREAMED)
        if not rows:
            return
        yield _lines(
            [
                tuple("" if each[name] is None else str(each[name]) for name in REPORTED)
                for each in rows
            ]
        )
        after = rows[-1]["line"]


def _lines(rows: list[tuple[str, ...]]) -> str:
    into = io.StringIO()
    csv.writer(into).writerows([[cell(value) for value in row] for row in rows])
    return into.getvalue()


def _election(
    request: Request,
    pages: Pages,
    officer: Person,
    data: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
    charter: str = "",
) -> Response:
    return pages.show(
        request,
        "desk-import-election.html",
        status=UNPROCESSABLE if errors else 200,
        person=officer,
        values=data or {},
        errors=errors or {},
        charter=charter,
    )


async def _again(
    request: Request,
    pages: Pages,
    officer: Person,
    data: Mapping[str, str],
    errors: Mapping[str, str],
) -> Response:
    return _election(request, pages, officer, data, errors)


async def _show(
    request: Request,
    pages: Pages,
    database: Database,
    officer: Person,
    programme_id: UUID,
    data: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
) -> Response:
    _check_may(officer, programme_id)
    async with database.begin() as session:
        found = await edition(session, programme_id)
        listed = await queries.imports_of(session, programme_id)
        framed = await frame(request, pages, session, found)
    language = pages.language(request)
    return pages.show(
        request,
        "desk-imports.html",
        status=UNPROCESSABLE if errors else 200,
        person=officer,
        imports=listed,
        kinds=[(each.name, pages.translate(language, each.label)) for each in KINDS.values()],
        columns={
            each.name: [(c.name, c.called, c.needed) for c in each.columns]
            for each in KINDS.values()
            if each.columns
        },
        values=data or {},
        errors=errors or {},
        **framed,
    )
