"""Every SQL statement about documents."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

import asyncpg
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.database import raw
from submission.documents.tables import Document


async def documents_of(session: AsyncSession, project_id: UUID) -> Sequence[Document]:
    """The documents of a project, by name, then as they came."""
    statement = (
        select(Document)
        .where(Document.project_id == project_id, col(Document.removed_at).is_(None))
        .order_by(col(Document.name), col(Document.attached_at), col(Document.document_id))
        .execution_options(populate_existing=True)
    )
    return (await session.exec(statement)).all()


async def document(session: AsyncSession, document_id: UUID) -> Document | None:
    """A document that is there."""
    statement = select(Document).where(
        Document.document_id == document_id, col(Document.removed_at).is_(None)
    )
    return (await session.exec(statement)).one_or_none()


async def attached_names(session: AsyncSession, project_id: UUID) -> frozenset[str]:
    """The documents of which a project has a file."""
    rows = await (await raw(session)).fetch(
        "select distinct name from document where project_id = $1 and removed_at is null",
        project_id,
    )
    return frozenset(row["name"] for row in rows)


async def keep_bytes(session: AsyncSession, document_id: UUID, content: bytes) -> None:
    """Keep the bytes of a document."""
    await (await raw(session)).execute(
        "insert into document_bytes (document_id, bytes) values ($1, $2)", document_id, content
    )


async def bytes_of(session: AsyncSession, document_id: UUID) -> bytes | None:
    """The bytes of a document that are kept here."""
    found: bytes | None = await (await raw(session)).fetchval(
        "select bytes from document_bytes where document_id = $1", document_id
    )
    return found


async def remove(session: AsyncSession, document_ids: Collection[UUID], now: datetime) -> None:
    """Forget documents: bytes, salts and names; that they were there stays."""
    connection, ids = await raw(session), list(document_ids)
    await session.flush()
    await connection.execute("delete from document_bytes where document_id = any($1)", ids)
    await connection.execute(
        "update document set removed_at = $2, salt = null, shown_name = null"
        " where document_id = any($1) and removed_at is null",
        ids,
        now,
    )
    await connection.execute("delete from ticket where document_id = any($1)", ids)


async def keep_ticket(
    session: AsyncSession, hashed: bytes, document_id: UUID, person: UUID, expires_at: datetime
) -> None:
    """Keep a ticket for a document."""
    await (await raw(session)).execute(
        "insert into ticket (token_hash, document_id, person, expires_at) values ($1, $2, $3, $4)",
        hashed,
        document_id,
        person,
        expires_at,
    )


async def use_ticket(session: AsyncSession, hashed: bytes) -> asyncpg.Record | None:
    """The document of a ticket, which is used up by it; None where it was before, or is too old."""
    return await (await raw(session)).fetchrow(
        "update ticket t set used_at = clock_timestamp() from document d"
        " where t.token_hash = $1 and t.used_at is null and t.expires_at > clock_timestamp()"
        " and d.document_id = t.document_id and d.removed_at is null"
        " returning d.document_id, d.project_id, d.media, d.kept, d.shown_name, d.length, t.person",
        hashed,
    )


async def forget_tickets(session: AsyncSession) -> None:
    """Forget tickets that nobody can use any more."""
    await (await raw(session)).execute("delete from ticket where expires_at < now()")


async def removed_from_store(session: AsyncSession, most: int) -> Sequence[UUID]:
    """Removed documents whose bytes may still be in the store of objects, locked."""
    rows = await (await raw(session)).fetch(
        "select document_id from document where removed_at is not null and kept = 'objects'"
        " order by removed_at limit $1 for update skip locked",
        most,
    )
    return [row["document_id"] for row in rows]


async def note_swept(session: AsyncSession, document_ids: Sequence[UUID]) -> None:
    """The store of objects has nothing of these documents any more."""
    await (await raw(session)).execute(
        "update document set kept = 'nowhere' where document_id = any($1)", list(document_ids)
    )


async def unnamed(session: AsyncSession, document_ids: Sequence[UUID]) -> Sequence[UUID]:
    """Those that no document here is kept under: what is left of acts that were not committed."""
    rows = await (await raw(session)).fetch(
        "select id from unnest($1::uuid[]) as id"
        " where not exists (select from document where document_id = id)",
        list(document_ids),
    )
    return [row["id"] for row in rows]


async def has_handoff(session: AsyncSession, project_id: UUID) -> bool:
    """Whether an idea was taken to a counter's desk."""
    found: bool = await (await raw(session)).fetchval(
        "select exists (select from handoff where project_id = $1)", project_id
    )
    return found
