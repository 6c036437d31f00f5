"""The seats desk: officers give seats, members vote under them; and what everybody sees of it."""

from collections.abc import Mapping
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.database import database_time
from shared.events.charter import Body, CharterRules
from shared.people import FormData, Person, Role, everybody, members, needs
from shared.people.second_officer import ReasonMissing
from shared.process import RouteDatabase
from shared.rules.saying import of_round, speech
from shared.web.kit import RoutePages
from voting.count import charters
from voting.count import queries as count_queries
from voting.count.charters import NoCharter
from voting.count.moving import locked_round
from voting.count.rounds import format_of, rule_of
from voting.count.seats import ballots, listing, queries, seating, shown, voting
from voting.count.seats.ballots import ChoicesRefused, RecusedHere
from voting.count.tables import Programme, Round
from voting.count.words.queries import words
from voting.refusals import RoundUnknown
from voting.rehearsals import only_rehearsals

router = APIRouter()

DESK: Final = "/desk/seats"
Member = Annotated[Person, members]
Giver = Annotated[Person, needs(Role.RETURNING_OFFICER, Role.ADMINISTRATOR, person=True)]
Visitor = Annotated[Person, everybody]


@router.get(DESK)
async def show_own_seats(
    request: Request, database: RouteDatabase, pages: RoutePages, member: Member
) -> Response:
    """The rounds in which somebody has a seat, those where her vote is missing first; and the
    bodies whose seats she may give."""
    state = request.query_params.get("state", "")
    async with database.begin() as session:
        now = await database_time(session)
        own = await queries.rounds_of_member(session, member.id)
        found = await queries.programmes(session)
        bodies = [
            (programme, body)
            for programme in found
            if (rules := charters.rules_of(programme)) is not None
            for body in rules.bodies or ()
            if member.may(Role(body.seats_by), programme.programme_id)
        ]
        titles = await words(session, [programme.title for programme in found])
    listed = [
        (each, _body_of(each.programme, each.row)) for each in listing.listed(own, state, now)
    ]
    return pages.show(
        request,
        "seats.html",
        person=member,
        rehearsal=only_rehearsals([*(row for row, *_ in own), *(of for of, _ in bodies)]),
        listed=listed,
        state=state,
        seated=bool(own),
        bodies=bodies,
        titles=titles,
    )


@router.get(f"{DESK}/bodies/{{programme_id}}/{{body_name}}")
async def show_body(
    programme_id: UUID,
    body_name: str,
    request: Request,
    database: RouteDatabase,
    pages: RoutePages,
    officer: Giver,
) -> Response:
    """The seats of a body: who has them, and giving or withdrawing one."""
    return await _show_body(request, database, pages, officer, programme_id, body_name)


@router.post(f"{DESK}/bodies/{{programme_id}}/{{body_name}}")
async def grant_seat(
    programme_id: UUID, body_name: str, data: FormData, database: RouteDatabase, officer: Giver
) -> Response:
    """Give a seat (`officer`, `chair`). Raises what `voting.grant` does."""
    async with database.begin() as session:
        programme, body = await _own_body(session, programme_id, body_name, officer)
        await voting.grant(
            session,
            programme,
            body,
            _id(data.get("officer", "")),
            chair=bool(data.get("chair")),
            by=officer,
        )
    return RedirectResponse(f"{DESK}/bodies/{programme_id}/{body_name}", 303)


@router.post(f"{DESK}/{{seat_id}}/withdraw")
async def withdraw_seat(
    seat_id: UUID,
    request: Request,
    data: FormData,
    database: RouteDatabase,
    pages: RoutePages,
    officer: Giver,
) -> Response:
    """Withdraw a seat, with a reason. What was cast under it stays."""
    async with database.begin() as session:
        seat = await queries.seat_for_update(session, seat_id)
        if seat is None:
            raise seating.SeatUnknown(f"there is no seat {seat_id}")
        of_body = seat.programme_id, seat.body_name
    try:
        async with database.begin() as session:
            programme, _ = await _own_body(session, *of_body, officer)
            locked = await queries.seat_for_update(session, seat_id)
            assert locked is not None
            reason = data.get("reason", "")
            await voting.withdraw(session, programme, locked, reason=reason, by=officer)
    except ReasonMissing:
        return await _show_body(request, database, pages, officer, *of_body, wrong=True)
    return RedirectResponse(f"{DESK}/bodies/{of_body[0]}/{of_body[1]}", 303)


@router.get(f"{DESK}/rounds/{{round_id}}")
async def show_ballot(
    round_id: UUID, request: Request, database: RouteDatabase, pages: RoutePages, member: Member
) -> Response:
    """A member's ballot in a round, as it stands, and where she says that she is recused."""
    return await _show_ballot(request, database, pages, member, round_id)


@router.post(f"{DESK}/rounds/{{round_id}}/ballot")
async def cast_ballot(
    round_id: UUID,
    request: Request,
    data: FormData,
    database: RouteDatabase,
    pages: RoutePages,
    member: Member,
) -> Response:
    """Cast a ballot: it is public at once, and replaces the one before. The same again changes
    nothing."""
    try:
        async with database.begin() as session:
            row = await locked_round(session, round_id)
            choices = ballots.read(format_of(row), data, row.options)
            await voting.cast(session, row, member, choices)
    except (ChoicesRefused, RecusedHere) as refused:
        return await _show_ballot(
            request, database, pages, member, round_id, wrong=refused.code, filled=data
        )
    return RedirectResponse(f"{DESK}/rounds/{round_id}", 303)


@router.post(f"{DESK}/rounds/{{round_id}}/recusals")
async def recuse_seat(
    round_id: UUID,
    request: Request,
    data: FormData,
    database: RouteDatabase,
    pages: RoutePages,
    member: Member,
) -> Response:
    """Say that one's own seat has no say on a project (`option`); the chair says it of another one
    (`seat`), with a reason."""
    try:
        async with database.begin() as session:
            row = await locked_round(session, round_id)
            asked, number = data.get("seat", ""), data.get("option", "")
            await voting.recuse(
                session,
                row,
                member,
                int(number) if number.isascii() and number.isdigit() and len(number) < 6 else 0,
                seat_id=_id(asked) if asked else None,
                reason=data.get("reason", ""),
            )
    except (ReasonMissing, ChoicesRefused) as refused:
        return await _show_ballot(request, database, pages, member, round_id, wrong=refused.code)
    return RedirectResponse(f"{DESK}/rounds/{round_id}", 303)


@router.get("/rounds/{round_id}/seats")
async def show_seats(
    round_id: UUID, request: Request, database: RouteDatabase, pages: RoutePages, visitor: Visitor
) -> Response:
    """What was said under each seat of a named round, by its number: for everybody, and without a
    name."""
    async with database.begin() as session:
        row = await _named(session, round_id)
        options, programme, title = await _of_round(session, row)
        said = shown.said(
            format_of(row),
            await queries.seats_in_round(session, round_id),
            await queries.recusals(session, round_id),
        )
        titles = await words(session, [option.title for option in options])
    return pages.show(
        request,
        "round-seats.html",
        person=visitor,
        rehearsal=row.rehearsal,
        row=row,
        body=_body_of(programme, row),
        title=title,
        options=options,
        titles=titles,
        form=format_of(row),
        said=said,
    )


async def _show_body(
    request: Request,
    database: RouteDatabase,
    pages: RoutePages,
    officer: Person,
    programme_id: UUID,
    body_name: str,
    wrong: bool = False,
) -> Response:
    async with database.begin() as session:
        programme, body = await _own_body(session, programme_id, body_name, officer)
        seats = await queries.seats(session, programme_id, body_name)
        titles = await words(session, [programme.title])
        standing = {seat.officer_id for seat in seats if seat.withdrawn_event is None}
        known = await queries.officers(session)
    return pages.show(
        request,
        "body.html",
        status=422 if wrong else 200,
        person=officer,
        rehearsal=programme.rehearsal,
        programme=programme,
        body=body,
        title=titles.get(programme.title or ""),
        seats=seats,
        standing=len(standing),
        chaired=any(seat.chair and seat.withdrawn_event is None for seat in seats),
        officers=[(each, name) for each, name in known if each not in standing],
        wrong=wrong,
    )


async def _show_ballot(
    request: Request,
    database: RouteDatabase,
    pages: RoutePages,
    member: Person,
    round_id: UUID,
    wrong: str | None = None,
    filled: Mapping[str, str] | None = None,
) -> Response:
    async with database.begin() as session:
        row = await _named(session, round_id)
        found = await queries.seats_in_round(session, round_id)
        own = shown.own(found, member.id)
        options, programme, title = await _of_round(session, row)
        titles = await words(session, [option.title for option in options])
        recusals = await queries.recusals(session, round_id)
    language, form = pages.language(request), format_of(row)
    rules = charters.rules_of(programme)
    seat, voice = own
    return pages.show(
        request,
        "seat-ballot.html",
        status=200 if wrong is None else 422,
        person=member,
        rehearsal=row.rehearsal,
        row=row,
        body=_body_of(programme, row),
        title=title,
        options=options,
        titles=titles,
        form=form,
        seat=seat,
        voice=voice,
        filled=shown.filled(form, voice) if filled is None else filled,
        recused=shown.recused(recusals, seat.seat_id),
        seats=[each for each, _ in found],
        every_recusal=recusals,
        said=of_round(form, rule_of(row), speech(language, pages.words(language), rules)),
        wrong=wrong,
    )


async def _own_body(
    session: AsyncSession, programme_id: UUID, body_name: str, officer: Person
) -> tuple[Programme, Body]:
    """A body whose seats an officer may give; its programme is locked.

    Raises `NoCharter`, `BodyUnknown`, `Forbidden`.
    """
    programme = await queries.programme_for_update(session, programme_id)
    rules = None if programme is None else charters.rules_of(programme)
    if programme is None or rules is None:
        raise NoCharter(f"programme {programme_id} has no charter, and so no bodies")
    body = charters.body_of(rules, body_name)
    seating.check_giver(body, programme_id, officer)
    return programme, body


async def _named(session: AsyncSession, round_id: UUID) -> Round:
    row = await count_queries.round_as_it_is(session, round_id)
    if row is None:
        raise RoundUnknown(f"there is no round {round_id}")
    if row.seats is None:
        raise seating.NotNamed(f"round {round_id} is not one of seats")
    return row


async def _of_round(session: AsyncSession, row: Round) -> tuple[Any, Programme, str | None]:
    options = await count_queries.options(session, row.round_id)
    programme = await count_queries.programme(session, row.programme_id)
    assert programme is not None
    found = await words(session, [programme.title])
    return options, programme, found.get(programme.title or "")


def _body_of(programme: Programme, row: Round) -> Body:
    rules: CharterRules | None = charters.rules_of(programme)
    assert rules is not None and row.seats is not None
    return charters.body_of(rules, row.seats["body_name"])


def _id(written: str) -> UUID:
    try:
        return UUID(written)
    except ValueError:
        raise seating.OfficerUnknown(f"{written[:40]!r} is nobody's id") from None
