"""Attaching a file to a project, taking it away, erasing it; and sweeping up behind that."""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID, uuid4

from sqlmodel.ext.asyncio.session import AsyncSession

from shared.database import Database
from shared.delivery import Delivered
from shared.events.projects import DocumentAttached, DocumentRemoved
from submission.documents import queries
from submission.documents.cleaning import Cleaned
from submission.documents.kinds import shown_name
from submission.documents.limits import check_room
from submission.documents.stores.stores import Stores
from submission.documents.tables import Document
from submission.projects import queries as projects
from submission.projects.finding import edition, idea_for_update
from submission.projects.recording import record
from submission.projects.tables import Idea
from submission.tables import Project

type Ground = Literal["replaced", "withdrawn", "erased"]
SALT = 32
AT_ONCE = 100


async def attach(
    session: AsyncSession,
    idea: Idea,
    project: Project,
    log: str,
    name: str,
    file: Cleaned,
    called: str,
    stores: Stores,
    now: datetime,
    *,
    replaces: bool,
) -> Document:
    """Attach a cleaned file to a locked project as one of the charter's documents.

    Whoever reviewed the dossier has to look again. With `replaces`, files that stood for this
    document are removed. Raises `DocumentsFull`.
    """
    there = await queries.documents_of(session, idea.project_id)
    old = [each for each in there if replaces and each.name == name]
    check_room([each for each in there if each not in old], len(file.content))
    await _remove(session, idea, log, old, "replaced", now)
    salt = secrets.token_bytes(SALT)
    event = DocumentAttached(
        project_id=idea.project_id,
        programme_id=idea.programme_id,
        document_id=uuid4(),
        document=name,
        commitment=hashlib.sha256(salt + file.content).hexdigest(),
        length=len(file.content),
        media=file.media,
    )
    row = Document(
        document_id=event.document_id,
        project_id=idea.project_id,
        name=name,
        media=file.media,
        length=event.length,
        commitment=event.commitment,
        salt=salt,
        kept=stores.newest.name,
        shown_name=shown_name(called, file.media),
        attached_at=now,
    )
    session.add(row)
    await session.flush()
    await stores.newest.put(session, event.document_id, file.content)
    await record(session, idea, log, event, now, document=name, media=file.media)
    _look_again(idea, project)
    return row


async def withdraw(
    session: AsyncSession, idea: Idea, project: Project, log: str, row: Document, now: datetime
) -> None:
    """Take a file away from a locked project."""
    await _remove(session, idea, log, [row], "withdrawn", now)
    _look_again(idea, project)


async def erase_documents(
    session: AsyncSession, project_id: UUID, now: datetime, *, say: bool = True
) -> bool:
    """Erase every file of a project: bytes, names and salts; that they were there stays. False
    where there was none.

    Where it was said before, nothing is to `say`: a backup brought them back.
    """
    there = await queries.documents_of(session, project_id)
    if not there:
        return False
    if not say:
        await queries.remove(session, [each.document_id for each in there], now)
        return True
    idea = await idea_for_update(session, project_id)
    found = await edition(session, idea.programme_id)
    there = await queries.documents_of(session, project_id)
    await _remove(session, idea, found.log, there, "erased", now)
    return True


async def lost_documents(session: AsyncSession, project_id: UUID) -> None:
    """Every file of a project was erased, and its words stay: whoever reviewed its dossier has to
    look again, unless a round has it, it was decided, or it goes no further."""
    idea = await idea_for_update(session, project_id)
    [*dossiers] = await projects.dossiers_for_update(session, [project_id])
    for project in dossiers:
        decided = project.family is not None or project.refused
        if project.round_id is None and not decided and idea.standing in ("active", "suspended"):
            _look_again(idea, project)


async def remove_again(session: AsyncSession, events: Sequence[Delivered[DocumentRemoved]]) -> None:
    """Remove what was removed: in a database restored from before, files are back."""
    for delivered in events:
        await queries.remove(session, [delivered.event.document_id], delivered.envelope.time)


async def sweep(database: Database, stores: Stores) -> None:
    """Forget old tickets, and remove from the store of objects what was removed here."""
    async with database.begin() as session:
        await queries.forget_tickets(session)
        if stores.objects is not None and (
            removed := await queries.removed_from_store(session, AT_ONCE)
        ):
            await stores.objects.remove(removed)
            await queries.note_swept(session, removed)


async def sweep_up(database: Database, stores: Stores) -> None:
    """Remove from the store of objects what no document names: acts that were not committed."""
    if stores.objects is None:
        return
    async for page in stores.objects.old():
        async with database.begin() as session:
            lost = await queries.unnamed(session, page)
        await stores.objects.remove(lost)


async def _remove(
    session: AsyncSession,
    idea: Idea,
    log: str,
    rows: Sequence[Document],
    ground: Ground,
    now: datetime,
) -> None:
    for row in rows:
        event = DocumentRemoved(
            project_id=idea.project_id,
            programme_id=idea.programme_id,
            document_id=row.document_id,
            ground=ground,
        )
        await record(session, idea, log, event, now, document=row.name, ground=ground)
    if rows:
        await queries.remove(session, [each.document_id for each in rows], now)


def _look_again(idea: Idea, project: Project) -> None:
    """What an officer found in the dossier before, he found in other documents."""
    if project.missing is not None:
        project.missing = project.voted_family = None
        idea.stage = "dossier"
