"""What hands out documents: the stores, the process that cleans, and the host they come from."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

import asyncpg
from fastapi import Depends, Request
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.database import database_time, raw
from shared.people import Person, Role
from shared.people.queries import grants_of
from shared.refusal import Refusal
from submission.carriers import queries as carriers
from submission.documents import queries
from submission.documents.cleaning import Cleaner
from submission.documents.limits import FileNotFound
from submission.documents.stores.stores import Stores
from submission.documents.tickets import LASTS, new_ticket, ticket_hash
from submission.projects.finding import known_idea
from submission.projects.tables import Idea


class FilesNowhere(Refusal):
    """The operator has named no host that files are handed out from."""

    code = "files_nowhere"


@dataclass(frozen=True)
class Documents:
    """What the routes of documents work with; `site` is the files' own address."""

    stores: Stores
    cleaner: Cleaner
    site: str | None

    async def ticket(self, session: AsyncSession, document_id: UUID, person: Person) -> str:
        """The address under which a document is handed out once, within a minute.

        Raises `FilesNowhere`.
        """
        if self.site is None:
            raise FilesNowhere("there is no host for files")
        ticket, hashed = new_ticket()
        expires = await database_time(session) + LASTS
        await queries.keep_ticket(session, hashed, document_id, person.id, expires)
        return f"{self.site}/d/{ticket}"


async def taken_up(session: AsyncSession, ticket: str) -> asyncpg.Record:
    """The document of a ticket, which is used up by it, for whoever may have it still: who lost her
    role, or her project, within the minute has nothing of it. Raises `FileNotFound`."""
    row = await queries.use_ticket(session, ticket_hash(ticket))
    if row is None:
        raise FileNotFound("this ticket is used up, or too old, or there never was one")
    grants = await grants_of(await raw(session), row["person"])
    person = Person(row["person"], "officer" if grants else "resident", grants=grants)
    await check_may_read(session, await known_idea(session, row["project_id"]), person)
    return row


async def check_may_read(session: AsyncSession, idea: Idea, person: Person) -> None:
    """Its carrier, whoever instructs or decides about it, and an adviser whose desk it came to.

    Raises `FileNotFound`: to anybody else, there is none.
    """
    if person.kind == "resident":
        carrier = await carriers.carrier(session, idea.project_id)
        if carrier is not None and carrier.resident == person.id:
            return
    elif any(
        person.may(role, idea.programme_id, idea.territory)
        for role in (Role.COMMITTEE, Role.INSTRUCTOR)
    ) or (
        person.may(Role.ADVISER, idea.programme_id, idea.territory)
        and await queries.has_handoff(session, idea.project_id)
    ):
        return
    raise FileNotFound("there is no such file for you")


async def _documents(request: Request) -> Documents:
    found = request.app.state.documents
    assert isinstance(found, Documents)
    return found


RouteDocuments = Annotated[Documents, Depends(_documents)]
