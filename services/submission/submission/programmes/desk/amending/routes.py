"""A charter is amended from a file: every difference is shown, then it is asked for.

It always takes two officers, in a rehearsal, too.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Request, Response

from shared.charters import Charter, CharterRefused, Problem, read_charter
from shared.charters.comparing import Difference, differences
from shared.database import Database, database_time
from shared.events.charter import CharterRules
from shared.people import FormData, Person, Role, needs
from shared.people.second_officer import read_reason
from shared.process import RouteDatabase
from shared.web.kit import Pages, RoutePages
from shared.web.refused import wants_page
from submission.gatherings.gatherings import read_moment
from submission.programmes import queries
from submission.programmes.acts import acts_of
from submission.programmes.amending import (
    AMEND,
    amendable,
    amendment_parameters,
    check_amended,
    check_from_now_on,
)
from submission.programmes.presets import presets
from submission.programmes.problems import said, said_of_bodies, said_of_scheme, told
from submission.projects.finding import edition
from submission.repeats import RouteFormAsked
from submission.showing import CONFLICT, UNPROCESSABLE, Went, frame, went
from submission.tables import Programme
from submission.versions import SHOWN, WAS, ChangedMeanwhile, Shown
from submission.wording import publish_words

router = APIRouter(include_in_schema=False)
Administrator = Annotated[Person, needs(Role.ADMINISTRATOR, person=True)]
DESK = "/desk/programmes"
CHARTER: Final = "charter"


@router.get(f"{DESK}/{{programme_id}}/charter")
async def show_form(
    request: Request,
    programme_id: UUID,
    pages: RoutePages,
    officer: Administrator,
    database: RouteDatabase,
) -> Response:
    """The form of an amendment."""
    officer.check(Role.ADMINISTRATOR, programme_id)
    return await _show(request, pages, database, officer, programme_id)


@router.post(f"{DESK}/{{programme_id}}/charter")
async def preview(
    request: Request,
    programme_id: UUID,
    data: FormData,
    pages: RoutePages,
    officer: Administrator,
    database: RouteDatabase,
) -> Response:
    """What would differ from the rules as they stand, or everything that may not change; and what
    was amended since the form was opened."""
    officer.check(Role.ADMINISTRATOR, programme_id)
    return await _preview(request, pages, database, officer, programme_id, data)


@router.post(f"{DESK}/{{programme_id}}/charter/ask")
async def propose(
    request: Request,
    programme_id: UUID,
    data: FormData,
    asked: RouteFormAsked,
    pages: RoutePages,
    officer: Administrator,
    database: RouteDatabase,
) -> Response:
    """Ask for the amendment, as its file says it. The file says all rules: where they were amended
    since the officer was shown what would differ, she is shown by what, and nothing is asked."""
    officer.check(Role.ADMINISTRATOR, programme_id)
    charter = read_charter(data.get("file", ""), presets())
    reason = read_reason(data.get("reason", ""))
    try:
        async with database.begin() as session:
            if (given := await Went.given(session, asked)) is not None:
                return given.there()
            programme, _, _ = await amendable(session, programme_id)
            _shown(programme).check(data)
            programme, _ = await check_amended(session, programme_id, charter)
            now = await database_time(session)
            said_when = data.get("takes_effect_at", "").strip()
            takes_effect_at = read_moment(said_when) if said_when else now
            check_from_now_on(takes_effect_at, now)
            words = await publish_words(session, reason)
            await acts_of(request).needs_second_officer(
                session,
                AMEND,
                about=str(programme_id),
                parameters=amendment_parameters(charter, programme, takes_effect_at, words),
                reason=reason,
                by=officer,
                programme_id=programme_id,
            )
            return await went(session, asked, f"{DESK}/{programme_id}")
    except ChangedMeanwhile:
        if not wants_page(request):
            raise
        of = (request, pages, database, officer, programme_id)
        return await _preview(*of, data, asking=True)


def _shown(programme: Programme) -> Shown:
    """The rules as a page shows them now, by their digest."""
    return Shown({CHARTER: programme.charter}, str(programme.version))


async def _preview(
    request: Request,
    pages: Pages,
    database: Database,
    officer: Person,
    programme_id: UUID,
    data: Mapping[str, str],
    *,
    asking: bool = False,
) -> Response:
    of = (request, pages, database, officer, programme_id, data)
    try:
        charter = read_charter(data.get("file", ""), presets())
        async with database.begin() as session:
            _, rules = await check_amended(session, programme_id, charter)
    except CharterRefused as refused:
        return await _show(*of, refused.problems, asking=asking)
    return await _show(*of, (), charter, differences(rules, charter.rules), asking=asking)


async def _show(
    request: Request,
    pages: Pages,
    database: Database,
    officer: Person,
    programme_id: UUID,
    data: Mapping[str, str] | None = None,
    problems: Sequence[Problem] = (),
    charter: Charter | None = None,
    differing: Sequence[Difference] = (),
    *,
    asking: bool = False,
) -> Response:
    """The form, or what would differ; and what was amended since the form was opened that was sent:
    nothing was done where it was `asking` for the amendment."""
    async with database.begin() as session:
        found = await edition(session, programme_id)
        framed = await frame(request, pages, session, found)
        versions = await queries.versions(session, programme_id)
    kept, given = _shown(found.programme), data or {}
    amended = asking or (SHOWN in given and kept.stale(given))
    before = next((v.rules for v in versions if v.charter == given.get(WAS + CHARTER)), None)
    since: Sequence[Difference] = ()
    if amended and before is not None:
        since = differences(CharterRules.model_validate(before), found.rules)
    rules = found.rules if charter is None else charter.rules
    return pages.show(
        request,
        "desk-amend.html",
        status=CONFLICT if asking else UNPROCESSABLE if problems else 200,
        person=officer,
        filled=given,
        hidden=kept.hidden,
        amended=amended,
        asking=asking,
        since=since,
        problems=told(pages, request, problems),
        charter=charter,
        differing=differing,
        said=said(pages, request, rules),
        said_of_bodies=said_of_bodies(pages, request, rules),
        scheme=said_of_scheme(pages, request, rules),
        **{**framed, "rules": rules},
    )
