"""The store that new documents go to, and those in which there are some."""

from typing import TYPE_CHECKING, Protocol
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from shared.refusal import Refusal
from submission.documents.stores.database import BytesInDatabase

if TYPE_CHECKING:
    from submission.documents.stores.objects import BytesInObjects


class DocumentLost(Refusal):
    """The bytes of a document are not where they are kept, or nobody can be asked for them now."""

    code = "document_lost"


class Store(Protocol):
    """Keeps the bytes of documents."""

    name: str

    async def put(self, session: AsyncSession, document_id: UUID, content: bytes) -> None:
        """Keep them by the time the transaction is committed."""

    async def get(self, session: AsyncSession, document_id: UUID) -> bytes | None:
        """The bytes; None where there are none."""


class Stores:
    """The database always, a store of objects where the operator has one: then what is new goes
    there, and what is in the database stays readable."""

    def __init__(self, objects: "BytesInObjects | None" = None) -> None:
        self.objects = objects
        database = BytesInDatabase()
        self.newest: Store = objects or database
        self._stores: dict[str, Store] = {
            each.name: each for each in (database, objects) if each is not None
        }

    async def get(self, session: AsyncSession, kept: str, document_id: UUID) -> bytes:
        """The bytes of a document. Raises `DocumentLost`."""
        store = self._stores.get(kept)
        found = None if store is None else await store.get(session, document_id)
        if found is None:
            raise DocumentLost(f"the bytes of document {document_id} are not in {kept}")
        return found
