"""Every SQL statement of count. `project_ballots` is in the migrations."""

import json
from collections.abc import AsyncIterable, Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

import asyncpg
from sqlalchemy import func
from sqlmodel import col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.database import Database, raw
from shared.events.projects import DossierFiled
from shared.events.roll import RegistrationsCounted
from shared.events.submission import CharterAmended
from shared.events.voting import TokensIssued
from voting.count.projecting import Cast, projection
from voting.count.rounds import format_of, seen_by_rule
from voting.count.tables import FrozenOptions, Option, Programme, Project, Round

# Looked at again and again: each by one statement that is its own transaction.
CLOSES = """
select true from round
where state = 'open' and coalesce(extended_to, closes_at) <= clock_timestamp() limit 1
"""
UNTALLIED = """
select true from round where ballots <> tallied and state in ('open', 'closed') limit 1
"""
APPLY_VERSIONS = """
update programme p set version = v.version,
    rules = jsonb_set(v.rules, '{phases}', p.rules->'phases')
from charter_version v
where v.programme_id = p.programme_id and v.version > p.version
and v.version = (
    select max(d.version) from charter_version d
    where d.programme_id = p.programme_id and d.takes_effect_at <= clock_timestamp()
)
"""
DECIDABLE = """
select coalesce(array_agg(r.round_id order by r.closes_at, r.round_id), '{}')
from round r join checkpoint c on c.log = r.log
where r.state = 'closed' and r.ballots = r.box_ballots + r.paper_ballots
and (r.papers_event is not null or not r.paper)
and (c.numbers->>(case r.secrecy when 'named' then 'voting.count' else 'voting.box' end))::bigint
    >= r.box_number
and (r.secrecy <> 'sealed' or r.openings = r.box_keys)
and r.asked is null
"""


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
    project.theme, project.category = filed.theme, filed.category
    project.carrier_id = filed.carrier_id
    planned = sum(line.amount for line in filed.costs or ())
    project.other_money = max(0, planned - filed.cost)
    session.add(project)


async def label_project(session: AsyncSession, project_id: UUID, family: str) -> None:
    """Keep the family of a project's label; its dossier came before it."""
    await (await session.connection()).execute(
        update(Project).where(col(Project.project_id) == project_id).values(family=family)
    )


async def programme(session: AsyncSession, programme_id: UUID) -> Programme | None:
    """A programme, if its charter has arrived."""
    return await session.get(Programme, programme_id)


async def keep_version(session: AsyncSession, event: CharterAmended) -> None:
    """Keep a version of a charter, once."""
    await (await raw(session)).execute(
        "insert into charter_version (programme_id, version, rules, takes_effect_at)"
        " values ($1, $2, $3, $4) on conflict do nothing",
        event.programme_id,
        event.version,
        event.rules.model_dump_json(),
        event.takes_effect_at,
    )


async def apply_versions(session: AsyncSession) -> None:
    """Every version that is due becomes its programme's; its phases stay as they were re-dated."""
    await (await raw(session)).execute(APPLY_VERSIONS)


async def redate_prepared(
    session: AsyncSession,
    programme_id: UUID,
    body_name: str | None,
    opens_at: datetime,
    closes_at: datetime,
) -> None:
    """Give the rounds that are not open yet the new window of their programme's vote, or of that of
    one of its bodies."""
    await (await raw(session)).execute(
        "update round set opens_at = $3, closes_at = $4 where programme_id = $1"
        " and state = 'prepared' and seats->>'body_name' is not distinct from $2",
        programme_id,
        body_name,
        opens_at,
        closes_at,
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
        .where(
            Round.state == "open",
            func.coalesce(col(Round.extended_to), col(Round.closes_at)) <= func.clock_timestamp(),
        )
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


async def keep_issued(session: AsyncSession, counted: TokensIssued, event_id: UUID) -> None:
    """How many tokens the roll has issued in a round, and how many second codes were given, as it
    last said."""
    await (await session.connection()).execute(
        update(Round)
        .where(col(Round.round_id) == counted.round_id)
        .values(
            issued=dict(counted.issued),
            reissued=counted.reissued,
            issued_final=counted.final,
            issued_event=event_id,
        )
    )


async def keep_registrations(
    session: AsyncSession, counted: RegistrationsCounted, event_id: UUID
) -> None:
    """How many rights to vote the roll gave to identities that were on it before, and in the end
    how many of each age used theirs."""
    ages = None
    if counted.ages is not None:
        ages = [band.model_dump(exclude_none=True) for band in counted.ages]
    await (await session.connection()).execute(
        update(Round)
        .where(col(Round.round_id) == counted.round_id)
        .values(
            contested=counted.contested,
            contested_flagged=counted.flagged,
            contested_event=event_id,
            ages=ages,
        )
    )


async def keep_marked(
    session: AsyncSession, round_id: UUID, marked: int, set_aside: int, event_id: UUID
) -> None:
    """How many people the roll marked as voting on paper, as it said once and for all."""
    await (await session.connection()).execute(
        update(Round)
        .where(col(Round.round_id) == round_id)
        .values(marked=marked, set_aside=set_aside, marked_event=event_id)
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


async def project_ballots(session: AsyncSession, round_id: UUID, ballots: Iterable[Cast]) -> None:
    """Keep the highest revision under each key, and move the tally by what that changes."""
    row = await round_as_it_is(session, round_id)
    if row is None:
        raise RuntimeError(f"ballots of round {round_id}, which count never prepared")
    seen, cast = seen_by_rule(await options(session, round_id)), [*ballots]
    read_by = projection(format_of(row), seen)
    sent = [read_by.row(ballot) for ballot in cast]
    connection = await raw(session)
    await connection.fetchval("select project_ballots($1, $2)", round_id, json.dumps(sent))
    if row.secrecy == "sealed":
        await _keep_sealed(connection, round_id, cast)


async def _keep_sealed(
    connection: asyncpg.Connection, round_id: UUID, ballots: Sequence[Cast]
) -> None:
    """What is under seal, until it is opened: of each key's highest revision alone."""
    await connection.executemany(
        "insert into sealed_ballot as b (round_id, key, tier, revision, sealed)"
        " values ($1, $2, $3, $4, $5) on conflict (round_id, key) do update"
        " set tier = excluded.tier, revision = excluded.revision, sealed = excluded.sealed"
        " where excluded.revision > b.revision",
        [
            (round_id, each.key, each.tier, each.revision, each.sealed)
            for each in ballots
            if each.sealed is not None
        ],
    )


# Ballots of which nobody knows what they chose: they have no choices, and all of them are void.
UNREAD = "('malformed', 'sealed', 'unopened', 'commitment_broken')"


def ballots(connection: asyncpg.Connection, round_id: UUID) -> AsyncIterable[asyncpg.Record]:
    """The ballots of a round whose choices are known and of their format's shape, identical ones as
    one: numbers of options, values beside them, the tier, how many voters. Keys stay here."""
    return connection.cursor(
        "select choices, said, tier, count(*) as voters from ballot"
        f" where round_id = $1 and coalesce(void, '') not in {UNREAD}"
        " group by choices, said, tier",
        round_id,
        prefetch=2000,
    )


async def votes_by_tier(
    connection: asyncpg.Connection, round_id: UUID
) -> dict[str, dict[str, int]]:
    """The votes of the ballots of each tier that are not void, by number; what nobody of a tier
    voted for is left out. Summed up as the running tally is."""
    rows = await connection.fetch(
        "select tier, number, sum(coalesce(votes, 1))::bigint as votes"
        " from ballot, unnest(choices, coalesce(given, said)) as entry(number, votes)"
        " where round_id = $1 and void is null group by tier, number order by tier, number",
        round_id,
    )
    found = dict[str, dict[str, int]]()
    for row in rows:
        found.setdefault(row["tier"], {})[str(row["number"])] = row["votes"]
    return found


async def unread(connection: asyncpg.Connection, round_id: UUID) -> dict[str, int]:
    """How many ballots of a round are void whatever their choices were, by code."""
    rows = await connection.fetch(
        "select void, count(*) as voters from ballot"
        f" where round_id = $1 and void in {UNREAD} group by void",
        round_id,
    )
    return {row["void"]: row["voters"] for row in rows}


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


async def decidable_rounds(database: Database) -> Sequence[UUID]:
    """Closed rounds whose every ballot is here and covered by a checkpoint, opened where it was
    sealed, and which no tie keeps waiting: the box stated how many there are, or count itself did
    in a named round, and the checkpoint covers that statement. Where people vote on paper, all
    papers are in."""
    found: Sequence[UUID] = await database.value(DECIDABLE)
    return found
