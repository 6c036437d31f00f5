"""Every SQL statement about programmes, their phases and their results."""

import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import asyncpg
from sqlalchemy import exists, func, not_, or_, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.charters.form import PHASES
from shared.database import Database, raw
from shared.delivery import Delivered
from shared.events.charter import CharterRules
from shared.events.funding import AgreementSigned
from shared.events.voting import OptionDecided
from submission.labelling.bodies.tables import BodyDecision
from submission.programmes.tables import CharterVersion, Decision, Phase, RoundState
from submission.projects.tables import Idea
from submission.tables import Programme, Project, Round, Text

# Whoever opens and closes phases holds this one: a number that no other lock of ours has.
PHASES_LOCK = 7133703


async def programme(session: AsyncSession, programme_id: UUID) -> Programme | None:
    """A programme, with the rules that are in force now, whatever was read before. They change by
    an amendment alone, which waits for whoever holds a phase."""
    return await session.get(Programme, programme_id, populate_existing=True)


async def programmes(session: AsyncSession) -> Sequence[Programme]:
    """All programmes."""
    return (await session.exec(select(Programme).order_by(col(Programme.log)))).all()


async def phases(session: AsyncSession, programme_id: UUID) -> Sequence[Phase]:
    """The phases of a programme, as they stand, in the order in which they open."""
    statement = select(Phase).where(Phase.programme_id == programme_id)
    found = (await session.exec(statement)).all()
    return sorted(found, key=lambda phase: (phase.opens_at, PHASES.index(phase.name)))


async def phase_for_share(session: AsyncSession, programme_id: UUID, name: str) -> Phase | None:
    """A phase that neither opens, closes nor moves until the transaction ends.

    What is announced meanwhile stands behind its opening and before its closing: take this lock
    first, then those of the programme and its projects, and read the clock after it.
    """
    statement = (
        select(Phase)
        .where(Phase.programme_id == programme_id, Phase.name == name)
        .with_for_update(read=True)
        .execution_options(populate_existing=True)
    )
    return (await session.exec(statement)).one_or_none()


async def phases_for_share(session: AsyncSession, programme_id: UUID) -> Sequence[Phase]:
    """The phases of a programme, none of which changes until the transaction ends."""
    statement = (
        select(Phase)
        .where(Phase.programme_id == programme_id)
        .order_by(col(Phase.name))
        .with_for_update(read=True)
        .execution_options(populate_existing=True)
    )
    return (await session.exec(statement)).all()


async def phases_for_update(session: AsyncSession, programme_id: UUID) -> Sequence[Phase]:
    """The phases of a programme, locked one after the other by name: no act is under way."""
    statement = (
        select(Phase)
        .where(Phase.programme_id == programme_id)
        .order_by(col(Phase.name))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return (await session.exec(statement)).all()


async def programmes_with_due_phases(database: Database) -> Sequence[UUID]:
    """The programmes of which a phase has to open or close, by the database's clock."""
    found: Sequence[UUID] = await database.value(
        "select coalesce(array_agg(programme_id order by due), '{}') from"
        " (select programme_id, min(least(opens_at, closes_at)) as due from phase"
        " where (state = 'coming' and opens_at <= clock_timestamp())"
        " or (state <> 'closed' and closes_at <= clock_timestamp())"
        " group by programme_id) found"
    )
    return found


async def keep_programme(
    session: AsyncSession, programme: Programme, phases: Sequence[Phase]
) -> None:
    """Keep a programme, and the phases of its charter."""
    session.add(programme)
    await session.flush()
    session.add_all(phases)
    await session.flush()


# Who moves a project holds its programme in share: behind the programme's lock, this stands. What
# is erased is withdrawn; until there were withdrawals of what is erased, its title alone said so.
INACTIVE = or_(
    select(Idea.project_id)
    .where(Idea.project_id == Project.project_id, Idea.standing != "active")
    .exists(),
    select(Text.content_id)
    .where(Text.content_id == Project.title, col(Text.value).is_(None))
    .exists(),
)


async def labelled_projects(session: AsyncSession, programme_id: UUID) -> Sequence[Project]:
    """The active projects that have a label, locked: none of them changes until the transaction
    ends. No round has them: what a body gave money stays in its round."""
    statement = (
        select(Project)
        .where(
            Project.programme_id == programme_id,
            col(Project.family).is_not(None),
            col(Project.round_id).is_(None),
            ~INACTIVE,
        )
        .order_by(col(Project.project_id))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return (await session.exec(statement)).all()


async def unlabelled_options(
    session: AsyncSession, programme_id: UUID, admitted_by: Sequence[str]
) -> Sequence[Project]:
    """Where no labels are given: the active projects whose dossiers an officer found complete, and
    which one of these bodies admitted, where there are any; locked. No round has them."""
    statement = select(Project).where(
        Project.programme_id == programme_id,
        func.cardinality(col(Project.missing)) == 0,
        col(Project.refused).is_(False),
        col(Project.round_id).is_(None),
        ~INACTIVE,
    )
    if admitted_by:
        admitted = select(BodyDecision.project_id).where(
            BodyDecision.project_id == Project.project_id,
            col(BodyDecision.body_name).in_(admitted_by),
            col(BodyDecision.chosen),
        )
        statement = statement.where(admitted.exists())
    locked = statement.order_by(col(Project.project_id)).with_for_update()
    return (await session.exec(locked.execution_options(populate_existing=True))).all()


async def complete_projects(session: AsyncSession, programme_id: UUID) -> Sequence[Project]:
    """The active projects that a committee can vote on and has not decided, locked: an officer
    found their dossiers complete, and no round has them."""
    statement = (
        select(Project)
        .where(
            Project.programme_id == programme_id,
            col(Project.voted_family).is_not(None),
            col(Project.decided_in).is_(None),
            col(Project.round_id).is_(None),
            ~INACTIVE,
        )
        .order_by(col(Project.project_id))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return (await session.exec(statement)).all()


async def project_of_round(
    session: AsyncSession, round_id: UUID, project_id: UUID
) -> Project | None:
    """A project that is frozen for this round still, locked behind its idea."""
    statement = (
        select(Project)
        .where(Project.project_id == project_id, Project.round_id == round_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return (await session.exec(statement)).one_or_none()


async def projects_of_round(session: AsyncSession, round_id: UUID) -> Sequence[UUID]:
    """The projects that are frozen for a round still, by their ids."""
    statement = (
        select(Project.project_id)
        .where(Project.round_id == round_id)
        .order_by(col(Project.project_id))
    )
    return (await session.exec(statement)).all()


async def rounds_of_bodies(
    session: AsyncSession, programme_id: UUID
) -> Sequence[tuple[Round, RoundState | None, int]]:
    """The rounds of a programme's bodies, what voting said of each so far, and how many projects
    wait for what it decides; the one that opened last comes last."""
    decided = exists().where(
        col(BodyDecision.project_id) == col(Project.project_id),
        col(BodyDecision.round_id) == col(Round.round_id),
    )
    waiting = (
        select(func.count())
        .select_from(Project)
        .where(Project.round_id == col(Round.round_id), not_(decided.correlate(Project, Round)))
        .correlate(Round)
        .scalar_subquery()
    )
    statement = (
        select(Round, RoundState, waiting)
        .outerjoin(RoundState, col(RoundState.round_id) == col(Round.round_id))
        .where(Round.programme_id == programme_id, col(Round.body_name).is_not(None))
        .order_by(col(RoundState.opened_at).asc().nulls_last(), col(Round.round_id))
        .execution_options(populate_existing=True)
    )
    return (await session.exec(statement)).all()


async def freeze_chosen(session: AsyncSession, row: Round, options: Sequence[UUID]) -> None:
    """Make these projects the options of a round."""
    session.add(row)
    await session.flush()
    statement = update(Project).where(col(Project.project_id).in_(options))
    await session.exec(statement.values(round_id=row.round_id))


async def may_move_phases(session: AsyncSession) -> bool:
    """Whether this transaction is the one replica that moves phases now."""
    found = await (await raw(session)).fetchval("select pg_try_advisory_xact_lock($1)", PHASES_LOCK)
    return bool(found)


async def note_round(session: AsyncSession, round_id: UUID, **facts: Any) -> None:
    """Note what voting said of a round; what is known of it otherwise stays."""
    statement = insert(RoundState).values(round_id=round_id, **facts)
    await (await session.connection()).execute(
        statement.on_conflict_do_update(index_elements=["round_id"], set_=facts)
    )


async def note_decisions(
    session: AsyncSession, decided: Sequence[Delivered[OptionDecided]]
) -> None:
    """Note what was decided about each option."""
    await (await raw(session)).executemany(
        "insert into decision (round_id, project_id, number, rank, votes, cost, funded, reason,"
        " amount, facts, step, event_id)"
        " values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"
        " on conflict (round_id, project_id) do update set number = excluded.number,"
        " rank = excluded.rank, votes = excluded.votes, cost = excluded.cost,"
        " funded = excluded.funded, reason = excluded.reason, amount = excluded.amount,"
        " facts = excluded.facts, step = excluded.step, event_id = excluded.event_id",
        [
            (
                *(each.round_id, each.option_id, each.number, each.rank, each.votes, each.cost),
                *(each.funded, each.reason, each.amount, json.dumps(each.facts)),
                *(None if each.step is None else [*each.step], delivered.envelope.id),
            )
            for delivered in decided
            for each in (delivered.event,)
        ],
    )


async def note_agreement(session: AsyncSession, delivered: Delivered[AgreementSigned]) -> None:
    """Note that a project's agreement was signed."""
    await (await raw(session)).execute(
        "insert into decision (round_id, project_id, agreed, agreed_at, agreed_event_id)"
        " values ($1, $2, $3, $4, $5) on conflict (round_id, project_id) do update"
        " set agreed = excluded.agreed, agreed_at = excluded.agreed_at,"
        " agreed_event_id = excluded.agreed_event_id",
        delivered.event.round_id,
        delivered.event.option_id,
        delivered.event.amount,
        delivered.envelope.time,
        delivered.envelope.id,
    )


async def take_result(session: AsyncSession, round_id: UUID) -> RoundState | None:
    """A validated result, once: None where it is not whole here yet, or was taken before."""
    taken = await (await raw(session)).fetchval(
        "update round_state r set told = true where round_id = $1 and not told"
        " and annulled_at is null"
        " and validated = allocation and options = (select count(*) from decision d"
        " where d.round_id = r.round_id and d.funded is not null) returning true",
        round_id,
    )
    return await round_state(session, round_id) if taken else None


async def round_state(session: AsyncSession, round_id: UUID) -> RoundState | None:
    """What voting said of a round so far."""
    return await session.get(RoundState, round_id, populate_existing=True)


async def round_of_options(session: AsyncSession, round_id: UUID) -> Round | None:
    """A round, as its options were frozen."""
    return await session.get(Round, round_id)


async def round_state_of(session: AsyncSession, project_id: UUID) -> RoundState | None:
    """What voting said of the round in which residents decided on a project."""
    statement = (
        select(RoundState)
        .join(Decision, col(Decision.round_id) == col(RoundState.round_id))
        .join(Round, col(Round.round_id) == col(RoundState.round_id))
        .where(Decision.project_id == project_id, col(Round.body_name).is_(None))
    )
    return (await session.exec(statement)).first()


async def decided_projects(session: AsyncSession, round_id: UUID) -> Sequence[UUID]:
    """The projects about which a round decided anything, or whose agreements followed, by their
    ids."""
    statement = (
        select(Decision.project_id)
        .where(Decision.round_id == round_id)
        .order_by(col(Decision.project_id))
    )
    return (await session.exec(statement)).all()


async def funded_before(session: AsyncSession, project_id: UUID) -> bool | None:
    """What was decided last about the money of a project, in a round that was not annulled; None
    where nothing was."""
    found: bool | None = await (await raw(session)).fetchval(
        "select d.funded from project_event e join decision d using (project_id, event_id)"
        " join round_state s using (round_id)"
        " where project_id = $1 and s.annulled_at is null"
        " and e.kind in ('option-decided', 'body-funded', 'body-not-funded')"
        " order by e.place desc limit 1",
        project_id,
    )
    return found


async def rules_of_round(session: AsyncSession, round_id: UUID) -> CharterRules | None:
    """The rules of the programme of a round; None where it was imported without any."""
    found = await session.get(Round, round_id)
    programme = None if found is None else await session.get(Programme, found.programme_id)
    if programme is None or programme.rules is None:
        return None
    return CharterRules.model_validate(programme.rules)


async def decisions(session: AsyncSession, round_id: UUID) -> Sequence[Decision]:
    """What was decided about the options of a round, in the order of the rule."""
    statement = (
        select(Decision)
        .where(Decision.round_id == round_id, col(Decision.funded).is_not(None))
        .order_by(col(Decision.rank))
        .execution_options(populate_existing=True)
    )
    return (await session.exec(statement)).all()


async def hold_cycle(session: AsyncSession, preset: str) -> None:
    """Nobody else publishes or amends an edition that shares an envelope in this preset."""
    await (await raw(session)).execute(
        "select pg_advisory_xact_lock(hashtextextended($1::text, 17))", preset
    )


async def newest_rules_of(session: AsyncSession, preset: str, but: UUID) -> Sequence[CharterRules]:
    """The newest version of each edition of a preset that is in earnest, whether it is in force or
    not yet, without one of them."""
    rows = await (await raw(session)).fetch(
        "select distinct on (v.programme_id) v.rules::text as rules from charter_version v"
        " join programme p using (programme_id)"
        " where v.rules ->> 'preset' = $1 and not p.rehearsal and v.programme_id <> $2"
        " order by v.programme_id, v.version desc",
        preset,
        but,
    )
    return [CharterRules.model_validate_json(row["rules"]) for row in rows]


async def listed_programmes(session: AsyncSession) -> Sequence[asyncpg.Record]:
    """All programmes with their titles, those with a charter first, the newest edition first."""
    return await (await raw(session)).fetch(
        "select p.programme_id, p.rehearsal, t.value as title, p.rules is not null as rules,"
        " p.rules ->> 'edition' as edition, min(f.opens_at) as opens_at,"
        " max(f.closes_at) as closes_at from programme p"
        " join text t on t.content_id = p.title left join phase f using (programme_id)"
        " group by p.programme_id, t.value"
        " order by (p.rules is not null) desc, min(f.opens_at) desc, t.value, p.programme_id"
        " limit 200"
    )


async def figures(session: AsyncSession, programme_id: UUID) -> asyncpg.Record:
    """How many ideas, dossiers and labels there are, counted now; what is labelled or complete
    counts while it is active."""
    found = await (await raw(session)).fetchrow(
        "select (select count(*) from idea where programme_id = $1) as ideas,"
        " count(*) as dossiers, count(*) filter (where refused) as refused,"
        " count(*) filter (where family is not null and active) as labelled,"
        " count(*) filter (where voted_family is not null and decided_in is null"
        " and round_id is null and active) as complete"
        " from (select p.*, coalesce(i.standing, 'active') = 'active' as active from project p"
        " left join idea i using (project_id) where p.programme_id = $1) counted",
        programme_id,
    )
    assert found is not None
    return found


async def results(session: AsyncSession, round_id: UUID) -> Sequence[dict[str, Any]]:
    """What was decided about each project, with its title: those that are funded first."""
    rows = await (await raw(session)).fetch(
        "select d.*, t.value as title, p.territory, p.family from decision d"
        " left join project p using (project_id)"
        " left join text t on t.content_id = p.title"
        " where d.round_id = $1 and d.funded is not null"
        " order by d.funded desc, d.rank nulls last, d.votes desc, d.number",
        round_id,
    )
    return [dict(row) for row in rows]


async def options_named(
    session: AsyncSession, project_ids: Sequence[str]
) -> Sequence[dict[str, Any]]:
    """These options of residents' rounds, with their numbers and titles."""
    rows = await (await raw(session)).fetch(
        "select d.project_id, d.number, t.value as title from decision d"
        " join round r on r.round_id = d.round_id and r.body_name is null"
        " left join project p using (project_id) left join text t on t.content_id = p.title"
        " where d.project_id::text = any($1)",
        project_ids,
    )
    return [dict(row) for row in rows]


async def keep_version(session: AsyncSession, version: CharterVersion) -> None:
    """Keep a version of a charter; it takes effect when it is due."""
    session.add(version)
    await session.flush()


async def versions(session: AsyncSession, programme_id: UUID) -> Sequence[CharterVersion]:
    """The versions of a charter, the first one first; those that are still to come as well."""
    statement = (
        select(CharterVersion)
        .where(CharterVersion.programme_id == programme_id)
        .order_by(col(CharterVersion.version))
    )
    return (await session.exec(statement)).all()


async def rules_of_version(session: AsyncSession, programme_id: UUID, version: int) -> CharterRules:
    """The rules of a version of a charter, which never change."""
    found = await session.get_one(CharterVersion, (programme_id, version))
    return CharterRules.model_validate(found.rules)


async def programmes_with_due_versions(database: Database) -> Sequence[UUID]:
    """The programmes of which a version has to take effect, by the database's clock."""
    found: Sequence[UUID] = await database.value(
        "select coalesce(array_agg(distinct programme_id), '{}')"
        " from charter_version v join programme p using (programme_id)"
        " where v.version > p.version and v.takes_effect_at <= clock_timestamp()"
    )
    return found


async def apply_version(session: AsyncSession, programme_id: UUID) -> None:
    """The newest version that is due becomes the programme's. Whoever holds its phases is alone."""
    await (await raw(session)).execute(
        "update programme p set version = v.version, charter = v.charter, rules = v.rules"
        " from charter_version v where p.programme_id = $1 and v.programme_id = $1"
        " and v.version = (select max(version) from charter_version d where d.programme_id = $1"
        " and d.takes_effect_at <= clock_timestamp()) and v.version > p.version",
        programme_id,
    )


async def standing(session: AsyncSession, programme_id: UUID) -> asyncpg.Record:
    """How far an edition is: what fixes parts of its charter."""
    found = await (await raw(session)).fetchrow(
        "select exists (select from idea where programme_id = $1) or exists"
        " (select from project where programme_id = $1) as deposited,"
        " exists (select from round where programme_id = $1 and body_name is null) as frozen,"
        " array(select body_name from round where programme_id = $1 and body_name is not null)"
        " as opened, exists (select from decision join round using (round_id)"
        " where programme_id = $1 and agreed is not null) as agreed",
        programme_id,
    )
    assert found is not None
    return found
