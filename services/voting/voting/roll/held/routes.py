"""The hold desk, for officers, and the page on which a person reads where her case stands."""

from collections.abc import Mapping, Sequence
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.canonical import digest
from shared.codes import read_code
from shared.database import raw
from shared.people import Person, Role, needs
from shared.people.forms import read_form
from shared.people.guards import everybody
from shared.people.second_officer import ReasonMissing, read_reason
from shared.process import RouteDatabase
from shared.refusal import Refusal
from shared.web.kit import Pages, RoutePages
from shared.web.refused import wants_page
from voting.roll.acts import ACTS
from voting.roll.declared.routes import known_round, round_of
from voting.roll.held import queries
from voting.roll.held.acts import ADMIT, DECLINE, CasesDecided
from voting.roll.round_keys import RoundKeys

MOST = 200
Officer = Annotated[Person, needs(Role.RETURNING_OFFICER, person=True)]


class CaseUnknown(Refusal):
    """No registration has this reference, or what was kept of it is destroyed."""

    code = "case_unknown"


class NothingChosen(Refusal):
    """No case was chosen, or none that can be read."""

    code = "nothing_chosen"


STATUSES: dict[type[Refusal], int] = {
    CaseUnknown: 404,
    CasesDecided: 409,
    NothingChosen: 422,
}


def create_router(keys: RoundKeys) -> APIRouter:
    """The routes of a roll with these keys."""
    router = APIRouter(include_in_schema=False)

    @router.get("/desk/rounds/{round_id}/held")
    async def show_held(
        round_id: UUID,
        request: Request,
        pages: RoutePages,
        database: RouteDatabase,
        officer: Officer,
        asked: bool = False,
    ) -> Response:
        """What waits, on which grounds, and what it has in common."""
        async with database.begin() as session:
            return await _desk(session, request, pages, officer, round_id, asked=asked)

    @router.post("/desk/rounds/{round_id}/held")
    async def ask_to_decide(
        round_id: UUID,
        request: Request,
        pages: RoutePages,
        database: RouteDatabase,
        officer: Officer,
    ) -> Response:
        """Ask for these cases to be decided; they are, when another officer confirms it."""
        form = await read_form(request)
        chosen = [str(each) for each in form.getlist("cases")]
        act = ADMIT if form.get("decision") == "admit" else DECLINE
        async with database.begin() as session:
            shown = await round_of(session, officer, round_id)
            try:
                reason = read_reason(str(form.get("reason", "")))
                cases = _chosen(chosen)
                parameters = {"round_id": str(round_id), "cases": cases, "reason": reason}
                await ACTS.needs_second_officer(
                    session,
                    act,
                    about=f"{round_id}/{digest(cases).hex()[:16]}",
                    parameters=parameters,
                    reason=reason,
                    by=officer,
                    programme_id=shown.programme_id,
                )
            except (ReasonMissing, NothingChosen) as refused:
                if not wants_page(request):
                    raise
                wrong = {"chosen": chosen, "reason": str(form.get("reason", ""))}
                return await _desk(
                    session, request, pages, officer, round_id, refused=refused, filled=wrong
                )
        return RedirectResponse(f"/desk/rounds/{round_id}/held?asked=true", 303)

    @router.get("/rounds/{round_id}/held/{reference}", dependencies=[everybody])
    async def show_case(
        round_id: UUID, reference: str, request: Request, pages: RoutePages, database: RouteDatabase
    ) -> Response:
        """Where somebody's registration stands; the reference came in her message."""
        code = read_code(reference)
        async with database.begin() as session:
            shown = await known_round(session, round_id)
            case = None
            # Nobody who only asks has a key made, in the place of one that was destroyed or else.
            if code is not None and keys.has(round_id):
                hashed = keys.hashed(round_id, "reference", code.encode())
                case = await queries.case_of(await raw(session), round_id, hashed)
        if case is None:
            raise CaseUnknown("no registration has this reference")
        number = case["held_id"].hex[:8]
        return pages.show(
            request,
            "held-case.html",
            headers={"Cache-Control": "no-store"},
            shown=shown,
            case=case,
            number=number,
        )

    return router


async def _desk(
    session: AsyncSession,
    request: Request,
    pages: Pages,
    officer: Person,
    round_id: UUID,
    *,
    asked: bool = False,
    refused: Refusal | None = None,
    filled: Mapping[str, object] | None = None,
) -> Response:
    shown = await round_of(session, officer, round_id)
    connection = await raw(session)
    cases = await queries.waiting_cases(connection, round_id, MOST)
    waiting = [act for act in await ACTS.listed(session, officer) if act.act in (ADMIT, DECLINE)]
    under_way = {each for act in waiting for each in act.parameters["cases"]}
    return pages.show(
        request,
        "roll-desk-held.html",
        status=200 if refused is None else STATUSES.get(type(refused), 422),
        person=officer,
        rehearsal=shown.rehearsal,
        shown=shown,
        cases=cases,
        more=await queries.waiting_number(connection, round_id) - len(cases),
        under_way=under_way,
        connections=_named([case.address for case in cases]),
        telephones=_named([case.telephone for case in cases]),
        asked=asked,
        refused=refused,
        filled=filled or {},
    )


def _chosen(cases: Sequence[str]) -> list[str]:
    """The ids of cases in one order. Raises `NothingChosen`."""
    try:
        found = sorted({str(UUID(each)) for each in cases})
    except ValueError:
        found = []
    if not 0 < len(found) <= MOST:
        raise NothingChosen("no case was chosen")
    return found


def _named(values: Sequence[bytes | None]) -> dict[bytes, tuple[int, int]]:
    """What several have: a number for each, and how many have it."""
    several = {v for v in values if v is not None and values.count(v) > 1}
    order = [v for v in dict.fromkeys(values) if v in several and v is not None]
    return {v: (at, list(values).count(v)) for at, v in enumerate(order, 1)}
