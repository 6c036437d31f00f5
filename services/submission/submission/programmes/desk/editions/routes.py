"""A new edition from a form or a file: every rule is shown, then its publication is asked for."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Request, Response

from shared.charters import Charter, CharterRefused, Problem, read_charter
from shared.charters.comparing import Difference, differences
from shared.events.charter import CharterRules
from shared.people import FormData, Person, Role, needs
from shared.people.second_officer import ActUnknown
from shared.process import RouteDatabase
from shared.web.kit import Pages, RoutePages
from submission.programmes.acts import acts_of, ask, charter_parameters
from submission.programmes.amending import AMEND, check_shared
from submission.programmes.presets import presets
from submission.programmes.problems import said, said_of_bodies, said_of_scheme, told
from submission.programmes.writing import written
from submission.projects import queries
from submission.projects.finding import edition
from submission.repeats import RouteFormAsked
from submission.showing import UNPROCESSABLE, Went, went

router = APIRouter(include_in_schema=False)
Administrator = Annotated[Person, needs(Role.ADMINISTRATOR, person=True)]
DESK = "/desk/programmes"


@router.get(f"{DESK}/new")
async def show_form(request: Request, pages: RoutePages, officer: Administrator) -> Response:
    """The form of a new edition."""
    officer.check(Role.ADMINISTRATOR)
    return _form(request, pages, officer, {}, ())


@router.post(f"{DESK}/new")
async def preview(
    request: Request,
    data: FormData,
    pages: RoutePages,
    officer: Administrator,
    database: RouteDatabase,
) -> Response:
    """Every rule of the edition as it would be published, or everything that is wrong with it."""
    officer.check(Role.ADMINISTRATOR)
    file = written(data)
    try:
        charter = read_charter(file, presets())
        async with database.begin() as session:
            await check_shared(session, charter.rules, uuid4(), rehearsal=charter.rehearsal)
    except CharterRefused as refused:
        return _form(request, pages, officer, data, refused.problems)
    return _preview(request, pages, officer, charter, file)


@router.post(DESK)
async def propose(
    request: Request,
    data: FormData,
    asked: RouteFormAsked,
    pages: RoutePages,
    officer: Administrator,
    database: RouteDatabase,
) -> Response:
    """Ask for the publication of a charter, as its file says it."""
    officer.check(Role.ADMINISTRATOR)
    file = data.get("file", "")
    charter = read_charter(file, presets())
    async with database.begin() as session:
        if (given := await Went.given(session, asked)) is not None:
            return given.there()
        programme_id = uuid4()
        await check_shared(session, charter.rules, programme_id, rehearsal=charter.rehearsal)
        act_id = await ask(
            session,
            acts_of(request),
            "publish-charter",
            charter.rules,
            charter_parameters(charter, programme_id),
            about=str(programme_id),
            reason=data.get("reason", ""),
            by=officer,
        )
        return await went(session, asked, f"{DESK}/{programme_id}" if act_id is None else DESK)


@router.get(f"{DESK}/proposed/{{act_id}}")
async def show_proposed(
    request: Request,
    act_id: UUID,
    pages: RoutePages,
    officer: Administrator,
    database: RouteDatabase,
) -> Response:
    """A charter that waits for a second officer: every rule, before it is confirmed, and of an
    amendment what would differ."""
    async with database.begin() as session:
        found = await acts_of(request).found(session, act_id, officer)
        if found.act not in ("publish-charter", AMEND):
            raise ActUnknown(f"there is no charter {act_id}")
        parameters, title = found.parameters, found.parameters.get("title", "")
        rules = CharterRules.model_validate(parameters["rules"])
        differing: Sequence[Difference] = ()
        if found.act == AMEND:
            amended = await edition(session, UUID(parameters["programme_id"]))
            words = await queries.words(session, [amended.programme.title])
            differing = differences(amended.rules, rules)
            title = words.get(amended.programme.title) or ""
    charter = Charter(title, parameters["rehearsal"], rules)
    return _preview(request, pages, officer, charter, None, act=found, differing=differing)


def _form(
    request: Request,
    pages: Pages,
    officer: Person,
    data: Mapping[str, str],
    problems: Sequence[Problem],
) -> Response:
    return pages.show(
        request,
        "desk-edition.html",
        status=UNPROCESSABLE if problems else 200,
        person=officer,
        presets=sorted(presets()),
        filled=data,
        problems=told(pages, request, problems),
    )


def _preview(
    request: Request,
    pages: Pages,
    officer: Person,
    charter: Charter,
    file: str | None,
    act: Any = None,
    differing: Sequence[Difference] = (),
) -> Response:
    return pages.show(
        request,
        "desk-preview.html",
        person=officer,
        charter=charter,
        rules=charter.rules,
        phases=charter.rules.phases,
        said=said(pages, request, charter.rules),
        said_of_bodies=said_of_bodies(pages, request, charter.rules),
        scheme=said_of_scheme(pages, request, charter.rules),
        file=file,
        act=act,
        differing=differing,
    )
