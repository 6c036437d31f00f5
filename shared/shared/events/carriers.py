"""What submission publishes of carriers: who carries a project, and who was found in order."""

from datetime import date
from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import Field

from shared.events.event import Cents, Event, Hash, Ledgered, Name

CarrierType = Literal[
    "person",
    "collective",
    "class",
    "association",
    "sse-company",
    "esus-company",
    "cooperative",
    "mutual",
    "insurance-mutual",
    "foundation",
    "municipality",
    "intermunicipality",
    "department",
]
# What a carrier is to a project: the one that answers for it, another one beside it, one that
# stands for people without a legal person, one that lends its premises, one that studies it, one
# that pays a part.
Part = Literal["lead", "joint", "sponsor", "host", "research-partner", "co-funder"]


class _OfCarrier(Event):
    topic: ClassVar[str] = "submission.projects"
    ledgered: ClassVar[Ledgered] = Ledgered.EDITION
    project_id: UUID
    programme_id: UUID
    carrier_id: UUID

    @property
    def key(self) -> str:
        return str(self.project_id)


class CarrierJoined(_OfCarrier):
    """Somebody carries a project, in a part of it.

    `name`, the numbers `siret` and `rna` and the identifier `sse` of the social and solidarity
    economy are commitments; a person has none of them. Of an organisation it says its status, since
    when it exists, in which territory its seat is, and until when that identifier holds.
    """

    type: ClassVar[str] = "submission.carrier-joined.v1"
    part: Part
    carrier_type: CarrierType
    name: Hash | None = None
    status: Name | None = None
    siret: Hash | None = None
    rna: Hash | None = None
    founded_on: date | None = None
    seat: Name | None = None
    sse: Hash | None = None
    sse_until: date | None = None


class CarrierLeft(_OfCarrier):
    """Somebody carries a project no more, in that part. `reason` is a commitment."""

    type: ClassVar[str] = "submission.carrier-left.v1"
    part: Part
    reason: Hash | None = None


# What is checked of a carrier before an agreement: its number is well formed and its own, its
# status has a proof, it signed the republican-commitment contract (decree 2021-1947), and with this
# grant it stays below the de-minimis ceiling.
Checked = Literal["identifier", "status", "contract", "de-minimis"]


class CarrierCleared(_OfCarrier):
    """An officer found a carrier in order for an agreement.

    `de_minimis` is what it declares to have had in three years, in cents and without this grant.
    Where the charter asks for an identifier of the social and solidarity economy, she looked at one
    that holds until `sse_until`.
    """

    type: ClassVar[str] = "submission.carrier-cleared.v1"
    checked: Annotated[tuple[Checked, ...], Field(min_length=1, max_length=10)]
    officer: UUID
    contract_on: date | None = None
    de_minimis: Cents | None = None
    sse_until: date | None = None


class ClearanceWithdrawn(_OfCarrier):
    """A carrier is in order no more. `reason` is a commitment."""

    type: ClassVar[str] = "submission.clearance-withdrawn.v1"
    reason: Hash
    officer: UUID


# What a carrier may lack for its agreement.
Lacking = Checked | Literal["sse"]


class CarrierAsked(_OfCarrier):
    """An officer asked who answers for a project, by mail, for what is `missing` still."""

    type: ClassVar[str] = "submission.carrier-asked.v1"
    missing: Annotated[tuple[Lacking, ...], Field(min_length=1, max_length=10)]
    officer: UUID


class _Aid(_OfCarrier):
    granted_on: date
    amount: Cents
    reason: Hash
    officer: UUID


class AidEntered(_Aid):
    """An officer entered de-minimis aid that a carrier declared: `amount` cents, granted on a day.
    `reason` is a commitment."""

    type: ClassVar[str] = "submission.aid-entered.v1"


class AidRemoved(_Aid):
    """An officer took such an aid back. `reason` is a commitment."""

    type: ClassVar[str] = "submission.aid-removed.v1"


ALL: tuple[type[Event], ...] = (
    CarrierJoined,
    CarrierLeft,
    CarrierCleared,
    ClearanceWithdrawn,
    CarrierAsked,
    AidEntered,
    AidRemoved,
)
