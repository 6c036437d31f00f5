"""Bytes in a store that speaks S3: an object each, named by the document's id.

An object is written before the row that names it is committed, and removed after: a crash in
between leaves an object that nobody names, and never a document without bytes. A transaction that
waits for long is ended by the database (`database.SESSION`): the store has less time than that.
"""

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import urlsplit
from uuid import UUID

import obstore
from obstore.exceptions import NotFoundError
from obstore.store import S3Store
from sqlmodel.ext.asyncio.session import AsyncSession

FOLDER: Final = "documents"
# What was written longer ago than any upload takes, and nobody names, was given up.
GIVEN_UP: Final = timedelta(hours=1)


class BytesInObjects:
    """Keeps documents in a bucket."""

    name = "objects"

    def __init__(self, store: S3Store) -> None:
        self._store = store

    @classmethod
    def at(
        cls, address: str, *, endpoint: str, key_id: str, secret: str, region: str
    ) -> "BytesInObjects":
        """The bucket of an address such as `s3://documents`, behind an endpoint."""
        http = urlsplit(endpoint).scheme == "http"
        return cls(
            S3Store(
                urlsplit(address).netloc,
                endpoint=endpoint,
                access_key_id=key_id,
                secret_access_key=secret,
                region=region,
                virtual_hosted_style_request=False,
                client_options={"allow_http": http, "timeout": "8s"},
                retry_config={"max_retries": 2, "retry_timeout": timedelta(seconds=8)},
            )
        )

    async def put(self, _: AsyncSession, document_id: UUID, content: bytes) -> None:
        """Keep them at once, whatever becomes of the transaction."""
        await obstore.put_async(self._store, _path(document_id), content)

    async def get(self, _: AsyncSession, document_id: UUID) -> bytes | None:
        """The bytes; None where there are none."""
        try:
            found = await obstore.get_async(self._store, _path(document_id))
        except (NotFoundError, FileNotFoundError):
            return None
        return bytes(await found.bytes_async())

    async def remove(self, document_ids: Sequence[UUID]) -> None:
        """Remove them; what is not there is removed already."""
        for document_id in document_ids:
            try:
                await obstore.delete_async(self._store, _path(document_id))
            except (NotFoundError, FileNotFoundError):
                continue

    async def old(self) -> AsyncIterator[list[UUID]]:
        """Everything that was written long enough ago, by the page."""
        before = datetime.now(UTC) - GIVEN_UP
        async for page in obstore.list(self._store, FOLDER):
            yield [
                UUID(each["path"].rpartition("/")[2])
                for each in page
                if each["last_modified"] < before
            ]


def _path(document_id: UUID) -> str:
    return f"{FOLDER}/{document_id}"
