"""Giving seats, voting under them, being recused, and closing: in the caller's transaction. Whoever
says once more just what she said is answered the same, and nothing is announced again.

Whoever says something under a seat holds the round's lock, then the seat's: what is announced about
a seat comes in one order, and nothing is said behind the closing.
"""

import secrets
from typing import Any
from uuid import UUID, uuid4

from sqlmodel.ext.asyncio.session import AsyncSession

from shared.canonical import commitment
from shared.database import database_time, raw
from shared.events.ballots import Format
from shared.events.charter import Body
from shared.events.seats import (
    SeatBallotCast,
    SeatGranted,
    SeatRecused,
    SeatsClosed,
    SeatWithdrawn,
)
from shared.outbox import announce, number_all
from shared.people import Person
from shared.people.second_officer import read_reason
from voting.count import queries as count_queries
from voting.count.deciding import SOURCE
from voting.count.projecting import projection
from voting.count.rounds import WindowPast, WrongState, format_of, seats_of, seen_by_rule
from voting.count.seats import ballots, queries
from voting.count.seats.seating import (
    NoSeat,
    OfficerUnknown,
    OnlyTheChair,
    RecusedBefore,
    SeatGone,
    SeatUnknown,
    check_enough,
    check_room,
    check_votes,
    given_before,
    quorate,
)
from voting.count.seats.tables import Recusal, Seat, SeatInRound
from voting.count.tables import Programme, Round
from voting.formats.choices import Choice

# The tier under which members' ballots are counted: it is nobody's on the roll.
TIER = "M"


async def grant(
    session: AsyncSession,
    programme: Programme,
    body: Body,
    officer_id: UUID,
    *,
    chair: bool,
    by: Person,
) -> Seat:
    """Give a seat of a body to somebody who has signed in here; the programme is locked. One that
    was given just so is the answer.

    Raises `OfficerUnknown` and what `check_room` does.
    """
    name = await queries.officer_name(session, officer_id)
    if name is None:
        raise OfficerUnknown("a seat is given to somebody who has signed in here")
    known = await queries.seats(session, programme.programme_id, body.name)
    if (same := given_before(known, officer_id, chair=chair)) is not None:
        return same
    number, salt = check_room(body, known, officer_id, chair=chair), secrets.token_bytes(32)
    event = SeatGranted(
        seat_id=uuid4(),
        programme_id=programme.programme_id,
        body_name=body.name,
        officer=by.id,
        member=commitment(salt, name).hex(),
        chair=chair,
    )
    seat = Seat(
        seat_id=event.seat_id,
        programme_id=programme.programme_id,
        body_name=body.name,
        number=number,
        officer_id=officer_id,
        member=name,
        salt=salt,
        chair=chair,
        granted_event=announce(session, event, source=SOURCE, log=programme.log),
    )
    session.add(seat)
    return seat


async def withdraw(
    session: AsyncSession, programme: Programme, seat: Seat, *, reason: str, by: Person
) -> None:
    """Let nobody vote under a locked seat any more. Raises `SeatGone`, `ReasonMissing`."""
    if seat.withdrawn_event is not None:
        if seat.reason == " ".join(reason.split()):
            return
        raise SeatGone(f"seat {seat.number} is withdrawn")
    words, salt = read_reason(reason), secrets.token_bytes(32)
    event = SeatWithdrawn(
        seat_id=seat.seat_id,
        programme_id=programme.programme_id,
        body_name=seat.body_name,
        officer=by.id,
        reason=commitment(salt, words).hex(),
    )
    seat.reason, seat.reason_salt = words, salt
    seat.withdrawn_event = announce(session, event, source=SOURCE, log=programme.log)


async def standing(session: AsyncSession, row: Round) -> dict[str, Any]:
    """The seats that a named round would be opened with; nothing of another round."""
    if row.seats is None:
        return {}
    return {"seats": [str(seat.seat_id) for seat in await queries.standing_seats(session, row)]}


async def seated(session: AsyncSession, row: Round) -> None:
    """The seats that stand now vote in the round that is being opened. Raises `TooFewSeats`."""
    of_round = seats_of(row)
    if of_round is None:
        return
    found = await queries.standing_seats(session, row)
    check_enough(of_round, len(found))
    session.add_all(SeatInRound(round_id=row.round_id, seat_id=seat.seat_id) for seat in found)


async def cast(
    session: AsyncSession, row: Round, member: Person, choices: tuple[Choice, ...]
) -> SeatBallotCast | None:
    """Cast a member's ballot in a locked round; None where it is the one that counts already.

    Raises what `check_votes` and `ballots.check` do, `WindowPast`.
    """
    seat, voice = await _own(session, row, member)
    form, options = format_of(row), await queries.options_of(session, row.round_id)
    recused = await _recused(session, row.round_id, seat.seat_id)
    ballots.check(form, choices, options, recused)
    if ballots.stored(voice.choices) == choices:
        return None
    voice.revision += 1
    voice.ballots += 1
    voice.choices = [each if isinstance(each, int) else [*each] for each in choices]
    event = SeatBallotCast(
        round_id=row.round_id, seat_id=seat.seat_id, revision=voice.revision, choices=choices
    )
    voice.said_event = announce(session, event, source=SOURCE, log=row.log)
    await _project(session, row, voice, recused, cast=True)
    return event


async def recuse(
    session: AsyncSession,
    row: Round,
    member: Person,
    number: int,
    *,
    seat_id: UUID | None = None,
    reason: str = "",
) -> None:
    """Say that one's own seat has no say on an option; or, by the chair, another one, `seat_id`.

    Raises what `check_votes` does, `OnlyTheChair`, `SeatUnknown`, `RecusedBefore`, `ReasonMissing`,
    `ChoicesRefused`, `WindowPast`.
    """
    own, voice = await _own(session, row, member)
    seat = own
    if seat_id is not None and seat_id != own.seat_id:
        if not own.chair:
            raise OnlyTheChair("for another seat only the chair can say that it is recused")
        other, its = await _seat(session, row, seat_id)
        if other is None or its is None:
            raise SeatUnknown(f"no seat {seat_id} votes in round {row.round_id}")
        seat, voice = other, check_votes(row, other, its)
    if not 1 <= number <= await queries.options_of(session, row.round_id):
        raise ballots.ChoicesRefused(f"there is no project {number}")
    before = await queries.recusals(session, row.round_id)
    recused = {each.number for each in before if each.seat_id == seat.seat_id}
    if any(_just_this(each, seat, number, own, reason) for each in before):
        return
    if number in recused:
        raise RecusedBefore(f"seat {seat.number} is recused on project {number}")
    words, salt = None, None
    if seat is not own or reason.strip():
        words, salt = read_reason(reason), secrets.token_bytes(32)
    voice.revision += 1
    event = SeatRecused(
        round_id=row.round_id,
        seat_id=seat.seat_id,
        revision=voice.revision,
        number=number,
        by=own.seat_id,
        reason=None if words is None or salt is None else commitment(salt, words).hex(),
    )
    session.add(
        Recusal(
            round_id=row.round_id,
            seat_id=seat.seat_id,
            number=number,
            by_seat=own.seat_id,
            reason=words,
            salt=salt,
            said_event=announce(session, event, source=SOURCE, log=row.log),
        )
    )
    await _project(session, row, voice, {*recused, number}, cast=False)


async def close_seats(session: AsyncSession, row: Round) -> None:
    """State what was said in a locked named round that has just closed: nothing follows."""
    of_round = seats_of(row)
    assert of_round is not None
    found = await queries.seats_in_round(session, row.round_id)
    await session.flush()
    await session.refresh(row)
    connection = await raw(session)
    event = SeatsClosed(
        round_id=row.round_id,
        ballots=sum(voice.ballots for _, voice in found),
        seats=row.voters,
        quorum=quorate(of_round, row.voters),
        last_number=await number_all(connection, row.log),
    )
    row.box_ballots, row.box_keys = row.ballots, row.voters
    row.box_event = announce(session, event, source=SOURCE, log=row.log)
    await session.flush()
    row.box_number = await number_all(connection, row.log)


async def _own(session: AsyncSession, row: Round, member: Person) -> tuple[Seat, SeatInRound]:
    """A member's seat in a round that can be voted in now."""
    found = await queries.seats_in_round(session, row.round_id)
    own = [seat for seat, _ in found if seat.officer_id == member.id]
    # Somebody whose seat was withdrawn may have another one since; it does not vote here.
    own.sort(key=lambda seat: seat.withdrawn_event is not None)
    seat, voice = await _seat(session, row, own[0].seat_id) if own else (None, None)
    checked = check_votes(row, seat, voice)
    now = await database_time(session)
    if not row.opens_at <= now:
        raise WrongState(f"voting in round {row.round_id} begins at {row.opens_at}")
    if row.ends_at <= now:
        raise WindowPast(f"voting in round {row.round_id} ended at {row.ends_at}")
    if seat is None:
        raise NoSeat(f"you have no seat that votes in round {row.round_id}")
    return seat, checked


async def _seat(
    session: AsyncSession, row: Round, seat_id: UUID
) -> tuple[Seat | None, SeatInRound | None]:
    seat = await queries.seat_for_update(session, seat_id)
    return seat, await queries.in_round(session, row.round_id, seat_id)


def _just_this(before: Recusal, seat: Seat, number: int, by: Seat, reason: str) -> bool:
    """Whether a recusal was said by just this seat, in these words."""
    said = before.seat_id, before.number, before.by_seat, before.reason or ""
    return said == (seat.seat_id, number, by.seat_id, " ".join(reason.split()))


async def _recused(session: AsyncSession, round_id: UUID, seat_id: UUID) -> set[int]:
    found = await queries.recusals(session, round_id)
    return {each.number for each in found if each.seat_id == seat_id}


async def _project(
    session: AsyncSession, row: Round, voice: SeatInRound, recused: set[int], *, cast: bool
) -> None:
    """Move the running tally to what counts under a seat now."""
    form: Format = format_of(row)
    counted = ballots.counted(form, ballots.stored(voice.choices), recused)
    if counted is None:
        return
    seen = seen_by_rule(await count_queries.options(session, row.round_id))
    entry = {"key": str(voice.seat_id), "tier": TIER, "revision": voice.revision}
    entry |= projection(form, seen).choices_row(counted)
    await session.flush()
    await queries.project_entry(session, row.round_id, entry, cast=cast)
