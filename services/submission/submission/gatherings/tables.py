"""The rows of gatherings and of places at them. Their constraints are in the migrations."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Column, DateTime, String
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field

from submission.tables import Table


class Gathering(Table, table=True):
    """Something that takes place; `capacity` counts ideas.

    `place`, `title`, `host` and the `reason` of a cancellation are commitments. It is announced,
    amended so many times (`changes`), then cancelled by an officer, or held.
    """

    __tablename__: ClassVar[Any] = "gathering"

    gathering_id: UUID = Field(primary_key=True)
    programme_id: UUID
    kind: str
    territory: str
    place: str
    begins_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    ends_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    capacity: int
    title: str | None = None
    host: str | None = None
    desk: str | None = None
    workshops: list[str] = Field(
        default_factory=list, sa_column=Column(ARRAY(String), nullable=False)
    )
    online: bool = False
    state: str = "announced"
    reason: str | None = None
    ended_by: UUID | None = None
    changes: int = 0


class Registration(Table, table=True):
    """A place at a gathering for whoever a handoff is about, or one in its waiting list, in which
    `at` says who is first; then it was attended, missed, left unmarked, waited for in vain,
    or freed for somebody else."""

    __tablename__: ClassVar[Any] = "registration"

    registration_id: UUID = Field(primary_key=True)
    gathering_id: UUID
    handoff_id: UUID
    state: str
    at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
