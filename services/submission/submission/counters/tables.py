"""The rows of handoffs. Their constraints are in the migrations."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Column, DateTime
from sqlmodel import Field

from submission.tables import Table


class Handoff(Table, table=True):
    """An idea at a desk, as `handoffs.step` leads it from state to state, until `due_at`.

    `desk` is one of the charter's, None where it names none; `gathering_id` the session that was
    asked for or given; `after` the handoff that led to this one. `reason` is a commitment: what is
    known of who did not come, why it was handed on or back; `cause` says for what it was.
    """

    __tablename__: ClassVar[Any] = "handoff"

    handoff_id: UUID = Field(primary_key=True)
    project_id: UUID
    programme_id: UUID
    gathering_id: UUID | None = None
    desk: str | None = None
    state: str
    requested_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    reason: str | None = None
    after: UUID | None = None
    cause: str | None = None
    due_at: datetime | None = Field(
        default=None, sa_column=Column(DateTime(timezone=True), nullable=True)
    )
