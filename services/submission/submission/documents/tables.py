"""The rows of documents. Their constraints are in the migrations."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Column, DateTime, LargeBinary
from sqlmodel import Field

from submission.tables import Table


class Document(Table, table=True):
    """A file of a project, as one of the charter's documents (`name`); its bytes are `kept` in the
    database, or in a store of objects. Removed, neither bytes, nor salt, nor its name are left."""

    __tablename__: ClassVar[Any] = "document"

    document_id: UUID = Field(primary_key=True)
    project_id: UUID
    name: str
    media: str
    length: int
    commitment: str
    salt: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    kept: str
    shown_name: str | None
    attached_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    removed_at: datetime | None = Field(
        default=None, sa_column=Column(DateTime(timezone=True), nullable=True)
    )
