"""Every SQL statement about the bodies that give no labels."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import exists, func, not_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.database import raw
from submission.labelling.bodies.tables import BodyDecision
from submission.programmes.queries import INACTIVE
from submission.tables import Project


def _givable(programme_id: UUID, body_name: str, *, labelled: bool, admitted_by: str | None) -> Any:
    decided = (
        exists()
        .where(
            col(BodyDecision.project_id) == col(Project.project_id),
            col(BodyDecision.body_name) == body_name,
            not_(col(BodyDecision.again)),
        )
        .correlate(Project)
    )
    admitted = (
        exists()
        .where(
            col(BodyDecision.project_id) == col(Project.project_id),
            col(BodyDecision.body_name) == admitted_by,
            col(BodyDecision.chosen),
        )
        .correlate(Project)
    )
    found = select(Project).where(
        Project.programme_id == programme_id,
        func.cardinality(col(Project.missing)) == 0,
        col(Project.round_id).is_(None),
        not_(col(Project.refused)),
        not_(decided),
        ~INACTIVE,
    )
    if admitted_by is not None:
        found = found.where(admitted)
    return found.where(col(Project.family).is_not(None)) if labelled else found


async def givable_projects(
    session: AsyncSession,
    programme_id: UUID,
    body_name: str,
    *,
    labelled: bool,
    admitted_by: str | None,
) -> Sequence[Project]:
    """The active projects that a body can be given, locked: their dossiers are complete, no round
    has them, the body has not decided them, and another one admitted them where it has to."""
    statement = (
        _givable(programme_id, body_name, labelled=labelled, admitted_by=admitted_by)
        .order_by(col(Project.project_id))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    found: Sequence[Project] = (await session.exec(statement)).all()
    return found


async def listed_projects(
    session: AsyncSession,
    programme_id: UUID,
    body_name: str,
    *,
    labelled: bool,
    admitted_by: str | None,
) -> Sequence[Project]:
    """The same, to be looked at."""
    statement = _givable(programme_id, body_name, labelled=labelled, admitted_by=admitted_by)
    found: Sequence[Project] = (
        await session.exec(statement.order_by(col(Project.project_id)))
    ).all()
    return found


async def admitted_projects(session: AsyncSession, programme_id: UUID, body_name: str) -> set[UUID]:
    """The projects of a programme that a body admitted."""
    rows = await (await raw(session)).fetch(
        "select d.project_id from body_decision d join project p using (project_id)"
        " where p.programme_id = $1 and d.body_name = $2 and d.chosen",
        programme_id,
        body_name,
    )
    return {row["project_id"] for row in rows}


async def decisions_of(session: AsyncSession, *project_ids: UUID) -> Sequence[BodyDecision]:
    """What bodies decided about projects, each the last time."""
    statement = (
        select(BodyDecision)
        .where(col(BodyDecision.project_id).in_(project_ids))
        .order_by(col(BodyDecision.project_id), col(BodyDecision.body_name))
        .execution_options(populate_existing=True)
    )
    return (await session.exec(statement)).all()


async def decided_in(session: AsyncSession, round_id: UUID, project_id: UUID) -> bool:
    """Whether what a round decided about a project was noted."""
    found: bool = await (await raw(session)).fetchval(
        "select exists (select from body_decision where round_id = $1 and project_id = $2)",
        round_id,
        project_id,
    )
    return found


async def keep_decision(session: AsyncSession, row: BodyDecision) -> None:
    """Note what a body decided about a project: it was free to be given to it."""
    await (await raw(session)).execute(
        "insert into body_decision (project_id, body_name, round_id, chosen, amount, again)"
        " values ($1, $2, $3, $4, $5, $6) on conflict (project_id, body_name) do update"
        " set round_id = excluded.round_id, chosen = excluded.chosen, amount = excluded.amount,"
        " again = excluded.again where body_decision.again",
        row.project_id,
        row.body_name,
        row.round_id,
        row.chosen,
        row.amount,
        row.again,
    )


async def forget_decisions(session: AsyncSession, round_id: UUID) -> None:
    """Nothing of a round that was annulled is decided."""
    await (await raw(session)).execute("delete from body_decision where round_id = $1", round_id)
