"""Every SQL statement about seats and what is said under them."""

import json
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import asyncpg
from sqlalchemy import func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.database import raw
from shared.events.ballots import Decision
from voting.count.rounds import format_of, rule_of, seats_of
from voting.count.seats import ballots, seating
from voting.count.seats.tables import Recusal, Seat, SeatInRound
from voting.count.tables import Option, Programme, Round


async def programme_for_update(session: AsyncSession, programme_id: UUID) -> Programme | None:
    """A programme, locked: its bodies have no seat more than their members meanwhile."""
    return await session.get(Programme, programme_id, with_for_update=True)


async def programmes(session: AsyncSession) -> Sequence[Programme]:
    """The programmes that have a charter."""
    found = await session.exec(select(Programme).where(col(Programme.rules).is_not(None)))
    return found.all()


async def seats(session: AsyncSession, programme_id: UUID, body_name: str) -> Sequence[Seat]:
    """The seats of a body, withdrawn ones too, by number."""
    statement = (
        select(Seat)
        .where(Seat.programme_id == programme_id, Seat.body_name == body_name)
        .order_by(col(Seat.number))
    )
    return (await session.exec(statement)).all()


async def seat_for_update(session: AsyncSession, seat_id: UUID) -> Seat | None:
    """A seat, locked: nobody votes under it while it is withdrawn, and the other way round."""
    statement = (
        select(Seat)
        .where(Seat.seat_id == seat_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return (await session.exec(statement)).one_or_none()


async def standing_seats(session: AsyncSession, row: Round) -> list[Seat]:
    """The seats of a named round's body that are not withdrawn, by number."""
    of_round = seats_of(row)
    if of_round is None:
        return []
    found = await seats(session, row.programme_id, of_round.body_name)
    return [seat for seat in found if seat.withdrawn_event is None]


async def seats_in_round(
    session: AsyncSession, round_id: UUID
) -> Sequence[tuple[Seat, SeatInRound]]:
    """The seats that stood when a round opened, by number."""
    statement = (
        select(Seat, SeatInRound)
        .join(SeatInRound, col(SeatInRound.seat_id) == col(Seat.seat_id))
        .where(SeatInRound.round_id == round_id)
        .order_by(col(Seat.number))
    )
    return (await session.exec(statement)).all()


async def in_round(session: AsyncSession, round_id: UUID, seat_id: UUID) -> SeatInRound | None:
    """A seat in a round that it votes in, as it is now."""
    statement = (
        select(SeatInRound)
        .where(SeatInRound.round_id == round_id, SeatInRound.seat_id == seat_id)
        .execution_options(populate_existing=True)
    )
    return (await session.exec(statement)).one_or_none()


async def recusals(session: AsyncSession, round_id: UUID) -> Sequence[Recusal]:
    """Who is recused in a round, by seat and option."""
    statement = (
        select(Recusal)
        .where(Recusal.round_id == round_id)
        .order_by(col(Recusal.seat_id), col(Recusal.number))
    )
    return (await session.exec(statement)).all()


async def rounds_of_member(
    session: AsyncSession, officer_id: UUID
) -> Sequence[tuple[Round, Seat, SeatInRound, Programme]]:
    """The rounds in which somebody has a seat, and what she said in each."""
    statement = (
        select(Round, Seat, SeatInRound, Programme)
        .join(SeatInRound, col(SeatInRound.round_id) == col(Round.round_id))
        .join(Seat, col(Seat.seat_id) == col(SeatInRound.seat_id))
        .join(Programme, col(Programme.programme_id) == col(Round.programme_id))
        .where(Seat.officer_id == officer_id)
    )
    return (await session.exec(statement)).all()


async def officers(session: AsyncSession) -> list[tuple[UUID, str]]:
    """Whoever has signed in here, by name: a seat is given to one of them."""
    rows = await (await raw(session)).fetch(
        "select officer_id, name from officer order by name, officer_id"
    )
    return [(row["officer_id"], row["name"]) for row in rows]


async def officer_name(session: AsyncSession, officer_id: UUID) -> str | None:
    """How somebody is called who has signed in here."""
    name: str | None = await (await raw(session)).fetchval(
        "select name from officer where officer_id = $1", officer_id
    )
    return name


async def project_entry(
    session: AsyncSession, round_id: UUID, entry: Mapping[str, Any], *, cast: bool
) -> None:
    """Keep what counts under a seat, and move the tally by what that changes; what was not `cast`
    is no ballot more."""
    connection = await raw(session)
    await connection.fetchval("select project_ballots($1, $2)", round_id, json.dumps([entry]))
    if not cast:
        # The tally changed, though no ballot came: it is announced all the same.
        await connection.execute(
            "update round set ballots = ballots - 1, tallied = -1 where round_id = $1", round_id
        )


async def options_of(session: AsyncSession, round_id: UUID) -> int:
    """How many options a round has."""
    found = await session.exec(
        select(func.count()).select_from(Option).where(Option.round_id == round_id)
    )
    return found.one()


async def present(connection: asyncpg.Connection, row: Round) -> dict[str, Any] | None:
    """What the count must know of a named round beside its ballots: whether it has its quorum, and
    by the number of an option how many ballots have no say on it. None of another round."""
    of_round, form = seats_of(row), format_of(row)
    if of_round is None:
        return None
    rows = await connection.fetch(
        "select s.choices::text as choices, array_agg(r.number) filter (where r.number is not null)"
        " as recused from seat_in_round s left join recusal r using (round_id, seat_id)"
        " where s.round_id = $1 group by s.seat_id, s.choices",
        row.round_id,
    )
    said = [
        (
            ballots.stored(None if each["choices"] is None else json.loads(each["choices"])),
            each["recused"] or [],
        )
        for each in rows
    ]
    blank_counts = rule_of(row).electorate.blank == "counted"
    recused = ballots.present(form, blank_counts, said)
    enough = seating.quorate(of_round, row.voters)
    return {"quorum": isinstance(form, Decision) or enough, "recused": recused}
