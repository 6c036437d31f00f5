"""The public pages of rounds: which there are, and what came of each."""

from random import SystemRandom
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import RedirectResponse, StreamingResponse
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.people import Person, everybody
from shared.process import RouteDatabase
from shared.refusal import Refusal
from shared.rules.saying import of_round, speech
from shared.web.kit import RoutePages
from voting.count import charters, rounds
from voting.count import queries as count_queries
from voting.count.results import pb, queries
from voting.count.results.contest import contest
from voting.count.results.figures import as_json
from voting.count.results.gathered import Gathered
from voting.count.results.kept import Kept
from voting.count.results.outcome import Outcome, outcome
from voting.count.results.spreadsheet import as_csv
from voting.count.words.queries import words
from voting.refusals import RoundUnknown
from voting.rehearsals import only_rehearsals

router = APIRouter()
MOST_STEPS = 25_000  # fifty passes over five hundred envelopes

Visitor = Annotated[Person, everybody]
# There is no result in these.
NO_RESULT = frozenset(("undecided", "annulled"))


async def _kept(request: Request) -> Kept:
    kept = request.app.state.kept
    assert isinstance(kept, Kept)
    return kept


class NotDecided(Refusal):
    """There is no result yet."""

    code = "not_decided"


@router.get("/", dependencies=[everybody])
async def home() -> Response:
    """The first page of votes."""
    return RedirectResponse("/rounds", 303)


@router.get("/rounds")
async def show_rounds(
    request: Request, database: RouteDatabase, pages: RoutePages, visitor: Visitor
) -> Response:
    """The rounds, the latest first."""
    async with database.begin() as session:
        listed = await queries.rounds_listed(session)
        titles = await words(session, [programme.title for _, programme in listed])
    return pages.show(
        request,
        "rounds.html",
        person=visitor,
        rehearsal=only_rehearsals([row for row, _ in listed]),
        listed=listed,
        titles=titles,
    )


@router.get("/rounds/{round_id}/results")
async def show_results(
    round_id: UUID,
    request: Request,
    database: RouteDatabase,
    pages: RoutePages,
    visitor: Visitor,
    kept: Annotated[Kept, Depends(_kept)],
) -> Response:
    """Who was funded, and why others were not."""
    async with database.begin() as session:
        shown = await read_outcome(session, round_id)
    language = pages.language(request)
    lists = ""
    if shown.standing not in NO_RESULT:
        lists = kept.get(
            (language, shown.changeable),
            lambda: pages.render(language, "result-lists.html", shown=shown),
        )
    return pages.show(
        request,
        "results.html",
        person=visitor,
        rehearsal=shown.row.rehearsal,
        shown=shown,
        said=of_round(
            rounds.format_of(shown.row),
            rounds.rule_of(shown.row),
            speech(language, pages.words(language), shown.rules),
        ),
        lists=lists,
    )


@router.get("/rounds/{round_id}/results.csv", dependencies=[everybody])
async def results_as_csv(round_id: UUID, database: RouteDatabase) -> Response:
    """The same for a spreadsheet."""
    shown = await _decided(database, round_id)
    name = f'attachment; filename="results-{round_id}.csv"'
    return Response(
        as_csv(shown), media_type="text/csv; charset=utf-8", headers={"Content-Disposition": name}
    )


@router.get("/rounds/{round_id}/results.json", dependencies=[everybody])
async def results_as_json(round_id: UUID, database: RouteDatabase) -> dict[str, Any]:
    """The same for a program."""
    return as_json(await _decided(database, round_id))


@router.get("/rounds/{round_id}/results.pb", dependencies=[everybody])
async def results_as_pb(
    round_id: UUID,
    database: RouteDatabase,
    pages: RoutePages,
    step: Annotated[int, Query(ge=1, le=MOST_STEPS)] = 1,
) -> Response:
    """The ballots of a step, without any name of a voter, in Pabulib's format: to be counted again.

    Words are in it as they are, since the format has no way to write a formula as a text: nothing
    is told that it is a table, which a spreadsheet would open.
    """
    async with database.begin() as session:
        shown = await _read_decided(session, round_id)
        of = contest(shown, step)
        gathered = Gathered(rounds.format_of(shown.row))
        await queries.gather_ballots(session, round_id, gathered)
    pieces = pb.file(of, gathered, pages.settings.operator_name, SystemRandom())
    name = f'attachment; filename="results-{round_id}-{step}.pb"'
    return StreamingResponse(
        pieces, media_type="text/plain; charset=utf-8", headers={"Content-Disposition": name}
    )


async def read_outcome(session: AsyncSession, round_id: UUID) -> Outcome:
    """A round's outcome. Raises `RoundUnknown`."""
    row = await count_queries.round_as_it_is(session, round_id)
    if row is None:
        raise RoundUnknown(f"there is no round {round_id}")
    programme = await count_queries.programme(session, row.programme_id)
    options = await count_queries.options(session, round_id)
    title = None if programme is None else programme.title
    found = await words(session, [title, *(option.title for option in options)])
    voters = await queries.voters_by_tier(session, round_id)
    rules = None if programme is None else charters.rules_of(programme)
    return outcome(row, programme, rules, options, found, voters)


async def _decided(database: RouteDatabase, round_id: UUID) -> Outcome:
    async with database.begin() as session:
        return await _read_decided(session, round_id)


async def _read_decided(session: AsyncSession, round_id: UUID) -> Outcome:
    shown = await read_outcome(session, round_id)
    if shown.standing in NO_RESULT:
        raise NotDecided(f"round {round_id} is {shown.row.state}, not decided")
    return shown
