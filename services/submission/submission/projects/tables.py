"""The rows of ideas, their lives and their drafts. Their constraints are in the migrations."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, Column, DateTime, LargeBinary
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from submission.tables import Table


class Idea(Table, table=True):
    """An idea; `title`, `summary` and `carrier` are commitments. Whoever changes anything of its
    project locks this row first.

    Beside its `stage` it has a `standing`: only what is active goes on. What was merged names the
    project that goes on instead; a part names what it was split from, and was `guided` where that
    was. `supporters` counts those who are forgotten, too.
    """

    __tablename__: ClassVar[Any] = "idea"

    project_id: UUID = Field(primary_key=True)
    programme_id: UUID
    territory: str
    title: str
    summary: str
    carrier: str
    stage: str
    deposited_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    standing: str = "active"
    into_project: UUID | None = None
    split_from: UUID | None = None
    guided: bool = False
    theme: str | None = None
    category: str | None = None
    supporters: int = 0


class ProjectEvent(Table, table=True):
    """An event of a project's life, as its page tells it. `about` holds no words, only their
    commitments, and names of the charter's things."""

    __tablename__: ClassVar[Any] = "project_event"

    place: int | None = Field(default=None, sa_column=Column(BigInteger, primary_key=True))
    event_id: UUID
    project_id: UUID
    kind: str
    at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    about: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))


class Draft(Table, table=True):
    """What somebody has written so far; `secret` is the hash of the cookie that opens it.

    A minor's has the address of her legal `representative`.
    """

    __tablename__: ClassVar[Any] = "draft"

    draft_id: UUID = Field(primary_key=True)
    secret: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    programme_id: UUID
    changed_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    title: str = ""
    summary: str = ""
    territory: str = ""
    theme: str = ""
    category: str = ""
    name: str = ""
    address: str = ""
    language: str = "fr"
    carrier_type: str = "person"
    representative: str = ""


class DepositLink(Table, table=True):
    """A mailed link, by the hash of its token: of a draft, then of the idea it became."""

    __tablename__: ClassVar[Any] = "deposit_link"

    token: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    draft_id: UUID | None
    project_id: UUID | None = None
    resident: UUID | None = None
    used_at: datetime | None = Field(
        default=None, sa_column=Column(DateTime(timezone=True), nullable=True)
    )
    expires_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))


class Support(Table, table=True):
    """A resident supports an idea."""

    __tablename__: ClassVar[Any] = "support"

    project_id: UUID = Field(primary_key=True)
    resident: UUID = Field(primary_key=True)
    at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
