"""The tables of bodies' seats and of what is said under them."""

from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Column
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from voting.count.tables import CountTable


class Seat(CountTable, table=True):
    """A seat of a body: who has it, and that its member's name was committed to."""

    seat_id: UUID = Field(primary_key=True)
    programme_id: UUID
    body_name: str
    number: int
    officer_id: UUID
    member: str
    salt: bytes
    chair: bool
    granted_event: UUID
    withdrawn_event: UUID | None = None
    reason: str | None = None
    reason_salt: bytes | None = None


class SeatInRound(CountTable, table=True):
    """A seat that votes in a round, with the last ballot cast under it."""

    __tablename__: ClassVar[Any] = "seat_in_round"

    round_id: UUID = Field(primary_key=True)
    seat_id: UUID = Field(primary_key=True)
    revision: int = 0
    choices: list[Any] | None = Field(default=None, sa_column=Column(JSONB(none_as_null=True)))
    ballots: int = 0
    said_event: UUID | None = None


class Recusal(CountTable, table=True):
    """A seat has no say on an option, as its member or the chair said; `reason` is hers."""

    round_id: UUID = Field(primary_key=True)
    seat_id: UUID = Field(primary_key=True)
    number: int = Field(primary_key=True)
    by_seat: UUID
    reason: str | None = None
    salt: bytes | None = None
    said_event: UUID
