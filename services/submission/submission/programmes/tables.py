"""The rows of a programme's year: its phases, and what voting says of its round."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, Column, DateTime, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field

from submission.tables import Table


def _instant(*, nullable: bool = False) -> Any:
    return Column(DateTime(timezone=True), nullable=nullable)


class Phase(Table, table=True):
    """A phase as it stands, re-dated or not; `state` is coming, open or closed."""

    __tablename__: ClassVar[Any] = "phase"

    programme_id: UUID = Field(primary_key=True)
    name: str = Field(primary_key=True)
    opens_at: datetime = Field(sa_column=_instant())
    closes_at: datetime = Field(sa_column=_instant())
    state: str = "coming"


class CharterVersion(Table, table=True):
    """A version of a charter; `reason` is a commitment, the first version has none."""

    __tablename__: ClassVar[Any] = "charter_version"

    programme_id: UUID = Field(primary_key=True)
    version: int = Field(primary_key=True)
    charter: str
    rules: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    takes_effect_at: datetime = Field(sa_column=_instant())
    adopted: dict[str, Any] | None = Field(default=None, sa_column=Column(JSONB(none_as_null=True)))
    reason: str | None = None
    event_id: UUID | None = None


class RoundState(Table, table=True):
    """What voting said of a round so far, in whatever order it came; `told` is ours.

    Money in cents; `allocation` is the digest of the allocation, `validated` the one that two
    officers validated. Of one that was annulled nothing holds, whatever else is noted.
    """

    __tablename__: ClassVar[Any] = "round_state"

    round_id: UUID = Field(primary_key=True)
    opened_at: datetime | None = Field(default=None, sa_column=_instant(nullable=True))
    opens_at: datetime | None = Field(default=None, sa_column=_instant(nullable=True))
    closes_at: datetime | None = Field(default=None, sa_column=_instant(nullable=True))
    closed_at: datetime | None = Field(default=None, sa_column=_instant(nullable=True))
    # What ballots say and what decides, as the round was opened with it.
    format: dict[str, Any] | None = Field(default=None, sa_column=Column(JSONB))
    rule: dict[str, Any] | None = Field(default=None, sa_column=Column(JSONB))
    budget: int | None = Field(default=None, sa_column=Column(BigInteger))
    spent: int | None = Field(default=None, sa_column=Column(BigInteger))
    ballots: int | None = Field(default=None, sa_column=Column(BigInteger))
    funded: int | None = None
    options: int | None = None
    allocation: str | None = None
    decided_at: datetime | None = Field(default=None, sa_column=_instant(nullable=True))
    decided_event_id: UUID | None = None
    validated: str | None = None
    validated_at: datetime | None = Field(default=None, sa_column=_instant(nullable=True))
    validated_event_id: UUID | None = None
    told: bool = False
    annulled_at: datetime | None = Field(default=None, sa_column=_instant(nullable=True))
    annulled_act: str | None = None
    annulled_event_id: UUID | None = None


class Decision(Table, table=True):
    """What was decided about a project, and the agreement that followed; money in cents."""

    __tablename__: ClassVar[Any] = "decision"

    round_id: UUID = Field(primary_key=True)
    project_id: UUID = Field(primary_key=True)
    number: int | None = None
    rank: int | None = None
    votes: int | None = Field(default=None, sa_column=Column(BigInteger))
    cost: int | None = Field(default=None, sa_column=Column(BigInteger))
    funded: bool | None = None
    reason: str | None = None
    amount: int | None = Field(default=None, sa_column=Column(BigInteger))
    # The numbers of the reason (`shared.events.reasons`).
    facts: dict[str, Any] | None = Field(default=None, sa_column=Column(JSONB))
    step: list[str] | None = Field(default=None, sa_column=Column(ARRAY(Text)))
    event_id: UUID | None = None
    agreed: int | None = Field(default=None, sa_column=Column(BigInteger))
    agreed_at: datetime | None = Field(default=None, sa_column=_instant(nullable=True))
    agreed_event_id: UUID | None = None
