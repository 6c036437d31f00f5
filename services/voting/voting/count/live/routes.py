"""The live page of a round, and the stream of events behind it."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Request, Response

from shared.database import database_time
from shared.people import Person, everybody
from shared.process import RouteDatabase
from shared.web.filters import moment, number
from shared.web.kit import RoutePages
from voting.count import queries as count_queries
from voting.count import rounds
from voting.count.live import queries
from voting.count.live.curve import curve
from voting.count.live.following import Following
from voting.count.live.stream import Tallies
from voting.count.words.queries import words
from voting.refusals import RoundUnknown

router = APIRouter()

SAMPLES = 240


async def _tallies(request: Request) -> Tallies:
    tallies = request.app.state.tallies
    assert isinstance(tallies, Tallies)
    return tallies


@router.get("/rounds/{round_id}/events", dependencies=[everybody])
async def follow_round(
    round_id: UUID,
    tallies: Annotated[Tallies, Depends(_tallies)],
    last_event_id: Annotated[str, Header()] = "",
) -> Response:
    """Server-sent events `tally`: the round as it is, then each later tally."""
    return Following(tallies, round_id, last_event_id)


@router.get("/rounds/{round_id}/live")
async def show_live(
    round_id: UUID,
    request: Request,
    database: RouteDatabase,
    pages: RoutePages,
    visitor: Annotated[Person, everybody],
) -> Response:
    """How a round stands, for a screen in a hall and for a telephone."""
    async with database.begin() as session:
        row = await count_queries.round_as_it_is(session, round_id)
        if row is None:
            raise RoundUnknown(f"there is no round {round_id}")
        programme = await count_queries.programme(session, row.programme_id)
        options = await count_queries.options(session, round_id)
        samples = await queries.turnout(session, round_id, SAMPLES)
        title = None if programme is None else programme.title
        found = await words(session, [title, *(option.title for option in options)])
        now = min(await database_time(session), row.ends_at)
    language = pages.language(request)
    return pages.show(
        request,
        "live.html",
        person=visitor,
        rehearsal=row.rehearsal,
        row=row,
        tells=rounds.tells(row),
        title=found.get(title or ""),
        rules=None if programme is None else programme.rules,
        options=sorted(options, key=lambda option: (-option.votes, option.number)),
        words=found,
        curve=[
            (moment(at, language), voters, number(voters)) for at, voters in curve(samples, now)
        ],
        issued=None if row.rights is None else sum(row.rights.values()),
    )
