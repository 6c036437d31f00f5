"""Where two administrators open a box or a roll whose database was restored from a backup.

Count cannot ask them anything: `comptoir recover` says which recovery it is, and the service opens
if it is the one.
"""

from collections.abc import Mapping
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, ValidationError

from shared.database import Database
from shared.events.voting import ReopenedService, ReopeningReason
from shared.people import FormData, Person, Role, needs
from shared.people.second_officer import ReasonMissing
from shared.process import RouteDatabase
from shared.web.kit import Pages, RoutePages
from voting.count.desk.acts import ACTS

PAGE: Final = "/desk/reopening"
ACT: Final = "reopen-service"
router = APIRouter(prefix=PAGE, include_in_schema=False)
Administrator = Annotated[Person, needs(Role.ADMINISTRATOR, person=True)]


class Asked(BaseModel):
    """What is opened, and why the backup was restored. Their own words are not among it."""

    service: ReopenedService
    recovery: UUID
    cause: ReopeningReason
    by_hand: bool = False


@router.get("")
async def show_reopening(
    request: Request, database: RouteDatabase, pages: RoutePages, officer: Administrator
) -> Response:
    """What waits, and the form; the address that `comptoir recover` prints fills it in."""
    return await _show(request, database, pages, officer, request.query_params)


@router.post("")
async def ask_to_reopen(
    request: Request,
    data: FormData,
    database: RouteDatabase,
    pages: RoutePages,
    officer: Administrator,
) -> Response:
    """Ask for a restored service to be opened; it is, when another administrator confirms it."""
    try:
        asked = Asked.model_validate(
            {name: data[name] for name in Asked.model_fields & data.keys()}
        )
        async with database.begin() as session:
            await ACTS.needs_second_officer(
                session,
                ACT,
                about=asked.service,
                parameters=asked.model_dump(mode="json"),
                reason=data.get("reason", ""),
                by=officer,
            )
    except ValidationError as error:
        wrong = frozenset(str(each["loc"][0]) for each in error.errors())
        return await _show(request, database, pages, officer, data, wrong)
    except ReasonMissing:
        return await _show(request, database, pages, officer, data, frozenset({"reason"}))
    return RedirectResponse(PAGE, 303)


async def _show(
    request: Request,
    database: Database,
    pages: Pages,
    officer: Person,
    filled: Mapping[str, str],
    wrong: frozenset[str] = frozenset(),
) -> Response:
    async with database.begin() as session:
        acts = await ACTS.listed(session, officer)
    return pages.show(
        request,
        "desk-reopening.html",
        status=422 if wrong else 200,
        person=officer,
        waiting=[each for each in acts if each.act == ACT and each.state == "waiting"],
        filled=filled,
        wrong=wrong,
    )
