"""The row of who carries an idea: the one place, beside the residents', with an address."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Column, DateTime
from sqlmodel import Field

from submission.tables import Table


class Carrier(Table, table=True):
    """Who carries an idea and is told about it; erased, nobody is."""

    __tablename__: ClassVar[Any] = "carrier"

    project_id: UUID = Field(primary_key=True)
    resident: UUID | None
    name: str | None
    address: str | None
    language: str
    erased_at: datetime | None = Field(
        default=None, sa_column=Column(DateTime(timezone=True), nullable=True)
    )
