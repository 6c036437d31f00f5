"""Every SQL statement of count. `project_ballots` is in the migrations."""

import json
from collections.abc import AsyncIterable, Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

import asyncpg
from sqlalchemy import func
from sqlmodel import col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.database import raw
from shared.events.submission import DossierFiled
from shared.events.voting import BallotCast
from voting.count.projecting import projection
from voting.count.rounds import format_of, seen_by_rule
from voting.count.tables import FrozenOptions, Option, Programme, Project, Round


async def keep_project(session: AsyncSession, filed: DossierFiled, number: int | None) -> None:
    """Keep a project as its last dossier says; a label that it has stays, and the `number` of its
    first dossier in the log."""
    found = await session.get(Project, filed.project_id)
    project = found or Project(
        project_id=filed.project_id,
        programme_id=filed.programme_id,
        title=filed.title,
        cost=filed.cost,
        filed=number,
    )
    project.title, project.cost = filed.title, filed.cost
    project.summary, project.territory = filed.summary, filed.territory
    session.add(project)


async def label_project(session: AsyncSession, project_id: UUID, family: str) -> None:
    """Keep the family of a project's label; its dossier came before it."""
    await (await session.connection()).execute(
        update(Project).where(col(Project.project_id) == project_id).values(family=family)
    )


async def programme(session: AsyncSession, programme_id: UUID) -> Programme | None:
    """A programme, if its charter has arrived."""
    return await session.get(Programme, programme_id)


async def redate_prepared(
    session: AsyncSession, programme_id: UUID, opens_at: datetime, closes_at: datetime
) -> None:
    """Give the rounds that are not open yet the new window of their programme's vote."""
    await (await session.connection()).execute(
        update(Round)
        .where(col(Round.programme_id) == programme_id, col(Round.state) == "prepared")
        .values(opens_at=opens_at, closes_at=closes_at)
    )


async def frozen_options(session: AsyncSession, round_id: UUID) -> FrozenOptions | None:
    """The options frozen for a round, if the event has arrived; locked, so that whoever prepares
    the round is alone."""
    return await session.get(FrozenOptions, round_id, with_for_update=True)


async def projects(session: AsyncSession, ids: Sequence[UUID]) -> dict[UUID, Project]:
    """Those of these projects that have arrived."""
    found = await session.exec(select(Project).where(col(Project.project_id).in_(ids)))
    return {project.project_id: project for project in found}


async def round_for_update(session: AsyncSession, round_id: UUID) -> Round | None:
    """A round, locked: what is announced about it comes in one order.

    It is read again where the session has it already: `project_ballots` changes it meanwhile.
    """
    statement = (
        select(Round)
        .where(Round.round_id == round_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return (await session.exec(statement)).one_or_none()


async def round_as_it_is(session: AsyncSession, round_id: UUID) -> Round | None:
    """A round."""
    return await session.get(Round, round_id)


async def options(session: AsyncSession, round_id: UUID) -> Sequence[Option]:
    """The options of a round, by number."""
    statement = select(Option).where(Option.round_id == round_id).order_by(col(Option.number))
    return (await session.exec(statement)).all()


async def due_rounds(session: AsyncSession) -> Sequence[Round]:
    """Open rounds whose window has ended by the database's clock, locked."""
    statement = (
        select(Round)
        .where(Round.state == "open", col(Round.closes_at) <= func.clock_timestamp())
        .with_for_update(skip_locked=True)
    )
    return (await session.exec(statement)).all()


async def untallied_rounds(session: AsyncSession) -> Sequence[Round]:
    """Rounds with ballots since their last announced tally, locked."""
    statement = (
        select(Round)
        .where(col(Round.ballots) != col(Round.tallied), col(Round.state).in_(["open", "closed"]))
        .with_for_update(skip_locked=True)
    )
    return (await session.exec(statement)).all()


async def keep_tier_keys(session: AsyncSession, round_id: UUID, tiers: Mapping[str, str]) -> None:
    """The roll's keys of a round; they never change."""
    await (await session.connection()).execute(
        update(Round)
        .where(col(Round.round_id) == round_id, col(Round.tiers).is_(None))
        .values(tiers=dict(tiers))
    )


async def keep_issued(
    session: AsyncSession, round_id: UUID, issued: Mapping[str, int], final: bool, event_id: UUID
) -> None:
    """How many tokens the roll has issued in a round, as it last said."""
    await (await session.connection()).execute(
        update(Round)
        .where(col(Round.round_id) == round_id)
        .values(issued=dict(issued), issued_final=final, issued_event=event_id)
    )


async def keep_turnout(session: AsyncSession, row: Round) -> None:
    """The turnout of this minute, by the database's clock."""
    await (await raw(session)).execute(
        "insert into turnout (round_id, minute, voters, ballots)"
        " values ($1, date_trunc('minute', clock_timestamp()), $2, $3)"
        " on conflict (round_id, minute) do update"
        " set voters = excluded.voters, ballots = excluded.ballots",
        row.round_id,
        row.voters,
        row.ballots,
    )


async def project_ballots(
    session: AsyncSession, round_id: UUID, ballots: Iterable[BallotCast]
) -> None:
    """Keep the highest revision under each key, and move the tally by what that changes."""
    row = await round_as_it_is(session, round_id)
    if row is None:
        raise RuntimeError(f"ballots of round {round_id}, which count never prepared")
    seen = seen_by_rule(await options(session, round_id))
    read_by = projection(format_of(row), seen)
    sent = [read_by.row(ballot) for ballot in ballots]
    connection = await raw(session)
    await connection.fetchval("select project_ballots($1, $2)", round_id, json.dumps(sent))


def ballots(connection: asyncpg.Connection, round_id: UUID) -> AsyncIterable[asyncpg.Record]:
    """The ballots of a round that have their format's shape, identical ones as one: numbers of
    options, values beside them, the tier, how many voters. Keys stay here."""
    return connection.cursor(
        "select choices, said, tier, count(*) as voters from ballot"
        " where round_id = $1 and void is distinct from 'malformed' group by choices, said, tier",
        round_id,
        prefetch=2000,
    )


async def malformed(connection: asyncpg.Connection, round_id: UUID) -> int:
    """How many ballots of a round do not have their format's shape."""
    found: int = await connection.fetchval(
        "select count(*) from ballot where round_id = $1 and void = 'malformed'", round_id
    )
    return found


async def keep_checkpoint(
    session: AsyncSession, log: str, size: int, numbers: Mapping[str, int]
) -> None:
    """The largest checkpoint of a log that has arrived."""
    await (await raw(session)).execute(
        "insert into checkpoint as c (log, size, numbers) values ($1, $2, $3)"
        " on conflict (log) do update set size = excluded.size, numbers = excluded.numbers"
        " where excluded.size > c.size",
        log,
        size,
        json.dumps(dict(numbers)),
    )


async def decidable_rounds(session: AsyncSession) -> Sequence[UUID]:
    """Closed rounds whose every ballot is here and covered by a checkpoint, and which no tie keeps
    waiting: the box stated how many there are, and the checkpoint covers that statement."""
    rows = await (await raw(session)).fetch(
        "select r.round_id from round r join checkpoint c on c.log = r.log"
        " where r.state = 'closed' and r.ballots = r.box_ballots"
        " and (c.numbers->>'voting.box')::bigint >= r.box_number"
        " and r.asked is null"
        " order by r.closes_at, r.round_id"
    )
    return [row["round_id"] for row in rows]
