"""The rows of what follows a decision. Their constraints are in the migrations."""

from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, Column, DateTime, Text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field

from voting.count.tables import CountTable


class Granted(CountTable, table=True):
    """A grant from the first act about it on: `amount` is what it is of now, in cents.

    `act` is the deliberation's number. `agreed` is what it was of when it was signed, `cost` what
    the whole project was to cost, as far as its plan says, and `spent` what was justified of it.
    `signed_with` is the carrier that signed, of those that are announced. `lapsed` cents are paid
    no more.
    """

    __tablename__: ClassVar[Any] = "granted"

    round_id: UUID = Field(primary_key=True)
    option_id: UUID = Field(primary_key=True)
    amount: int = Field(sa_type=BigInteger)
    act: str | None = None
    confirmed_on: date | None = None
    confirmed_event: UUID | None = None
    agreed: int | None = Field(default=None, sa_type=BigInteger)
    cost: int | None = Field(default=None, sa_type=BigInteger)
    signed_on: date | None = None
    signed_with: UUID | None = None
    spent: int | None = Field(default=None, sa_type=BigInteger)
    reduced_event: UUID | None = None
    lapsed: int | None = Field(default=None, sa_type=BigInteger)
    ground: str | None = None
    lapsed_event: UUID | None = None


class Instalment(CountTable, table=True):
    """A part of a grant, in the order of `place`; `due` is what it is paid on."""

    __tablename__: ClassVar[Any] = "instalment"

    round_id: UUID = Field(primary_key=True)
    option_id: UUID = Field(primary_key=True)
    name: str = Field(primary_key=True)
    place: int
    amount: int = Field(sa_type=BigInteger)
    due: str
    paid_on: date | None = None
    reference: str | None = None
    paid_event: UUID | None = None


class Milestone(CountTable, table=True):
    """How far a funded project came, and on which day."""

    __tablename__: ClassVar[Any] = "milestone"

    round_id: UUID = Field(primary_key=True)
    option_id: UUID = Field(primary_key=True)
    name: str = Field(primary_key=True)
    reached_on: date
    reached_event: UUID


class Party(CountTable, table=True):
    """Who carries a project in which part, and what an officer found in order; `name`, `siret` and
    `rna` are commitments."""

    __tablename__: ClassVar[Any] = "party"

    project_id: UUID = Field(primary_key=True)
    carrier_id: UUID = Field(primary_key=True)
    part: str = Field(primary_key=True)
    carrier_type: str
    name: str | None = None
    siret: str | None = None
    rna: str | None = None
    sse_until: date | None = None
    left_event: UUID | None = None


class Clearance(CountTable, table=True):
    """What an officer found in order of a carrier of a project, the last time."""

    __tablename__: ClassVar[Any] = "clearance"

    project_id: UUID = Field(primary_key=True)
    carrier_id: UUID = Field(primary_key=True)
    checked: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    contract_on: date | None = None
    de_minimis: int | None = Field(default=None, sa_type=BigInteger)
    sse_until: date | None = None
    cleared_event: UUID
    cleared_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    withdrawn_event: UUID | None = None
