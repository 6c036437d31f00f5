"""Recording rows of a file, many in one transaction: ideas, organisations, projects of a vote."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID, uuid4

from sqlmodel.ext.asyncio.session import AsyncSession

from shared.database import raw
from shared.events.projects import DossierFiled, DossierReviewed, IdeaDeposited
from shared.people import queries as people
from submission import queries as submission_queries
from submission.carriers import joining
from submission.carriers.organisations.declaring import Declared
from submission.carriers.organisations.keeping import keep_many
from submission.carriers.tables import Carrier
from submission.freezing import check_room
from submission.imports import queries
from submission.imports.ideas import IdeaRow
from submission.imports.kinds import ProjectRow
from submission.projects.finding import Edition
from submission.projects.recording import record, record_all
from submission.projects.tables import Idea
from submission.tables import Project
from submission.wording import keep_together

type Outcome = Literal["new", "known", "changed"]


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of a row, and what it is about; in what it differs from what is known."""

    subject: UUID
    outcome: Outcome = "new"
    differs: tuple[str, ...] = ()


async def keep_ideas(
    session: AsyncSession, found: Edition, rows: Sequence[IdeaRow], now: datetime
) -> Sequence[Kept]:
    """Deposit the ideas of a file. Who carries one is told nothing of it today, and everything
    afterwards, where the file has an address."""
    texts = await keep_together(
        session,
        [
            each
            for row in rows
            for each in ((row.title, True), (row.summary, True), (row.name, False))
        ],
    )
    deposited = [
        (row, _deposited(found, row, *texts[3 * n : 3 * n + 3])) for n, row in enumerate(rows)
    ]
    ideas = [Idea(**event.model_dump(), stage="idea", deposited_at=now) for _, event in deposited]
    session.add_all(ideas)
    await session.flush()
    await queries.keep_texts_of(session, [pair for _, event in deposited for pair in _words(event)])
    for (row, _), idea in zip(deposited, ideas, strict=True):
        if row.address is not None:
            await _carry(session, idea, row, row.address, now)
    happened = [(idea, event) for (_, event), idea in zip(deposited, ideas, strict=True)]
    await record_all(session, found.log, happened, now, lambda idea: {"territory": idea.territory})
    return [Kept(event.project_id) for _, event in deposited]


async def keep_organisations(session: AsyncSession, rows: Sequence[Declared]) -> Sequence[Kept]:
    """Keep the organisations of a file: what is known under a number stays as it is."""
    outcomes: dict[str, Outcome] = {"new": "new", "known": "known", "different": "changed"}
    return [
        Kept(each.organisation_id, outcomes[each.outcome], each.differs)
        for each in await keep_many(session, rows)
    ]


async def keep_projects(
    session: AsyncSession, found: Edition, rows: Sequence[ProjectRow], officer: UUID, now: datetime
) -> Sequence[Kept]:
    """Make projects of a published election options of a vote: ideas whose dossiers are complete,
    since the officer who imports them found them in the file. Raises `TooManyOptions`."""
    there = await submission_queries.number_of_projects(session, found.programme_id)
    check_room(there + len(rows) - 1)
    as_ideas = [IdeaRow(row.title, row.title, row.territory, row.name) for row in rows]
    kept = await keep_ideas(session, found, as_ideas, now)
    for row, each in zip(rows, kept, strict=True):
        idea = await session.get_one(Idea, each.subject)
        filed = DossierFiled(
            project_id=idea.project_id,
            programme_id=idea.programme_id,
            territory=idea.territory,
            title=idea.title,
            summary=idea.summary,
            carrier=idea.carrier,
            documents=(),
            cost=row.cost,
            charter_version=found.version,
        )
        session.add(Project(**filed.model_dump(exclude_none=True), missing=[]))
        await session.flush()
        await record(session, idea, found.log, filed, now, cost=row.cost)
        reviewed = DossierReviewed(
            project_id=idea.project_id,
            programme_id=idea.programme_id,
            missing=(),
            officer=officer,
        )
        await record(session, idea, found.log, reviewed, now, missing=[])
    return kept


def _deposited(
    found: Edition, row: IdeaRow, title: str, summary: str, carrier: str
) -> IdeaDeposited:
    return IdeaDeposited(
        project_id=uuid4(),
        programme_id=found.programme_id,
        territory=row.territory,
        title=title,
        summary=summary,
        carrier=carrier,
        theme=row.theme,
        category=row.category,
        source="import",
    )


def _words(event: IdeaDeposited) -> tuple[tuple[str, UUID], ...]:
    return tuple((each, event.project_id) for each in (event.title, event.summary, event.carrier))


async def _carry(
    session: AsyncSession, idea: Idea, row: IdeaRow, address: str, now: datetime
) -> None:
    """Somebody carries an idea; her rows are flushed with those of others."""
    resident = await people.keep_resident(await raw(session), uuid4(), address, row.language)
    carrier = Carrier(
        project_id=idea.project_id,
        resident=resident,
        name=row.name,
        address=address,
        language=row.language,
    )
    session.add_all((carrier, joining.begun(idea, resident, now)))
