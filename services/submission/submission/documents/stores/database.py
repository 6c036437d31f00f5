"""Bytes beside the rows that name them: in the same transaction, in the same backup."""

from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from submission.documents import queries


class BytesInDatabase:
    """Keeps documents in PostgreSQL."""

    name = "database"

    async def put(self, session: AsyncSession, document_id: UUID, content: bytes) -> None:
        """Keep them, once the transaction is committed."""
        await queries.keep_bytes(session, document_id, content)

    async def get(self, session: AsyncSession, document_id: UUID) -> bytes | None:
        """The bytes; None where there are none."""
        return await queries.bytes_of(session, document_id)
