"""The rows that submission owns. Their constraints are in the migrations."""

from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, Column, LargeBinary, String
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel


class Table(SQLModel, registry=registry()):
    """Of this process: other processes' tables may have the same names."""


def _names(*, nullable: bool) -> Column[list[str]]:
    return Column(ARRAY(String), nullable=nullable)


def _lines() -> Column[list[dict[str, Any]]]:
    return Column(JSONB(none_as_null=True), nullable=True)


class Text(Table, table=True):
    """Words under their commitment; without value and salt, they are erased."""

    __tablename__: ClassVar[Any] = "text"

    content_id: str = Field(primary_key=True)
    value: str | None = None
    salt: bytes | None = Field(default=None, sa_column=Column(LargeBinary))


class Programme(Table, table=True):
    """A programme; `title` is a commitment, `charter` the digest of its rules.

    One that was imported from a published election has no `rules`: nothing in it has a phase.
    """

    __tablename__: ClassVar[Any] = "programme"

    programme_id: UUID = Field(primary_key=True)
    log: str
    title: str
    charter: str
    rehearsal: bool
    rules: dict[str, Any] | None = Field(default=None, sa_column=Column(JSONB(none_as_null=True)))
    event_id: UUID | None = None
    version: int = 1  # of the charter that is in force


class Round(Table, table=True):
    """A round that options of a programme were frozen for: the one of its residents, or one of a
    body of its charter."""

    __tablename__: ClassVar[Any] = "round"

    round_id: UUID = Field(primary_key=True)
    programme_id: UUID
    options: int
    digest: str
    body_name: str | None = None


class Project(Table, table=True):
    """A project from its dossier on; `cost` is in cents; with a round, it is frozen.

    `title`, `summary`, `carrier` and the `reason` of a member's decision are commitments.
    `missing` is None until an officer has reviewed what the dossier says now, and, where a
    committee votes, for which `voted_family`; a label has its `family`. What a committee decided,
    it `decided_in` a round. A dossier is held to the `charter_version` that it was filed under;
    `revision` counts what it said. Projects that were imported have title
    and cost alone.
    """

    __tablename__: ClassVar[Any] = "project"

    project_id: UUID = Field(primary_key=True)
    programme_id: UUID
    title: str
    cost: int = Field(sa_column=Column(BigInteger, nullable=False))
    round_id: UUID | None = None
    summary: str | None = None
    territory: str | None = None
    carrier: str | None = None
    carrier_status: str | None = None
    documents: list[str] = Field(default_factory=list, sa_column=_names(nullable=False))
    missing: list[str] | None = Field(default=None, sa_column=_names(nullable=True))
    voted_family: str | None = None
    family: str | None = None
    refused: bool = False
    reason: str | None = None
    decided_in: UUID | None = None
    revision: int = 0
    charter_version: int = 1
    theme: str | None = None
    category: str | None = None
    carrier_id: UUID | None = None
    carrier_type: str | None = None
    nature: str | None = None
    months: int | None = None
    principles: list[str] | None = Field(default=None, sa_column=_names(nullable=True))
    costs: list[dict[str, Any]] | None = Field(default=None, sa_column=_lines())
    income: list[dict[str, Any]] | None = Field(default=None, sa_column=_lines())


class Answered(Table, table=True):
    """What a request with an idempotency key asked, by digest, and what it was answered."""

    __tablename__: ClassVar[Any] = "answered"

    key: str = Field(primary_key=True)
    asked: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    answer: dict[str, Any] | None = Field(default=None, sa_column=Column(JSONB))
