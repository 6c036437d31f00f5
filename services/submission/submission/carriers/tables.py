"""The rows of who carries what: the one place, beside the residents', with an address."""

from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, Column, DateTime, LargeBinary, String
from sqlalchemy.dialects.postgresql import ARRAY
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


class Organisation(Table, table=True):
    """An organisation, a collective or a class, once, whatever it carries.

    `name`, `siret_words`, `rna_words` and `sse_words` are commitments; the numbers stand here as
    well, to be found by, and `sse`, its identifier of the social and solidarity economy. `seat` and
    `branch` are territories. Whoever declared it keeps it: nobody else changes it. Erased, its row
    has its type and nothing that names it.
    """

    __tablename__: ClassVar[Any] = "organisation"

    organisation_id: UUID = Field(primary_key=True)
    type: str
    name: str | None
    siret: str | None = None
    siret_words: str | None = None
    rna: str | None = None
    rna_words: str | None = None
    founded_on: date | None = None
    seat: str | None = None
    branch: str | None = None
    sse: str | None = None
    sse_words: str | None = None
    sse_until: date | None = None
    ambassador: bool = False
    kept_by: UUID | None = None
    erased_at: datetime | None = Field(
        default=None, sa_column=Column(DateTime(timezone=True), nullable=True)
    )


class Carriage(Table, table=True):
    """Who has a part in a project, until she left it: an organisation, or a resident.

    `carrier_id` is the organisation's; a person's is another one in each project, so that the
    public record does not link what she carries. `status` is a legal status of the charter's.
    """

    __tablename__: ClassVar[Any] = "carriage"

    place: int | None = Field(default=None, sa_column=Column(BigInteger, primary_key=True))
    project_id: UUID
    carrier_id: UUID
    part: str
    type: str
    organisation_id: UUID | None = None
    resident: UUID | None = None
    status: str | None = None
    joined_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    left_at: datetime | None = Field(
        default=None, sa_column=Column(DateTime(timezone=True), nullable=True)
    )


class Clearance(Table, table=True):
    """An officer found a carrier in order for an agreement, until it was withdrawn.

    `de_minimis` is what it declared to have had elsewhere in three years, in cents; `sse_until`
    until when the identifier of the social and solidarity economy holds that she looked at.
    """

    __tablename__: ClassVar[Any] = "clearance"

    place: int | None = Field(default=None, sa_column=Column(BigInteger, primary_key=True))
    project_id: UUID
    carrier_id: UUID
    checked: list[str] = Field(sa_column=Column(ARRAY(String), nullable=False))
    de_minimis: int | None = Field(default=None, sa_column=Column(BigInteger, nullable=True))
    contract_on: date | None = None
    sse_until: date | None = None
    officer: UUID
    at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    withdrawn_at: datetime | None = Field(
        default=None, sa_column=Column(DateTime(timezone=True), nullable=True)
    )


class Aid(Table, table=True):
    """What an organisation declares to have had under the de-minimis rules, in cents."""

    __tablename__: ClassVar[Any] = "aid"

    aid_id: UUID = Field(primary_key=True)
    organisation_id: UUID
    granted_on: date
    amount: int = Field(sa_column=Column(BigInteger, nullable=False))
    granted_by: str


class Consent(Table, table=True):
    """A minor's idea, and the legal representative who is asked to agree to it; `token` is the hash
    of the link. Once she agreed, her address is forgotten."""

    __tablename__: ClassVar[Any] = "consent"

    project_id: UUID = Field(primary_key=True)
    token: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    address: str | None
    language: str
    asked_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    given_at: datetime | None = Field(
        default=None, sa_column=Column(DateTime(timezone=True), nullable=True)
    )
