"""HTTP in: the desk makes programmes and projects and freezes the options of a round."""

import secrets
from typing import Annotated
from uuid import UUID, uuid4

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.events.projects import DossierAmended, DossierFiled
from shared.events.submission import CharterPublished
from shared.outbox import announce
from shared.people.guards import operator
from shared.process import RouteDatabase
from shared.refusal import Refusal
from submission import queries
from submission.amounts import check_cost
from submission.freezing import OptionsAlreadyFrozen, ProjectFrozen, check_room, freeze, round_of
from submission.programmes.charter import charter_digest, log_name
from submission.refusals import ProgrammeUnknown, ProjectUnknown
from submission.repeats import Answer, RouteAsked
from submission.tables import Programme, Project
from submission.texts import read_title
from submission.wording import publish_words

SOURCE = "submission"
# What a project has that was imported.
_IMPORTED = {"project_id", "programme_id", "title", "cost"}

router = APIRouter(dependencies=[operator])


class ProjectExists(Refusal):
    """Another project has the id that was asked for."""

    code = "project_exists"


class ByItsCharter(Refusal):
    """A programme with a charter is led by people, in its phases, and not by the operator's key."""

    code = "by_its_charter"


class In(BaseModel):
    """What is sent here: nothing beside what is named, no number as text."""

    model_config = ConfigDict(extra="forbid", strict=True)


class ProgrammeIn(In):
    """A programme to make."""

    title: str
    rehearsal: bool


class DossierIn(In):
    """A project's title, and its cost in cents."""

    title: str
    cost: int


class ProjectIn(DossierIn):
    """A new project. Whoever needs an order among ids chooses the id: ties end with it."""

    project_id: Annotated[UUID, Field(strict=False)] | None = None


class ProgrammeMade(Answer):
    """A new programme and the name of its edition's log."""

    programme_id: UUID
    log: str


class ProjectMade(Answer):
    """A project that was filed or amended."""

    project_id: UUID


class Frozen(Answer):
    """The round, and how many options were frozen for it under which digest."""

    round_id: UUID
    options: Annotated[int, Field(ge=1)]
    digest: str


@router.post("/programmes", status_code=201)
async def publish_charter(
    programme: ProgrammeIn, asked: RouteAsked, database: RouteDatabase
) -> ProgrammeMade:
    """Make a programme, and with it the log of its edition."""
    words = read_title(programme.title)
    async with database.begin() as session:
        if (given := await ProgrammeMade.given(session, asked)) is not None:
            return given
        title = await publish_words(session, words)
        event = CharterPublished(
            programme_id=uuid4(),
            log=log_name(words, secrets.token_hex(4)),
            title=title,
            charter=charter_digest(title=title, rehearsal=programme.rehearsal),
            rehearsal=programme.rehearsal,
        )
        session.add(Programme(**event.model_dump()))
        announce(session, event, source=SOURCE)
        answer = ProgrammeMade(programme_id=event.programme_id, log=event.log)
        return await answer.keep(session, asked)


@router.post("/programmes/{programme_id}/projects", status_code=201)
async def file_dossier(
    programme_id: UUID, dossier: ProjectIn, asked: RouteAsked, database: RouteDatabase
) -> ProjectMade:
    """File the dossier of a new project. It can be amended until the options are frozen."""
    words = read_title(dossier.title)
    check_cost(dossier.cost)
    async with database.begin() as session:
        if (given := await ProjectMade.given(session, asked)) is not None:
            return given
        programme = await _programme(session, programme_id)
        if (known := await queries.round_of(session, programme_id)) is not None:
            raise ProjectFrozen(f"the options are frozen for round {known.round_id}")
        check_room(await queries.number_of_projects(session, programme_id))
        project_id = dossier.project_id or uuid4()
        event = DossierFiled(
            project_id=project_id,
            programme_id=programme_id,
            title=await publish_words(session, words),
            cost=dossier.cost,
        )
        if not await queries.keep_project(session, Project(**event.model_dump(exclude_none=True))):
            raise ProjectExists(f"there is a project {project_id} already")
        announce(session, event, source=SOURCE, log=programme.log)
        return await ProjectMade(project_id=event.project_id).keep(session, asked)


@router.put("/projects/{project_id}")
async def amend_dossier(
    project_id: UUID, dossier: DossierIn, database: RouteDatabase
) -> ProjectMade:
    """Replace title and cost. Who asks for what is so already changes nothing, as is due to PUT."""
    words = read_title(dossier.title)
    check_cost(dossier.cost)
    async with database.begin() as session:
        found = await queries.project_for_update(session, project_id)
        if found is None:
            raise ProjectUnknown(f"there is no project {project_id}")
        project, programme, text = found
        _check_import(programme)
        if project.round_id is not None:
            raise ProjectFrozen(f"the project is frozen for round {project.round_id}")
        if (words, dossier.cost) != (text.value, project.cost):
            if words != text.value:
                project.title = await publish_words(session, words)
            project.cost = dossier.cost
            event = DossierAmended(**project.model_dump(include=_IMPORTED))
            announce(session, event, source=SOURCE, log=programme.log)
    return ProjectMade(project_id=project_id)


@router.post("/programmes/{programme_id}/freeze", status_code=201)
async def freeze_options(programme_id: UUID, asked: RouteAsked, database: RouteDatabase) -> Frozen:
    """Freeze all projects of a programme as the options of a new round."""
    async with database.begin() as session:
        if (given := await Frozen.given(session, asked)) is not None:
            return given
        programme = await _programme(session, programme_id)
        if (known := await queries.round_of(session, programme_id)) is not None:
            raise OptionsAlreadyFrozen(f"the options are frozen for round {known.round_id}")
        projects = await queries.projects_for_update(session, programme_id)
        event = freeze(uuid4(), programme_id, projects)
        await queries.freeze_projects(session, round_of(event))
        announce(session, event, source=SOURCE, log=programme.log)
        answer = Frozen(round_id=event.round_id, options=len(event.options), digest=event.digest)
        return await answer.keep(session, asked)


async def _programme(session: AsyncSession, programme_id: UUID) -> Programme:
    programme = await queries.programme_for_update(session, programme_id)
    if programme is None:
        raise ProgrammeUnknown(f"there is no programme {programme_id}")
    _check_import(programme)
    return programme


def _check_import(programme: Programme) -> None:
    if programme.rules is not None:
        raise ByItsCharter("this programme has a charter: its own pages and officers lead it")
