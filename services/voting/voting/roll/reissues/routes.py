"""Where an officer asks for a second code for a person before her, and hands it out afterwards.

She has shown who she is, and says that she voted nowhere. Nobody can check that: which ballot her
first token is for, and whether there is one, the roll does not know. So each second code may be a
second vote, and their number is published as that.
"""

from collections.abc import Mapping
from typing import Annotated, Final
from uuid import UUID, uuid4

import asyncpg
from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.database import raw
from shared.people import FormData, Person, Role, needs
from shared.people.second_officer import ReasonMissing, read_reason
from shared.process import RouteDatabase, process_of
from shared.refusal import Refusal
from shared.web.kit import Pages, RoutePages
from shared.web.refused import wants_page
from voting.refusals import VotingClosed
from voting.roll.acts import ACTS
from voting.roll.codes import CodeUsed
from voting.roll.declared.queries import lock_registering
from voting.roll.declared.registering import spaced
from voting.roll.declared.routes import countries, round_of
from voting.roll.handing_out import HandedOut
from voting.roll.handlers import POSTED
from voting.roll.identity import Identity, IdentityMalformed
from voting.roll.keys import RollKeys
from voting.roll.offered.queries import RoundShown
from voting.roll.paper.queries import PAPER
from voting.roll.reissues import queries
from voting.roll.reissues.acts import REISSUE
from voting.roll.reissues.refusals import NotOnRoll, ReissuedBefore, ReissueUnknown
from voting.roll.round_keys import RoundKeys
from voting.roll.verdicts import refusal

DESK: Final = "/desk/rounds/{round_id}/reissues"
IDENTITY = ("birth_name", "first_name", "born", "country", "commune")
Officer = Annotated[Person, needs(Role.RETURNING_OFFICER, person=True)]
# What is said on the page, beside the form.
_OF_PAGE: dict[type[Refusal], int] = {
    IdentityMalformed: 422,
    ReasonMissing: 422,
    NotOnRoll: 409,
    ReissuedBefore: 409,
    VotingClosed: 409,
}


def create_router(keys: RollKeys, round_keys: RoundKeys) -> APIRouter:
    """The routes of a roll with these keys."""
    router = APIRouter(include_in_schema=False)
    codes = HandedOut(keys, round_keys, "code of a reissue")

    @router.get(DESK)
    async def show_reissues(
        round_id: UUID,
        request: Request,
        pages: RoutePages,
        database: RouteDatabase,
        officer: Officer,
        asked: bool = False,
    ) -> Response:
        """The form, what waits, and the codes that this officer hands out."""
        async with database.begin() as session:
            shown = await round_of(session, officer, round_id)
            return await _desk(session, request, pages, officer, shown, asked=asked)

    @router.post(DESK)
    async def ask_to_reissue(
        round_id: UUID,
        request: Request,
        data: FormData,
        pages: RoutePages,
        database: RouteDatabase,
        officer: Officer,
    ) -> Response:
        """Ask for a second code of a person; it counts when another officer confirms it. Asked
        again while it waits, nothing more happens."""
        try:
            async with database.begin() as session:
                shown = await round_of(session, officer, round_id)
                reason = read_reason(data.get("reason", ""))
                identity = Identity.read(*(data.get(name, "") for name in IDENTITY))
                reissue_id = await _asked_for(await raw(session), round_id, identity)
                await ACTS.needs_second_officer(
                    session,
                    REISSUE,
                    about=f"{round_id}/{reissue_id}",
                    parameters={"round_id": str(round_id), "reissue_id": str(reissue_id)},
                    reason=reason,
                    by=officer,
                    programme_id=shown.programme_id,
                )
        except tuple(_OF_PAGE) as refused:
            if not wants_page(request):
                raise
            async with database.begin() as session:
                return await _desk(
                    session, request, pages, officer, shown, refused=refused, data=data
                )
        return RedirectResponse(f"/desk/rounds/{round_id}/reissues?asked=true", 303)

    @router.get(f"{DESK}/{{reissue_id}}")
    async def show_code(
        round_id: UUID,
        reissue_id: UUID,
        request: Request,
        pages: RoutePages,
        database: RouteDatabase,
        officer: Officer,
    ) -> Response:
        """The second code, for whoever asked for it, until it is used."""
        async with database.begin() as session:
            shown = await round_of(session, officer, round_id)
            connection = await raw(session)
            row = await queries.reissue(connection, round_id, reissue_id)
            if row is None or row["given_to"] != officer.id:
                raise ReissueUnknown("there is no such code, or another officer hands it out")
            code = codes.code(round_id, reissue_id)
            if await queries.is_used(connection, round_id, codes.hashed(round_id, reissue_id)):
                raise CodeUsed("this code was used")
        site = process_of(request).settings.site("voting.roll")
        return pages.show(
            request,
            "roll-desk-reissued.html",
            headers={"Cache-Control": "no-store"},
            person=officer,
            rehearsal=shown.rehearsal,
            shown=shown,
            code=spaced(code),
            url=f"{site}/rounds/{round_id}/vote",
        )

    async def _asked_for(
        connection: asyncpg.Connection, round_id: UUID, identity: Identity
    ) -> UUID:
        verdict = await lock_registering(connection, round_id, POSTED)
        if verdict != "open":
            raise refusal(verdict, round_id)
        person = round_keys.hashed(round_id, "identity", identity.secret())
        found = await queries.standing(connection, round_id, person)
        if found is None or found["held"] or found["tier"] == PAPER:
            raise NotOnRoll("nobody with this identity has a code in this vote")
        if found["given"] >= found["most"]:
            raise ReissuedBefore("this person was given a second code before")
        if found["asked"] is not None:
            asked: UUID = found["asked"]
            return asked
        reissue_id = uuid4()
        await queries.keep(
            connection,
            round_id,
            reissue_id,
            person=person,
            tier=found["tier"],
            code=codes.hashed(round_id, reissue_id),
        )
        return reissue_id

    return router


async def _desk(
    session: AsyncSession,
    request: Request,
    pages: Pages,
    officer: Person,
    shown: RoundShown,
    *,
    asked: bool = False,
    refused: Refusal | None = None,
    data: Mapping[str, str] | None = None,
) -> Response:
    waiting = [
        act
        for act in await ACTS.listed(session, officer)
        if act.act == REISSUE and act.parameters["round_id"] == str(shown.round_id)
    ]
    given = await queries.given_by_tier(await raw(session), shown.round_id)
    return pages.show(
        request,
        "roll-desk-reissues.html",
        status=200 if refused is None else _OF_PAGE[type(refused)],
        person=officer,
        rehearsal=shown.rehearsal,
        shown=shown,
        mine=await ACTS.done_for(session, officer, REISSUE, f"{shown.round_id}/"),
        waiting=len(waiting),
        given=sum(number for _, number in given),
        countries=countries(pages.language(request)),
        asked=asked,
        refused=refused,
        data=data or {},
    )
