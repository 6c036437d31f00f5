"""The rows of imports. Their constraints are in the migrations."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Column, DateTime, LargeBinary
from sqlmodel import Field

from submission.tables import Table


class Import(Table, table=True):
    """A file that was read: `checked`, then `running` until it is `done`. It `stopped` where its
    phase was not open, or the programme took no such rows any more; `forgotten`, only its counts
    are left."""

    __tablename__: ClassVar[Any] = "import_file"

    import_id: UUID = Field(primary_key=True)
    programme_id: UUID
    kind: str
    digest: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    name: str
    state: str
    rows: int
    officer: UUID
    at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    done_at: datetime | None = Field(
        default=None, sa_column=Column(DateTime(timezone=True), nullable=True)
    )
