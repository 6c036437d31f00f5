"""The organisations of whoever is signed in: declared, amended, their aids, erased."""

from collections.abc import Mapping
from functools import partial
from typing import Annotated, Any, Final
from uuid import UUID, uuid4

from fastapi import APIRouter, Query, Request, Response
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.database import Database, database_time
from shared.people import FormData, Person, residents
from shared.process import RouteDatabase
from shared.web.kit import Pages, RoutePages
from shared.web.refused import wants_page
from submission.carriers.checking import CarrierBusy
from submission.carriers.erasing import erase_organisation
from submission.carriers.joining import announce_joined
from submission.carriers.limits import PARIS
from submission.carriers.organisations import queries
from submission.carriers.organisations.declaring import (
    AidsCounted,
    Declared,
    OrganisationCarries,
    OrganisationUnknown,
    TooManyAids,
    check_amendable,
    read_aid,
    read_declared,
    said_by,
    shown_by,
)
from submission.carriers.organisations.keeping import (
    amend_organisation,
    keep_organisation,
    name_of,
)
from submission.carriers.tables import Aid, Organisation
from submission.carriers.types import CARRIER_TYPES, PARTS
from submission.projects.finding import edition, idea_for_update, own_idea
from submission.projects.queries import keep
from submission.reading import FormRefused
from submission.repeats import RouteFormAsked
from submission.showing import CONFLICT, UNPROCESSABLE, Went, again, went
from submission.versions import ChangedMeanwhile, Shown

router = APIRouter(include_in_schema=False)
Resident = Annotated[Person, residents]
MOST_AIDS: Final = 100


@router.get("/organisations/mine")
async def list_own(
    request: Request, pages: RoutePages, person: Resident, database: RouteDatabase
) -> Response:
    """The organisations that this resident declared."""
    async with database.begin() as session:
        kept = await queries.kept_by(session, person.id)
    types = translated(request, pages, CARRIER_TYPES)
    return pages.show(request, "organisations.html", person=person, kept=kept, types=types)


@router.get("/organisations/new")
async def show_new(
    request: Request,
    pages: RoutePages,
    person: Resident,
    database: RouteDatabase,
    project: Annotated[UUID | None, Query()] = None,
) -> Response:
    """The form to declare one, for a project that one came from."""
    return await _show(request, pages, database, person, None, {"project": str(project or "")})


@router.post("/organisations/new")
async def declare(
    request: Request,
    data: FormData,
    asked: RouteFormAsked,
    pages: RoutePages,
    person: Resident,
    database: RouteDatabase,
) -> Response:
    """Declare an organisation; back to the project that it is for."""
    try:
        async with database.begin() as session:
            if (given := await Went.given(session, asked)) is not None:
                return given.there()
            declared = await _read(session, data)
            row = await keep_organisation(session, declared, person.id)
            to = f"/organisations/{row.organisation_id}"
            if project := data.get("project", ""):
                idea = await own_idea(session, _id(project), person)
                to = f"/projects/{idea.project_id}/carriers?organisation={row.organisation_id}"
            return await went(session, asked, to)
    except FormRefused as refused:
        show = partial(_show, request, pages, database, person, None, data)
        return await again(request, pages, refused, show)


@router.get("/organisations/{organisation_id}")
async def show_own(
    request: Request,
    organisation_id: UUID,
    pages: RoutePages,
    person: Resident,
    database: RouteDatabase,
) -> Response:
    """One of one's own, with its aids and the projects that it has a part in."""
    return await _show(request, pages, database, person, organisation_id)


@router.post("/organisations/{organisation_id}")
async def amend(
    request: Request,
    organisation_id: UUID,
    data: FormData,
    asked: RouteFormAsked,
    pages: RoutePages,
    person: Resident,
    database: RouteDatabase,
) -> Response:
    """Say what it is now; every project that it has a part in says so too. Where another window
    said otherwise meanwhile, both versions are shown, and nothing is recorded."""
    try:
        async with database.begin() as session:
            if (given := await Went.given(session, asked)) is not None:
                return given.there()
            await _own(session, organisation_id, person)
            await _amend(session, organisation_id, await _read(session, data), data)
            return await went(session, asked, f"/organisations/{organisation_id}")
    except ChangedMeanwhile:
        if not wants_page(request):
            raise
        of = (request, pages, database, person, organisation_id)
        return await _show(*of, data, changed=True)
    except FormRefused as refused:
        show = partial(_show, request, pages, database, person, organisation_id, data)
        return await again(request, pages, refused, show)


async def _amend(
    session: AsyncSession, organisation_id: UUID, declared: Declared, data: Mapping[str, str]
) -> None:
    carried = await queries.carriages_of(session, organisation_id)
    ideas = {
        project_id: await idea_for_update(session, project_id)
        for project_id in sorted({each.project_id for each in carried})
    }
    row = await queries.organisation_for_update(session, organisation_id)
    if row is None or row.name is None:
        raise OrganisationUnknown(f"there is no organisation {organisation_id}")
    before, name = row.model_dump(), await name_of(session, row)
    shown_by(said_by(row, name)).check(data)
    if carried and declared.type != row.type:
        raise OrganisationCarries(f"it is {row.type} in {len(carried)} projects")
    cleared = await queries.is_cleared(session, organisation_id)
    check_amendable(cleared, said_by(row, name), declared)
    await amend_organisation(session, row, declared)
    if row.model_dump(exclude={"branch"}) == {n: v for n, v in before.items() if n != "branch"}:
        return
    now = await database_time(session)
    for each in await queries.carriages_of(session, organisation_id):
        if (idea := ideas.get(each.project_id)) is None:
            raise CarrierBusy("it was given a part in another project meanwhile: try again")
        found = await edition(session, idea.programme_id)
        await announce_joined(session, found, idea, each, row, now)


@router.post("/organisations/{organisation_id}/aids")
async def declare_aid(
    request: Request,
    organisation_id: UUID,
    data: FormData,
    asked: RouteFormAsked,
    pages: RoutePages,
    person: Resident,
    database: RouteDatabase,
) -> Response:
    """Declare an aid under the de-minimis rules."""
    try:
        async with database.begin() as session:
            if (given := await Went.given(session, asked)) is not None:
                return given.there()
            await _own(session, organisation_id, person)
            await keep_aid(session, organisation_id, data)
            return await went(session, asked, f"/organisations/{organisation_id}")
    except FormRefused as refused:
        show = partial(_show, request, pages, database, person, organisation_id, None, data)
        return await again(request, pages, refused, show)


async def keep_aid(session: AsyncSession, organisation_id: UUID, data: Mapping[str, str]) -> Aid:
    """Keep an aid as a form declares it. Raises `FormRefused`, `AidsCounted`, `TooManyAids`."""
    today = (await database_time(session)).astimezone(PARIS).date()
    declared = read_aid(data, today)
    await _hold_aids(session, organisation_id)
    if len(await queries.aids(session, organisation_id)) >= MOST_AIDS:
        raise TooManyAids(f"{MOST_AIDS} aids are declared")
    row = Aid(
        aid_id=uuid4(),
        organisation_id=organisation_id,
        granted_on=declared.granted_on,
        amount=declared.amount,
        granted_by=declared.granted_by,
    )
    await keep(session, row)
    return row


async def forget_aid(session: AsyncSession, organisation_id: UUID, aid_id: UUID) -> Aid | None:
    """Forget an aid that was declared; None where none has this id. Raises `AidsCounted`."""
    await _hold_aids(session, organisation_id)
    known = {each.aid_id: each for each in await queries.aids(session, organisation_id)}
    if (found := known.get(aid_id)) is not None:
        await queries.forget_aid(session, organisation_id, aid_id)
    return found


async def _hold_aids(session: AsyncSession, organisation_id: UUID) -> None:
    """Lock what an organisation declares: nobody finds it in order meanwhile."""
    await queries.organisation_for_update(session, organisation_id)
    if await queries.aids_counted(session, organisation_id):
        raise AidsCounted("an officer counted them for an agreement that is not signed yet")


@router.post("/organisations/{organisation_id}/aids/{aid_id}/remove")
async def remove_aid(
    organisation_id: UUID,
    aid_id: UUID,
    asked: RouteFormAsked,
    person: Resident,
    database: RouteDatabase,
) -> Response:
    """Take back an aid that was declared."""
    async with database.begin() as session:
        if (given := await Went.given(session, asked)) is not None:
            return given.there()
        await _own(session, organisation_id, person)
        await forget_aid(session, organisation_id, aid_id)
        return await went(session, asked, f"/organisations/{organisation_id}")


@router.post("/organisations/{organisation_id}/erase")
async def erase(
    organisation_id: UUID, asked: RouteFormAsked, person: Resident, database: RouteDatabase
) -> Response:
    """Erase one that carries nothing."""
    async with database.begin() as session:
        if (given := await Went.given(session, asked)) is not None:
            return given.there()
        await _own(session, organisation_id, person)
        await queries.organisation_for_update(session, organisation_id)
        if await queries.carriages_of(session, organisation_id):
            raise OrganisationCarries("it has a part in a project still")
        now = await database_time(session)
        await erase_organisation(session, organisation_id, now)
        return await went(session, asked, "/organisations/mine")


async def _own(session: AsyncSession, organisation_id: UUID, person: Person) -> Organisation:
    """What this person declared. Raises `OrganisationUnknown`: another's is not there."""
    found = await queries.organisation(session, organisation_id)
    if found is None or found.kept_by != person.id:
        raise OrganisationUnknown(f"you have declared no organisation {organisation_id}")
    return found


async def _read(session: AsyncSession, data: Mapping[str, str]) -> Declared:
    today = (await database_time(session)).astimezone(PARIS).date()
    return read_declared(data, await queries.territories(session), today)


def _id(written: str) -> UUID:
    try:
        return UUID(written)
    except ValueError:
        raise OrganisationUnknown(f"{written[:40]!r} is no id of a project") from None


def translated(request: Request, pages: Pages, words: Mapping[Any, str]) -> dict[str, str]:
    """What is said of each, in the language of whoever reads it."""
    language = pages.language(request)
    return {str(name): pages.translate(language, said) for name, said in words.items()}


async def _show(
    request: Request,
    pages: Pages,
    database: Database,
    person: Person,
    organisation_id: UUID | None,
    data: Mapping[str, str] | None = None,
    aid: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
    *,
    changed: bool = False,
) -> Response:
    """The form, as it was sent or as the organisation is kept; below both versions where that was
    `changed` since the form was opened: sent again, it replaces the kept one."""
    row: Organisation | None = None
    values: Mapping[str, str] = data or {}
    projects, aids, cleared, kept = [], [], False, Shown({})
    async with database.begin() as session:
        language = pages.language(request)
        territories = await queries.territories(session)
        if organisation_id is not None:
            row = await _own(session, organisation_id, person)
            kept = shown_by(said_by(row, await name_of(session, row)))
            values, changed = data or kept.said, changed or kept.stale(data)
            projects = [*await queries.projects_of(session, organisation_id)]
            aids = [*await queries.aids(session, organisation_id)]
            cleared = await queries.is_cleared(session, organisation_id)
    types = translated(request, pages, CARRIER_TYPES)
    named = {name: labels[language] for name, labels in territories.items()}
    return pages.show(
        request,
        "organisation.html",
        status=CONFLICT if changed else UNPROCESSABLE if errors else 200,
        person=person,
        organisation=row,
        values=values,
        aid=aid or {},
        errors=errors or {},
        types={n: w for n, w in types.items() if n != "person"},
        hidden=kept.hidden,
        was_changed=changed,
        changed=kept.changed(data or {}) if changed else (),
        labels=types | named,
        part_names=translated(request, pages, PARTS),
        territories=list(named.items()),
        projects=projects,
        aids=aids,
        cleared=cleared,
    )
