"""What count publishes of money after a decision: confirmed, agreed, paid, reduced, lapsed.

Everything is entered with the number that it has in the finance system: nothing is paid here.
"""

from datetime import date
from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import Field

from shared.events.event import Cents, Event, Frozen, Hash, Ledgered, Name

# The number of a deliberation, as the authority writes it.
ActNumber = Annotated[str, Field(pattern=r"^[^\x00-\x1f\x7f]{1,80}$")]
# The number of a payment, as the finance system writes it.
Reference = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9/._-]{0,59}$")]
# What an instalment is paid on: the agreement, an order or quote, invoices, the report at the end.
PaidOn = Literal["signature", "order", "invoice", "report"]


class _OfGrant(Event):
    topic: ClassVar[str] = "voting.decisions"
    ledgered: ClassVar[Ledgered] = Ledgered.EDITION
    round_id: UUID
    option_id: UUID

    @property
    def key(self) -> str:
        return str(self.option_id)


class FundingConfirmed(_OfGrant):
    """The authority confirmed a grant by a deliberation: so many cents, by this `act`, on a day."""

    type: ClassVar[str] = "voting.funding-confirmed.v1"
    amount: Cents
    act: ActNumber
    on: date
    officers: tuple[UUID, UUID]


class Instalment(Frozen):
    """A part of a grant, and what it is paid on."""

    name: Name
    amount: Cents
    on: PaidOn


class AgreementSigned(Event):
    """The agreement with a funded project's carrier was signed by two officers: it will be paid.

    `cost` is what the whole project costs, where it is known: `amount` is the grant's part of it.
    The `instalments` add up to the amount.
    """

    topic: ClassVar[str] = "voting.decisions"
    type: ClassVar[str] = "voting.agreement-signed.v1"
    ledgered: ClassVar[Ledgered] = Ledgered.EDITION
    round_id: UUID
    option_id: UUID
    amount: Cents
    officers: tuple[UUID, UUID]
    act: ActNumber | None = None
    signed_on: date | None = None
    cost: Cents | None = None
    instalments: Annotated[tuple[Instalment, ...], Field(min_length=1, max_length=12)] | None = None

    @property
    def key(self) -> str:
        return str(self.option_id)


class InstalmentPaid(_OfGrant):
    """The finance system paid an instalment, under this `reference`; an `officer` entered it."""

    type: ClassVar[str] = "voting.instalment-paid.v1"
    instalment: Name
    amount: Cents
    reference: Reference
    paid_on: date
    officer: UUID


class GrantReduced(_OfGrant):
    """A project cost less than it was to cost: `spent` cents were justified, and the grant, which
    was of `before` cents, is of `amount`. `reason` is a commitment."""

    type: ClassVar[str] = "voting.grant-reduced.v1"
    before: Cents
    amount: Cents
    spent: Cents
    officers: tuple[UUID, UUID]
    reason: Hash | None = None


class MilestoneReached(_OfGrant):
    """A funded project came so far, on that day."""

    type: ClassVar[str] = "voting.milestone-reached.v1"
    milestone: Name
    on: date
    officer: UUID


class GrantLapsed(_OfGrant):
    """What was not paid of a grant, `left` cents, is paid no more. `reason` is a commitment."""

    type: ClassVar[str] = "voting.grant-lapsed.v1"
    left: Cents
    ground: Literal["not-signed", "not-begun", "not-finished", "renounced"]
    officers: tuple[UUID, UUID]
    reason: Hash | None = None


ALL: tuple[type[Event], ...] = (
    FundingConfirmed,
    AgreementSigned,
    InstalmentPaid,
    GrantReduced,
    MilestoneReached,
    GrantLapsed,
)
