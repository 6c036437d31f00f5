"""Where an officer at a counter asks for somebody to be put on the roll, and hands her code out.

She has neither a letter nor a telephone of her own, or wants nobody to vouch for her online: the
officer looks at her identity document, and another one confirms it. So her identity was checked,
and she is of tier A.
"""

from collections.abc import Mapping
from typing import Annotated, Final
from uuid import UUID, uuid4

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.database import database_time, raw
from shared.people import FormData, Person, Role, needs
from shared.people.second_officer import ReasonMissing, read_reason
from shared.process import RouteDatabase, process_of
from shared.refusal import Refusal
from shared.web.filters import PARIS
from shared.web.kit import Pages, RoutePages
from shared.web.refused import wants_page
from voting.refusals import VotingClosed
from voting.roll import identity as rules
from voting.roll.acts import ACTS
from voting.roll.codes import CodeUsed
from voting.roll.counter import queries
from voting.roll.counter.acts import ADMIT_AT_COUNTER
from voting.roll.counter.refusals import AdmissionUnknown, OnRoll
from voting.roll.declared.form import LINKS, NotOffered, charter_of
from voting.roll.declared.queries import lock_registering
from voting.roll.declared.registering import spaced
from voting.roll.declared.routes import countries, round_of
from voting.roll.handing_out import HandedOut
from voting.roll.handlers import POSTED
from voting.roll.identity import Declared, Identity
from voting.roll.keys import RollKeys
from voting.roll.offered.queries import RoundShown
from voting.roll.reissues.queries import is_used
from voting.roll.round_keys import RoundKeys
from voting.roll.verdicts import refusal

DESK: Final = "/desk/rounds/{round_id}/counter"
IDENTITY = ("birth_name", "first_name", "born", "country", "commune")
Officer = Annotated[Person, needs(Role.RETURNING_OFFICER, person=True)]
# What is said on the page, beside the form.
_OF_PAGE: dict[type[Refusal], int] = {
    rules.IdentityMalformed: 422,
    rules.ImplausibleAge: 422,
    rules.TooYoung: 422,
    rules.NotResident: 422,
    rules.ConsentMissing: 422,
    ReasonMissing: 422,
    OnRoll: 409,
    NotOffered: 409,
    VotingClosed: 409,
}


def create_router(keys: RollKeys, round_keys: RoundKeys) -> APIRouter:
    """The routes of a roll with these keys."""
    router = APIRouter(include_in_schema=False)
    codes = HandedOut(keys, round_keys, "code of an admission")

    @router.get(DESK)
    async def show_counter(
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
    async def ask_to_admit(
        round_id: UUID,
        request: Request,
        data: FormData,
        pages: RoutePages,
        database: RouteDatabase,
        officer: Officer,
    ) -> Response:
        """Ask for somebody to be put on the roll; she is when another officer confirms it. Asked
        again while it waits, nothing more happens."""
        try:
            async with database.begin() as session:
                shown = await round_of(session, officer, round_id)
                reason = read_reason(data.get("reason", ""))
                admission_id = await _asked_for(session, shown, data)
                await ACTS.needs_second_officer(
                    session,
                    ADMIT_AT_COUNTER,
                    about=f"{round_id}/{admission_id}",
                    parameters={"round_id": str(round_id), "admission_id": str(admission_id)},
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
        return RedirectResponse(f"/desk/rounds/{round_id}/counter?asked=true", 303)

    @router.get(f"{DESK}/{{admission_id}}")
    async def show_code(
        round_id: UUID,
        admission_id: UUID,
        request: Request,
        pages: RoutePages,
        database: RouteDatabase,
        officer: Officer,
    ) -> Response:
        """Her code, for whoever asked for it, until it is used."""
        async with database.begin() as session:
            shown = await round_of(session, officer, round_id)
            connection = await raw(session)
            row = await queries.admission(connection, round_id, admission_id)
            if row is None or row["given_to"] != officer.id:
                raise AdmissionUnknown("there is no such code, or another officer hands it out")
            code = codes.code(round_id, admission_id)
            if await is_used(connection, round_id, codes.hashed(round_id, admission_id)):
                raise CodeUsed("this code was used")
        site = process_of(request).settings.site("voting.roll")
        return pages.show(
            request,
            "roll-desk-counter-code.html",
            headers={"Cache-Control": "no-store"},
            person=officer,
            rehearsal=shown.rehearsal,
            shown=shown,
            code=spaced(code),
            url=f"{site}/rounds/{round_id}/vote",
        )

    async def _asked_for(session: AsyncSession, shown: RoundShown, data: dict[str, str]) -> UUID:
        connection, round_id = await raw(session), shown.round_id
        identity = Identity.read(*(data.get(name, "") for name in IDENTITY))
        # The officer sees the document: it is she who states it.
        # Whoever is at the counter shows it there.
        declared = Declared(data.get("territory", ""), True, data.get("consent") == "yes", LINKS)
        today = (await database_time(session)).astimezone(PARIS).date()
        charter = charter_of(shown.rules, shown.opens_at)
        rules.check(identity, declared, charter, today)
        verdict = await lock_registering(connection, round_id, POSTED)
        if verdict != "open":
            raise refusal(verdict, round_id, POSTED)
        person = round_keys.hashed(round_id, "identity", identity.secret())
        if await queries.is_on_roll(connection, round_id, person):
            raise OnRoll("somebody with this identity is on the roll")
        if (asked := await queries.asked_for(connection, round_id, person)) is not None:
            return asked
        admission_id = uuid4()
        await queries.keep(
            connection,
            round_id,
            admission_id,
            person=person,
            code=codes.hashed(round_id, admission_id),
            band=rules.band_of(rules.age_on(identity.born, charter.opens)),
        )
        return admission_id

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
        if act.act == ADMIT_AT_COUNTER and act.parameters["round_id"] == str(shown.round_id)
    ]
    return pages.show(
        request,
        "roll-desk-counter.html",
        status=200 if refused is None else _OF_PAGE[type(refused)],
        person=officer,
        rehearsal=shown.rehearsal,
        shown=shown,
        mine=await ACTS.done_for(session, officer, ADMIT_AT_COUNTER, f"{shown.round_id}/"),
        waiting=len(waiting),
        countries=countries(pages.language(request)),
        consent_age=shown.consent_age,
        minimum_age=0 if shown.vote is None else shown.vote.minimum_age,
        asked=asked,
        refused=refused,
        data=data or {},
    )
