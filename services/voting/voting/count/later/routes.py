"""Where a returning officer asks for a round to be extended or annulled; another one confirms."""

from uuid import UUID

from fastapi import APIRouter, Response
from fastapi.responses import RedirectResponse

from shared.people import FormData, Role
from shared.process import RouteDatabase
from voting.count.desk.acts import ACTS
from voting.count.desk.routes import DESK, Someone
from voting.count.later import rules
from voting.count.moving import locked_round

router = APIRouter(prefix=DESK, include_in_schema=False)


@router.post("/{round_id}/extension")
async def ask_to_extend(
    round_id: UUID, data: FormData, database: RouteDatabase, officer: Someone
) -> Response:
    """Ask for a later end of voting: `closes_at`, `cause`, and a reason in one's own words."""
    async with database.begin() as session:
        row = await locked_round(session, round_id)
        officer.check(Role.RETURNING_OFFICER, row.programme_id)
        await ACTS.needs_second_officer(
            session,
            "extend-round",
            about=str(round_id),
            programme_id=row.programme_id,
            parameters=rules.extending(row, data.get("closes_at", ""), data.get("cause", "")),
            reason=data.get("reason", ""),
            by=officer,
        )
    return RedirectResponse(DESK, 303)


@router.post("/{round_id}/annulment")
async def ask_to_annul(
    round_id: UUID, data: FormData, database: RouteDatabase, officer: Someone
) -> Response:
    """Ask for a round to be annulled: `cause`, the `act` that annuls it, and a reason."""
    async with database.begin() as session:
        row = await locked_round(session, round_id)
        officer.check(Role.RETURNING_OFFICER, row.programme_id)
        await ACTS.needs_second_officer(
            session,
            "annul-round",
            about=str(round_id),
            programme_id=row.programme_id,
            parameters=rules.annulling(row, data.get("cause", ""), data.get("act", "")),
            reason=data.get("reason", ""),
            by=officer,
        )
    return RedirectResponse(DESK, 303)
