"""The tables that count's desk and decisions use as rows; `ballot` is only ever used as a set."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, Column, DateTime, Integer, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.dialects.postgresql import UUID as SQLUUID
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel


class CountTable(SQLModel, registry=registry()):
    """A table of count's own database."""


class Programme(CountTable, table=True):
    """What count must know of a programme."""

    programme_id: UUID = Field(primary_key=True)
    rehearsal: bool
    title: str | None = None
    log: str | None = None
    rules: dict[str, Any] | None = Field(default=None, sa_column=Column(JSONB(none_as_null=True)))
    version: int = 1  # of the charter that is in force


class Project(CountTable, table=True):
    """A project as its last dossier says, with its label; `title` and `summary` are commitments,
    `cost` is in cents: what is asked for, beside the `other_money` of its plan. `filed` is the
    number of its first dossier in the log."""

    project_id: UUID = Field(primary_key=True)
    programme_id: UUID
    title: str
    cost: int = Field(sa_type=BigInteger)
    summary: str | None = None
    territory: str | None = None
    family: str | None = None
    filed: int | None = Field(default=None, sa_type=BigInteger)
    theme: str | None = None
    category: str | None = None
    carrier_id: UUID | None = None
    other_money: int = Field(default=0, sa_type=BigInteger)
    withdrawn: bool = False


class FrozenOptions(CountTable, table=True):
    """The options that submission froze for a round: of residents, or of a body of the charter."""

    __tablename__: ClassVar[Any] = "frozen_options"

    round_id: UUID = Field(primary_key=True)
    programme_id: UUID
    log: str
    options: list[UUID] = Field(sa_column=Column(ARRAY(SQLUUID(as_uuid=True)), nullable=False))
    digest: str
    body_name: str | None = None


class Round(CountTable, table=True):
    """A round, from its preparation to its decision."""

    round_id: UUID = Field(primary_key=True)
    programme_id: UUID
    log: str
    state: str = "prepared"
    budget: int = Field(sa_type=BigInteger)
    format: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    rule: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    listed: str
    opens_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    closes_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    options: int
    digest: str
    tiers: dict[str, str] | None = Field(default=None, sa_column=Column(JSONB(none_as_null=True)))
    # Whose seats vote, of a named round: `shared.events.voting.Seats`.
    seats: dict[str, Any] | None = Field(default=None, sa_column=Column(JSONB(none_as_null=True)))
    ballots: int = Field(default=0, sa_type=BigInteger)
    voters: int = Field(default=0, sa_type=BigInteger)
    tallied: int = Field(default=-1, sa_type=BigInteger)
    secrecy: str = "live"
    rehearsal: bool = True
    flush: dict[str, int] = Field(sa_column=Column(JSONB, nullable=False))
    # The ways to the roll, where the charter names them.
    identity: list[str] | None = Field(default=None, sa_column=Column(JSONB(none_as_null=True)))
    # Of a sealed round: the size of its ballots, whose key was asked to open a test ballot, and
    # whose did; how many ballots were opened.
    padded: int | None = None
    asked_commission: dict[str, Any] | None = Field(
        default=None, sa_column=Column(JSONB(none_as_null=True))
    )
    commission: dict[str, Any] | None = Field(
        default=None, sa_column=Column(JSONB(none_as_null=True))
    )
    openings: int = Field(default=0, sa_type=BigInteger)
    box_ballots: int | None = Field(default=None, sa_type=BigInteger)
    box_keys: int | None = Field(default=None, sa_type=BigInteger)
    box_number: int | None = Field(default=None, sa_type=BigInteger)
    # What the count asks officers about until they answer, and all orders that they said.
    asked: dict[str, Any] | None = Field(default=None, sa_column=Column(JSONB(none_as_null=True)))
    answers: list[str] | None = Field(default=None, sa_column=Column(JSONB(none_as_null=True)))
    spent: int | None = Field(default=None, sa_type=BigInteger)
    # The allocation as it was published.
    outcome: dict[str, Any] | None = Field(default=None, sa_column=Column(JSONB(none_as_null=True)))
    # What is shown beside it, and decides nothing (`voting.count.beside`).
    beside: dict[str, Any] | None = Field(default=None, sa_column=Column(JSONB(none_as_null=True)))
    issued: dict[str, int] | None = Field(default=None, sa_column=Column(JSONB(none_as_null=True)))
    issued_final: bool = False
    # Second codes that two officers gave, by tier: so many voters at most are counted twice.
    reissued: dict[str, int] | None = Field(
        default=None, sa_column=Column(JSONB(none_as_null=True))
    )
    # Those whose identity was on the roll before, as the roll last said, and whether they are so
    # many that the commission has to look.
    contested: int | None = Field(default=None, sa_type=BigInteger)
    contested_flagged: bool | None = None
    # The year of its charter's fund whose envelope it gives out.
    fund_year: int | None = None
    # Turnout by age, as the roll said it when it closed the round (`shared.events.roll.AgeBand`).
    ages: list[dict[str, Any]] | None = Field(
        default=None, sa_column=Column(JSONB(none_as_null=True))
    )
    # Papers: whom the roll marked for it, and the sums of all batches once all are in.
    paper: bool = False
    # The booth has a tier of its own in it.
    assisted: bool = False
    paper_ballots: int = Field(default=0, sa_type=BigInteger)
    marked: int | None = Field(default=None, sa_type=BigInteger)
    set_aside: int | None = Field(default=None, sa_type=BigInteger)
    papers: dict[str, Any] | None = Field(default=None, sa_column=Column(JSONB(none_as_null=True)))
    # A later end than the one that is frozen; why and by which act nothing of it counts.
    extended_to: datetime | None = Field(
        default=None, sa_column=Column(DateTime(timezone=True), nullable=True)
    )
    annulled: dict[str, Any] | None = Field(
        default=None, sa_column=Column(JSONB(none_as_null=True))
    )
    # The digest of the voting page's script, once the round's opening stated it.
    script: str | None = None
    # The entries behind what the pages say.
    opened_event: UUID | None = None
    closed_event: UUID | None = None
    issued_event: UUID | None = None
    contested_event: UUID | None = None
    box_event: UUID | None = None
    marked_event: UUID | None = None
    papers_event: UUID | None = None
    extended_event: UUID | None = None
    annulled_event: UUID | None = None
    allocation_event: UUID | None = None
    allocation_digest: str | None = None
    validated_event: UUID | None = None
    validated_at: datetime | None = Field(
        default=None, sa_column=Column(DateTime(timezone=True), nullable=True)
    )

    @property
    def rights(self) -> dict[str, int] | None:
        """The rights to vote by tier, as the roll last said: tokens, and marks for paper."""
        if self.issued is None or self.marked is None:
            return self.issued
        return {**self.issued, "P": self.marked}

    @property
    def ends_at(self) -> datetime:
        """When voting ends, extensions included."""
        return self.extended_to or self.closes_at


class Option(CountTable, table=True):
    """An option of a round, where it stands, and what was decided about it."""

    round_id: UUID = Field(primary_key=True)
    number: int = Field(primary_key=True)
    option_id: UUID
    cost: int = Field(sa_type=BigInteger)
    title: str
    summary: str | None = None
    territory: str | None = None
    family: str | None = None
    # What the rule sees of it: `shared.events.rules.Option`.
    seen: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    votes: int = Field(default=0, sa_type=BigInteger)
    funded: bool | None = None
    reason: str | None = None
    amount: int | None = Field(default=None, sa_type=BigInteger)
    place: int | None = Field(default=None, sa_column=Column(Integer))
    rank: int | None = Field(default=None, sa_column=Column(Integer))
    step: list[str] | None = Field(default=None, sa_column=Column(ARRAY(Text)))
    facts: dict[str, Any] | None = Field(default=None, sa_column=Column(JSONB(none_as_null=True)))
    decided_event: UUID | None = None
    agreement_event: UUID | None = None
    agreed_at: datetime | None = Field(
        default=None, sa_column=Column(DateTime(timezone=True), nullable=True)
    )
