"""The page of a commission: its key is tried before a round opens, and opens its ballots after it.

Members type their shares into one form, one after the other, on a machine of theirs. What they type
is in the body of one request and in the memory of this process: in no address, no log, no table and
no answer.
"""

import asyncio
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.people import FormData, Person, Role, needs
from shared.process import RouteDatabase
from shared.unsealing import salt_of_test
from shared.web.kit import Pages, RoutePages
from voting.count import queries as count_queries
from voting.count.commission import queries
from voting.count.commission.handling import prepare_commission
from voting.count.commission.opening import (
    NotCovered,
    Trial,
    TrialOpened,
    commission_of,
    purpose_of,
    size_of,
)
from voting.count.moving import locked_round
from voting.count.sitting.entered import Problem, SharesRefused, fields_of, key_of
from voting.count.sitting.opener import Opener
from voting.count.tables import Round
from voting.count.words.queries import words
from voting.refusals import RoundUnknown
from voting.rehearsals import only_rehearsals

DESK: Final = "/desk/commission"
Member = Annotated[Person, needs(Role.COMMISSION, person=True)]


def create_router(trial: Trial, opener: Opener) -> APIRouter:
    """The pages of one count."""
    router = APIRouter(prefix=DESK, include_in_schema=False)

    @router.get("")
    async def show_rounds(
        request: Request, database: RouteDatabase, pages: RoutePages, member: Member
    ) -> Response:
        """The sealed rounds of this member's programmes."""
        async with database.begin() as session:
            found = await queries.rounds_under_seal(session)
            own = [row for row in found if member.may(Role.COMMISSION, row.programme_id)]
            programmes = {
                row.round_id: await count_queries.programme(session, row.programme_id)
                for row in own
            }
            named = {
                round_id: each.title for round_id, each in programmes.items() if each is not None
            }
            titles = await words(session, [title for title in named.values() if title])
        return pages.show(
            request,
            "desk-commission.html",
            person=member,
            rehearsal=only_rehearsals(own),
            rounds=own,
            titles={key: titles.get(title or "") for key, title in named.items()},
        )

    @router.get("/rounds/{round_id}")
    async def show_round(
        round_id: UUID,
        request: Request,
        database: RouteDatabase,
        pages: RoutePages,
        member: Member,
    ) -> Response:
        """Where a round stands, and the form for shares where there is something to do."""
        return await _show(round_id, request, database, pages, member, opener)

    @router.post("/rounds/{round_id}")
    async def take_shares(
        round_id: UUID,
        request: Request,
        data: FormData,
        database: RouteDatabase,
        pages: RoutePages,
        member: Member,
    ) -> Response:
        """Rebuild the key of the shares that were typed. Before a round opens it opens count's test
        ballot, so that the round can be opened; after it, its ballots. Then it is forgotten."""
        async with database.begin() as session:
            row = await _own(session, round_id, member)
            commission, purpose = commission_of(row), purpose_of(row)
            if purpose == "open" and not await queries.is_covered(session, row):
                raise NotCovered(f"no checkpoint covers the closing of round {round_id}'s box")
            test = trial.ballot(round_id, commission.key, purpose, size_of(row))
        try:
            # It takes a tenth of a second, and nobody waits for it.
            private = await asyncio.to_thread(key_of, fields_of(data, commission), commission)
        except SharesRefused as refused:
            problems = refused.problems
            return await _show(round_id, request, database, pages, member, opener, problems)
        salt = salt_of_test(private, test)
        if purpose == "open":
            opener.begin(round_id, private, salt)
        else:
            async with database.begin() as session:
                row = await locked_round(session, round_id)
                await prepare_commission(session, trial, row, TrialOpened(salt=salt))
        return RedirectResponse(f"{DESK}/rounds/{round_id}", 303)

    return router


async def _own(session: AsyncSession, round_id: UUID, member: Person) -> Round:
    """A round of this member's. Raises `RoundUnknown`, `Forbidden`."""
    row = await count_queries.round_as_it_is(session, round_id)
    if row is None:
        raise RoundUnknown(f"there is no round {round_id}")
    member.check(Role.COMMISSION, row.programme_id)
    return row


async def _show(
    round_id: UUID,
    request: Request,
    database: RouteDatabase,
    pages: Pages,
    member: Person,
    opener: Opener,
    problems: dict[int, Problem] | None = None,
) -> Response:
    # Asked before the round is read, where what ends meanwhile shows: the form would come again.
    opens = opener.opens(round_id)
    async with database.begin() as session:
        row = await _own(session, round_id, member)
        size_of(row)
        programme = await count_queries.programme(session, row.programme_id)
        title = None if programme is None else programme.title
        titles = await words(session, [title] if title else [])
        covered = await queries.is_covered(session, row)
    known = row.commission or row.asked_commission
    return pages.show(
        request,
        "desk-commission-round.html",
        status=422 if problems else 200,
        person=member,
        rehearsal=row.rehearsal,
        row=row,
        title=titles.get(title or ""),
        commission=known,
        step=_step(row, covered, opens),
        problems=problems or {},
    )


def _step(row: Round, covered: bool, opens: bool) -> str:
    """What a round's commission does next."""
    match row.state:
        case "prepared" if row.commission is not None:
            return "tried"
        case "prepared":
            return "ask" if row.asked_commission is None else "try"
        case "open":
            return "vote"
        case "closed" if row.openings == row.box_keys:
            return "opened"
        case "closed":
            return "opens" if opens else "open" if covered else "gather"
    return "opened" if row.state == "decided" else "annulled"
