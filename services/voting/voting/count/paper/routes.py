"""The paper desk: batches with their stubs, papers entered twice, batches locked and annulled."""

from collections.abc import Sequence
from typing import Annotated, Final, get_args
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.database import raw
from shared.events.paper import BatchAnnulment
from shared.people import FormData, Person, Role, needs
from shared.people.roles import Forbidden
from shared.process import RouteDatabase
from shared.refusal import Refusal
from shared.web.kit import RoutePages
from shared.web.messages import mark
from voting.count import queries as count_queries
from voting.count.desk.acts import ACTS
from voting.count.moving import locked_round
from voting.count.paper import batches, closing, handling, queries
from voting.count.paper.batches import FEW, VOID, Standing
from voting.count.paper.closing import Batch
from voting.count.rounds import format_of
from voting.count.tables import Round
from voting.count.words.queries import words
from voting.formats.choices import NUMBERS
from voting.refusals import RoundUnknown
from voting.rehearsals import only_rehearsals

DESK: Final = "/desk/paper"
ANNULMENTS: tuple[BatchAnnulment, ...] = get_args(BatchAnnulment)
router = APIRouter(prefix=DESK, include_in_schema=False)
Officer = Annotated[Person, needs(Role.RETURNING_OFFICER, person=True)]
# Whoever enters papers: advisers of counters, and returning officers.
AGENTS = (Role.ADVISER, Role.RETURNING_OFFICER)
Agent = Annotated[Person, needs(*AGENTS, person=True)]

STATUSES: dict[type[Refusal], int] = {
    batches.BatchUnknown: 404,
    batches.BatchNotOpen: 409,
    batches.BatchAnnulled: 409,
    batches.PaperUnknown: 422,
    batches.PaperMalformed: 422,
    batches.EnteredBefore: 409,
    batches.PaperDone: 409,
    batches.NotAllEntered: 409,
    batches.BoxOpen: 409,
    batches.BatchMalformed: 422,
    closing.NoPaper: 409,
    closing.PapersIn: 409,
    closing.BatchesOpen: 409,
    closing.MarksMissing: 409,
    closing.MoreStubsThanMarked: 409,
}
ADVICE = {
    batches.EnteredBefore.code: mark("Go on with the next paper; a colleague enters this one."),
    batches.PaperDone.code: mark("Go on with the next paper."),
    batches.NotAllEntered.code: mark("Enter the papers that are left; then lock the batch."),
    batches.BoxOpen.code: mark("Wait until voting is over and the ballot box is closed."),
    closing.BatchesOpen.code: mark("Lock these batches, or have them annulled, before."),
    closing.MarksMissing.code: mark("Say at the desk of the roll that every envelope is checked."),
    closing.MoreStubsThanMarked.code: mark("Compare the stubs with the roll: some are too many."),
}


class Progress(BaseModel):
    """How far the papers of a batch are."""

    agreed: int
    differs: int
    waits: int
    mine: int


@router.get("")
async def show_rounds(
    request: Request, database: RouteDatabase, pages: RoutePages, agent: Agent
) -> Response:
    """The rounds with papers, for those who enter them."""
    async with database.begin() as session:
        found = [row for row in await queries.rounds_with_paper(session) if _enters(agent, row)]
        programmes = {
            row.round_id: await count_queries.programme(session, row.programme_id) for row in found
        }
        named = {key: each.title for key, each in programmes.items() if each is not None}
        titles = await words(session, [*named.values()])
    return pages.show(
        request,
        "desk-papers.html",
        person=agent,
        rehearsal=only_rehearsals(found),
        rounds=found,
        titles={key: titles.get(title or "") for key, title in named.items()},
    )


@router.get("/rounds/{round_id}")
async def show_batches(
    round_id: UUID, request: Request, database: RouteDatabase, pages: RoutePages, agent: Agent
) -> Response:
    """The batches of a round, and what an officer can do with them."""
    async with database.begin() as session:
        row = await _round(session, round_id)
        _check_enters(agent, row)
        connection = await raw(session)
        found = await queries.batches(connection, round_id)
        progress = {
            batch.batch_id: await _progress(session, batch, agent)
            for batch in found
            if batch.state == "open"
        }
        acts = await ACTS.listed(session, agent)
    return pages.show(
        request,
        "desk-paper-round.html",
        person=agent,
        rehearsal=row.rehearsal,
        row=row,
        batches=found,
        progress=progress,
        officer=agent.may(Role.RETURNING_OFFICER, row.programme_id),
        waiting={act.about: act for act in acts if act.state == "waiting"},
        few=FEW,
    )


@router.post("/rounds/{round_id}/batches")
async def open_batch(
    round_id: UUID, data: FormData, database: RouteDatabase, officer: Officer
) -> Response:
    """Begin to enter a batch: its `place`, and the number of its `stubs`."""
    async with database.begin() as session:
        row = await locked_round(session, round_id)
        officer.check(Role.RETURNING_OFFICER, row.programme_id)
        place, stubs = data.get("place", ""), data.get("stubs", "").strip()
        once = data.get("once", "")
        batch_id = await handling.open_batch(session, row, place, stubs, once=once)
    return RedirectResponse(f"{DESK}/batches/{batch_id}", 303)


@router.post("/rounds/{round_id}/closed")
async def ask_to_close(
    round_id: UUID, data: FormData, database: RouteDatabase, officer: Officer
) -> Response:
    """Ask another officer to confirm that all papers are in: they are counted then."""
    async with database.begin() as session:
        row = await locked_round(session, round_id)
        officer.check(Role.RETURNING_OFFICER, row.programme_id)
        sums = closing.summed(row, await queries.batches(await raw(session), round_id))
        await ACTS.needs_second_officer(
            session,
            "close-papers",
            about=str(round_id),
            programme_id=row.programme_id,
            parameters=sums,
            reason=data.get("reason", ""),
            by=officer,
        )
    return RedirectResponse(f"{DESK}/rounds/{round_id}", 303)


@router.get("/batches/{batch_id}")
async def show_batch(
    batch_id: UUID, request: Request, database: RouteDatabase, pages: RoutePages, agent: Agent
) -> Response:
    """How far a batch is, and the next paper for whoever looks: never another's entry."""
    async with database.begin() as session:
        batch, row = await _batch(session, batch_id)
        _check_enters(agent, row)
        entered = await queries.entries(await raw(session), batch_id)
        progress = await _progress(session, batch, agent)
        following = (
            batches.next_paper(entered, batch.stubs, agent.id) if batch.state == "open" else None
        )
        options = await count_queries.options(session, row.round_id)
        titles = await words(session, [option.title for option in options])
        acts = await ACTS.listed(session, agent)
    return pages.show(
        request,
        "desk-paper-batch.html",
        person=agent,
        rehearsal=row.rehearsal,
        row=row,
        batch=batch,
        progress=progress,
        following=following,
        form=format_of(row),
        valued=format_of(row).type not in NUMBERS,
        options=options,
        titles=titles,
        reasons=VOID,
        annulments=ANNULMENTS,
        officer=agent.may(Role.RETURNING_OFFICER, row.programme_id),
        waiting=next(
            (act for act in acts if act.about == str(batch_id) and act.state == "waiting"), None
        ),
    )


@router.post("/batches/{batch_id}/papers/{paper}")
async def enter_paper(
    batch_id: UUID, paper: int, data: FormData, database: RouteDatabase, agent: Agent
) -> Response:
    """Enter what a paper says: its `choices`, nothing for a blank one, or why it is `void`."""
    async with database.begin() as session:
        _, row = await _batch(session, batch_id)
        _check_enters(agent, row)
        choices, void = data.get("choices", ""), data.get("void", "")
        await handling.enter_paper(session, batch_id, paper, agent.id, choices, void)
    return RedirectResponse(f"{DESK}/batches/{batch_id}", 303)


@router.post("/batches/{batch_id}/lock")
async def lock_batch(batch_id: UUID, database: RouteDatabase, officer: Officer) -> Response:
    """Make ballots of a batch whose papers are all entered."""
    async with database.begin() as session:
        row, batch = await handling.locked_batch(session, batch_id)
        officer.check(Role.RETURNING_OFFICER, row.programme_id)
        await handling.lock_batch(session, row, batch)
    return RedirectResponse(f"{DESK}/batches/{batch_id}", 303)


@router.post("/batches/{batch_id}/annulment")
async def ask_to_annul(
    batch_id: UUID, data: FormData, database: RouteDatabase, officer: Officer
) -> Response:
    """Ask another officer to annul a batch, for one of the reasons (`cause`)."""
    async with database.begin() as session:
        row, batch = await handling.locked_batch(session, batch_id)
        officer.check(Role.RETURNING_OFFICER, row.programme_id)
        handling.check_annullable(row, batch)
        await ACTS.needs_second_officer(
            session,
            "annul-batch",
            about=str(batch_id),
            programme_id=row.programme_id,
            parameters=handling.annulling(batch, data.get("cause", "")),
            reason=data.get("reason", ""),
            by=officer,
        )
    return RedirectResponse(f"{DESK}/batches/{batch_id}", 303)


async def _round(session: AsyncSession, round_id: UUID) -> Round:
    row = await count_queries.round_as_it_is(session, round_id)
    if row is None:
        raise RoundUnknown(f"there is no round {round_id}")
    return row


async def _batch(session: AsyncSession, batch_id: UUID) -> tuple[Batch, Round]:
    batch = await queries.batch(await raw(session), batch_id)
    if batch is None:
        raise batches.BatchUnknown(f"there is no batch {batch_id}")
    return batch, await _round(session, batch.round_id)


def _enters(agent: Person, row: Round) -> bool:
    """Whether somebody enters papers of a round: an adviser of any part of the programme does."""
    return any(agent.territories(role, row.programme_id) != () for role in AGENTS)


def _check_enters(agent: Person, row: Round) -> None:
    if not _enters(agent, row):
        raise Forbidden(f"this needs the role {' or '.join(AGENTS)} in the programme")


async def _progress(session: AsyncSession, batch: Batch, agent: Person) -> Progress:
    entered = await queries.entries(await raw(session), batch.batch_id)
    each: Sequence[Standing] = [
        batches.standing(entered.get(paper, ())) for paper in range(1, batch.stubs + 1)
    ]
    mine = sum(any(e.agent == agent.id for e in found) for found in entered.values())
    return Progress(
        agreed=each.count("agreed"),
        differs=each.count("differs"),
        waits=each.count("waits"),
        mine=mine,
    )
