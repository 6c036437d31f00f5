"""The rows of what bodies decided. Their constraints are in the migrations."""

from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, Column
from sqlmodel import Field

from submission.tables import Table


class BodyDecision(Table, table=True):
    """What a body decided about a project the last time: chosen or not, with how many cents; one
    that is not chosen can be given to it `again` where money had run out."""

    __tablename__: ClassVar[Any] = "body_decision"

    project_id: UUID = Field(primary_key=True)
    body_name: str = Field(primary_key=True)
    round_id: UUID
    chosen: bool
    amount: int = Field(sa_column=Column(BigInteger, nullable=False))
    again: bool = False
