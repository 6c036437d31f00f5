"""The rows of counters and handoffs. Their constraints are in the migrations."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Column, DateTime
from sqlmodel import Field

from submission.tables import Table


class Gathering(Table, table=True):
    """Something that takes place; `place` is a commitment, `capacity` counts ideas."""

    __tablename__: ClassVar[Any] = "gathering"

    gathering_id: UUID = Field(primary_key=True)
    programme_id: UUID
    kind: str
    territory: str
    place: str
    begins_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    ends_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    capacity: int


class Handoff(Table, table=True):
    """An idea at a counter: requested, then accepted or declined, then attended or missed.

    `reason` is a commitment: why it was declined, or what is known of who did not come.
    """

    __tablename__: ClassVar[Any] = "handoff"

    handoff_id: UUID = Field(primary_key=True)
    project_id: UUID
    programme_id: UUID
    gathering_id: UUID
    state: str
    requested_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    reason: str | None = None
